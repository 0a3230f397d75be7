//! The documents of what guards found in a text that is shown.

use recall::FieldFinding;
use serde::Serialize;

/// A finding; `start` and `end` are bytes of the field's text as it is shown.
#[derive(Serialize)]
pub struct FindingDoc<'a> {
    field: &'a str,
    kind: &'static str,
    entity: &'a str,
    rule: &'a str,
    start: usize,
    end: usize,
    score: f32,
    verdict: &'static str,
}

impl<'a> FindingDoc<'a> {
    /// A finding.
    pub fn new(found: &'a FieldFinding) -> Self {
        let FieldFinding {
            field,
            finding,
            action,
        } = found;
        Self {
            field,
            kind: finding.kind.name(),
            entity: &finding.entity,
            rule: &finding.rule,
            start: finding.start,
            end: finding.end,
            score: finding.score,
            verdict: action.name(),
        }
    }
}
