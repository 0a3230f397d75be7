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

/// One thing that the guards (the checks for secrets, personal data, injected instructions and unwanted
/// content) found in a message or a hit.
#[derive(Serialize)]
pub struct FindingDoc<'a> {
    /// `field` (the text that it is in, such as `excerpt` or `results.0.output`), `kind` (`secret`, `pii`,
    /// `injection` or `content`), `entity` (what it is, such as `EMAIL_ADDRESS`) and `rule` (the rule's id).
    #[serde(flatten)]
    names: FindingNames<'a>,
    /// Where it starts, in bytes of the field's UTF-8 text as it is shown, which may have a placeholder or a
    /// note in place of what was found.
    start: usize,
    /// Where it ends, in bytes, exclusive.
    end: usize,
    /// How sure the rule is, above 0 and at most 1.
    score: f32,
    /// What the guards did: `flag` (shown as it is), `mask` (a placeholder stands for it), `quarantine` (a
    /// note stands for it) or `block` (a note stands for the whole text).
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
    /// The document of a finding, in the form of the text that is shown with it.
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
