//! The retriever by terms.
//!
//! Each term of the query gives every message a strength in 0–1 (BM25's saturation of its
//! frequency, normalised by the passage's length). A message is also helped by what is said around
//! it: an answer seldom repeats the words of its question. Per term the strongest counts, its own
//! or a neighbour's lessened by distance; a score is the sum over terms by their rarity, as a share
//! of what a message with all of them would get. Measured in docs/decisions/0003-ranking.md.

use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};

use super::query::{Query, QueryTerm};
use crate::Result;
use crate::index::{DATE_MARK, SPEAKER_MARK, TermRow, titles};
use crate::store::{Counter, MessageId, Span};
use crate::text::{Analyzer, is_stop_word, is_unspaced};

/// BM25's `k1`, which is how soon more of the same term adds nothing, and its `b`, which is how much a
/// passage's length counts; its usual values (Robertson and Zaragoza 2009, section 3.3).
const BM25_SATURATION: f32 = 1.2;
const BM25_LENGTH_SHARE: f32 = 0.75;
/// Length in terms that is neither short nor long, and below which being shorter is no merit.
const MEAN_LENGTH: f32 = 40.0;
const MIN_LENGTH: f32 = 25.0;
/// How much a term in tool calls, output and thoughts counts against one that was said.
const PAYLOAD_FACTOR: f32 = 0.5;
/// How much a term in the title counts for a conversation's first words.
const TITLE_STRENGTH: f32 = 0.3;
/// How many messages around count, and how much of it each step away.
pub(super) const NEIGHBOUR_REACH: i64 = 5;
const NEARNESS_BEFORE: f32 = 0.75;
const NEARNESS_AFTER: f32 = 0.65;

/// How far meaning counts for what was said around somebody whom the query names, and elsewhere.
const NEAR_SPEAKER_FACTOR: f32 = 0.6;
const OTHER_SPEAKER_FACTOR: f32 = 0.1;

/// Rows read for one term; one that occurs more often than this says too little to be worth it,
/// unless no rarer one is there.
const MAX_TERM_ROWS: usize = 60_000;

/// Terms that a prefix stands for, and of those that start with one character of a script without
/// spaces, which are many.
const MAX_EXPANSIONS: usize = 32;
const MAX_CHARACTER_EXPANSIONS: usize = 2_000;

/// A query's terms as the archive knows them.
pub(super) struct Lexicon {
    terms: Vec<TermMatches>,
    /// Sum of the weights of terms that count.
    total: f32,
    /// Words of the query that name speakers.
    pub(super) speakers: FxHashSet<String>,
    /// What these said, ascending.
    spoken: Vec<i64>,
    /// Terms that occur nowhere, as typed.
    pub(super) missing: Vec<QueryTerm>,
}

/// Where one term occurs.
struct TermMatches {
    weight: f32,
    is_bonus: bool,
    in_phrase: bool,
    says_something: bool,
    typed: String,
    /// Messages in ascending order, each with the strength of the term in it.
    said: Vec<(i64, f32)>,
    /// Messages whose speaker or date the term names: helps that message alone.
    named: Vec<(i64, f32)>,
    /// Whether the rows were too many to read.
    is_common: bool,
}

/// What the terms say of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LexicalScore {
    /// Share of the query's weight, 0–1, with what is said around.
    pub(super) score: f32,
    /// The same of the message alone.
    pub(super) own: f32,
    /// Share of the query's weight whose terms occur at all, in the message or, for less, around it.
    /// Unlike the score it doesn't depend on how long the message is.
    pub(super) coverage: f32,
    /// Which of the query's terms the message has.
    pub(super) mask: u64,
}

impl Lexicon {
    /// Looks the query's terms up.
    pub(super) fn look_up(connection: &Connection, query: &Query) -> Result<Self> {
        let prose = Counter::Prose.get(connection)?;
        let count = (prose + Counter::Payload.get(connection)?).max(1) as f32;
        let mut lexicon = Self {
            terms: Vec::new(),
            total: 0.0,
            speakers: FxHashSet::default(),
            spoken: Vec::new(),
            missing: Vec::new(),
        };
        for term in &query.terms {
            let matches = lexicon.term(connection, term, count)?;
            if !term.is_bonus {
                lexicon.total += matches.weight;
            }
            lexicon.terms.push(matches);
        }
        lexicon.spoken.sort_unstable();
        Ok(lexicon)
    }

    fn term(
        &mut self,
        connection: &Connection,
        term: &QueryTerm,
        count: f32,
    ) -> Result<TermMatches> {
        let mut said = TermPostings::default();
        for text in expand(connection, term)? {
            said.read(
                connection,
                "SELECT doc FROM prose_terms WHERE term = ?1",
                &text,
                1.0,
            )?;
            said.read(
                connection,
                "SELECT doc FROM payload_terms WHERE term = ?1",
                &text,
                PAYLOAD_FACTOR,
            )?;
        }
        for message in titles::messages(connection, &term.text)? {
            said.documents += 1;
            said.rows.push((message.0, TITLE_STRENGTH));
        }
        let mut named = TermPostings::default();
        let names = "SELECT doc FROM prose_terms WHERE term = ?1";
        named.read(
            connection,
            names,
            &format!("{SPEAKER_MARK}{}", term.text),
            1.0,
        )?;
        if !named.rows.is_empty() {
            self.speakers.insert(term.typed.to_lowercase());
            self.spoken
                .extend(named.rows.iter().map(|(message, _)| *message));
        }
        named.read(connection, names, &format!("{DATE_MARK}{}", term.text), 1.0)?;
        // A name's rarity is that of the word in what was said: who speaks says it of every message.
        let documents = said.documents.max(1) as f32;
        if said.rows.is_empty() && named.rows.is_empty() && !term.is_bonus {
            self.missing.push(term.clone());
        }
        Ok(TermMatches {
            weight: (1.0 + (count - documents + 0.5).max(0.0) / (documents + 0.5)).ln(),
            is_bonus: term.is_bonus,
            in_phrase: term.in_phrase,
            says_something: term.is_prefix || !is_stop_word(&term.text),
            typed: term.typed.clone(),
            is_common: said.is_cut || named.is_cut,
            said: said.finish(),
            named: named
                .finish()
                .into_iter()
                .map(|(message, _)| (message, 1.0))
                .collect(),
        })
    }

    /// Whether any term occurs in any message in scope.
    pub(super) fn occurs(&self, in_scope: &dyn Fn(MessageId) -> bool) -> bool {
        let mut all = self
            .terms
            .iter()
            .flat_map(|term| term.said.iter().chain(&term.named));
        all.any(|(message, _)| in_scope(MessageId(*message)))
    }

    /// Whether any term of the query is more than a stop word.
    pub(super) fn says_something(&self) -> bool {
        self.terms.iter().any(|term| term.says_something)
    }

    /// Whether a mask has every term that counts.
    pub(super) fn is_covered(&self, mask: u64) -> bool {
        self.terms.iter().any(|term| !term.is_bonus)
            && self
                .terms
                .iter()
                .enumerate()
                .all(|(place, term)| term.is_bonus || mask & (1 << place) != 0)
    }

    /// The terms of a mask, as typed.
    pub(super) fn typed(&self, mask: u64) -> Vec<String> {
        let of_mask = |place: usize| mask & (1 << place) != 0;
        let terms = self
            .terms
            .iter()
            .enumerate()
            .filter(|(place, _)| of_mask(*place));
        terms.map(|(_, term)| term.typed.clone()).collect()
    }

    /// The messages that have all terms of the query's phrases, which nothing but their text can
    /// tell from those that have the phrases; at most `limit`.
    pub(super) fn with_phrase(
        &self,
        limit: usize,
        keep: &mut dyn FnMut(MessageId) -> Result<bool>,
    ) -> Result<Vec<MessageId>> {
        // Stop words aren't in the index of payloads, and a bonus is no word of its own.
        let must = |term: &&TermMatches| {
            term.in_phrase && !term.is_bonus && term.says_something && !term.is_common
        };
        let mut lists: Vec<&[(i64, f32)]> = self
            .terms
            .iter()
            .filter(must)
            .map(|term| term.said.as_slice())
            .collect();
        lists.sort_by_key(|list| list.len());
        let Some((rarest, others)) = lists.split_first() else {
            return self.candidates(limit, keep);
        };
        let has =
            |list: &[(i64, f32)], id: i64| list.binary_search_by_key(&id, |(at, _)| *at).is_ok();
        let mut found = Vec::new();
        // The latest first: where there are too many, they are what is remembered.
        for (id, _) in rarest.iter().rev() {
            if found.len() == limit {
                break;
            }
            if others.iter().all(|list| has(list, *id)) && keep(MessageId(*id))? {
                found.push(MessageId(*id));
            }
        }
        Ok(found)
    }

    /// The factor for what meaning says of a message, if the query names speakers: 1 for what these said,
    /// less for what was said around that, and hardly anything elsewhere. The model can't tell, since names
    /// mean nothing to it.
    pub(super) fn speaker_factor(&self, message: MessageId, span: &Span) -> f32 {
        if self.spoken.is_empty() {
            return 1.0;
        }
        let from = span.first.0.max(message.0 - NEIGHBOUR_REACH);
        let start = self.spoken.partition_point(|at| *at < from);
        let near = &self.spoken[start..];
        let near =
            &near[..near.partition_point(|at| *at <= span.last.0.min(message.0 + NEIGHBOUR_REACH))];
        match near.binary_search(&message.0) {
            Ok(_) => 1.0,
            Err(_) if !near.is_empty() => NEAR_SPEAKER_FACTOR,
            Err(_) => OTHER_SPEAKER_FACTOR,
        }
    }

    /// The messages with the strongest terms of their own that `keep` accepts, at most `limit`, the
    /// strongest first.
    pub(super) fn candidates(
        &self,
        limit: usize,
        keep: &mut dyn FnMut(MessageId) -> Result<bool>,
    ) -> Result<Vec<MessageId>> {
        let mut sums: FxHashMap<i64, f32> = FxHashMap::default();
        let skip_common = self
            .terms
            .iter()
            .any(|term| !term.is_common && !term.said.is_empty());
        for term in &self.terms {
            if term.is_common && skip_common {
                continue;
            }
            for (message, strength) in &term.said {
                *sums.entry(*message).or_default() += term.weight * strength;
            }
        }
        // Names alone find nothing unless nothing else does.
        let only_names = sums.is_empty();
        for term in &self.terms {
            for (message, strength) in &term.named {
                if only_names {
                    *sums.entry(*message).or_default() += term.weight * strength;
                } else if let Some(sum) = sums.get_mut(message) {
                    *sum += term.weight * strength;
                }
            }
        }
        let mut ranked: Vec<(i64, f32)> = sums.into_iter().collect();
        let strongest = |a: &(i64, f32), b: &(i64, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
        // Sorted as far as needed: a narrow scope refuses many.
        let (mut found, mut sorted) = (Vec::new(), 0);
        while found.len() < limit && sorted < ranked.len() {
            let (rest, part) = (&mut ranked[sorted..], limit * 4);
            if rest.len() > part {
                rest.select_nth_unstable_by(part, strongest);
            }
            let end = rest.len().min(part);
            rest[..end].sort_unstable_by(strongest);
            for (message, _) in &rest[..end] {
                if found.len() < limit && keep(MessageId(*message))? {
                    found.push(MessageId(*message));
                }
            }
            sorted += end;
        }
        Ok(found)
    }

    /// What the terms say of a message, which those around it in its part of a conversation help.
    pub(super) fn score(&self, message: MessageId, span: &Span) -> LexicalScore {
        let from = span.first.0.max(message.0 - NEIGHBOUR_REACH);
        let to = span.last.0.min(message.0 + NEIGHBOUR_REACH);
        let mut score = LexicalScore::default();
        for (place, term) in self.terms.iter().enumerate() {
            let TermStrengths {
                own,
                around,
                nearness,
            } = term.strengths(message.0, from, to);
            if own > 0.0 {
                score.mask |= 1 << place;
            }
            score.coverage += term.weight * nearness;
            score.own += term.weight * own;
            score.score += term.weight * own.max(around);
        }
        let total = self.total.max(f32::MIN_POSITIVE);
        score.coverage = (score.coverage / total).min(1.0);
        score.own = (score.own / total).min(1.0);
        score.score = (score.score / total).min(1.0);
        score
    }
}

impl TermMatches {
    /// How strong the term is in a message and around it.
    fn strengths(&self, message: i64, from: i64, to: i64) -> TermStrengths {
        let mut found = TermStrengths::default();
        let start = self.said.partition_point(|(at, _)| *at < from);
        for (at, strength) in self.said[start..].iter().take_while(|(at, _)| *at <= to) {
            let distance = i32::try_from(at - message).unwrap_or(i32::MAX);
            let nearness = match distance {
                0 => 1.0,
                d if d < 0 => NEARNESS_BEFORE.powi(-d),
                d => NEARNESS_AFTER.powi(d),
            };
            let place = if distance == 0 {
                &mut found.own
            } else {
                &mut found.around
            };
            *place = place.max(strength * nearness);
            found.nearness = found.nearness.max(nearness);
        }
        if self
            .named
            .binary_search_by_key(&message, |(at, _)| *at)
            .is_ok()
        {
            found.own = 1.0;
            found.nearness = 1.0;
        }
        found
    }
}

/// What one term says of a message.
#[derive(Default)]
struct TermStrengths {
    /// In the message itself.
    own: f32,
    /// The strongest around it, lessened by distance.
    around: f32,
    /// 1 where the message has the term, less where it stands around.
    nearness: f32,
}

/// Messages of a term as they are read.
#[derive(Default)]
struct TermPostings {
    rows: Vec<(i64, f32)>,
    documents: usize,
    is_cut: bool,
}

impl TermPostings {
    /// Reads the rows of a term: a row for each time that it occurs.
    fn read(&mut self, connection: &Connection, sql: &str, term: &str, factor: f32) -> Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([term])?;
        let (mut last, mut times) = (None, 0.0_f32);
        while let Some(row) = rows.next()? {
            let doc: i64 = row.get(0)?;
            if last == Some(doc) {
                times += 1.0;
                continue;
            }
            if let Some(last) = last {
                self.push(TermRow(last), times, factor);
                if self.rows.len() >= MAX_TERM_ROWS {
                    self.is_cut = true;
                    return Ok(());
                }
            }
            (last, times) = (Some(doc), 1.0);
        }
        if let Some(last) = last {
            self.push(TermRow(last), times, factor);
        }
        Ok(())
    }

    fn push(&mut self, row: TermRow, times: f32, factor: f32) {
        self.documents += 1;
        let norm = BM25_SATURATION
            * (1.0 - BM25_LENGTH_SHARE
                + BM25_LENGTH_SHARE * row.length().max(MIN_LENGTH) / MEAN_LENGTH);
        self.rows
            .push((row.passage().message().0, factor * times / (times + norm)));
    }

    /// The best of each message, ascending.
    fn finish(mut self) -> Vec<(i64, f32)> {
        self.rows
            .sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        self.rows.dedup_by_key(|row| row.0);
        self.rows
    }
}

/// Whether a term looks like the start of a hash or an id, of which people type the first letters.
fn is_code(term: &str) -> bool {
    term.len() >= 6
        && term.bytes().all(|b| b.is_ascii_alphanumeric())
        && term.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a term is one character of a script without spaces, the start of all its pairs.
fn is_character(term: &str) -> bool {
    term.chars().count() == 1 && term.chars().all(is_unspaced)
}

fn occurs(connection: &Connection, term: &str) -> Result<bool> {
    for table in ["prose_terms", "payload_terms"] {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE term = ?1)");
        if connection
            .prepare_cached(&sql)?
            .query_row([term], |row| row.get(0))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The terms that a query's term stands for.
fn expand(connection: &Connection, term: &QueryTerm) -> Result<Vec<String>> {
    let is_start = term.is_prefix
        || is_character(&term.text)
        || is_code(&term.text) && !occurs(connection, &term.text)?;
    if !is_start {
        return Ok(vec![term.text.clone()]);
    }
    let most = match is_character(&term.text) {
        true => MAX_CHARACTER_EXPANSIONS,
        false => MAX_EXPANSIONS,
    };
    let mut found = Vec::new();
    for table in ["prose_terms", "payload_terms"] {
        // Walks from term to term, not from occurrence to occurrence.
        let sql = format!("SELECT term FROM {table} WHERE term >= ?1 ORDER BY term LIMIT 1");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut from = term.text.clone();
        while found.len() < most {
            let next: Option<String> = rusqlite::OptionalExtension::optional(
                statement.query_row([&from], |row| row.get(0)),
            )?;
            match next {
                Some(next) if next.starts_with(&term.text) => {
                    from = format!("{next}\0");
                    found.push(next);
                }
                _ => break,
            }
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        // Longer than the stem that is indexed: `policy*` for `polici`.
        Analyzer::new().terms(&term.text, &mut |whole| found.push(whole.text.to_owned()));
    }
    Ok(found)
}
