//! Attempts to instruct whoever reads a text: direct ones ("ignore your instructions"), indirect ones
//! (tasks for an assistant within a document) and hidden ones, which only a program reads.

mod chunks;
mod windows;
mod rules;
mod stretch;
mod indirect;
mod order;
mod signs;
mod hidden;
mod labels;
mod trained;

use std::ops::Range;
use std::sync::OnceLock;

use crate::finding::{Finding, Kind};
use crate::learned::{Features, LinearModel, SeenBuckets, logistic};
use crate::normal::Normal;
use crate::policy::TextOrigin;
use crate::unready::Unready;
use chunks::chunks;
pub(crate) use rules::{InjectionRule, InjectionRules};
use stretch::PreparedText;
pub use trained::{is_trained_on, sketch};

/// The weights of the models.
const ATTACK_WEIGHTS: &[u8] = include_bytes!("../weights/injection.bin");
const TASK_WEIGHTS: &[u8] = include_bytes!("../weights/task.bin");
/// The margin that a whole text must reach where a rule says what the attack is, and where none does.
const WHOLE_TEXT_MARGINS: (f32, f32) = (-0.05, 0.15);
/// What a part of a longer text must reach: a long text has many parts to be wrong about.
const PART_MARGINS: (f32, f32) = (0.12, 0.32);
/// What each doubling of the number of parts adds to that.
const MARGIN_BY_DOUBLING: f32 = 0.07;
/// What code and markup must reach beyond it, in which the words of orders are names of functions.
const CODE_MARGIN: f32 = 0.2;
/// What the labels of a user interface must reach beyond it, unless a rule finds what no label says.
const LABELS_MARGIN: f32 = 0.6;
/// What a role that is given to the reader must reach beyond it, since roles without rules read like other roles.
const JAILBREAK_MARGIN: f32 = 0.8;
/// What text that is known to come from elsewhere may lack of it.
const ELSEWHERE_MARGIN: f32 = 0.1;
/// What hidden text must reach, which nobody hides without a reason.
const HIDDEN_MARGINS: (f32, f32) = (-0.2, 0.3);
/// What a rule of another language adds, for which the model has seen little text.
const FOREIGN_OVERRIDE: f32 = 0.3;
/// What a request for the words above may lack that names those with which instructions to a model begin.
const PROMPT_START_MARGIN: f32 = 0.6;
/// How margins become scores from 0 to 1: the logistic function of so many times the margin.
const MARGIN_STEEPNESS: f32 = 4.0;
/// The score, at most, of what reads like an attack and may as well be none: under the 0.96 from which memory
/// quarantines text, see [`Policy::sure`](crate::policy::Policy::sure).
const UNSURE_SCORE: f32 = 0.95;
/// Rules whose words stand in little but attacks.
const SURE_RULES: &[&str] = &[
    "override",
    "override-all",
    "new-orders",
    "conceal",
    "exfiltration",
];
/// Rules whose words stand in little but attacks and source code.
const SURE_RULES_IN_PROSE: &[&str] = &[
    "you-are-now",
    "mode",
    "never-refuse",
    "say-exactly",
    "reveal-prompt",
];
/// Rules whose words stand in labels, too: `system: …`, "Show password".
const LABEL_RULES: &[&str] = &["delimiter", "secret", "secret/languages", "anything-goes"];
/// A task of fewer words may be the half of a sentence.
const MIN_SURE_TASK_WORDS: usize = 5;
/// A text up to this length, in bytes, is found as a whole.
const MAX_WHOLE_BYTES: usize = 240;
/// The most findings of one text.
const MAX_FINDINGS: usize = 50;

/// The detector.
pub(crate) struct InjectionGuard {
    rules: InjectionRules,
    weights: InjectionWeights,
    models: OnceLock<Result<InjectionModels, Unready>>,
}

/// The bytes of the models.
#[derive(Clone, Copy)]
pub(crate) struct InjectionWeights {
    pub(crate) attack: &'static [u8],
    pub(crate) task: &'static [u8],
}

impl InjectionWeights {
    /// Those that are compiled in.
    pub(crate) const COMPILED_IN: Self = Self {
        attack: ATTACK_WEIGHTS,
        task: TASK_WEIGHTS,
    };
}

/// The trained models.
struct InjectionModels {
    /// Attacks.
    attack: LinearModel<'static>,
    /// Tasks for an assistant.
    task: LinearModel<'static>,
}

impl InjectionModels {
    fn read(weights: InjectionWeights) -> Result<Self, Unready> {
        let model = |bytes| match LinearModel::read(bytes)? {
            model if model.outputs() == 1 => Ok(model),
            model => Err(Unready::Outputs(model.outputs())),
        };
        Ok(Self {
            attack: model(weights.attack)?,
            task: model(weights.task)?,
        })
    }
}

/// The features of the stretches of a text that the model of attacks judges one by one, hashed into
/// 2^`bits` buckets (8 to 24): first all of the text, or its first 400 words if it is longer, then, unless
/// one part is all of it, parts of at most 70 words that overlap by about half. The signals of rules are
/// among them. The text is any; it is normalised here. For training (`cargo xtask train`).
///
/// # Panics
///
/// If a rule doesn't compile, which a test would tell.
#[must_use]
pub fn stretches(text: &str, bits: u32) -> Vec<Features> {
    static TRAINING_RULES: OnceLock<InjectionRules> = OnceLock::new();
    let rules = TRAINING_RULES.get_or_init(InjectionRules::new);
    let normal = Normal::of(text);
    let prepared = PreparedText::of(&normal, text, rules).expect("rules that compile");
    let windows = prepared.windows.iter().cloned();
    let features = windows.map(|window| {
        let signals = prepared.signals(&normal.text, &window, rules);
        prepared.tokens.features(window, &signals, bits)
    });
    features.collect()
}

/// Hashes of the words of a text that stand there without a capital, for the list of words that are no
/// names. The text is any; it is normalised here. For training (`cargo xtask train words`).
#[must_use]
pub fn common_words(text: &str) -> Vec<u32> {
    crate::learned::common_words(text)
}

/// The features of each sentence of a text, in its order, hashed into 2^`bits` buckets (8 to 24), for the
/// model that tells tasks for an assistant from what documents say. The text is any; it is normalised here.
/// For training (`cargo xtask train`).
#[must_use]
pub fn sentences(text: &str, bits: u32) -> Vec<Features> {
    indirect::features(&Normal::of(text), text, bits)
}

impl InjectionGuard {
    pub(crate) fn new() -> Self {
        Self::of(InjectionRules::new(), InjectionWeights::COMPILED_IN)
    }

    /// A detector of other rules or weights than those that are compiled in.
    pub(crate) fn of(rules: InjectionRules, weights: InjectionWeights) -> Self {
        Self {
            rules,
            weights,
            models: OnceLock::new(),
        }
    }

    /// Adds what is found; what was found before a rule turns out not to be usable stays.
    pub(crate) fn find(
        &self,
        text: &str,
        origin: TextOrigin,
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        let models = self.ready()?;
        let mut seen = SeenBuckets::default();
        for chunk in chunks(text) {
            if out.len() >= MAX_FINDINGS {
                break;
            }
            let piece = &text[chunk.clone()];
            let first = out.len();
            self.find_in(piece, origin, models, &mut seen, out)?;
            self.find_hidden(piece, models, &mut seen, out)?;
            hidden::images(piece, out);
            for finding in &mut out[first..] {
                finding.start += chunk.start;
                finding.end += chunk.start;
            }
        }
        Ok(())
    }

    /// The margin of a text as a whole; 0 for one without words.
    pub(crate) fn margin(&self, text: &str) -> Result<f32, Unready> {
        let normal = Normal::of(text);
        let prepared = PreparedText::of(&normal, text, &self.rules)?;
        let mut seen = SeenBuckets::default();
        let judged = self.judge(&normal.text, &prepared, self.ready()?, &mut seen);
        Ok(judged.first().map_or(0.0, |whole| whole.sum))
    }

    /// The margin of the sentence of a text that reads most like a task for an assistant.
    pub(crate) fn task_margin(&self, text: &str) -> Result<f32, Unready> {
        let model = &self.ready()?.task;
        let sentences = indirect::features(&Normal::of(text), text, model.bits());
        let margins = sentences.iter().map(|sentence| {
            let score = model.score(sentence, 0).clamp(1e-6, 1.0 - 1e-6);
            (score / (1.0 - score)).ln()
        });
        Ok(margins.max_by(f32::total_cmp).unwrap_or(0.0))
    }

    /// The rules that match in a text and say what an attack is, with that in words.
    pub(crate) fn signals(&self, text: &str) -> Result<Vec<(String, String)>, Unready> {
        let normal = Normal::of(text);
        let mut rules: Vec<usize> = self
            .rules
            .find(&normal.text)?
            .into_iter()
            .map(|hit| hit.rule)
            .collect();
        rules.sort_unstable();
        rules.dedup();
        let rules = rules.into_iter().map(|rule| self.rules.rule(rule));
        let told = rules.filter(|rule| !rule.why.is_empty());
        Ok(told
            .map(|rule| (format!("injection/{}", rule.name), rule.why.to_owned()))
            .collect())
    }

    fn ready(&self) -> Result<&InjectionModels, Unready> {
        let models = self
            .models
            .get_or_init(|| InjectionModels::read(self.weights));
        models.as_ref().map_err(|unready| *unready)
    }

    /// What a reader sees.
    fn find_in(
        &self,
        text: &str,
        origin: TextOrigin,
        models: &InjectionModels,
        seen: &mut SeenBuckets,
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        let normal = Normal::of(text);
        let prepared = PreparedText::of(&normal, text, &self.rules)?;
        let mut judged = self.judge(&normal.text, &prepared, models, seen);
        if origin == TextOrigin::Elsewhere {
            for judged in &mut judged {
                judged.raise -= ELSEWHERE_MARGIN;
            }
        }
        let first = out.len();
        for found in judged
            .iter()
            .skip(1)
            .filter(|part| part.reaches(PART_MARGINS))
        {
            add(found.finding(&normal), first, out);
        }
        if out.len() == first
            && let Some(whole) = judged
                .first()
                .filter(|whole| whole.reaches(WHOLE_TEXT_MARGINS))
        {
            // What shows in the whole stands most of all in the part that scores best.
            let parts = judged.iter().skip(1);
            let best = parts.max_by(|one, other| one.sum.total_cmp(&other.sum));
            let mut finding = whole.finding(&normal);
            if text.len() <= MAX_WHOLE_BYTES {
                (finding.start, finding.end) = (0, text.len());
            } else if let Some(best) = best {
                let place = normal.source(best.range.clone());
                (finding.start, finding.end) = (place.start, place.end);
            }
            out.push(finding);
        }
        if out.len() == first
            && origin != TextOrigin::Person
            && let Some(task) = indirect::find(&normal.text, &prepared.tokens, &models.task, seen)
        {
            let words = normal.text[task.range.clone()].split_whitespace().count();
            // Beside code, whose reader isn't known, it may be what somebody asks about it.
            let may_be_asked = task.is_code && origin != TextOrigin::Elsewhere;
            let is_sure = words >= MIN_SURE_TASK_WORDS && !may_be_asked;
            let place = normal.source(task.range);
            out.push(Finding {
                kind: Kind::Injection,
                entity: "INDIRECT_INJECTION".into(),
                rule: "injection/task".into(),
                start: place.start,
                end: place.end,
                score: at_most_unless(is_sure, logistic(task.sum)),
                why: "a task for an assistant stands in a document that is about something else"
                    .into(),
            });
        }
        Ok(())
    }

    /// What is written so that a program reads it and a person doesn't.
    fn find_hidden(
        &self,
        text: &str,
        models: &InjectionModels,
        seen: &mut SeenBuckets,
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        for part in hidden::find(text) {
            if out
                .iter()
                .any(|other| other.start < part.end && part.start < other.end)
            {
                continue;
            }
            let normal = Normal::of(&part.text);
            let prepared = PreparedText::of(&normal, &part.text, &self.rules)?;
            let judged = self.judge(&normal.text, &prepared, models, seen);
            let found = judged
                .iter()
                .filter(|judged| judged.reaches(HIDDEN_MARGINS));
            let Some(best) = found.max_by(|one, other| one.sum.total_cmp(&other.sum)) else {
                continue;
            };
            out.push(Finding {
                kind: Kind::Injection,
                entity: "HIDDEN_TEXT".into(),
                rule: format!("injection/hidden/{}", part.how).into(),
                start: part.start,
                end: part.end,
                score: logistic(MARGIN_STEEPNESS * best.sum.max(0.2)),
                why: "hides an attempt to instruct the reader from people's eyes".into(),
            });
        }
        Ok(())
    }

    /// Judges a text's stretches: first the whole, then its parts if it has some.
    fn judge(
        &self,
        text: &str,
        prepared: &PreparedText,
        models: &InjectionModels,
        seen: &mut SeenBuckets,
    ) -> Vec<JudgedStretch> {
        let windows = prepared.windows.iter();
        let judge = |window: &Range<usize>| {
            let signals = prepared.signals(text, window, &self.rules);
            let mut sum = models
                .attack
                .sum(&prepared.tokens, window.clone(), &signals, 0, seen);
            if prepared.is_foreign_override(window, &self.rules) {
                sum += FOREIGN_OVERRIDE;
            }
            JudgedStretch {
                range: prepared.range(window),
                sum,
                is_named: prepared.is_named(window, &self.rules),
                is_repetitive: prepared.tokens.is_repetitive(window.clone()),
                rule: prepared.best(window, &self.rules),
                raise: 0.0,
            }
        };
        let parts = prepared.windows.len().saturating_sub(1);
        let raise = MARGIN_BY_DOUBLING * log2(parts);
        let mut judged: Vec<_> = windows.map(judge).collect();
        for part in judged.iter_mut().skip(1) {
            part.raise = raise;
        }
        for judged in &mut judged {
            if judged.rule.is_some_and(|rule| rule.is_jailbreak()) {
                judged.raise += JAILBREAK_MARGIN;
            }
            if order::names_prompt(judged.rule, &text[judged.range.clone()]) {
                judged.raise -= PROMPT_START_MARGIN;
            }
            if judged.sum > 0.0
                && judged
                    .rule
                    .is_none_or(|rule| LABEL_RULES.contains(&rule.name))
                && labels::are_labels(&text[judged.range.clone()])
            {
                judged.raise += LABELS_MARGIN;
            }
            if order::is_code(&text[judged.range.clone()]) {
                judged.raise += CODE_MARGIN;
            }
        }
        judged
    }
}

/// A judged stretch of a normalised text.
struct JudgedStretch {
    range: Range<usize>,
    /// The margin.
    sum: f32,
    /// Whether a rule says what the attack is.
    is_named: bool,
    /// Whether it says the same few words over and over, of which the model knows only that some
    /// attacks do it too.
    is_repetitive: bool,
    rule: Option<&'static InjectionRule>,
    /// How much more the margin has to be, for what a stretch is of.
    raise: f32,
}

impl JudgedStretch {
    fn reaches(&self, (named, unnamed): (f32, f32)) -> bool {
        self.sum >= self.raise + if self.is_named { named } else { unnamed }
            && (self.is_named || !self.is_repetitive)
    }

    /// Whether it is an attack rather than a text about such things.
    fn is_sure(&self, text: &str) -> bool {
        let stretch = &text[self.range.clone()];
        let name = self.rule.map_or("", |rule| rule.name);
        match name.split_once('/') {
            _ if SURE_RULES.contains(&name) => true,
            // Rules of other languages: so are the words around.
            Some(("override", _)) => true,
            Some(_) => !order::is_code(stretch),
            None if SURE_RULES_IN_PROSE.contains(&name) => !order::is_code(stretch),
            None => order::is_order(stretch),
        }
    }

    fn finding(&self, normal: &Normal) -> Finding {
        let place = normal.source(self.range.clone());
        let (entity, rule, why) = match self.rule {
            Some(rule) => (
                rule.entity,
                format!("injection/{}", rule.name).into(),
                rule.why,
            ),
            None => (
                "PROMPT_INJECTION",
                "injection/model".into(),
                "reads like an attempt to instruct the reader",
            ),
        };
        Finding {
            kind: Kind::Injection,
            entity: entity.into(),
            rule,
            start: place.start,
            end: place.end,
            score: at_most_unless(
                self.is_sure(&normal.text),
                logistic(MARGIN_STEEPNESS * self.sum),
            ),
            why: why.into(),
        }
    }
}

/// A score, or [`UNSURE_SCORE`] if it is more than that and nothing makes it sure.
fn at_most_unless(is_sure: bool, score: f32) -> f32 {
    if is_sure {
        score
    } else {
        score.min(UNSURE_SCORE)
    }
}

/// How often a count has been doubled from one.
fn log2(count: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a count of parts")]
    let count = count.max(1) as f32;
    count.log2()
}

/// Adds a finding, or makes it one with those that it overlaps: the surest names it, and of a long
/// and a short stretch the short one says where it is.
fn add(finding: Finding, first: usize, out: &mut Vec<Finding>) {
    let overlaps = |other: &Finding| other.start < finding.end && finding.start < other.end;
    let Some(at) = (first..out.len()).find(|at| overlaps(&out[*at])) else {
        out.push(finding);
        return;
    };
    let length = |finding: &Finding| finding.end - finding.start;
    if finding.score <= UNSURE_SCORE && out[at].score > UNSURE_SCORE {
        return;
    }
    if length(&finding) < length(&out[at]) || finding.score > out[at].score {
        out[at] = finding;
    }
}
