//! The documents of what guards found in a text that is shown.

use recall::FieldFinding;
use serde::Serialize;

/// What was found, by its names.
#[derive(PartialEq, Serialize)]
struct FindingNames<'a> {
    field: &'a str,
    kind: &'static str,
    entity: &'a str,
    rule: &'a str,
}

/// What guards found in a message or a hit: in which field, what it is, and what becomes of it. `start`
/// and `end` are bytes of the field's text as it is shown.
#[derive(Serialize)]
pub struct FindingDoc<'a> {
    #[serde(flatten)]
    names: FindingNames<'a>,
    start: usize,
    end: usize,
    score: f32,
    verdict: &'static str,
}

/// A finding without its place, for texts that are cut: where it stands depends on how.
#[derive(PartialEq, Serialize)]
pub(crate) struct BriefFindingDoc<'a> {
    #[serde(flatten)]
    names: FindingNames<'a>,
    verdict: &'static str,
}

impl<'a> FindingNames<'a> {
    fn new(found: &'a FieldFinding) -> Self {
        Self {
            field: &found.field,
            kind: found.finding.kind.name(),
            entity: &found.finding.entity,
            rule: &found.finding.rule,
        }
    }
}

impl<'a> FindingDoc<'a> {
    /// The document of a finding.
    pub fn new(found: &'a FieldFinding) -> Self {
        Self {
            names: FindingNames::new(found),
            start: found.finding.start,
            end: found.finding.end,
            score: found.finding.score,
            verdict: found.action.name(),
        }
    }
}

impl<'a> BriefFindingDoc<'a> {
    /// What was found, each kind of finding once.
    pub(crate) fn all(found: &'a [FieldFinding]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for found in found {
            let brief = Self {
                names: FindingNames::new(found),
                verdict: found.action.name(),
            };
            if !all.contains(&brief) {
                all.push(brief);
            }
        }
        all
    }
}
