//! All guards behind one call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::content::{self, Content};
use crate::injection::Injection;
use crate::mask::placeholders;
use crate::pii::{self, Pii};
use crate::secrets::Secrets;
use crate::{Allow, Finding, Kind, Kinds, Pattern, Policy, Verdict};

/// What an engine looks for, beside its own rules.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which personal data.
    pub pii: pii::Options,
    /// How much unwanted content is let through.
    pub content: content::Levels,
    /// Patterns of a person's own.
    pub patterns: Vec<Pattern>,
    /// Values that are never findings.
    pub allow: Allow,
}

/// A second, slower opinion, which a policy can ask for: a larger model, local or remote.
pub trait Deeper: Send + Sync {
    /// Its name, which becomes part of the rule's.
    fn name(&self) -> &str;

    /// What it looks for.
    fn kind(&self) -> Kind;

    /// What it finds; or why it can't tell, in words for a person.
    fn find(&self, text: &str) -> Result<Vec<Finding>, String>;
}

/// Every guard. Its rules are made ready when they are first needed.
#[derive(Default)]
pub struct Engine {
    options: Options,
    deeper: Vec<Box<dyn Deeper>>,
    secrets: OnceLock<Secrets>,
    pii: OnceLock<Pii>,
    injection: OnceLock<Injection>,
    content: OnceLock<Content>,
}

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
    pub verdict: Verdict,
}

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The strongest verdict of its findings and failures.
    pub verdict: Verdict,
    /// What was found and isn't simply allowed, in the order of the text.
    pub findings: Vec<Judged>,
    /// Guards that failed.
    pub failures: Vec<Failure>,
}

impl Judgement {
    /// The findings that have a verdict.
    #[must_use]
    pub fn with(&self, verdict: Verdict) -> Vec<Finding> {
        let of = self
            .findings
            .iter()
            .filter(|judged| judged.verdict == verdict);
        of.map(|judged| judged.finding.clone()).collect()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// The same with a second opinion, for policies that ask for it.
    #[must_use]
    pub fn with_deeper(mut self, deeper: Box<dyn Deeper>) -> Self {
        self.deeper.push(deeper);
        self
    }

    /// What is found in a text, in its order.
    ///
    /// # Panics
    ///
    /// If a guard has a bug; [`Engine::judge`] turns that into a [`Failure`].
    #[must_use]
    pub fn find(&self, text: &str, kinds: Kinds) -> Vec<Finding> {
        let mut findings = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.has(*kind)) {
            self.find_kind(text, kind, &mut findings);
        }
        self.settle(text, findings)
    }

    /// What is found in a text and what becomes of it.
    #[must_use]
    pub fn judge(&self, text: &str, policy: &Policy) -> Judgement {
        let mut judgement = Judgement::default();
        let mut findings = Vec::new();
        let kinds = policy.kinds();
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.has(*kind)) {
            let found = catch_unwind(AssertUnwindSafe(|| {
                let mut found = Vec::new();
                self.find_kind(text, kind, &mut found);
                found
            }));
            match found {
                Ok(mut found) => findings.append(&mut found),
                Err(_) => judgement.failures.push(Failure {
                    guard: kind.name().to_owned(),
                    what: "the guard has a bug that this text brings out".to_owned(),
                }),
            }
        }
        if policy.deep {
            self.ask_deeper(text, kinds, &mut findings, &mut judgement.failures);
        }
        for finding in self.settle(text, findings) {
            let verdict = policy.verdict(&finding);
            if verdict > Verdict::Allow {
                judgement.verdict = judgement.verdict.max(verdict);
                judgement.findings.push(Judged { finding, verdict });
            }
        }
        if !judgement.failures.is_empty() {
            judgement.verdict = judgement.verdict.max(policy.on_failure);
        }
        judgement
    }

    fn ask_deeper(
        &self,
        text: &str,
        kinds: Kinds,
        findings: &mut Vec<Finding>,
        failures: &mut Vec<Failure>,
    ) {
        for deeper in self.deeper.iter().filter(|deeper| kinds.has(deeper.kind())) {
            match deeper.find(text) {
                Ok(mut found) => findings.append(&mut found),
                Err(what) => failures.push(Failure {
                    guard: deeper.name().to_owned(),
                    what,
                }),
            }
        }
    }

    fn find_kind(&self, text: &str, kind: Kind, out: &mut Vec<Finding>) {
        match kind {
            Kind::Secret => self.secrets.get_or_init(Secrets::new).find(text, out),
            Kind::Pii => {
                let pii = || Pii::new(self.options.pii.clone());
                self.pii.get_or_init(pii).find(text, out);
            }
            Kind::Injection => self.injection.get_or_init(Injection::new).find(text, out),
            Kind::Content => {
                let content = || Content::new(self.options.content.clone());
                self.content.get_or_init(content).find(text, out);
            }
        }
        for pattern in self.options.patterns.iter().filter(|p| p.kind() == kind) {
            pattern.find(text, out);
        }
    }

    /// Leaves out what is allowed or masked already, and puts the rest in order.
    fn settle(&self, text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        if findings.is_empty() {
            return findings;
        }
        let masked: Vec<_> = placeholders(text).collect();
        findings.retain_mut(|finding| {
            if is_masked(&masked, finding) || self.options.allow.allows(finding.of(text)) {
                return false;
            }
            finding.end = whole_grapheme(text, finding.end);
            true
        });
        findings.sort_by(|a, b| {
            let place = |finding: &Finding| (finding.start, finding.end, finding.kind);
            place(a).cmp(&place(b)).then_with(|| a.rule.cmp(&b.rule))
        });
        findings
    }
}

/// Whether a placeholder stands where the finding is; placeholders are in the text's order.
fn is_masked(placeholders: &[(usize, usize)], finding: &Finding) -> bool {
    let next = placeholders.partition_point(|(_, end)| *end <= finding.start);
    matches!(finding.kind, Kind::Secret | Kind::Pii)
        && placeholders
            .get(next)
            .is_some_and(|(start, _)| *start < finding.end)
}

/// The end of what a reader sees as one character, if `end` lies within it.
fn whole_grapheme(text: &str, end: usize) -> usize {
    let is_ascii = text.as_bytes().get(end).is_none_or(u8::is_ascii);
    if is_ascii || end == 0 {
        return end;
    }
    let last = text[..end]
        .char_indices()
        .next_back()
        .map_or(0, |(at, _)| at);
    let first = text[last..].graphemes(true).next().unwrap_or_default();
    (last + first.len()).max(end)
}
