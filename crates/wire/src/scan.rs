//! The documents of `scan`: what the guards (checks for secrets, personal data, injected instructions and
//! unwanted content) found in files or other texts, and where. None has the found text itself.

use std::collections::BTreeMap;

use guard::{Action, Failure, Judged};
use serde::Serialize;
use serde_json::value::RawValue;

/// Where in a file something was found; an argument of [`FoundDoc::new`].
#[derive(Clone, Copy, Debug)]
pub struct FoundAt<'a> {
    /// The file's path as it was named; `-` for standard input.
    pub path: &'a str,
    /// Hash of the commit that added it, if a git history was looked through (`--history`).
    pub commit: Option<&'a str>,
    /// Line and column of its first character, both from 1, columns in characters.
    pub from: (u64, u64),
    /// Line of its last character, and the column after it.
    pub to: (u64, u64),
    /// First byte in the file and the byte after the last, from 0; `None` in a git history, and in UTF-16.
    pub bytes: Option<(u64, u64)>,
}

/// One finding in the list that `scan --json` prints: where it is, what it is, and what the policy says.
#[derive(Serialize)]
pub struct FoundDoc<'a> {
    /// The file's path as it was named; `-` for standard input.
    path: &'a str,
    /// Hash of the commit that added it, with `--history` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    /// Line of its first character, from 1.
    line: u64,
    /// Column of its first character, in characters from 1.
    column: u64,
    /// Line of its last character.
    end_line: u64,
    /// The column after its last character.
    end_column: u64,
    /// Where it starts in the file, in bytes; not with `--history`, nor in UTF-16.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    /// Where it ends, in bytes, exclusive; not with `--history`, nor in UTF-16.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    /// `kind` (`secret`, `pii`, `injection` or `content`), `entity` (such as `EMAIL_ADDRESS`), `rule` (the
    /// rule's id), `score` (how sure it is, above 0 and at most 1), `verdict` (the policy's action: `flag`,
    /// `mask`, `quarantine` or `block`) and `why`, in words.
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
    /// The document of a finding that lies at `at`, with the action that the policy says for it.
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
    /// The strongest action of all findings: `flag`, `mask`, `quarantine` or `block`; `allow` without any.
    pub verdict: &'static str,
    /// How many findings there are of each kind (`secret`, `pii`, `injection`, `content`); a kind without any
    /// is left out.
    pub counts: BTreeMap<&'static str, u64>,
    /// The number of files looked through; of a git history, of the files that its commits changed.
    pub files: u64,
    /// The number of files left out because they are no text.
    pub binary: u64,
    /// The number of findings left out because a remark in the file or `.lorekeep-allow` allows them.
    pub allowed: u64,
    /// The number of bytes looked through; of a git history, of what its commits added.
    pub bytes: u64,
    /// How long the scan took, in milliseconds.
    pub took_ms: u64,
    /// Megabytes (of 10^6 bytes) that were looked through in a second.
    pub mb_per_s: f64,
    /// What could not be looked at, and why.
    pub problems: Vec<ScanProblemDoc<'a>>,
}

/// A file or repository that `scan` could not look at, and why.
#[derive(Serialize)]
pub struct ScanProblemDoc<'a> {
    /// Its path.
    pub path: &'a str,
    /// What happened, in words.
    pub what: &'a str,
}

/// A line that `scan --batch` prints: the findings in one text of the batch, and the action that follows.
#[derive(Serialize)]
pub struct JudgedDoc<'a> {
    /// The JSON value that the caller named the text by, as it was given; `null` without one.
    id: Option<&'a RawValue>,
    /// What the policy says of the whole text: the strongest action of its findings, `allow` if there are
    /// none, else `flag`, `mask`, `quarantine` or `block`.
    verdict: &'static str,
    /// The findings in the order of the text: `start` and `end` (bytes of the text in UTF-8, the end
    /// exclusive), then `kind`, `entity`, `rule`, `score`, `verdict` and `why` as in [`FoundDoc`].
    findings: Vec<SpanDoc<'a>>,
    /// Guards that could not judge the text: `guard` (its name) and `what` (happened). `verdict` is then at
    /// least what the policy says for a failure.
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
    /// The line for a text of the batch: the `id` that came with it, and how the guards judged it.
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
    /// The number of the line in the input, from 1.
    pub line: u64,
    /// What is wrong with it: no JSON, no object with a `text` that is a string, or too long. Nothing
    /// of the line is quoted.
    pub error: String,
}
