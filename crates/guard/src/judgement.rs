//! What a policy makes of what was found in a text.

use crate::finding::Finding;
use crate::policy::Action;

/// A guard that couldn't judge a text, so that nothing is known of what it would have found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The guard's name: that of its kind ([`Kind::name`](crate::Kind::name)), or of a second opinion
    /// ([`SecondOpinion::name`](crate::SecondOpinion::name)).
    pub guard: String,
    /// What happened, in words for a person, without any of the text.
    pub what: String,
}

/// A finding and what the policy does about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What was found.
    pub finding: Finding,
    /// The policy's action for this finding.
    pub action: Action,
}

/// What the guards found in a text under a policy, and what is to be done about the text: the answer of
/// [`Engine::judge`](crate::Engine::judge).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The strongest action of all findings, [`Action::Allow`] if there are none; if a guard failed, the
    /// policy's `on_failure` at least.
    pub action: Action,
    /// The findings whose action isn't [`Action::Allow`], in the order of the text.
    pub findings: Vec<Judged>,
    /// The guards that failed on this text; empty if all did their work.
    pub failures: Vec<Failure>,
}

impl Judgement {
    /// The findings with exactly this action, in the order of the text, such as those to mask.
    #[must_use]
    pub fn with(&self, action: Action) -> Vec<Finding> {
        let of = self
            .findings
            .iter()
            .filter(|judged| judged.action == action);
        of.map(|judged| judged.finding.clone()).collect()
    }
}
