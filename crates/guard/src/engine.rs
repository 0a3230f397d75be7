//! The engine: all guards behind one call, text in, findings and a judgement out.

mod parts;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::content::{self, ContentGuard};
use crate::custom::{self, Allow, Pattern};
use crate::finding::{Finding, Kind, Kinds};
use crate::injection::{InjectionGuard, InjectionRules, InjectionWeights};
use crate::judgement::{Failure, Judged, Judgement};
use crate::mask::placeholders;
use crate::overlap::{joined, unions, without_covered};
use crate::pii::{self, PiiGuard};
use crate::policy::{Action, Policy, TextOrigin};
use crate::reading::Readings;
use crate::secrets::SecretsGuard;
use crate::unready::Unready;
use parts::behind;
pub(crate) use parts::{JudgedPart, Judges};

/// What an engine looks for, beside the rules that are compiled in.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// Which personal data is looked for; all by default.
    pub pii: pii::PiiOptions,
    /// From which level each category of unwanted content counts; by default from
    /// [`Level::Medium`](content::Level::Medium).
    pub content: content::Levels,
    /// Patterns that a person added in the settings; none by default.
    pub patterns: Vec<Pattern>,
    /// Values that are never reported, whatever rule finds them; none by default.
    pub allow: Allow,
}

/// A second, slower opinion that a policy can ask for ([`Policy::second_opinion`]): a larger model, local
/// or remote, which the caller brings along. Its findings come in addition to those of the guards.
pub trait SecondOpinion: Send + Sync {
    /// The name of this second opinion; a [`Failure`] of it is reported under that name.
    fn name(&self) -> &str;

    /// The kind of findings that it looks for; it is asked only if the policy looks for that kind.
    fn kind(&self) -> Kind;

    /// What it finds in a text, with places in bytes of that text and at the starts of characters.
    ///
    /// # Errors
    ///
    /// Why it can't tell, in words for a person and without any of the text; the engine makes a
    /// [`Failure`] of it.
    fn find(&self, text: &str) -> Result<Vec<Finding>, String>;
}

/// All guards. One engine serves any number of texts and threads; its rules and weights are made ready
/// when a text first needs them, not when it is made.
#[derive(Default)]
pub struct Engine {
    options: EngineOptions,
    second_opinions: Vec<Box<dyn SecondOpinion>>,
    secrets: OnceLock<SecretsGuard>,
    pii: OnceLock<PiiGuard>,
    injection: OnceLock<InjectionGuard>,
    content: OnceLock<ContentGuard>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with these options and no second opinions.
    #[must_use]
    pub fn new(options: EngineOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// This engine with one more second opinion, which policies with `second_opinion` ask.
    #[must_use]
    pub fn with_second_opinion(mut self, opinion: Box<dyn SecondOpinion>) -> Self {
        self.second_opinions.push(opinion);
        self
    }

    /// This engine with other weights of the two models for injections than those that are compiled in: of
    /// attacks, and of tasks in documents. For measuring what a training run left out; weights that can't be
    /// read are told by the first judgement.
    #[must_use]
    pub fn with_injection_weights(self, attack: &'static [u8], task: &'static [u8]) -> Self {
        let weights = InjectionWeights { attack, task };
        let injection = InjectionGuard::of(InjectionRules::new(), weights);
        Self {
            injection: OnceLock::from(injection),
            ..self
        }
    }

    /// A number that stands for the patterns and exceptions of the settings, as
    /// [`RULES_VERSION`](crate::RULES_VERSION) does for the rules of the program; 0 where there are none. The
    /// order of either doesn't count.
    #[must_use]
    pub fn own_rules_version(&self) -> u32 {
        custom::version(&self.options.patterns, &self.options.allow)
    }

    /// What is found in a text of the given kinds, in the order of the text, whatever a policy would say
    /// of it; second opinions aren't asked. Secrets that overlap are one finding, and so are personal
    /// data: its place is that of all of them, the rest is that of the surest.
    ///
    /// # Panics
    ///
    /// If a guard has a bug, or its rules or weights can't be used; [`Engine::judge`] turns that into a
    /// [`Failure`].
    #[must_use]
    pub fn find(&self, text: &str, kinds: Kinds) -> Vec<Finding> {
        let place = GuardReadings::of(text, &[], TextOrigin::Unknown);
        let mut findings = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.has(*kind)) {
            if let Err(unready) = self.find_kind(Judges::ALL, &place, kind, &mut findings) {
                panic!("the guard `{}` can't judge: {unready}", kind.name());
            }
        }
        let judged = self
            .settle(text, findings)
            .into_iter()
            .map(|finding| Judged {
                finding,
                action: Action::Flag,
            });
        in_order(joined(judged.collect()))
            .into_iter()
            .map(|judged| judged.finding)
            .collect()
    }

    /// What is found in a text and what becomes of it under a policy. Findings of secrets, or of personal
    /// data, that overlap and have the same action are one, as [`Engine::find`] has them. A guard that
    /// can't judge is in [`Judgement::failures`]. The text itself isn't changed; a
    /// [`Masker`](crate::Masker) does that.
    ///
    /// What only shows once the rest is masked, since the words around it are others then, is found as
    /// well: judging the masked text again finds nothing to mask.
    #[must_use]
    pub fn judge(&self, text: &str, policy: &Policy) -> Judgement {
        self.judge_by(Judges::ALL, text, policy)
    }

    /// [`Engine::judge`] by some of what there is: a text that comes in pieces is judged by rules and by
    /// models in parts of different length.
    pub(crate) fn judge_by(&self, judges: Judges, text: &str, policy: &Policy) -> Judgement {
        let part = JudgedPart {
            judges,
            text,
            personal_from: 0,
            masked: &[],
        };
        self.judge_part(&part, policy)
    }

    /// The same of a part of a text of which more is known.
    pub(crate) fn judge_part(&self, part: &JudgedPart<'_>, policy: &Policy) -> Judgement {
        let (judges, text) = (part.judges, part.text);
        let mut judgement = self.look(part, policy, &[]);
        if policy.second_opinion && judges.models {
            let mut found = Vec::new();
            self.ask_second_opinions(text, policy.kinds(), &mut found, &mut judgement.failures);
            judgement.add(self.settle(text, found), policy);
        }
        for _ in 0..MASKING_ROUNDS {
            let masked = judgement.masked();
            if masked.is_empty() || !judges.rules {
                break;
            }
            let masking = policy.clone().only(MASKED_AT_REST);
            let mut shown = self.look(part, &masking, &masked);
            shown
                .findings
                .retain(|judged| judged.action == Action::Mask);
            if shown.findings.is_empty() {
                break;
            }
            judgement.findings.append(&mut shown.findings);
        }
        judgement.finish(policy)
    }

    /// What each guard finds in a text of which some parts are masked, as it was found.
    fn look(&self, part: &JudgedPart<'_>, policy: &Policy, masked: &[Range<usize>]) -> Judgement {
        let mut judgement = Judgement::default();
        let mut findings = Vec::new();
        let kinds = policy.kinds();
        let text = part.text;
        let all = GuardReadings::of(text, masked, policy.origin);
        let from = part.personal_from;
        let near = (from > 0 && kinds.has(Kind::Pii)).then(|| {
            let mut masked = masked.to_vec();
            if !masked.is_empty() {
                masked.extend_from_slice(part.masked);
            }
            GuardReadings::of(&text[from..], &behind(&masked, from), policy.origin)
        });
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.has(*kind)) {
            let (places, from) = match &near {
                Some(near) if kind == Kind::Pii => (near, from),
                _ => (&all, 0),
            };
            let mut found = Vec::new();
            let result = catch_unwind(AssertUnwindSafe(|| {
                self.find_kind(part.judges, places, kind, &mut found)
            }));
            for finding in &mut found {
                finding.start += from;
                finding.end += from;
            }
            let failure = match result {
                Ok(Ok(())) => None,
                Ok(Err(unready)) => Some(unready.to_string()),
                Err(_) => {
                    found.clear();
                    Some("the guard has a bug that this text brings out".to_owned())
                }
            };
            findings.append(&mut found);
            judgement.failures.extend(failure.map(|what| Failure {
                guard: kind.name().to_owned(),
                what,
            }));
        }
        judgement.add(self.settle(text, findings), policy);
        judgement
    }

    fn ask_second_opinions(
        &self,
        text: &str,
        kinds: Kinds,
        findings: &mut Vec<Finding>,
        failures: &mut Vec<Failure>,
    ) {
        for opinion in self
            .second_opinions
            .iter()
            .filter(|opinion| kinds.has(opinion.kind()))
        {
            let is_in_text = |finding: &Finding| text.get(finding.start..finding.end).is_some();
            match opinion.find(text) {
                Ok(mut found) if found.iter().all(is_in_text) => findings.append(&mut found),
                outcome => failures.push(Failure {
                    guard: opinion.name().to_owned(),
                    what: outcome
                        .err()
                        .unwrap_or_else(|| "it named a place that isn't in the text".to_owned()),
                }),
            }
        }
    }

    fn find_kind(
        &self,
        judges: Judges,
        places: &GuardReadings<'_>,
        kind: Kind,
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        if !(judges.look_for(kind) || judges.rules && self.patterns(kind).next().is_some()) {
            return Ok(());
        }
        let readings = places.readings(kind);
        let most = match kind {
            Kind::Injection | Kind::Content => readings.for_models(),
            Kind::Secret | Kind::Pii => usize::MAX,
        };
        for (nth, text) in readings.texts().enumerate().take(most) {
            let mut found = Vec::new();
            let result = self.find_in(judges, text, (kind, places.origin), &mut found);
            for finding in found {
                let places = readings.source(nth, finding.start..finding.end);
                out.extend(places.map(|place| Finding {
                    start: place.start,
                    end: place.end,
                    ..finding.clone()
                }));
            }
            result?;
        }
        Ok(())
    }

    pub(crate) fn injection(&self) -> &InjectionGuard {
        self.injection.get_or_init(InjectionGuard::new)
    }

    pub(crate) fn content(&self) -> &ContentGuard {
        let content = || ContentGuard::new(self.options.content.clone());
        self.content.get_or_init(content)
    }

    /// Calls back for each word of a text that secrets are found by: with where it starts, and whether a secret
    /// may be thousands of bytes away from it.
    pub(crate) fn secret_words(&self, text: &str, met: impl FnMut(usize, bool)) {
        self.secrets().words(text, met);
    }

    /// The patterns of the settings.
    pub(crate) fn all_patterns(&self) -> &[Pattern] {
        &self.options.patterns
    }

    fn patterns(&self, kind: Kind) -> impl Iterator<Item = &Pattern> {
        let patterns = self.options.patterns.iter();
        patterns.filter(move |pattern| pattern.kind() == kind)
    }

    fn secrets(&self) -> &SecretsGuard {
        self.secrets.get_or_init(SecretsGuard::new)
    }

    fn find_in(
        &self,
        judges: Judges,
        text: &str,
        (kind, origin): (Kind, TextOrigin),
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        let result = match judges.look_for(kind) {
            true => self.find_built_in(text, (kind, origin), out),
            false => Ok(()),
        };
        if judges.rules {
            for pattern in self.patterns(kind) {
                pattern.find(text, out);
            }
        }
        result
    }

    fn find_built_in(
        &self,
        text: &str,
        (kind, origin): (Kind, TextOrigin),
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        match kind {
            Kind::Secret => self.secrets().find(text, out),
            Kind::Pii => {
                let pii = || PiiGuard::new(self.options.pii.clone());
                self.pii.get_or_init(pii).find(text, out);
            }
            Kind::Injection => self.injection().find(text, origin, out)?,
            Kind::Content => self.content().find(text, out)?,
        }
        Ok(())
    }

    /// Leaves out what is allowed or says nothing new, and puts the rest in order.
    fn settle(&self, text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain_mut(|finding| {
            if self.options.allow.allows(finding.of(text)) {
                return false;
            }
            finding.start = with_escape(text, finding.start);
            finding.end = whole_grapheme(text, finding.end);
            true
        });
        without_covered(&mut findings);
        findings
    }
}

/// How often a text is looked at again in which what was found is masked. What is masked shows other
/// findings only where those hang together by the words between them.
const MASKING_ROUNDS: usize = 8;

/// The kinds of findings that are masked by their form, which masking others may change.
const MASKED_AT_REST: Kinds = Kinds::NONE.with(Kind::Secret).with(Kind::Pii);

/// A text as the guards read it.
struct GuardReadings<'t> {
    /// For secrets and personal data, without what is masked or about to be.
    open: Readings<'t>,
    /// For models, if that is another form.
    whole: Option<Readings<'t>>,
    /// Who wrote it.
    origin: TextOrigin,
}

impl<'t> GuardReadings<'t> {
    fn of(text: &'t str, masked: &[Range<usize>], origin: TextOrigin) -> Self {
        let mut parts: Vec<_> = placeholders(text).map(|(start, end)| start..end).collect();
        let whole = (!parts.is_empty()).then(|| Readings::of(text, &[]));
        parts.extend_from_slice(masked);
        parts.sort_by_key(|part| part.start);
        let parts: Vec<_> = unions(parts).collect();
        Self {
            open: Readings::of(text, &parts),
            whole,
            origin,
        }
    }

    fn readings(&self, kind: Kind) -> &Readings<'t> {
        match kind {
            Kind::Secret | Kind::Pii => &self.open,
            Kind::Injection | Kind::Content => self.whole.as_ref().unwrap_or(&self.open),
        }
    }
}

impl Judgement {
    /// Adds findings that the policy doesn't simply allow.
    fn add(&mut self, findings: Vec<Finding>, policy: &Policy) {
        for finding in findings {
            let action = policy.action(&finding);
            if action > Action::Allow {
                self.findings.push(Judged { finding, action });
            }
        }
    }

    /// Where something is to be masked, what overlaps as one, in order.
    fn masked(&self) -> Vec<Range<usize>> {
        let masked = self
            .findings
            .iter()
            .filter(|judged| judged.action == Action::Mask);
        let mut ranges: Vec<_> = masked
            .map(|judged| judged.finding.start..judged.finding.end)
            .collect();
        ranges.sort_by_key(|range| range.start);
        unions(ranges).collect()
    }

    fn finish(mut self, policy: &Policy) -> Self {
        self.findings.sort_by_key(|judged| judged.finding.start);
        self.findings = in_order(joined(self.findings));
        let strongest = self.findings.iter().map(|judged| judged.action).max();
        self.action = strongest.unwrap_or_default();
        if !self.failures.is_empty() {
            self.action = self.action.max(policy.on_failure);
        }
        self
    }
}

fn in_order(mut findings: Vec<Judged>) -> Vec<Judged> {
    findings.sort_by(|a, b| {
        let place = |judged: &Judged| {
            let finding = &judged.finding;
            (finding.start, finding.end, finding.kind)
        };
        let (rule_a, rule_b) = (&a.finding.rule, &b.finding.rule);
        place(a).cmp(&place(b)).then_with(|| rule_a.cmp(rule_b))
    });
    findings
}

/// The start of what is found with an escape character right before it, which would make the
/// beginning of a placeholder part of its sequence.
fn with_escape(text: &str, start: usize) -> usize {
    let before = text[..start].chars().next_back();
    let escape = before.filter(|c| matches!(c, '\u{1b}' | '\u{80}'..='\u{9f}'));
    start - escape.map_or(0, char::len_utf8)
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

#[cfg(test)]
mod tests {
    use super::{Engine, InjectionGuard, OnceLock, SecondOpinion};
    use crate::content::{CONTENT_WEIGHTS, ContentGuard, Levels};
    use crate::finding::{Finding, Kind, Kinds};
    use crate::injection::{InjectionRule, InjectionRules, InjectionWeights};
    use crate::judgement::Judgement;
    use crate::policy::{Action, Place, Policy};

    /// What becomes of a text where a part of a guard is damaged.
    fn check(engine: &Engine, kind: Kind, text: &str, what: &str) {
        let policy = Policy::of(Place::Scan).only(Kinds::NONE.with(kind));
        let judged = engine.judge(text, &policy);
        let failures = judged.failures.iter();
        let failures: Vec<_> = failures.map(|failure| failure.what.as_str()).collect();
        assert_eq!(failures, [what]);
        // Closed, unless somebody decides otherwise.
        assert_eq!(judged.action, Action::Block);
        let mut open = policy;
        open.on_failure = Action::Flag;
        let judged = engine.judge(text, &open);
        assert_eq!((judged.action, judged.failures.len()), (Action::Flag, 1));
    }

    #[test]
    fn a_text_is_blocked_when_weights_are_damaged() {
        let own = InjectionWeights::COMPILED_IN;
        let cut = &own.attack[..own.attack.len() - 1];
        let mut flipped = own.task.to_vec();
        flipped[50_000] ^= 1;
        let flipped: &'static [u8] = flipped.leak();
        let damaged = "its weights can't be used: not a model: wrong checksum";
        for (attack, task, what) in [
            (cut, own.task, damaged),
            (own.attack, flipped, damaged),
            (
                b"",
                own.task,
                "its weights can't be used: not a model: wrong start",
            ),
            (
                CONTENT_WEIGHTS,
                own.task,
                "its model has 13 outputs, which is wrong",
            ),
        ] {
            let injection =
                InjectionGuard::of(InjectionRules::new(), InjectionWeights { attack, task });
            let engine = Engine {
                injection: OnceLock::from(injection),
                ..Engine::default()
            };
            check(&engine, Kind::Injection, "Good morning to you all.", what);
        }
        let cut = &CONTENT_WEIGHTS[..1000];
        let engine = Engine {
            content: OnceLock::from(ContentGuard::of(Levels::default(), cut)),
            ..Engine::default()
        };
        check(
            &engine,
            Kind::Content,
            "You are a worthless idiot.",
            damaged,
        );
    }

    #[test]
    fn a_second_opinion_that_names_a_place_outside_of_the_text_has_failed() {
        struct Outside(usize, usize);
        impl SecondOpinion for Outside {
            fn name(&self) -> &str {
                "outside"
            }
            fn kind(&self) -> Kind {
                Kind::Secret
            }
            fn find(&self, _: &str) -> Result<Vec<Finding>, String> {
                let finding = Finding {
                    start: self.0,
                    end: self.1,
                    ..Engine::default().find("ann@example.org", Kinds::ALL)[0].clone()
                };
                Ok(vec![finding])
            }
        }
        for place in [(0, 99), (1, 3), (5, 4)] {
            let opinion = Box::new(Outside(place.0, place.1));
            let engine = Engine::default().with_second_opinion(opinion);
            let mut policy = Policy::of(Place::Scan).only(Kinds::NONE.with(Kind::Secret));
            policy.second_opinion = true;
            let judged = engine.judge("é and more", &policy);
            assert_eq!(judged.failures.len(), 1, "{place:?}");
            assert_eq!(judged.findings, [], "{place:?}");
        }
    }

    #[test]
    fn a_text_is_blocked_when_a_rule_that_it_needs_is_damaged() {
        static DAMAGED: InjectionRule = InjectionRule {
            name: "damaged",
            entity: "PROMPT_INJECTION",
            keywords: &["morning"],
            pattern: "(",
            why: "",
        };
        let injection = InjectionGuard::of(
            InjectionRules::of(vec![&DAMAGED]),
            InjectionWeights::COMPILED_IN,
        );
        let engine = Engine {
            injection: OnceLock::from(injection),
            ..Engine::default()
        };
        let what = "its rule `damaged` doesn't compile";
        check(&engine, Kind::Injection, "Good morning to you all.", what);
        let policy = Policy::of(Place::Scan).only(Kinds::NONE.with(Kind::Injection));
        assert_eq!(engine.judge("Good night.", &policy), Judgement::default());
    }
}
