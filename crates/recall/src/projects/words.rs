//! What a person said about projects: that two are one, and how one is called. It is kept by the keys of the
//! projects, so that it holds for what is imported later too, and counts for more than what is found out.

use rusqlite::{Connection, OptionalExtension as _};

use crate::Result;
use crate::store::ProjectId;

/// How many merges follow each other at most.
const MAX_CHAIN: usize = 1_000;

/// The key of the project that one with this key was merged into, itself where it wasn't.
pub(super) fn merged_into(connection: &Connection, key: &str) -> Result<String> {
    let mut key = key.to_owned();
    let sql = "SELECT value FROM project_word WHERE project = ?1 AND kind = 'merge'
         ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    for _ in 0..MAX_CHAIN {
        let next = statement.query_row([&key], |row| row.get(0)).optional()?;
        match next {
            Some(next) => key = next,
            None => break,
        }
    }
    Ok(key)
}

/// The keys of projects that were merged, each with that of the project that it is part of now.
pub(super) fn merges(connection: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT DISTINCT project FROM project_word WHERE kind = 'merge'";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    let keys: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
    keys.into_iter()
        .map(|key| Ok((merged_into(connection, &key)?, key)))
        .map(|pair: Result<_>| pair.map(|(into, key)| (key, into)))
        .collect()
}

/// The names that a person gave, by the keys of the projects.
pub(super) fn given_names(connection: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT project, value FROM project_word WHERE kind = 'rename' ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps what was said about a project for the one with another key that it turned out to be.
pub(super) fn carry_words(connection: &Connection, project: ProjectId, key: &str) -> Result<()> {
    let old = key_of(connection, project)?;
    for sql in [
        "UPDATE project_word SET project = ?2 WHERE project = ?1 AND kind = 'rename'",
        "UPDATE project_word SET value = ?2 WHERE value = ?1 AND kind = 'merge'",
    ] {
        connection.prepare_cached(sql)?.execute([&*old, key])?;
    }
    Ok(())
}

/// Keeps what was said.
pub(super) fn say(connection: &Connection, kind: &str, project: &str, value: &str) -> Result<i64> {
    connection
        .prepare_cached("INSERT INTO project_word (kind, project, value) VALUES (?1, ?2, ?3)")?
        .execute([kind, project, value])?;
    Ok(connection.last_insert_rowid())
}

/// Forgets what was said about a project of which nothing is left.
pub(crate) fn forget_words(connection: &Connection, project: ProjectId) -> Result<()> {
    for sql in [
        "DELETE FROM merged WHERE word IN (SELECT word.id FROM project_word AS word, project
           WHERE project.id = ?1 AND key IN (word.project, word.value))",
        "DELETE FROM project_word WHERE project IN (SELECT key FROM project WHERE id = ?1)
           OR kind = 'merge' AND value IN (SELECT key FROM project WHERE id = ?1)",
    ] {
        connection.prepare_cached(sql)?.execute([project.0])?;
    }
    Ok(())
}

/// The key of a project.
pub(super) fn key_of(connection: &Connection, project: ProjectId) -> Result<String> {
    let mut statement = connection.prepare_cached("SELECT key FROM project WHERE id = ?1")?;
    Ok(statement.query_row([project.0], |row| row.get(0))?)
}
