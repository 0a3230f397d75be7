//! The documents of imports: what was read of each source (an assistant whose logs are read), and what could
//! not be.

use recall::{Caught, ImportReport, Lag, ProblemAt, Skipped, SourceReport};
use serde::Serialize;

use crate::lag::LagDoc;

/// The document that `import --json` prints: what was read of each source, and how far embedding is.
#[derive(Serialize)]
pub struct ImportDoc<'a> {
    /// Milliseconds until everything could be found by words; embedding isn't included.
    took_ms: u64,
    /// One entry for each source that had files: its `source` name, and counts of files, bytes, conversations
    /// and messages, with the first 100 `problems`.
    sources: Vec<SourceReportDoc<'a>>,
    /// Files and directories of which nothing was imported, and why; `line` is 0.
    skipped: Vec<ProblemDoc<'a>>,
    /// Whether the import was interrupted before it was done. The next one goes on from there.
    stopped: bool,
    /// How many messages were embedded afterwards.
    embedding: EmbeddingDoc,
}

/// A line that `import --watch --json` prints after each time that logs had something new.
#[derive(Serialize)]
pub struct CaughtDoc {
    /// When the logs had been read, in RFC 3339 (UTC, `Z`).
    time: Option<String>,
    /// The number of log files that had something new.
    changed: u64,
    /// The number of messages that were new to the archive.
    added: u64,
    /// What is in the logs and not in the archive yet.
    lag: LagDoc,
    /// Milliseconds that the look and the import took.
    took_ms: u64,
}

impl CaughtDoc {
    /// The line for what one look at the logs brought; `time` is when it ended, in RFC 3339, and `took_ms`
    /// how many milliseconds it took.
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
    /// Whether there is a model; `None` (`null`) where nothing was to be embedded, so that this was not
    /// looked at.
    pub model: Option<bool>,
    /// Messages embedded by this command.
    pub embedded: u64,
    /// Messages that are yet to be embedded; until then they are found by their words only.
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
    /// The file's path; secrets in it are masked.
    path: &'a str,
    /// The line of the record, from 1; 0 if the file as a whole is meant.
    line: u64,
    /// What is wrong, in words.
    what: &'a str,
}

impl<'a> ImportDoc<'a> {
    /// The document of an import. `took_ms` is how many milliseconds it took without embedding.
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

    /// The document of a place in a log that could not be read or understood.
    pub fn new(problem: &'a ProblemAt) -> Self {
        Self {
            path: &problem.path,
            line: problem.line,
            what: &problem.what,
        }
    }
}
