//! What the archive's table of files says of some of them, without reading all of it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use rustc_hash::FxHashMap;

use crate::Result;
use crate::guards::ArchiveGuards;
use crate::ingest::import::Stamp;

/// A file as the table has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Its last import; the time of a file that was not read to its end is `i64::MIN`.
    pub(super) stamp: Stamp,
    /// Bytes that were read.
    pub(super) offset: u64,
}

fn known(row: &Row<'_>, from: usize) -> rusqlite::Result<Known> {
    Ok(Known {
        stamp: Stamp {
            size: row.get::<_, i64>(from)?.cast_unsigned(),
            mtime: row.get(from + 1)?,
        },
        offset: row.get::<_, i64>(from + 2)?.cast_unsigned(),
    })
}

/// One file.
pub(super) fn one(
    connection: &Connection,
    guards: &ArchiveGuards,
    path: &Path,
) -> Result<Option<Known>> {
    let sql = "SELECT size, mtime, offset FROM file WHERE path = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let path = path.to_string_lossy();
    Ok(statement
        .query_row([guards.as_kept(&path)], |row| known(row, 0))
        .optional()?)
}

/// Files that changed at or after `since`, and those that were not read to their end.
pub(super) fn newer(connection: &Connection, since: i64) -> Result<Vec<(PathBuf, Known)>> {
    let sql = "SELECT path, size, mtime, offset FROM file WHERE mtime >= ?1 OR mtime = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![since, i64::MIN], |row| {
        Ok((PathBuf::from(row.get::<_, String>(0)?), known(row, 1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// At most `count` files that changed before `until`, in the order of their ids, after one.
pub(super) fn older(
    connection: &Connection,
    until: i64,
    after: i64,
    count: usize,
) -> Result<Vec<(i64, PathBuf, Known)>> {
    // `+` keeps to the order of ids: most files are that old, and sorting them all would be slow.
    let sql = "SELECT id, path, size, mtime, offset FROM file
         WHERE id > ?1 AND +mtime < ?2 AND +mtime > ?3 ORDER BY id LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![after, until, i64::MIN, count as i64], |row| {
        let path = PathBuf::from(row.get::<_, String>(1)?);
        Ok((row.get(0)?, path, known(row, 2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files below a directory, by path.
pub(super) fn below(
    connection: &Connection,
    directory: &Path,
) -> Result<FxHashMap<PathBuf, Known>> {
    let sql = "SELECT path, size, mtime, offset FROM file WHERE path > ?1 AND path < ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let path = directory.to_string_lossy();
    let separator = std::path::MAIN_SEPARATOR;
    // The next character after the separator bounds what starts with the directory's path.
    let (from, to) = (format!("{path}{separator}"), after(&path, separator));
    let rows = statement.query_map([from, to], |row| {
        Ok((PathBuf::from(row.get::<_, String>(0)?), known(row, 1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn after(path: &str, separator: char) -> String {
    let next = char::from_u32(separator as u32 + 1).unwrap_or(char::MAX);
    format!("{path}{next}")
}

/// The highest id.
pub(super) fn last(connection: &Connection) -> Result<i64> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(id), 0) FROM file")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
