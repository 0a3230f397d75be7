//! The state of the archive: how much there is, from where, and what couldn't be read.

use rusqlite::Connection;

use super::rescan::{checked_by, checked_by_own};
use super::walk::count;
use crate::guards::ArchiveGuards;
use crate::query::search;
use crate::store::{SCHEMA_VERSION, meta};
use crate::{Home, ProblemAt, Result, Roots, SourceInfo, Status};

/// The state of the archive.
pub(crate) fn status(
    connection: &Connection,
    home: &Home,
    guards: &ArchiveGuards,
) -> Result<Status> {
    Ok(Status {
        schema: SCHEMA_VERSION,
        indexed: search::indexed(connection)?,
        messages: count(
            connection,
            "SELECT coalesce(sum(last - first + 1), 0) FROM span",
        )?,
        conversations: count(connection, "SELECT count(*) FROM conversation")?,
        projects: count(connection, "SELECT count(*) FROM project")?,
        files: count(connection, "SELECT count(*) FROM file WHERE source != ''")?,
        log_bytes: count(connection, "SELECT coalesce(sum(offset), 0) FROM file")?,
        archive_bytes: size_of(home),
        problems: count(connection, "SELECT count(*) FROM problem")?,
        model: meta(connection, "model")?,
        guard_rules: checked_by(connection)?,
        has_own_rules: checked_by_own(connection)? == guards.own_rules(),
        last_import: meta(connection, "last_import")?.and_then(|time| time.parse().ok()),
    })
}

/// Bytes of the archive's files.
fn size_of(home: &Home) -> u64 {
    let files = walkdir::WalkDir::new(home.data()).into_iter().flatten();
    files
        .filter_map(|entry| entry.metadata().ok())
        .filter(|m| m.is_file())
        .map(|m| m.len())
        .sum()
}

/// All sources, those without anything too.
pub(crate) fn sources(connection: &Connection, roots: &Roots) -> Result<Vec<SourceInfo>> {
    let sources = roots.registry().all().iter();
    let mut infos: Vec<SourceInfo> = sources.map(|source| empty(source.name(), roots)).collect();
    let mut statement = connection.prepare_cached(
        "SELECT source, count(*), coalesce(sum(offset), 0),
           (SELECT count(*) FROM problem JOIN file AS f ON f.id = problem.file WHERE f.source = file.source)
         FROM file WHERE source != '' GROUP BY source",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let info = entry(&mut infos, &name, roots);
        info.files = row.get::<_, i64>(1)?.cast_unsigned();
        info.bytes = row.get::<_, i64>(2)?.cast_unsigned();
        info.problems = row.get::<_, i64>(3)?.cast_unsigned();
    }
    let mut statement = connection.prepare_cached(
        "SELECT source, count(DISTINCT conversation.id), coalesce(sum(last - first + 1), 0)
         FROM conversation LEFT JOIN span ON conversation = conversation.id GROUP BY source",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let info = entry(&mut infos, &name, roots);
        info.conversations = row.get::<_, i64>(1)?.cast_unsigned();
        info.messages = row.get::<_, i64>(2)?.cast_unsigned();
    }
    Ok(infos)
}

fn empty(name: &str, roots: &Roots) -> SourceInfo {
    let source = roots.registry().find(name).into_iter();
    let roots = source.flat_map(|source| roots.of(source));
    SourceInfo {
        name: name.to_owned(),
        roots: roots
            .map(|root| root.to_string_lossy().into_owned())
            .collect(),
        files: 0,
        bytes: 0,
        conversations: 0,
        messages: 0,
        problems: 0,
    }
}

fn entry<'a>(infos: &'a mut Vec<SourceInfo>, name: &str, roots: &Roots) -> &'a mut SourceInfo {
    let at = infos
        .iter()
        .position(|info| info.name == name)
        .unwrap_or_else(|| {
            infos.push(empty(name, roots));
            infos.len() - 1
        });
    &mut infos[at]
}

/// Problems met in files.
pub(crate) fn problems(connection: &Connection, limit: usize) -> Result<Vec<ProblemAt>> {
    let mut statement = connection.prepare_cached(
        "SELECT path, problem.line, what FROM problem JOIN file ON file.id = problem.file
         ORDER BY path, problem.line LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit], |row| {
        let line: i64 = row.get(1)?;
        Ok(ProblemAt {
            path: row.get(0)?,
            line: line.cast_unsigned(),
            what: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
