//! The documents of `forget --json`, a receipt, and of `exclude --json`.

use recall::ForgetReport;
use serde::Serialize;

use crate::when::rfc3339;

/// The document that `exclude --json` prints: what is never imported, as the settings have it.
#[derive(Serialize)]
pub struct ExclusionsDoc<'a> {
    /// Paths, with all below them.
    pub paths: &'a [String],
    /// Projects, by name or key.
    pub projects: &'a [String],
    /// Names of sources.
    pub sources: &'a [String],
    /// The number of messages that were forgotten since they are excluded.
    pub forgotten: u64,
}

/// The document that `forget --json` prints: what was forgotten, or would be. It holds nothing of a text.
#[derive(Serialize)]
pub struct ForgetDoc<'a> {
    /// Whether nothing was changed, and this is what would be forgotten.
    dry_run: bool,
    /// The number of messages, reflections included.
    messages: u64,
    /// Ids of the conversations of which nothing is left.
    conversations: &'a [String],
    /// Ids of the conversations that keep other messages.
    parts: &'a [String],
    /// The number of reflections.
    reflections: u64,
    /// The number of facts about the person.
    facts: u64,
    /// The number of titles.
    titles: u64,
    /// The number of links, of conversations that are kept.
    links: u64,
    /// The number of marks.
    marks: u64,
    /// Names of the projects in which nothing is left.
    projects: &'a [String],
    /// When the first of the messages was said.
    first: Option<String>,
    /// When the last of them was said.
    last: Option<String>,
    /// The number of damaged messages that couldn't be looked at, and are kept.
    unreadable: u64,
    /// The number of logs of this program that were removed.
    logs: u64,
    /// Whether all of it is gone from the files. If not, the next command goes on.
    finished: bool,
    /// Whether it was interrupted before it was done.
    stopped: bool,
}

impl<'a> ForgetDoc<'a> {
    /// The document of a report. `logs` is the number of this program's own logs that were removed.
    pub fn new(report: &'a ForgetReport, dry_run: bool, logs: u64) -> Self {
        Self {
            dry_run,
            messages: report.messages,
            conversations: &report.conversations,
            parts: &report.parts,
            reflections: report.reflections,
            facts: report.facts,
            titles: report.titles,
            links: report.links,
            marks: report.marks,
            projects: &report.projects,
            first: report.first.and_then(rfc3339),
            last: report.last.and_then(rfc3339),
            unreadable: report.unreadable,
            logs,
            finished: report.finished,
            stopped: report.stopped,
        }
    }
}
