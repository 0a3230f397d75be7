//! Candidates: messages that may be hits, with what speaks for them.

use transcript::Marking;

use super::lexical::LexicalScore;
use super::semantic::SemanticScore;
use crate::store::{Row, Span};

/// A message under consideration.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) row: Row,
    pub(super) span: Span,
    pub(super) lexical: LexicalScore,
    pub(super) semantic: Option<SemanticScore>,
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
    pub(super) score: f64,
}

/// Puts candidates in the order of their evidence, best first.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        b.evidence
            .total_cmp(&a.evidence)
            .then(b.lexical.own.total_cmp(&a.lexical.own))
            .then(b.row.time.cmp(&a.row.time))
            .then(a.row.id.cmp(&b.row.id))
    });
}
