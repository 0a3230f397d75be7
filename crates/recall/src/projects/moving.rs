//! Moving messages from one project to another: spans alone say where they belong, so that terms and vectors
//! stay as they are.

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;

use super::words::{carry_words, key_of};
use crate::Result;
use crate::project::key_of_remote;
use crate::store::{MessageId, ProjectId, Reader, Row, Span, Spans, copies_of_project, regroup};

/// Directories that left a project, each with the project that it belongs to now.
pub(super) type Moves = FxHashMap<String, ProjectId>;

/// Moves what was said in directories to their projects.
pub(super) fn move_messages(connection: &Connection, from: ProjectId, moves: &Moves) -> Result<()> {
    let stay: i64 = connection
        .prepare_cached("SELECT count(*) FROM directory WHERE project = ?1")?
        .query_row([from.0], |row| row.get(0))?;
    let mut targets = moves.values();
    if let Some(first) = targets.next()
        && stay == 0
        && targets.all(|to| to == first)
    {
        carry_words(connection, from, &key_of(connection, *first)?)?;
        return fold(connection, from, *first);
    }
    let mut reader = Reader::new()?;
    let key = key_of(connection, from)?;
    for span in Spans::of_project(connection, from)?.0 {
        let parts = split(connection, &mut reader, span, (moves, &key))?;
        if parts.len() > 1 || parts.iter().any(|part| part.project != from) {
            replace(connection, span, &parts)?;
        }
    }
    move_copies(connection, from, |directory| moves.get(directory).copied())?;
    regroup(connection)?;
    let sql = "DELETE FROM project WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM span WHERE project = ?1)
         AND NOT EXISTS (SELECT 1 FROM copy WHERE project = ?1)
         AND NOT EXISTS (SELECT 1 FROM directory WHERE project = ?1)";
    connection.prepare_cached(sql)?.execute([from.0])?;
    Ok(())
}

/// Moves what conversations repeat in a project, by the directories in which it was said there.
pub(super) fn move_copies(
    connection: &Connection,
    from: ProjectId,
    target: impl Fn(&str) -> Option<ProjectId>,
) -> Result<()> {
    for copy in copies_of_project(connection, from)? {
        let place = copy.place(connection)?;
        let directory = place.as_ref().and_then(|place| place.cwd.as_deref());
        if let Some(to) = directory.and_then(&target) {
            copy.give_to(connection, to)?;
        }
    }
    Ok(())
}

/// The parts of a span that belong to different projects now, by the directory of each message. One
/// without directory, or that can't be read, goes with the message before it.
fn split(
    connection: &Connection,
    reader: &mut Reader,
    span: Span,
    (moves, key): (&Moves, &str),
) -> Result<Vec<Span>> {
    let mut parts: Vec<Span> = Vec::new();
    let mut project = span.project;
    for id in (span.first.0..=span.last.0).map(MessageId) {
        let row = Row::get(connection, id)?;
        let message = row.and_then(|row| reader.message(connection, &row).ok());
        if let Some(message) = message
            && let Some(cwd) = &message.cwd
        {
            project = moves.get(&**cwd).copied().unwrap_or(span.project);
            // A log that names the remote itself is sure of it.
            let remote = message.remote.as_deref().and_then(key_of_remote);
            if remote.as_deref() == Some(key) {
                project = span.project;
            }
        }
        span.part(&mut parts, id, project);
    }
    Ok(parts)
}

pub(super) fn replace(connection: &Connection, span: Span, parts: &[Span]) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM span WHERE first = ?1")?
        .execute([span.first.0])?;
    parts.iter().try_for_each(|part| part.insert(connection))
}

/// Merges a project into another.
pub(super) fn fold(connection: &Connection, from: ProjectId, into: ProjectId) -> Result<()> {
    if from == into {
        return Ok(());
    }
    for sql in [
        "UPDATE span SET project = ?2 WHERE project = ?1",
        "UPDATE copy SET project = ?2 WHERE project = ?1",
        "UPDATE directory SET project = ?2 WHERE project = ?1",
        "DELETE FROM project WHERE id = ?1 AND id != ?2",
    ] {
        connection
            .prepare_cached(sql)?
            .execute(params![from.0, into.0])?;
    }
    regroup(connection)
}
