//! The documents of scans: what guards found in texts that are no messages, and where.

use std::collections::BTreeMap;

use guard::{Action, Failure, Judged};
use serde::Serialize;
use serde_json::value::RawValue;

/// Where in a file something was found.
#[derive(Clone, Copy, Debug)]
pub struct FoundAt<'a> {
    /// The file; `-` for standard input.
    pub path: &'a str,
    /// The commit that brought it in, when a history was looked through.
    pub commit: Option<&'a str>,
    /// Line and column of its first character, both from 1, columns in characters.
    pub from: (u64, u64),
    /// Line of its last character, and the column after it.
    pub to: (u64, u64),
    /// The bytes of the file that it takes; unknown in a history.
    pub bytes: Option<(u64, u64)>,
}

/// One finding in the list that `scan --json` prints: where it is, what it is, and what the policy says.
#[derive(Serialize)]
pub struct FoundDoc<'a> {
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
    /// The document of a finding at a place, with the action that the policy decided on.
    pub fn new(at: FoundAt<'a>, finding: &'a guard::Finding, action: Action) -> Self {
        Self {
            path: at.path,
            commit: at.commit,
            line: at.from.0,
            column: at.from.1,
            end_line: at.to.0,
            end_column: at.to.1,
            start: at.bytes.map(|(start, _)| start),
            end: at.bytes.map(|(_, end)| end),
            what: WhatDoc::new(finding, action),
        }
    }
}

/// The totals that follow the findings in the document of `scan --json`.
#[derive(Serialize)]
pub struct ScannedDoc<'a> {
    /// The strongest action of all findings: `allow`, `flag`, `mask`, `quarantine` or `block`.
    pub verdict: &'static str,
    /// How many findings there are of each kind.
    pub counts: BTreeMap<&'static str, u64>,
    /// Files that were looked through; standard input is one, a history too.
    pub files: u64,
    /// Files left out because they are no text.
    pub binary: u64,
    /// Findings left out because somebody allowed them.
    pub allowed: u64,
    /// Bytes that were looked through.
    pub bytes: u64,
    /// How long the scan took, in milliseconds.
    pub took_ms: u64,
    /// Megabytes (of 10^6 bytes) that were looked through in a second.
    pub mb_per_s: f64,
    /// What could not be looked at.
    pub problems: Vec<ScanProblemDoc<'a>>,
}

/// A file that could not be looked at, and why.
#[derive(Serialize)]
pub struct ScanProblemDoc<'a> {
    /// The file.
    pub path: &'a str,
    /// What happened.
    pub what: &'a str,
}

/// A line that `scan --batch` prints: the findings in one text of the batch, and the action that follows.
#[derive(Serialize)]
pub struct JudgedDoc<'a> {
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
    /// The line for the text that the caller gave this id, as the guards judged it.
    pub fn new(id: Option<&'a RawValue>, judgement: &'a guard::Judgement) -> Self {
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

/// A line that `scan --batch` prints for a line of its input that it could not understand.
#[derive(Serialize)]
pub struct BadLineDoc {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub error: String,
}
