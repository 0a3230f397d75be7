//! Guards in a chat: what a person says is judged before anything else happens with it, and what a model says
//! before anybody sees it.

use std::sync::Arc;

use guard::{Action, Engine, Failure, Judged, Kind, Masker, Policies, Policy};
use serde::Serialize;

use crate::vault::PlaceholderVault;

/// What a chat guards its texts with.
#[derive(Clone, Debug)]
pub struct ChatGuards {
    /// What looks for findings.
    pub engine: Arc<Engine>,
    /// What becomes of findings in what a person says ([`guard::Place::Input`]).
    pub input: Policies,
    /// What becomes of findings in what a model says ([`guard::Place::Output`]).
    pub output: Policies,
    /// What becomes of findings in text of others, such as what a tool gives ([`guard::Place::Recall`]).
    pub foreign: Policies,
}

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GuardRefusal {
    /// `input_check_error` for what a person said, `output_check_error` for what a model said.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `pii_detected`, `prompt_injection`, `input_not_allowed`, `output_not_allowed`, `secret_detected` or
    /// `guard_failed`.
    pub trigger: &'static str,
    /// A sentence for the person.
    pub message: String,
    /// What was found and where, in bytes of the text.
    pub findings: Vec<FoundHere>,
}

/// Something that a guard found, without any of the text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundHere {
    /// `secret`, `pii`, `injection` or `content`.
    pub kind: &'static str,
    /// What it is, such as `EMAIL_ADDRESS`.
    pub entity: String,
    /// The rule that found it.
    pub rule: String,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes, exclusive.
    pub end: usize,
    /// How sure the rule is, more than 0 and at most 1.
    pub score: f32,
    /// Why the rule takes it for that.
    pub why: String,
    /// `flag`, `mask`, `quarantine` or `block`.
    pub action: &'static str,
}

impl FoundHere {
    pub(crate) fn new(judged: &Judged) -> Self {
        let finding = &judged.finding;
        Self {
            kind: finding.kind.name(),
            entity: finding.entity.to_string(),
            rule: finding.rule.to_string(),
            start: finding.start,
            end: finding.end,
            score: finding.score,
            why: finding.why.to_string(),
            action: judged.action.name(),
        }
    }
}

/// A text that may go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checked {
    /// With placeholders in the place of what is masked.
    pub(crate) text: String,
    pub(crate) findings: Vec<FoundHere>,
}

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    Output,
}

impl ChatGuards {
    /// The policy for what a person says in a project, or outside of all.
    pub(crate) fn input_in(&self, project: Option<&str>) -> &Policy {
        project.map_or(&self.input.default, |name| self.input.project(name))
    }

    /// The policy for what a model says in a project, or outside of all.
    pub(crate) fn output_in(&self, project: Option<&str>) -> &Policy {
        project.map_or(&self.output.default, |name| self.output.project(name))
    }

    /// The policy for text of others in a project, or outside of all.
    pub(crate) fn foreign_in(&self, project: Option<&str>) -> &Policy {
        project.map_or(&self.foreign.default, |name| self.foreign.project(name))
    }

    /// Judges a text as a whole: masks what is to be masked and remembers it in the vault, or refuses it.
    pub(crate) fn check(
        &self,
        text: &str,
        policy: &Policy,
        (masker, vault): (&Masker, &PlaceholderVault),
    ) -> Result<Checked, GuardRefusal> {
        let judgement = self.engine.judge(text, policy);
        if judgement.action >= Action::Quarantine {
            return Err(refusal(
                Side::Input,
                &judgement.findings,
                &judgement.failures,
            ));
        }
        let to_mask = judgement.with(Action::Mask);
        Ok(Checked {
            text: vault.mask(masker, text, &to_mask),
            findings: judgement.findings.iter().map(FoundHere::new).collect(),
        })
    }
}

/// What is said of a text that was refused, in the order in which guards stand: personal data, then
/// injection, then content.
pub(crate) fn refusal(side: Side, findings: &[Judged], failures: &[Failure]) -> GuardRefusal {
    let refused: Vec<&Judged> = findings
        .iter()
        .filter(|judged| judged.action >= Action::Quarantine)
        .collect();
    let first = [Kind::Pii, Kind::Secret, Kind::Injection, Kind::Content]
        .into_iter()
        .find_map(|kind| refused.iter().find(|judged| judged.finding.kind == kind));
    let whose = match side {
        Side::Input => "This message",
        Side::Output => "The answer",
    };
    let (trigger, message) = match first {
        None => (
            "guard_failed",
            match failures.first() {
                Some(failure) => format!(
                    "{whose} couldn't be checked: the guard `{}` failed.",
                    failure.guard
                ),
                None => format!("{whose} couldn't be checked."),
            },
        ),
        Some(judged) => {
            let finding = &judged.finding;
            let trigger = match (finding.kind, side) {
                (Kind::Pii, _) => "pii_detected",
                (Kind::Secret, _) => "secret_detected",
                (Kind::Injection, _) => "prompt_injection",
                (Kind::Content, Side::Input) => "input_not_allowed",
                (Kind::Content, Side::Output) => "output_not_allowed",
            };
            (
                trigger,
                format!(
                    "{whose} was stopped: {} ({}, {}).",
                    finding.why, finding.entity, finding.rule
                ),
            )
        }
    };
    GuardRefusal {
        kind: match side {
            Side::Input => "input_check_error",
            Side::Output => "output_check_error",
        },
        trigger,
        message,
        findings: refused.into_iter().map(FoundHere::new).collect(),
    }
}
