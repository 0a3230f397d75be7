//! What a recogniser of personal data found, before it is a finding.

use std::borrow::Cow;

use crate::finding::{Finding, Kind};

/// Personal data that a recogniser found; hits may overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct PiiHit {
    pub(super) entity: &'static str,
    pub(super) rule: &'static str,
    /// Where it starts and ends, in bytes of the text.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) score: f32,
    pub(super) why: &'static str,
}

impl From<PiiHit> for Finding {
    fn from(hit: PiiHit) -> Self {
        Self {
            kind: Kind::Pii,
            entity: Cow::Borrowed(hit.entity),
            rule: Cow::Borrowed(hit.rule),
            start: hit.start,
            end: hit.end,
            score: hit.score,
            why: Cow::Borrowed(hit.why),
        }
    }
}
