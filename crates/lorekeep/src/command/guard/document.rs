//! The documents of `guard eval` and `guard explain`.

use guard::{Explanation, Finding};
use serde::Serialize;

use crate::eval::{Counts, EntityScore, SetScore, SkippedSet};

/// `guard eval --json`.
#[derive(Serialize)]
pub(crate) struct EvalDoc<'a> {
    sets: Vec<SetDoc<'a>>,
    skipped: Vec<SkippedDoc<'a>>,
}

#[derive(Serialize)]
struct SetDoc<'a> {
    name: &'a str,
    kind: &'static str,
    rows: usize,
    #[serde(flatten)]
    texts: CountsDoc,
    recall_interval: Option<(f64, f64)>,
    false_positive_rate: Option<f64>,
    false_positive_interval: Option<(f64, f64)>,
    latency_us: LatencyDoc,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<EntityDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured: Option<EntityDoc<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unknown: &'a [String],
}

#[derive(Serialize)]
struct LatencyDoc {
    p50: f64,
    p95: f64,
}

#[derive(Serialize)]
struct CountsDoc {
    hits: u64,
    misses: u64,
    false_alarms: u64,
    passed: u64,
    recall: Option<f64>,
    precision: Option<f64>,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct EntityDoc<'a> {
    entity: &'a str,
    exact: CountsDoc,
    overlapping: CountsDoc,
}

#[derive(Serialize)]
struct SkippedDoc<'a> {
    path: &'a str,
    why: &'a str,
}

impl<'a> EvalDoc<'a> {
    /// What all sets came to.
    pub(crate) fn new(scores: &'a [SetScore], skipped: &'a [SkippedSet]) -> Self {
        let skipped = skipped.iter().map(|file| SkippedDoc {
            path: &file.path,
            why: &file.why,
        });
        Self {
            sets: scores.iter().map(SetDoc::new).collect(),
            skipped: skipped.collect(),
        }
    }
}

impl<'a> SetDoc<'a> {
    fn new(score: &'a SetScore) -> Self {
        Self {
            name: &score.name,
            kind: score.kind.name(),
            rows: score.rows,
            texts: score.texts.into(),
            recall_interval: score.texts.recall_interval(),
            false_positive_rate: score.texts.false_positive_rate(),
            false_positive_interval: score.texts.false_positive_interval(),
            latency_us: LatencyDoc {
                p50: score.p50_us,
                p95: score.p95_us,
            },
            entities: score.entities.iter().map(EntityDoc::new).collect(),
            structured: score.structured.as_ref().map(EntityDoc::new),
            unknown: &score.unknown,
        }
    }
}

impl<'a> EntityDoc<'a> {
    fn new(score: &'a EntityScore) -> Self {
        Self {
            entity: &score.entity,
            exact: score.exact.into(),
            overlapping: score.overlapping.into(),
        }
    }
}

impl From<Counts> for CountsDoc {
    fn from(counts: Counts) -> Self {
        Self {
            hits: counts.hits,
            misses: counts.misses,
            false_alarms: counts.false_alarms,
            passed: counts.passed,
            recall: counts.recall(),
            precision: counts.precision(),
            f1: counts.f1(),
        }
    }
}

/// `guard explain --json`.
#[derive(Serialize)]
pub(crate) struct ExplainDoc<'a> {
    findings: Vec<ExplainedFields<'a>>,
}

/// A finding with what counted for it, and what becomes of it in each place.
pub(crate) struct ExplainedDoc {
    pub(crate) finding: Finding,
    pub(crate) why: Explanation,
    pub(crate) verdicts: Vec<(&'static str, &'static str)>,
}

#[derive(Serialize)]
struct ExplainedFields<'a> {
    kind: &'static str,
    entity: &'a str,
    rule: &'a str,
    start: usize,
    end: usize,
    score: f32,
    why: &'a str,
    verdicts: std::collections::BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    margin: Option<f32>,
    signals: Vec<SignalFields<'a>>,
    words: Vec<WordFields<'a>>,
    allow: String,
}

#[derive(Serialize)]
struct SignalFields<'a> {
    rule: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct WordFields<'a> {
    word: &'a str,
    weight: f32,
}

impl ExplainedDoc {
    /// What is told of a finding.
    pub(crate) fn new(
        finding: Finding,
        why: Explanation,
        verdicts: Vec<(&'static str, &'static str)>,
    ) -> Self {
        Self {
            finding,
            why,
            verdicts,
        }
    }

    fn fields(&self) -> ExplainedFields<'_> {
        let Finding {
            kind,
            entity,
            rule,
            start,
            end,
            score,
            why,
        } = &self.finding;
        let signals = self.why.signals.iter();
        let words = self.why.words.iter();
        ExplainedFields {
            kind: kind.name(),
            entity,
            rule,
            start: *start,
            end: *end,
            score: *score,
            why,
            verdicts: self.verdicts.iter().copied().collect(),
            margin: self.why.margin,
            signals: signals
                .map(|(rule, why)| SignalFields { rule, why })
                .collect(),
            words: words
                .map(|(word, weight)| WordFields {
                    word,
                    weight: *weight,
                })
                .collect(),
            allow: crate::scan::allow_setting(rule),
        }
    }
}

impl<'a> ExplainDoc<'a> {
    /// What was found in a text, in its order.
    pub(crate) fn new(explained: &'a [ExplainedDoc]) -> Self {
        Self {
            findings: explained.iter().map(ExplainedDoc::fields).collect(),
        }
    }
}
