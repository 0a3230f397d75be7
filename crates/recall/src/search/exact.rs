//! Phrases and things typed with signs, checked in the text itself: the index knows only words.

use rusqlite::Connection;

use super::query::Query;
use super::{Candidate, sort};
use crate::Result;
use crate::store::{Reader, Row};
use crate::text::payload_text;

/// Candidates whose text is read: the best ones, and many more where a phrase must occur.
const CHECKED: usize = 40;
const CHECKED_FOR_PHRASE: usize = 2_000;
/// Of these, how many tool outputs: they are long.
const CHECKED_PAYLOADS: usize = 10;

/// Evidence for each thing that stands there as typed, and for the whole query.
const AS_TYPED: f32 = 0.25;
const WHOLE: f32 = 0.35;

/// Weighs exact matches in, and drops candidates without a demanded phrase.
pub(super) fn weigh(
    connection: &Connection,
    reader: &mut Reader,
    query: &Query,
    candidates: &mut Vec<Candidate>,
) -> Result<()> {
    let whole = whole(query);
    if query.phrases.is_empty() && query.exact.is_empty() && whole.is_none() {
        return Ok(());
    }
    let must = !query.phrases.is_empty();
    candidates.truncate(if must {
        CHECKED_FOR_PHRASE
    } else {
        candidates.len()
    });
    let limit = if must { CHECKED_FOR_PHRASE } else { CHECKED };
    let needles = Needles {
        phrases: query.phrases.iter().map(|phrase| fold(phrase)).collect(),
        exact: query.exact.clone(),
        whole,
    };
    let (mut kept, mut payloads) = (Vec::new(), 0);
    for (place, mut candidate) in candidates.drain(..).enumerate() {
        let is_payload = candidate.row.text.is_none();
        payloads += usize::from(is_payload);
        if place >= limit || is_payload && payloads > CHECKED_PAYLOADS && !must {
            kept.push(candidate);
            continue;
        }
        let text = text_of(connection, reader, &candidate.row)?;
        if let Some(bonus) = needles.bonus(&text) {
            candidate.evidence += bonus;
            candidate.bonus = bonus;
            kept.push(candidate);
        }
    }
    *candidates = kept;
    sort(candidates);
    Ok(())
}

/// What is searched of a message, as one text.
pub(super) fn text_of(connection: &Connection, reader: &mut Reader, row: &Row) -> Result<String> {
    if row.text.is_some() {
        return Ok(reader.text(connection, row)?.1);
    }
    Ok(payload_text(&reader.message(connection, row)?))
}

struct Needles {
    phrases: Vec<String>,
    exact: Vec<String>,
    whole: Option<String>,
}

impl Needles {
    /// What a text deserves; `None` where a phrase is missing.
    fn bonus(&self, text: &str) -> Option<f32> {
        let folded = fold(text);
        if !self.phrases.iter().all(|phrase| folded.contains(phrase)) {
            return None;
        }
        let mut bonus = 0.0;
        if !self.exact.is_empty() {
            let found: f32 = self
                .exact
                .iter()
                .map(|exact| match text.contains(exact.as_str()) {
                    true => 1.0,
                    false if folded.contains(&fold(exact)) => 0.7,
                    false => 0.0,
                })
                .sum();
            bonus += AS_TYPED * found / self.exact.len() as f32;
        }
        if self
            .whole
            .as_ref()
            .is_some_and(|whole| folded.contains(whole))
        {
            bonus += WHOLE;
        }
        Some(bonus)
    }
}

/// The whole query where it reads like something copied: several words, and signs among them that
/// questions don't have.
fn whole(query: &Query) -> Option<String> {
    let has_signs = query
        .text
        .contains(['/', '\\', ':', '=', '(', '[', '{', '<', '`', '_', '#', '$']);
    (has_signs && query.terms.len() >= 3).then(|| fold(&query.text))
}

/// Lower case with single spaces.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}
