//! Looking again where directories belong, and giving their messages to the projects found.

use rusqlite::{Connection, TransactionBehavior};
use rustc_hash::FxHashMap;

use super::names::by_key;
use super::settle::{fold, settle};
use crate::guards::{ArchiveGuards, Cleaner};
use crate::project::{Basis, of_directory, remote_of_key};
use crate::store::{MessageId, ProjectId, Reader, Row, Span, Spans, regroup};
use crate::{Result, Stop};

/// Directories that left a project, each with the project that it belongs to now.
type Moves = FxHashMap<String, ProjectId>;

/// Looks again which project each known directory belongs to; terms and vectors stay as they are.
/// Returns how many directories moved.
pub(crate) fn reattribute(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    stop: &Stop,
) -> Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut cleaner = Cleaner::new(guards);
    let before = directories(&transaction)?;
    let remotes = by_key(&transaction, remote_of_key)?;
    for (path, project) in &before {
        let identity = of_directory(path, None);
        // A directory that is gone says nothing new, nor does one that lost its remote.
        let says_less = remotes.contains_key(project) && !identity.key.starts_with("git:");
        if identity.basis == Basis::Repository && !says_less {
            settle(&transaction, &cleaner.mask(identity))?;
        }
    }
    let after: FxHashMap<String, ProjectId> = directories(&transaction)?.into_iter().collect();
    let mut moves: FxHashMap<ProjectId, Moves> = FxHashMap::default();
    let mut count = 0;
    for (path, from) in before {
        if let Some(to) = after.get(&path).filter(|to| **to != from) {
            moves.entry(from).or_default().insert(path, *to);
            count += 1;
        }
    }
    for (from, moves) in &moves {
        if stop.is_set() {
            // Dropping the transaction leaves everything as it was.
            return Ok(0);
        }
        move_messages(&transaction, *from, moves)?;
    }
    transaction.commit()?;
    Ok(count)
}

fn directories(connection: &Connection) -> Result<Vec<(String, ProjectId)>> {
    let mut statement = connection.prepare("SELECT path, project FROM directory")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, ProjectId(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn move_messages(connection: &Connection, from: ProjectId, moves: &Moves) -> Result<()> {
    let stay: i64 = connection
        .prepare_cached("SELECT count(*) FROM directory WHERE project = ?1")?
        .query_row([from.0], |row| row.get(0))?;
    let mut targets = moves.values();
    if let Some(first) = targets.next()
        && stay == 0
        && targets.all(|to| to == first)
    {
        return fold(connection, from, *first);
    }
    let mut reader = Reader::new()?;
    for span in Spans::of_project(connection, from)?.0 {
        let parts = split(connection, &mut reader, span, moves)?;
        if parts.len() > 1 || parts.iter().any(|part| part.project != from) {
            replace(connection, span, &parts)?;
        }
    }
    regroup(connection)?;
    let sql = "DELETE FROM project WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM span WHERE project = ?1)
         AND NOT EXISTS (SELECT 1 FROM directory WHERE project = ?1)";
    connection.prepare_cached(sql)?.execute([from.0])?;
    Ok(())
}

/// The parts of a span that belong to different projects now, by the directory of each message. One
/// without directory, or that can't be read, goes with the message before it.
fn split(
    connection: &Connection,
    reader: &mut Reader,
    span: Span,
    moves: &Moves,
) -> Result<Vec<Span>> {
    let mut parts: Vec<Span> = Vec::new();
    let mut project = span.project;
    for id in (span.first.0..=span.last.0).map(MessageId) {
        let row = Row::get(connection, id)?;
        let message = row.and_then(|row| reader.message(connection, &row).ok());
        if let Some(cwd) = message.and_then(|message| message.cwd) {
            project = moves.get(&*cwd).copied().unwrap_or(span.project);
        }
        match parts.last_mut() {
            Some(part) if part.project == project => part.last = id,
            _ => parts.push(Span {
                first: id,
                last: id,
                project,
                ..span
            }),
        }
    }
    Ok(parts)
}

fn replace(connection: &Connection, span: Span, parts: &[Span]) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM span WHERE first = ?1")?
        .execute([span.first.0])?;
    parts.iter().try_for_each(|part| part.insert(connection))
}
