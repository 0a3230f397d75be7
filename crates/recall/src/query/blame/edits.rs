//! The edits of a file that the archive knows of: which messages made them, and what they wrote.
//! Only messages of the project are looked at.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use rustc_hash::FxHashSet;
use transcript::{Message, Millis, Role, ToolCall, ToolResult};

use super::lines::{LineId, Lines};
use super::payload::{self, Change, SHELLS, Write};
use super::places::{Place, Places, last_part};
use super::shell;
use crate::Result;
use crate::index::TermRow;
use crate::store::{MessageId, ProjectId, Reader, Row, Span, Spans};
use crate::text::Analyzer;

/// Messages that are read, the newest ones; a file that was edited more often is rare.
const MESSAGES: usize = 20_000;
/// Of these, command lines.
const COMMANDS: usize = 4_000;
/// How far after a call its result is looked for, in messages.
const REACH: i64 = 200;
/// Lines of former contents that are kept, over all edits.
const BEFORE: usize = 8_000_000;
/// How often names that were found are followed to earlier ones.
const ROUNDS: usize = 5;

/// One edit of the file.
pub(super) struct Edit {
    pub(super) message: MessageId,
    pub(super) span: Span,
    /// Id and name of the call.
    pub(super) call: String,
    pub(super) tool: String,
    /// When it was asked for.
    pub(super) time: Option<Millis>,
    /// When it was done; the order of edits.
    pub(super) applied: Millis,
    pub(super) model: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) place: Place,
    pub(super) change: Change,
    /// The file as it was before, if the log tells.
    pub(super) before: Option<Vec<LineId>>,
    /// The lines that the call asked for, where a person changed them.
    pub(super) asked: Option<FxHashSet<LineId>>,
    pub(super) patch: Vec<super::patch::Hunk>,
    pub(super) part: &'static str,
    /// Whether the log has its result, which isn't an error.
    pub(super) is_confirmed: bool,
    pub(super) is_exact: bool,
}

/// Finds and reads the edits of a file, in the order in which they were done. Names that the file
/// had before are added to `places` as they are met.
pub(super) fn gather(
    connection: &Connection,
    spans: &Spans,
    project: Option<ProjectId>,
    places: &mut Places,
    lines: &mut Lines,
) -> Result<Vec<Edit>> {
    let mut gathering = Gathering {
        connection,
        spans,
        project,
        reader: Reader::new()?,
        read: FxHashSet::default(),
        left: BEFORE,
        edits: Vec::new(),
    };
    for _ in 0..ROUNDS {
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
        gathering.left = BEFORE;
    }
    let mut edits = gathering.edits;
    edits.sort_by_key(|edit| (edit.applied, edit.message));
    Ok(edits)
}

struct Gathering<'a> {
    connection: &'a Connection,
    spans: &'a Spans,
    project: Option<ProjectId>,
    reader: Reader,
    read: FxHashSet<i64>,
    /// Lines of former contents that may still be kept.
    left: usize,
    edits: Vec<Edit>,
}

impl Gathering<'_> {
    fn round(&mut self, parts: &[String], places: &Places, lines: &mut Lines) -> Result<()> {
        let mut messages = self.labelled(parts)?;
        messages.extend(self.commands(parts)?);
        let skipped = messages.len().saturating_sub(MESSAGES);
        for id in messages.into_iter().skip(skipped) {
            if self.read.insert(id) {
                self.message(MessageId(id), places, lines)?;
            }
        }
        Ok(())
    }

    fn span(&self, message: MessageId) -> Option<Span> {
        let span = self.spans.find(message)?;
        let is_ours = self.project.is_none_or(|project| project == span.project);
        is_ours.then_some(*span)
    }

    /// Messages that edited a file whose name ends with one of these parts.
    fn labelled(&self, parts: &[String]) -> Result<BTreeSet<i64>> {
        let mut found = BTreeSet::new();
        let mut labels = self
            .connection
            .prepare_cached("SELECT id, value FROM label WHERE kind = 2")?;
        let mut messages = self
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
                if self.span(MessageId(id)).is_some() {
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
            found.extend(calls_with(self.connection, part, &|id| {
                self.span(id).is_some()
            })?);
        }
        let skipped = found.len().saturating_sub(COMMANDS);
        Ok(found.into_iter().skip(skipped).collect())
    }

    /// Follows the file to the names that it had before it was moved in a session.
    fn renames(&mut self, parts: &[String], places: &mut Places) -> Result<()> {
        let mut messages = BTreeSet::new();
        for part in parts {
            for words in [format!("{part} mv"), format!("{part} Move")] {
                let is_ours = |id| self.span(id).is_some();
                messages.extend(calls_with(self.connection, &words, &is_ours)?);
            }
        }
        for id in messages.into_iter().rev().take(COMMANDS) {
            let Some(row) = Row::get(self.connection, MessageId(id))? else {
                continue;
            };
            let Ok(message) = self.reader.message(self.connection, &row) else {
                continue;
            };
            for call in message
                .tools
                .iter()
                .filter(|call| call.input.contains("mv ") || call.input.contains("*** Move to: "))
            {
                for (old, new) in payload::renames(call) {
                    places.moved(&old, &new, message.cwd.as_deref());
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, id: MessageId, places: &Places, lines: &mut Lines) -> Result<()> {
        let Some(span) = self.span(id) else {
            return Ok(());
        };
        let Some(row) = Row::get(self.connection, id)? else {
            return Ok(());
        };
        // What is damaged is left out: the rest still tells something.
        let Ok(message) = self.reader.message(self.connection, &row) else {
            return Ok(());
        };
        for call in &message.tools {
            if !may_write(call, places) {
                continue;
            }
            let found = result_of(self.connection, &mut self.reader, &span, id, &call.id)?;
            if found.as_ref().is_some_and(|(result, _)| result.is_error) {
                continue;
            }
            let (result, done) = found.unzip();
            let mut writes = payload::writes(call, result.as_ref());
            writes.retain(|write| places.find(&write.path, message.cwd.as_deref()).is_some());
            if writes.is_empty() {
                writes.extend(scraps(call, &message, places));
            }
            for write in writes {
                let about = About {
                    span,
                    id,
                    call,
                    result: done.flatten(),
                    is_confirmed: result.is_some(),
                };
                self.edit(write, &about, &message, places, lines);
            }
        }
        for result in message.results.iter().filter(|result| !result.is_error) {
            let Some(detail) = result
                .detail
                .as_deref()
                .filter(|_| !message.files.is_empty())
            else {
                continue;
            };
            let call = ToolCall {
                id: result.call.clone(),
                name: "apply_patch".into(),
                ..ToolCall::default()
            };
            for write in payload::applied(detail) {
                let about = About {
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

    fn edit(
        &mut self,
        write: Write,
        about: &About<'_>,
        message: &Message,
        places: &Places,
        lines: &mut Lines,
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
        self.edits.push(Edit {
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
    for next in call.0 + 1..=span.last.0.min(call.0 + REACH) {
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
struct About<'a> {
    span: Span,
    id: MessageId,
    call: &'a ToolCall,
    /// When its result came.
    result: Option<Millis>,
    is_confirmed: bool,
}

/// Whether it is worth a look what a call wrote: results are long.
fn may_write(call: &ToolCall, places: &Places) -> bool {
    places.last_parts().iter().any(|part| {
        let json = serde_json::to_string(part).unwrap_or_default();
        call.input.contains(part) || call.input.contains(json.trim_matches('"'))
    })
}

/// The lines of a command that names the file in some other way: a script may have written them.
fn scraps(call: &ToolCall, message: &Message, places: &Places) -> Option<Write> {
    if !SHELLS.contains(&call.name.as_str()) {
        return None;
    }
    let command = payload::command(&call.input)?;
    let path =
        shell::words(&command).find(|word| places.find(word, message.cwd.as_deref()).is_some())?;
    let mut lines: Vec<String> = command.lines().skip(1).map(str::to_owned).collect();
    lines.extend(shell::replacements(&command));
    (!lines.is_empty()).then(|| Write {
        is_exact: false,
        ..Write::new(path, Change::Scraps(lines), "command")
    })
}

/// Calls of shells and patches whose payload has all terms of a text, ascending.
pub(super) fn calls_with(
    connection: &Connection,
    text: &str,
    is_ours: &dyn Fn(MessageId) -> bool,
) -> Result<BTreeSet<i64>> {
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
    let mut names = SHELLS.to_vec();
    names.push("apply_patch");
    let shells = serde_json::to_string(&names).unwrap_or_default();
    let sql = "SELECT id FROM label WHERE kind = 0 AND value IN (SELECT value FROM json_each(?1))";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([shells], |row| row.get(0))?;
    let labels: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    let mut is_call =
        connection.prepare_cached("SELECT 1 FROM labelled WHERE label = ?1 AND message = ?2")?;
    let sql = "SELECT rowid FROM payload WHERE payload MATCH ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![terms.join(" AND ")], |row| row.get::<_, i64>(0))?;
    for row in rows {
        let message = TermRow(row?).passage().message();
        if found.contains(&message.0) || !is_ours(message) {
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
