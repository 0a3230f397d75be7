//! The document of `blame --json`. Times are RFC 3339 in UTC (`2026-03-01T09:30:00.000Z`), `null` where
//! unknown.

use recall::{BlameReport, BlamedLines, CommitInfo, LineSource, WritingCall};
use serde::Serialize;

use crate::search::ScopeDoc;
use crate::when::time;

/// The document that `blame --json` prints: which conversation or commit wrote the lines of a file.
#[derive(Serialize)]
pub struct BlameDoc<'a> {
    /// The file's absolute path, as it was asked for.
    file: &'a str,
    /// The working tree of its git repository; `null` outside of one.
    repository: Option<&'a str>,
    /// Hash of the commit whose version of the file was read; `null` for the file on disk.
    commit: Option<&'a str>,
    /// `project`: name of the project whose conversations were looked at, `null` for all.
    scope: ScopeDoc<'a>,
    /// Milliseconds that the command took, opening the archive included.
    took_ms: u64,
    /// The number of edits of this file that the archive knows of.
    edits: usize,
    /// Runs of lines with one origin, in the order of the file: `first` and `last` (line numbers from 1),
    /// `text`, `source` (`written` by a tool call, `commit` or `unknown`), and what belongs to that source:
    /// `written`, `commit`, `why`.
    lines: Vec<LinesDoc<'a>>,
    /// Sentences for a person, such as what could not be looked at.
    notes: &'a [String],
}

#[derive(Serialize)]
struct LinesDoc<'a> {
    first: u32,
    last: u32,
    text: &'a str,
    source: &'static str,
    written: Option<WrittenDoc<'a>>,
    commit: Option<CommitDoc<'a>>,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct WrittenDoc<'a> {
    conversation_id: &'a str,
    source: &'a str,
    title: &'a str,
    message_id: &'a str,
    call_id: &'a str,
    tool: &'a str,
    time: Option<String>,
    project: &'a str,
    model: Option<&'a str>,
    agent: Option<&'a str>,
    certainty: &'static str,
    evidence: &'a [String],
}

#[derive(Serialize)]
struct CommitDoc<'a> {
    hash: &'a str,
    author: &'a str,
    time: Option<String>,
    subject: &'a str,
    made_by: Option<MakerDoc<'a>>,
}

#[derive(Serialize)]
struct MakerDoc<'a> {
    conversation_id: &'a str,
    title: &'a str,
    message_id: &'a str,
    evidence: &'a str,
}

impl<'a> BlameDoc<'a> {
    /// The document of a report; `took_ms` is how many milliseconds the whole command took.
    pub fn new(report: &'a BlameReport, took_ms: u64) -> Self {
        Self {
            file: &report.file,
            repository: report.repository.as_deref(),
            commit: report.commit.as_deref(),
            scope: ScopeDoc {
                project: report.project.as_deref(),
            },
            took_ms,
            edits: report.edits,
            lines: report.lines.iter().map(LinesDoc::new).collect(),
            notes: &report.notes,
        }
    }
}

impl<'a> LinesDoc<'a> {
    fn new(lines: &'a BlamedLines) -> Self {
        let (source, written, commit, why) = match &lines.source {
            LineSource::Written(written) => {
                ("written", Some(&**written), written.commit.as_ref(), None)
            }
            LineSource::Commit(commit) => ("commit", None, Some(&**commit), None),
            LineSource::Unknown { why } => ("unknown", None, None, Some(why.as_str())),
        };
        Self {
            first: lines.first,
            last: lines.last,
            text: &lines.text,
            source,
            written: written.map(WrittenDoc::new),
            commit: commit.map(CommitDoc::new),
            why,
        }
    }
}

impl<'a> WrittenDoc<'a> {
    fn new(written: &'a WritingCall) -> Self {
        Self {
            conversation_id: &written.conversation,
            source: &written.source,
            title: &written.title,
            message_id: &written.message,
            call_id: &written.call,
            tool: &written.tool,
            time: time(written.time),
            project: &written.project,
            model: written.model.as_deref(),
            agent: written.agent.as_deref(),
            certainty: written.certainty.name(),
            evidence: &written.evidence,
        }
    }
}

impl<'a> CommitDoc<'a> {
    fn new(commit: &'a CommitInfo) -> Self {
        let maker = commit.conversation.as_ref();
        Self {
            hash: &commit.hash,
            author: &commit.author,
            time: time(Some(commit.time)),
            subject: &commit.subject,
            made_by: maker.map(|maker| MakerDoc {
                conversation_id: &maker.conversation,
                title: &maker.title,
                message_id: &maker.message,
                evidence: &maker.evidence,
            }),
        }
    }
}
