//! Candidates: messages that may be hits, with what speaks for them.

use transcript::Marking;

use super::lexical::LexicalScore;
use super::semantic::SemanticScore;
use crate::store::{Row, Span};

/// How much of what was typed a message holds itself. What holds more ranks first, whatever else is said
/// for the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holding {
    /// Some of it, or nothing, or it isn't known.
    #[default]
    Part,
    /// All of its words, by their stems.
    Words,
    /// All of it, as it was typed.
    AsTyped,
}

/// A message under consideration.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) row: Row,
    pub(super) span: Span,
    pub(super) lexical: LexicalScore,
    pub(super) semantic: Option<SemanticScore>,
    /// What of the query it holds, where that ranks before all else; see [`Query::ranks_by_holding`].
    ///
    /// [`Query::ranks_by_holding`]: super::query::Query::ranks_by_holding
    pub(super) holding: Holding,
    /// The weighted sum of what the retrievers and exact matches found; candidates are ranked by it.
    pub(super) evidence: f32,
    /// The part of the evidence that exact matches add.
    pub(super) bonus: f32,
    /// Whether everything that was typed with signs or in quotes stands in it exactly so.
    pub(super) is_exact: bool,
    /// The factor, 0–1, by which its age lowers the score; `None` if age doesn't count.
    pub(super) recency: Option<f64>,
    /// Its latest mark, if it was ever marked.
    pub(super) mark: Option<Marking>,
    /// What is searched of it, if that was read already.
    pub(super) text: Option<String>,
    /// Whether it only repeats the question or announces a look at it.
    pub(super) restates: bool,
    /// Whether it is a reflection: somebody kept it on purpose.
    pub(super) is_reflection: bool,
    pub(super) score: f64,
}

/// Puts candidates in order, best first: by what they hold, then by their evidence.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        b.holding
            .cmp(&a.holding)
            .then(b.evidence.total_cmp(&a.evidence))
            .then(b.lexical.own.total_cmp(&a.lexical.own))
            .then(b.row.time.cmp(&a.row.time))
            .then(a.row.id.cmp(&b.row.id))
    });
}
