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
    /// What the retrievers and the exact matches say together.
    pub(super) evidence: f32,
    /// Of that, what exact matches add.
    pub(super) bonus: f32,
    /// Whether everything that was typed in signs or quotes stands there so.
    pub(super) is_exact: bool,
    /// Factor by which age lowers the score.
    pub(super) recency: Option<f64>,
    /// What became of it, if it was marked.
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
