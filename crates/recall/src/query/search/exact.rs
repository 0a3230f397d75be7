//! Phrases and things typed with signs, checked in the text itself: the index knows only words.

use std::borrow::Cow;

use rusqlite::Connection;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use super::candidate::{Candidate, Holding, sort};
use super::query::Query;
use crate::Result;
use crate::store::{Reader, Row};
use crate::text::payload_text;

/// Candidates whose text is read, where no phrase must occur.
const MAX_CHECKED: usize = 40;
/// Of these, how many payloads: they are long.
const MAX_CHECKED_PAYLOADS: usize = 16;

/// Candidates whose text, or payload, is read where one word was typed, until enough hold it.
const MAX_CHECKED_FOR_WORD: usize = 300;

/// What something counts that stands there in another case or with other spaces, against as typed.
const OTHER_CASE: f32 = 0.7;

/// Evidence for each thing that stands there as typed, and for the whole query.
const AS_TYPED_BONUS: f32 = 0.25;
const WHOLE_QUERY_BONUS: f32 = 0.6;

/// Weighs exact matches in, each bonus times `scale`, and drops candidates without a demanded
/// phrase. Where one word was typed, candidates are read until `wanted` hold it.
pub(super) fn weigh(
    connection: &Connection,
    reader: &mut Reader,
    query: &Query,
    scale: f32,
    wanted: usize,
    candidates: &mut Vec<Candidate>,
) -> Result<()> {
    let needles = ExactNeedles {
        phrases: query.phrases.iter().map(|phrase| fold(phrase)).collect(),
        exact: query.exact.clone(),
        whole: whole(query),
    };
    if needles.phrases.is_empty() && needles.exact.is_empty() && needles.whole.is_none() {
        return Ok(());
    }
    let is_one_word = query.is_one_word();
    let (most, most_payloads) = match is_one_word {
        true => (MAX_CHECKED_FOR_WORD, MAX_CHECKED_FOR_WORD),
        false => (MAX_CHECKED, MAX_CHECKED_PAYLOADS),
    };
    let must = !needles.phrases.is_empty();
    // What is checked are those with the best terms, whatever the model makes of them.
    candidates.sort_by(|a, b| {
        let by_holding = b.holding.cmp(&a.holding);
        by_holding.then(b.lexical.own.total_cmp(&a.lexical.own))
    });
    let mut left = if must { usize::MAX } else { most_payloads };
    let mut kept = Vec::with_capacity(candidates.len());
    let mut holders = 0;
    for (place, mut candidate) in candidates.drain(..).enumerate() {
        let is_enough = is_one_word && holders >= wanted;
        let is_hopeless = is_one_word && candidate.lexical.own == 0.0;
        if !must && (place >= most || is_enough || is_hopeless) {
            kept.push(candidate);
            continue;
        }
        let found = needles.look(connection, reader, &candidate.row, &mut left)?;
        if let Some(found) = found {
            candidate.evidence += scale * found.bonus;
            candidate.bonus = found.bonus;
            candidate.is_exact = found.is_exact;
            // Of other words it must hold at least the stems.
            let is_all = found.bonus >= WHOLE_QUERY_BONUS || candidate.holding == Holding::Words;
            if found.is_exact && is_all {
                candidate.holding = Holding::AsTyped;
                holders += 1;
            }
            kept.push(candidate);
        } else if !must {
            kept.push(candidate);
        }
    }
    *candidates = kept;
    sort(candidates);
    Ok(())
}

/// What is searched of a message: what was said, else its payload.
pub(super) fn text_of(connection: &Connection, reader: &mut Reader, row: &Row) -> Result<String> {
    if row.text.is_some() {
        return Ok(reader.text(connection, row)?.1);
    }
    payload_of(connection, reader, row)
}

/// What is searched of a message beside what was said.
pub(super) fn payload_of(
    connection: &Connection,
    reader: &mut Reader,
    row: &Row,
) -> Result<String> {
    Ok(payload_text(&reader.message(connection, row)?))
}

/// How much of what was typed stands in a message as it was typed.
#[derive(Clone, Copy)]
struct ExactMatch {
    bonus: f32,
    /// Whether all that was typed in signs or quotes does.
    is_exact: bool,
}

/// What is looked for in texts as it was typed.
struct ExactNeedles {
    phrases: Vec<String>,
    exact: Vec<String>,
    whole: Option<String>,
}

impl ExactNeedles {
    /// Looks in what was said, and if need be in the payload, of which `left` more may be read.
    fn look(
        &self,
        connection: &Connection,
        reader: &mut Reader,
        row: &Row,
        left: &mut usize,
    ) -> Result<Option<ExactMatch>> {
        let said = match row.text {
            Some(_) => self.found(&reader.text(connection, row)?.1),
            None => None,
        };
        if said.is_some_and(|found| found.is_exact) || *left == 0 {
            return Ok(said);
        }
        *left -= 1;
        let beside = self.found(&payload_of(connection, reader, row)?);
        let better = |found: &ExactMatch| said.is_none_or(|said| found.bonus > said.bonus);
        Ok(beside.filter(better).or(said))
    }

    /// What a text deserves; `None` where a phrase is missing.
    fn found(&self, text: &str) -> Option<ExactMatch> {
        let folded = fold(text);
        if !self.phrases.iter().all(|phrase| folded.contains(phrase)) {
            return None;
        }
        let mut bonus = 0.0;
        let mut is_exact = !self.phrases.is_empty();
        if !self.exact.is_empty() {
            let found: f32 = self
                .exact
                .iter()
                .map(|exact| match text.contains(exact.as_str()) {
                    true => 1.0,
                    false if folded.contains(&fold(exact)) => OTHER_CASE,
                    false => 0.0,
                })
                .sum();
            bonus += AS_TYPED_BONUS * found / self.exact.len() as f32;
            is_exact |= found >= OTHER_CASE * self.exact.len() as f32;
        }
        if self
            .whole
            .as_ref()
            .is_some_and(|whole| folded.contains(whole))
        {
            bonus += WHOLE_QUERY_BONUS;
            is_exact = true;
        }
        Some(ExactMatch { bonus, is_exact })
    }
}

/// The whole query where it is one word, or reads like something copied: several words, and signs among
/// them that questions don't have.
fn whole(query: &Query) -> Option<String> {
    let text = query.text.trim();
    if query.is_one_word() {
        let is_prefix = query.terms.iter().any(|term| term.is_prefix);
        return (!is_prefix).then(|| fold(text));
    }
    let has_signs = text.contains(['/', '\\', ':', '=', '(', '[', '{', '<', '`', '_', '#', '$']);
    (has_signs && query.terms.len() >= 3).then(|| fold(text))
}

/// Lower case with single spaces, in composed and compatible forms.
fn fold(text: &str) -> String {
    let normal: Cow<'_, str> = match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        IsNormalized::No | IsNormalized::Maybe => text.nfkc().collect::<String>().into(),
    };
    let text = &*normal;
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}
