//! The edits of a file that the archive knows of: which messages made them, and what they wrote.
//! Only messages of the project are looked at.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use rustc_hash::FxHashSet;
use transcript::{
    LoggedChange, LoggedEdit, Message, Millis, PatchedPart, Registry, Role, ToolCall, ToolEffect,
    ToolResult, command,
};

use super::lines::{LineId, LineTable};
use super::places::{FileCopy, FileNames, last_part};
use crate::Result;
use crate::index::TermRow;
use crate::store::{MessageId, ProjectFilter, Reader, Row, Span, Spans};
use crate::text::Analyzer;

/// Messages that are read, the newest ones; a file that was edited more often is rare.
const MAX_MESSAGES: usize = 20_000;
/// Of these, command lines.
const MAX_COMMANDS: usize = 4_000;
/// How far after a call its result is looked for, in messages.
const RESULT_REACH_MESSAGES: i64 = 200;
/// Lines of former contents that are kept, over all edits.
const MAX_FORMER_LINES: usize = 8_000_000;
/// How often names that were found are followed to earlier ones.
const MAX_RENAME_ROUNDS: usize = 5;

/// One edit of the file, by a tool call that the archive has.
pub(super) struct ReplayedEdit {
    pub(super) message: MessageId,
    pub(super) span: Span,
    /// Id and name of the call.
    pub(super) call: String,
    pub(super) tool: String,
    /// When the call was made.
    pub(super) time: Option<Millis>,
    /// When the edit was done, by which edits are replayed in order.
    pub(super) applied: Millis,
    pub(super) model: Option<String>,
    pub(super) agent: Option<String>,
    /// The copy of the file that was edited.
    pub(super) place: FileCopy,
    pub(super) change: LoggedChange,
    /// The file as it was before the edit, if the log has it.
    pub(super) before: Option<Vec<LineId>>,
    /// The lines that the call asked for, if a person changed them before they were written.
    pub(super) asked: Option<FxHashSet<LineId>>,
    pub(super) patch: Vec<PatchedPart>,
    pub(super) part: &'static str,
    /// Whether the log has its result, which isn't an error.
    pub(super) is_confirmed: bool,
    pub(super) is_exact: bool,
}

/// Finds and reads the edits of a file, in the order in which they were done. Names that the file
/// had before are added to `places` as they are met.
pub(super) fn gather(
    within: EditScope<'_>,
    places: &mut FileNames,
    lines: &mut LineTable,
) -> Result<Vec<ReplayedEdit>> {
    let mut gathering = EditSearch {
        within,
        reader: Reader::new()?,
        read: FxHashSet::default(),
        left: MAX_FORMER_LINES,
        edits: Vec::new(),
    };
    for _ in 0..MAX_RENAME_ROUNDS {
        let parts: Vec<String> = places.last_parts().into_iter().map(str::to_owned).collect();
        let names = places.count();
        gathering.renames(&parts, places)?;
        gathering.round(&parts, places, lines)?;
        if places.count() == names {
            break;
        }
        // Under a new name, what was left out before may be an edit of the file.
        gathering.read.clear();
        gathering.edits.clear();
        gathering.left = MAX_FORMER_LINES;
    }
    let mut edits = gathering.edits;
    edits.sort_by_key(|edit| (edit.applied, edit.message));
    Ok(edits)
}

/// Where edits may be found: in the messages of these spans that are of these projects.
#[derive(Clone, Copy)]
pub(super) struct EditScope<'a> {
    pub(super) connection: &'a Connection,
    pub(super) spans: &'a Spans,
    pub(super) projects: ProjectFilter,
    /// The sources whose tools are understood.
    pub(super) sources: Registry,
}

impl EditScope<'_> {
    /// The span of a message, if it is one of those that may be looked at.
    fn span(&self, message: MessageId) -> Option<Span> {
        let span = self.spans.find(message)?;
        let is_ours = self.projects.admits(span.project);
        is_ours.then_some(*span)
    }

    /// Calls of tools that run commands or apply patches and whose payload has all terms of a text,
    /// ascending.
    pub(super) fn calls_with(&self, text: &str) -> Result<BTreeSet<i64>> {
        let mut terms = Vec::new();
        Analyzer::new().terms(text, &mut |term| {
            if !term.part {
                terms.push(format!("\"{}\"", term.text.replace('"', "")));
            }
        });
        let mut found = BTreeSet::new();
        if terms.is_empty() {
            return Ok(found);
        }
        let effects = [ToolEffect::Command, ToolEffect::Patch];
        let names: Vec<&str> = self.sources.tools_with(&effects).collect();
        let names = serde_json::to_string(&names).unwrap_or_default();
        let sql =
            "SELECT id FROM label WHERE kind = 0 AND value IN (SELECT value FROM json_each(?1))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([names], |row| row.get(0))?;
        let labels: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
        let sql = "SELECT 1 FROM labelled WHERE label = ?1 AND message = ?2";
        let mut is_call = self.connection.prepare_cached(sql)?;
        let sql = "SELECT rowid FROM payload WHERE payload MATCH ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let terms = terms.join(" AND ");
        let rows = statement.query_map(params![terms], |row| row.get::<_, i64>(0))?;
        for row in rows {
            let message = TermRow(row?).passage().message();
            if found.contains(&message.0) || self.span(message).is_none() {
                continue;
            }
            for label in &labels {
                if is_call.exists(params![label, message.0])? {
                    found.insert(message.0);
                    break;
                }
            }
        }
        Ok(found)
    }
}

struct EditSearch<'a> {
    within: EditScope<'a>,
    reader: Reader,
    read: FxHashSet<i64>,
    /// Lines of former contents that may still be kept.
    left: usize,
    edits: Vec<ReplayedEdit>,
}

impl EditSearch<'_> {
    fn round(&mut self, parts: &[String], places: &FileNames, lines: &mut LineTable) -> Result<()> {
        let mut messages = self.labelled(parts)?;
        messages.extend(self.commands(parts)?);
        let skipped = messages.len().saturating_sub(MAX_MESSAGES);
        for id in messages.into_iter().skip(skipped) {
            if self.read.insert(id) {
                self.message(MessageId(id), places, lines)?;
            }
        }
        Ok(())
    }

    /// Messages that edited a file whose name ends with one of these parts.
    fn labelled(&self, parts: &[String]) -> Result<BTreeSet<i64>> {
        let mut found = BTreeSet::new();
        let mut labels = self
            .within
            .connection
            .prepare_cached("SELECT id, value FROM label WHERE kind = 2")?;
        let mut messages = self
            .within
            .connection
            .prepare_cached("SELECT message FROM labelled WHERE label = ?1")?;
        let mut rows = labels.query([])?;
        while let Some(row) = rows.next()? {
            let path = row.get_ref(1)?.as_str().unwrap_or_default();
            let last = last_part(path);
            if !parts.iter().any(|part| part.eq_ignore_ascii_case(last)) {
                continue;
            }
            for id in messages.query_map(params![row.get::<_, i64>(0)?], |row| row.get(0))? {
                let id: i64 = id?;
                if self.within.span(MessageId(id)).is_some() {
                    found.insert(id);
                }
            }
        }
        Ok(found)
    }

    /// Calls of shells whose command line names one of these parts.
    fn commands(&self, parts: &[String]) -> Result<BTreeSet<i64>> {
        let mut found = BTreeSet::new();
        for part in parts {
            found.extend(self.within.calls_with(part)?);
        }
        let skipped = found.len().saturating_sub(MAX_COMMANDS);
        Ok(found.into_iter().skip(skipped).collect())
    }

    /// Follows the file to the names that it had before it was moved in a session.
    fn renames(&mut self, parts: &[String], places: &mut FileNames) -> Result<()> {
        let mut messages = BTreeSet::new();
        for part in parts {
            for words in [format!("{part} mv"), format!("{part} Move")] {
                messages.extend(self.within.calls_with(&words)?);
            }
        }
        for id in messages.into_iter().rev().take(MAX_COMMANDS) {
            let Some(row) = Row::get(self.within.connection, MessageId(id))? else {
                continue;
            };
            let Ok(message) = self.reader.message(self.within.connection, &row) else {
                continue;
            };
            for call in message
                .tools
                .iter()
                .filter(|call| Registry::may_rename(call))
            {
                for (old, new) in self.within.sources.renames(call) {
                    places.moved(&old, &new, message.cwd.as_deref());
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, id: MessageId, places: &FileNames, lines: &mut LineTable) -> Result<()> {
        let Some(span) = self.within.span(id) else {
            return Ok(());
        };
        let Some(row) = Row::get(self.within.connection, id)? else {
            return Ok(());
        };
        // What is damaged is left out: the rest still tells something.
        let Ok(message) = self.reader.message(self.within.connection, &row) else {
            return Ok(());
        };
        for call in &message.tools {
            if !may_write(call, places) {
                continue;
            }
            let found = result_of(
                self.within.connection,
                &mut self.reader,
                &span,
                id,
                &call.id,
            )?;
            if found.as_ref().is_some_and(|(result, _)| result.is_error) {
                continue;
            }
            let (result, done) = found.unzip();
            let mut writes = self.within.sources.edits(call, result.as_ref());
            writes.retain(|write| places.find(&write.path, message.cwd.as_deref()).is_some());
            if writes.is_empty() {
                writes.extend(self.scraps(call, &message, places));
            }
            for write in writes {
                let about = EditOrigin {
                    span,
                    id,
                    call,
                    result: done.flatten(),
                    is_confirmed: result.is_some(),
                };
                self.edit(write, &about, &message, places, lines);
            }
        }
        // Where a message has results and files of its own, no call told of them before.
        let results = message.results.iter().filter(|result| !result.is_error);
        for result in results.filter(|_| !message.files.is_empty()) {
            let Some(told) = self.within.sources.result_edits(result) else {
                continue;
            };
            let call = ToolCall {
                id: result.call.clone(),
                name: told.tool.to_owned(),
                ..ToolCall::default()
            };
            for write in told.edits {
                let about = EditOrigin {
                    span,
                    id,
                    call: &call,
                    result: message.time,
                    is_confirmed: true,
                };
                self.edit(write, &about, &message, places, lines);
            }
        }
        Ok(())
    }

    /// The lines of a command that names the file in some other way: a script may have written them.
    fn scraps(&self, call: &ToolCall, message: &Message, places: &FileNames) -> Option<LoggedEdit> {
        if !self.within.sources.runs_commands(&call.name) {
            return None;
        }
        let line = command::line(&call.input)?;
        let path = command::words(&line)
            .find(|word| places.find(word, message.cwd.as_deref()).is_some())?;
        let mut lines: Vec<String> = line.lines().skip(1).map(str::to_owned).collect();
        lines.extend(command::replacements(&line));
        (!lines.is_empty()).then(|| LoggedEdit::of_script(path, lines))
    }

    fn edit(
        &mut self,
        write: LoggedEdit,
        about: &EditOrigin<'_>,
        message: &Message,
        places: &FileNames,
        lines: &mut LineTable,
    ) {
        let Some(place) = places.find(&write.path, message.cwd.as_deref()) else {
            return;
        };
        let before = write.before.as_deref().map(|text| lines.ids(text));
        let before = before.filter(|before| before.len() <= self.left);
        self.left -= before.as_ref().map_or(0, Vec::len);
        let asked = write
            .asked
            .as_deref()
            .map(|text| lines.ids(text).into_iter().collect());
        self.edits.push(ReplayedEdit {
            message: about.id,
            span: about.span,
            call: about.call.id.clone(),
            tool: about.call.name.clone(),
            time: message.time,
            applied: about.result.max(message.time).unwrap_or(0),
            model: message.model.as_deref().map(str::to_owned),
            agent: message.agent.as_deref().map(str::to_owned),
            place,
            change: write.change,
            before,
            asked,
            patch: write.patch,
            part: write.part,
            is_confirmed: about.is_confirmed,
            is_exact: write.is_exact,
        });
    }
}

/// A result, and when it came.
type Done = (ToolResult, Option<Millis>);

/// The result of a call, which stands soon after it.
pub(super) fn result_of(
    connection: &Connection,
    reader: &mut Reader,
    span: &Span,
    call: MessageId,
    id: &str,
) -> Result<Option<Done>> {
    if id.is_empty() {
        return Ok(None);
    }
    for next in call.0 + 1..=span.last.0.min(call.0 + RESULT_REACH_MESSAGES) {
        let Some(row) = Row::get(connection, MessageId(next))? else {
            continue;
        };
        if row.flags.role() != Role::Tool {
            continue;
        }
        let Ok(message) = reader.message(connection, &row) else {
            continue;
        };
        if let Some(result) = message.results.into_iter().find(|result| result.call == id) {
            return Ok(Some((result, row.time)));
        }
    }
    Ok(None)
}

/// Which call an edit belongs to.
struct EditOrigin<'a> {
    span: Span,
    id: MessageId,
    call: &'a ToolCall,
    /// When its result came.
    result: Option<Millis>,
    is_confirmed: bool,
}

/// Whether it is worth a look what a call wrote: results are long.
fn may_write(call: &ToolCall, places: &FileNames) -> bool {
    places.last_parts().iter().any(|part| {
        let json = serde_json::to_string(part).unwrap_or_default();
        call.input.contains(part) || call.input.contains(json.trim_matches('"'))
    })
}
