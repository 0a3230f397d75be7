//! The documents of `scan` and `guard eval`.

use std::collections::BTreeMap;

use guard::{Action, Failure, Judged};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::eval::{Counts, EntityScore, SetScore, Skipped};
use crate::scan::Found;

/// A finding of `scan --json`.
#[derive(Serialize)]
pub(crate) struct FoundDoc<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    #[serde(flatten)]
    what: WhatDoc<'a>,
}

/// What was found and what becomes of it.
#[derive(Serialize)]
struct WhatDoc<'a> {
    kind: &'static str,
    entity: &'a str,
    rule: &'a str,
    score: f32,
    verdict: &'static str,
    why: &'a str,
}

impl<'a> WhatDoc<'a> {
    fn new(finding: &'a guard::Finding, action: Action) -> Self {
        Self {
            kind: finding.kind.name(),
            entity: &finding.entity,
            rule: &finding.rule,
            score: finding.score,
            verdict: action.name(),
            why: &finding.why,
        }
    }
}

impl<'a> FoundDoc<'a> {
    /// A finding.
    pub(crate) fn new(found: &'a Found) -> Self {
        Self {
            path: &found.path,
            commit: found.commit.as_deref(),
            line: found.from.0,
            column: found.from.1,
            end_line: found.to.0,
            end_column: found.to.1,
            start: found.bytes.map(|(start, _)| start),
            end: found.bytes.map(|(_, end)| end),
            what: WhatDoc::new(&found.finding, found.action),
        }
    }
}

/// What follows the findings of `scan --json`.
#[derive(Serialize)]
pub(crate) struct ScannedDoc<'a> {
    /// The strongest verdict of all.
    pub(crate) verdict: &'static str,
    /// How many findings there are of each kind.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    /// Files that were looked through; standard input is one, a history too.
    pub(crate) files: u64,
    /// Files left out because they are no text.
    pub(crate) binary: u64,
    /// Findings left out because somebody allowed them.
    pub(crate) allowed: u64,
    /// Bytes that were looked through.
    pub(crate) bytes: u64,
    /// Time, in milliseconds.
    pub(crate) took_ms: u64,
    /// Megabytes in a second.
    pub(crate) mb_per_s: f64,
    /// What could not be looked at.
    pub(crate) problems: Vec<ProblemDoc<'a>>,
}

/// Something that could not be looked at.
#[derive(Serialize)]
pub(crate) struct ProblemDoc<'a> {
    /// The file.
    pub(crate) path: &'a str,
    /// What happened.
    pub(crate) what: &'a str,
}

/// An answer of `scan --batch`.
#[derive(Serialize)]
pub(crate) struct JudgedDoc<'a> {
    id: Option<&'a RawValue>,
    verdict: &'static str,
    findings: Vec<SpanDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<FailureDoc<'a>>,
}

#[derive(Serialize)]
struct SpanDoc<'a> {
    start: usize,
    end: usize,
    #[serde(flatten)]
    what: WhatDoc<'a>,
}

#[derive(Serialize)]
struct FailureDoc<'a> {
    guard: &'a str,
    what: &'a str,
}

impl<'a> JudgedDoc<'a> {
    /// What became of the text of this id.
    pub(crate) fn new(id: Option<&'a RawValue>, judgement: &'a guard::Judgement) -> Self {
        let span = |judged: &'a Judged| SpanDoc {
            start: judged.finding.start,
            end: judged.finding.end,
            what: WhatDoc::new(&judged.finding, judged.action),
        };
        let failure = |failure: &'a Failure| FailureDoc {
            guard: &failure.guard,
            what: &failure.what,
        };
        Self {
            id,
            verdict: judgement.action.name(),
            findings: judgement.findings.iter().map(span).collect(),
            failures: judgement.failures.iter().map(failure).collect(),
        }
    }
}

/// A line of a batch that could not be understood.
#[derive(Serialize)]
pub(crate) struct BadLineDoc {
    /// The line, from 1.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) error: String,
}

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
    false_positive_rate: Option<f64>,
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
    pub(crate) fn new(scores: &'a [SetScore], skipped: &'a [Skipped]) -> Self {
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
            false_positive_rate: score.texts.false_positive_rate(),
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
