//! Changes that a person makes to projects: merges, names, and taking either back.

use rusqlite::{Connection, params};
use rustc_hash::FxHashSet;
use unicode_normalization::UnicodeNormalization as _;

use super::facts::KnownDirectory;
use super::find::{find_recorded, find_to_change};
use super::moving::{fold, move_copies, replace};
use super::names::{Names, goes_by};
use super::settle::{by_key, directories_of, path_of_remote, project_of_key, settle_all};
use super::words::{key_of, merged_into, merges, say};
use crate::guards::Cleaner;
use crate::project::{key_of_remote, named};
use crate::store::{MessageId, ProjectId, Reader, Row, Span, Spans, regroup};
use crate::{Error, ProjectChange, ProjectChangeKind, Result};

/// Bytes that a name may have.
const MAX_NAME_BYTES: usize = 120;

/// Makes a project part of another one. In a dry run nothing is changed.
pub(crate) fn merge(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    from: &str,
    into: &str,
    dry_run: bool,
) -> Result<ProjectChange> {
    let (from_id, from_name) = find_to_change(connection, cleaner, from)?;
    let (into_id, into_name) = find_to_change(connection, cleaner, into)?;
    if from_id == into_id {
        return Err(Error::SameProject {
            from: from.to_owned(),
            into: into.to_owned(),
            name: into_name,
        });
    }
    let spans = Spans::of_project(connection, from_id)?;
    let change = ProjectChange {
        kind: ProjectChangeKind::Merge,
        project: from_name,
        into: into_name,
        messages: spans.len(),
        conversations: conversations(&spans),
    };
    if dry_run {
        return Ok(change);
    }
    let word = say(
        connection,
        "merge",
        &key_of(connection, from_id)?,
        &key_of(connection, into_id)?,
    )?;
    for span in &spans.0 {
        connection
            .prepare_cached("INSERT INTO merged (word, first, last) VALUES (?1, ?2, ?3)")?
            .execute(params![word, span.first.0, span.last.0])?;
    }
    fold(connection, from_id, into_id)?;
    Ok(change)
}

/// Gives a project a name. In a dry run nothing is changed.
pub(crate) fn rename(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    (project, name): (&str, &str),
    dry_run: bool,
) -> Result<ProjectChange> {
    let (id, old) = find_to_change(connection, cleaner, project)?;
    let mut name = usable_name(name)?;
    cleaner.text(&mut name);
    match find_recorded(connection, &name) {
        Ok(Some((other, other_name))) if other != id => {
            return Err(Error::NameInUse {
                name,
                project: other_name,
            });
        }
        Err(Error::AmbiguousProject { mut candidates, .. }) => {
            let project = candidates.swap_remove(0);
            return Err(Error::NameInUse { name, project });
        }
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let spans = Spans::of_project(connection, id)?;
    let change = ProjectChange {
        kind: ProjectChangeKind::Rename,
        project: old,
        into: name.clone(),
        messages: spans.len(),
        conversations: conversations(&spans),
    };
    if !dry_run {
        say(connection, "rename", &key_of(connection, id)?, &name)?;
    }
    Ok(change)
}

/// Takes back what was said last, about a project if one is named. In a dry run nothing is changed.
pub(crate) fn undo(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    project: Option<&str>,
    dry_run: bool,
) -> Result<ProjectChange> {
    let keys = match project {
        Some(name) => Some(keys_of(connection, cleaner, name)?),
        None => None,
    };
    let sql = "SELECT id, kind, project, value FROM project_word ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, String>(3)?,
        ))
    })?;
    let all: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    let is_meant = |(_, kind, key, value): &&(i64, String, String, String)| {
        keys.as_ref()
            .is_none_or(|keys| keys.contains(key) || kind == "merge" && keys.contains(value))
    };
    let Some((word, kind, key, value)) = all.iter().find(is_meant) else {
        return Err(Error::NothingToUndo);
    };
    match kind.as_str() {
        "merge" => undo_merge(connection, *word, (key, value), dry_run),
        _ => undo_rename(connection, *word, (key, value), dry_run),
    }
}

fn undo_rename(
    connection: &Connection,
    word: i64,
    (key, value): (&str, &str),
    dry_run: bool,
) -> Result<ProjectChange> {
    let mut change = ProjectChange {
        kind: ProjectChangeKind::UndoRename,
        project: value.to_owned(),
        ..ProjectChange::default()
    };
    // A savepoint tells the name that it has without.
    connection.execute_batch("SAVEPOINT undo")?;
    connection.execute("DELETE FROM project_word WHERE id = ?1", [word])?;
    if let Some(id) = by_key(connection, key)? {
        let spans = Spans::of_project(connection, id)?;
        change.messages = spans.len();
        change.conversations = conversations(&spans);
        change.into = Names::load(connection)?.get(id).to_owned();
    }
    if dry_run {
        connection.execute_batch("ROLLBACK TO undo")?;
    }
    connection.execute_batch("RELEASE undo")?;
    Ok(change)
}

fn undo_merge(
    connection: &Connection,
    word: i64,
    (key, value): (&str, &str),
    dry_run: bool,
) -> Result<ProjectChange> {
    connection.execute_batch("SAVEPOINT undo")?;
    let part_of = merged_into(connection, value)?;
    let moved: Vec<(i64, i64)> = {
        let sql = "SELECT first, last FROM merged WHERE word = ?1 ORDER BY first";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([word], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    connection.execute("DELETE FROM project_word WHERE id = ?1", [word])?;
    connection.execute("DELETE FROM merged WHERE word = ?1", [word])?;
    let project = project_of_key(connection, key, path_of(connection, key)?.as_deref())?;
    let own = OwnMessages {
        connection,
        key,
        moved: &moved,
        directories: directories_of(connection, key)?,
    };
    if let Some(part_of) = by_key(connection, &part_of)? {
        own.take_out(part_of, project)?;
    }
    for path in &own.directories {
        connection
            .prepare_cached("UPDATE directory SET project = ?2 WHERE path = ?1")?
            .execute(params![path, project.0])?;
    }
    settle_all(connection)?;
    regroup(connection)?;
    let spans = Spans::of_project(connection, project)?;
    let names = Names::load(connection)?;
    let part_of = by_key(connection, &part_of)?;
    let change = ProjectChange {
        kind: ProjectChangeKind::UndoMerge,
        project: names.get(project).to_owned(),
        into: part_of.map_or_else(String::new, |id| names.get(id).to_owned()),
        messages: spans.len(),
        conversations: conversations(&spans),
    };
    if dry_run {
        connection.execute_batch("ROLLBACK TO undo")?;
    }
    connection.execute_batch("RELEASE undo")?;
    Ok(change)
}

/// What belongs to a project again that was part of another.
struct OwnMessages<'a> {
    connection: &'a Connection,
    /// The key of the project.
    key: &'a str,
    /// The messages that the merge moved, from the first to the last of each run, in order.
    moved: &'a [(i64, i64)],
    /// The directories of the project.
    directories: FxHashSet<String>,
}

impl OwnMessages<'_> {
    /// Gives the project its messages back, and those of later imports that belong to it.
    fn take_out(&self, from: ProjectId, project: ProjectId) -> Result<()> {
        let mut reader = Reader::new()?;
        for span in Spans::of_project(self.connection, from)?.0 {
            let mut parts: Vec<Span> = Vec::new();
            for id in (span.first.0..=span.last.0).map(MessageId) {
                let project = match self.has(&mut reader, id)? {
                    true => project,
                    false => span.project,
                };
                span.part(&mut parts, id, project);
            }
            if parts.iter().any(|part| part.project != span.project) {
                replace(self.connection, span, &parts)?;
            }
        }
        move_copies(self.connection, from, |directory| {
            self.directories.contains(directory).then_some(project)
        })
    }

    /// Whether a message belongs to the project.
    fn has(&self, reader: &mut Reader, id: MessageId) -> Result<bool> {
        let after = self.moved.partition_point(|(first, _)| *first <= id.0);
        let run = after.checked_sub(1).and_then(|at| self.moved.get(at));
        if run.is_some_and(|(_, last)| id.0 <= *last) {
            return Ok(true);
        }
        // What there was before the merge and wasn't moved is the other project's.
        if self.moved.last().is_some_and(|(_, last)| id.0 <= *last) {
            return Ok(false);
        }
        let row = Row::get(self.connection, id)?;
        let message = row.and_then(|row| reader.message(self.connection, &row).ok());
        let Some(message) = message else {
            return Ok(false);
        };
        if let Some(directory) = message.cwd.as_deref() {
            return Ok(self.directories.contains(directory));
        }
        let named = message
            .project
            .as_deref()
            .map(|name| named(name).key.to_string());
        let key = named.or_else(|| message.remote.as_deref().and_then(key_of_remote));
        match key {
            Some(key) => Ok(merged_into(self.connection, &key)? == self.key),
            None => Ok(false),
        }
    }
}

/// A name as it is kept: composed, without space around it.
fn usable_name(name: &str) -> Result<String> {
    let name: String = name.trim().nfc().collect();
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            )
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            )
    };
    let why = if name.is_empty() {
        return Err(Error::Empty("the name"));
    } else if name.len() > MAX_NAME_BYTES {
        return Err(Error::TooLong {
            what: "the name",
            found: name.len(),
            limit: MAX_NAME_BYTES,
            unit: "bytes",
        });
    } else if name.chars().any(is_hidden) {
        "it has characters that nobody sees"
    } else if name.eq_ignore_ascii_case("all") {
        "`all` means all projects"
    } else if name.starts_with('-') {
        "it would be taken for an option"
    } else if name.starts_with(['/', '\\', '~', '.'])
        || ["git:", "dir:", "name:"]
            .iter()
            .any(|kind| name.starts_with(kind))
        || name.as_bytes().get(1) == Some(&b':')
    {
        "it would be taken for a path or a key"
    } else {
        return Ok(name);
    };
    Err(Error::BadName { name, why })
}

/// The keys that a person may mean by a name: that of the project, and those of its merged parts.
fn keys_of(connection: &Connection, cleaner: &mut Cleaner<'_>, name: &str) -> Result<Vec<String>> {
    let (id, _) = find_to_change(connection, cleaner, name)?;
    let own = key_of(connection, id)?;
    let merges = merges(connection)?;
    let parts = merges.into_iter().filter(|(_, into)| *into == own);
    let parts: Vec<String> = parts.map(|(key, _)| key).collect();
    // Who names a part means that one alone.
    let named: Vec<String> = parts
        .iter()
        .filter(|key| goes_by(key, name))
        .cloned()
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    Ok(parts.into_iter().chain([own]).collect())
}

/// Where a project lies of which only the key is left.
fn path_of(connection: &Connection, key: &str) -> Result<Option<String>> {
    let Some(place) = key.strip_prefix("dir:") else {
        return path_of_remote(connection, key);
    };
    let known = KnownDirectory::at(connection, place)?;
    let spelled = known.into_iter().map(|known| known.path).max();
    Ok(Some(spelled.unwrap_or_else(|| place.to_owned())))
}

fn conversations(spans: &Spans) -> u64 {
    let mut all: Vec<i64> = spans.0.iter().map(|span| span.conversation.0).collect();
    all.sort_unstable();
    all.dedup();
    all.len() as u64
}
