//! What a policy makes of what was found in a text.

use crate::finding::Finding;
use crate::policy::Action;

/// A guard that couldn't do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which guard.
    pub guard: String,
    /// What happened.
    pub what: String,
}

/// A finding and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What was found.
    pub finding: Finding,
    /// What the policy says.
    pub action: Action,
}

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The strongest action of its findings and failures.
    pub action: Action,
    /// What was found and isn't simply allowed, in the order of the text.
    pub findings: Vec<Judged>,
    /// Guards that failed.
    pub failures: Vec<Failure>,
}

impl Judgement {
    /// The findings that have this action.
    #[must_use]
    pub fn with(&self, action: Action) -> Vec<Finding> {
        let of = self
            .findings
            .iter()
            .filter(|judged| judged.action == action);
        of.map(|judged| judged.finding.clone()).collect()
    }
}
