//! What has to change in one file, worked out before anything is written: what the file would be
//! without us, then what it is to be with us.
//!
//! A file that is still as we left it is thought of as the copy of what it was, byte for byte. One
//! that somebody has changed since has our part taken out by the meaning of its keys instead.

use serde_json::Value;

use super::clients::{ClientFileTarget, FileFormat};
use super::edit::{FileEdit, Undo};
use super::files::ClientFile;
use super::launch::LaunchCommand;
use super::store::{FileRecord, Store};
use super::{json, toml};
use crate::fault::Fault;

/// A file and what is to become of it.
#[derive(Debug)]
pub(crate) struct FileChange {
    /// The file, as the client opens it, and its format.
    pub(crate) target: ClientFileTarget,
    /// Where it really is.
    pub(crate) at: ClientFile,
    /// What is in it.
    pub(crate) now: Option<String>,
    /// What would be in it without us.
    pub(crate) without: Option<String>,
    /// What is to be in it.
    pub(crate) then: Option<String>,
    /// How to take our part out again.
    pub(crate) undos: Vec<Undo>,
    /// The difference, in words.
    pub(crate) lines: Vec<DiffLine>,
    /// What can't be done, in words.
    pub(crate) notes: Vec<String>,
}

/// A line of the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DiffLine {
    /// A line that is added, without its sign.
    Add(String),
    /// A line that is removed, without its sign.
    Remove(String),
}

impl FileChange {
    /// Whether the file stays as it is.
    pub(crate) fn is_none(&self) -> bool {
        self.now == self.then
    }

    /// Whether nothing of ours is in the file afterwards. What is wanted and was there before us
    /// counts as ours.
    pub(crate) fn leaves(&self) -> bool {
        self.target.edits.is_empty() && self.undos.is_empty() && self.then == self.without
    }
}

/// What is to become of a file.
pub(crate) fn change(
    store: &Store,
    target: ClientFileTarget,
    at: ClientFile,
) -> Result<FileChange, Fault> {
    let now = at.read()?;
    let record = store.record(&target.file);
    let mut notes = Vec::new();
    if target.format == FileFormat::Text {
        let was = was_ours(store, record)?;
        return Ok(whole(target, at, now, was.as_deref()));
    }
    let without = without(store, record, now.as_deref(), target.format, &mut notes)?;
    if let Some(record) = record
        && is_there(record, now.as_deref(), &target)?
    {
        // Whoever has written the file since may have moved our keys; they are there all the same.
        return Ok(FileChange {
            then: now.clone(),
            undos: record.undos.clone(),
            now,
            without,
            target,
            at,
            lines: Vec::new(),
            notes,
        });
    }
    let (then, undos) = match target.edits.as_slice() {
        [] => (without.clone(), Vec::new()),
        edits => {
            let text = without.as_deref().unwrap_or_default();
            let (text, undos) = match target.format {
                FileFormat::Toml => toml::apply(text, edits)?,
                _ => json::apply(text, edits)?,
            };
            (Some(text), undos)
        }
    };
    let lines = lines(record, now.as_deref(), &target)?;
    Ok(FileChange {
        target,
        at,
        now,
        without,
        then,
        undos,
        lines,
        notes,
    })
}

/// The file as it would be without us.
fn without(
    store: &Store,
    record: Option<&FileRecord>,
    now: Option<&str>,
    format: FileFormat,
    notes: &mut Vec<String>,
) -> Result<Option<String>, Fault> {
    let (Some(record), Some(now)) = (record, now) else {
        return Ok(now.map(str::to_owned));
    };
    // Ended before the file was written.
    let before = record
        .before
        .as_deref()
        .map(|name| store.copy(name))
        .transpose()?;
    if before.flatten().as_deref() == Some(now) {
        return Ok(Some(now.to_owned()));
    }
    let mut undos = &record.undos;
    for record in [Some(record), record.earlier.as_deref()]
        .into_iter()
        .flatten()
    {
        if store.copy(&record.ours)?.as_deref() == Some(now) {
            // A lost copy is no reason to remove somebody's file.
            match &record.before {
                None => return Ok(None),
                Some(before) => match store.copy(before)? {
                    Some(before) => return Ok(Some(before)),
                    None => undos = &record.undos,
                },
            }
        }
    }
    let (text, left) = match format {
        FileFormat::Toml => toml::revert(now, undos)?,
        _ => json::revert(now, undos)?,
    };
    let left = left.iter();
    notes.extend(left.map(|key| format!("`{key}` is somebody else's by now, it stays")));
    let made = record.before.is_none();
    Ok(if made && is_empty(&text, format) {
        None
    } else {
        Some(text)
    })
}

fn is_empty(text: &str, format: FileFormat) -> bool {
    let text: String = text.split_whitespace().collect();
    text.is_empty() || (format == FileFormat::Json && text == "{}")
}

/// Whether all that is wanted is in the file, and nothing of ours that isn't.
fn is_there(
    record: &FileRecord,
    now: Option<&str>,
    target: &ClientFileTarget,
) -> Result<bool, Fault> {
    let Some(now) = now else {
        return Ok(false);
    };
    for edit in &target.edits {
        if !has(now, target.format, edit)? {
            return Ok(false);
        }
    }
    Ok(!target.edits.is_empty() && stale(record, target).next().is_none())
}

fn has(text: &str, format: FileFormat, edit: &FileEdit) -> Result<bool, Fault> {
    let there = get(text, format, edit.path())?;
    Ok(there.is_some_and(|there| match edit {
        FileEdit::Set { keep: true, .. } => true,
        FileEdit::Set { node, .. } => there == node.value(),
        FileEdit::Element { node, .. } => {
            let value = node.value();
            there.as_array().is_some_and(|list| list.contains(&value))
        }
    }))
}

fn get(text: &str, format: FileFormat, path: &[String]) -> Result<Option<Value>, Fault> {
    match format {
        FileFormat::Toml => toml::get(text, path),
        _ => json::get(text, path),
    }
}

/// What we put into the file once and no longer want there.
fn stale<'a>(
    record: &'a FileRecord,
    target: &'a ClientFileTarget,
) -> impl Iterator<Item = &'a Undo> {
    record.undos.iter().filter(|undo| {
        undo.ours().is_some_and(|(path, value)| {
            let mut edits = target.edits.iter();
            !edits.any(|edit| edit.path() == path && edit.node().value() == *value)
        })
    })
}

fn lines(
    record: Option<&FileRecord>,
    now: Option<&str>,
    target: &ClientFileTarget,
) -> Result<Vec<DiffLine>, Fault> {
    let now = now.unwrap_or_default();
    let mut lines = Vec::new();
    for undo in record.into_iter().flat_map(|record| stale(record, target)) {
        let Some((path, value)) = undo.ours() else {
            continue;
        };
        let named = target
            .edits
            .iter()
            .any(|edit| edit.path() == path && matches!(edit, FileEdit::Set { .. }));
        let there = get(now, target.format, path)?;
        if named || there.is_none() {
            continue;
        }
        lines.push(DiffLine::Remove(said(path, value)));
        if let Undo::Other { before, .. } = undo {
            let before = before.split_whitespace().collect::<Vec<_>>().join(" ");
            let before = serde_json::from_str(&before).unwrap_or(Value::Null);
            lines.push(DiffLine::Add(said(path, &before)));
        }
    }
    for edit in &target.edits {
        if has(now, target.format, edit)? {
            continue;
        }
        if let (FileEdit::Set { .. }, Some(there)) = (edit, get(now, target.format, edit.path())?) {
            lines.push(DiffLine::Remove(said(edit.path(), &there)));
        }
        lines.push(DiffLine::Add(said(edit.path(), &edit.node().value())));
    }
    Ok(lines)
}

/// A key and what it stands for, without the values of variables, which may be secrets.
fn said(path: &[String], value: &Value) -> String {
    let path = path.join(".");
    let hook = value.get("hooks").and_then(|hooks| hooks.get(0));
    let command = hook.unwrap_or(value);
    let Some(launch) = LaunchCommand::of(command) else {
        return match value {
            Value::Object(_) | Value::Array(_) | Value::Null => path,
            plain => format!("{path} = {plain}"),
        };
    };
    let matcher = value.get("matcher").and_then(Value::as_str);
    let matcher = matcher.map_or_else(String::new, |matcher| format!(" ({matcher})"));
    if command.get("args").is_none() && command["command"].is_string() {
        return format!("{path}{matcher}: {}", launch.program);
    }
    let names: Vec<&str> = launch.env.iter().map(|(name, _)| name.as_str()).collect();
    let with = if names.is_empty() {
        String::new()
    } else {
        format!(" (with {})", names.join(", "))
    };
    let line = LaunchCommand {
        env: Vec::new(),
        ..launch
    }
    .line();
    format!("{path}: {line}{with}")
}

/// What we made of a file that is ours as a whole.
fn was_ours(store: &Store, record: Option<&FileRecord>) -> Result<Option<String>, Fault> {
    match record {
        Some(record) => store.copy(&record.ours),
        None => Ok(None),
    }
}

/// A file that is ours as a whole, unless somebody else has made or changed it.
fn whole(
    target: ClientFileTarget,
    at: ClientFile,
    now: Option<String>,
    was: Option<&str>,
) -> FileChange {
    let ours = now.is_none() || now.as_deref() == was;
    let wanted = target.text.clone();
    let mut notes = Vec::new();
    let mut lines = Vec::new();
    let then = if ours { wanted.clone() } else { now.clone() };
    if !ours && now != wanted && (wanted.is_some() || was.is_some()) {
        notes.push("it is somebody's own, it stays".to_owned());
    }
    let size = |text: &String| format!("the whole file, {} lines", text.lines().count());
    if now != then {
        lines.extend(now.as_ref().map(|text| DiffLine::Remove(size(text))));
        lines.extend(then.as_ref().map(|text| DiffLine::Add(size(text))));
    }
    FileChange {
        without: if ours { None } else { now.clone() },
        undos: Vec::new(),
        target,
        at,
        now,
        then,
        lines,
        notes,
    }
}
