//! The documents of imports: what was read of which source, and what could not be.

use recall::{Caught, ImportReport, Lag, ProblemAt, Skipped, SourceReport};
use serde::Serialize;

use crate::lag::LagDoc;

/// The document that `import --json` prints: what was read of each source, and how far embedding is.
#[derive(Serialize)]
pub struct ImportDoc<'a> {
    took_ms: u64,
    sources: Vec<SourceReportDoc<'a>>,
    skipped: Vec<ProblemDoc<'a>>,
    stopped: bool,
    embedding: EmbeddingDoc,
}

/// A line that `import --watch --json` prints after each time that logs had something new.
#[derive(Serialize)]
pub struct CaughtDoc {
    time: Option<String>,
    changed: u64,
    added: u64,
    lag: LagDoc,
    took_ms: u64,
}

impl CaughtDoc {
    /// The line for what one look at the logs brought; `time` is when it ended, in RFC 3339.
    pub fn new(caught: &Caught, time: Option<String>, took_ms: u64) -> Self {
        Self {
            time,
            changed: caught.changed,
            added: caught.added,
            lag: LagDoc::from(&Lag::from(caught)),
            took_ms,
        }
    }
}

/// How many messages an import embedded, that is, made vectors of, so that they are found by meaning.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct EmbeddingDoc {
    /// Whether there is a model; absent where that was not looked at.
    pub model: Option<bool>,
    /// Messages embedded.
    pub embedded: u64,
    /// Messages that are yet to be embedded.
    pub left: u64,
}

#[derive(Serialize)]
struct SourceReportDoc<'a> {
    source: &'a str,
    files: u64,
    changed: u64,
    bytes: u64,
    conversations: u64,
    messages: u64,
    added: u64,
    duplicates: u64,
    problem_count: u64,
    problems: Vec<ProblemDoc<'a>>,
}

/// A record of a log that could not be understood, or a file that was not read, and why.
#[derive(Serialize)]
pub struct ProblemDoc<'a> {
    path: &'a str,
    line: u64,
    what: &'a str,
}

impl<'a> ImportDoc<'a> {
    /// The document of an import that took so many milliseconds.
    pub fn new(report: &'a ImportReport, embedding: EmbeddingDoc, took_ms: u64) -> Self {
        Self {
            took_ms,
            sources: report.sources.iter().map(SourceReportDoc::new).collect(),
            skipped: report.skipped.iter().map(ProblemDoc::skipped).collect(),
            stopped: report.stopped,
            embedding,
        }
    }
}

impl<'a> SourceReportDoc<'a> {
    fn new(report: &'a SourceReport) -> Self {
        Self {
            source: &report.source,
            files: report.files,
            changed: report.changed,
            bytes: report.bytes,
            conversations: report.conversations,
            messages: report.messages,
            added: report.added,
            duplicates: report.duplicates,
            problem_count: report.problem_count,
            problems: report.problems.iter().map(ProblemDoc::new).collect(),
        }
    }
}

impl<'a> ProblemDoc<'a> {
    /// A file or directory that nothing was imported of.
    fn skipped(skipped: &'a Skipped) -> Self {
        Self {
            path: &skipped.path,
            line: 0,
            what: &skipped.what,
        }
    }

    /// The document of a record that could not be understood.
    pub fn new(problem: &'a ProblemAt) -> Self {
        Self {
            path: &problem.path,
            line: problem.line,
            what: &problem.what,
        }
    }
}
