//! Which project of the archive a found identity means, when the same place was known under another
//! identity before.
//!
//! Directories vanish, get a repository or a remote: what is known of a path then differs from one
//! import to the next. The table `directory` holds what was learnt of each, and the surer knowledge
//! wins, whichever comes first.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::Result;
use crate::guards::Masked;
use crate::project::{Basis, Identity, of_directory};
use crate::store::{ProjectId, regroup};

/// The project of an identity, which is made if there is none; and whether other projects turned out to be
/// parts of it and were merged into it, so that their numbers, if they were read before, are invalid.
pub(crate) fn settle(
    connection: &Connection,
    identity: &Masked<Identity>,
) -> Result<(ProjectId, bool)> {
    let known = match (identity.basis, &identity.path) {
        _ if identity.key.starts_with("git:") => None,
        (Basis::Repository, Some(root)) => with_remote(connection, root)?,
        (Basis::Path, Some(root)) => known_as(connection, identity.directory.as_deref(), root)?,
        _ => None,
    };
    if let Some(known) = known {
        remember(connection, identity, known)?;
        return Ok((known, false));
    }
    let (id, mut folded) = by_key_or_new(connection, identity)?;
    if identity.basis == Basis::Repository {
        folded |= fold_below(connection, identity, id)?;
    }
    remember(connection, identity, id)?;
    Ok((id, folded))
}

/// The project of a repository that has no remote here, but was known with one.
fn with_remote(connection: &Connection, root: &str) -> Result<Option<ProjectId>> {
    let found = of_known_directory(connection, root)?;
    Ok(found
        .filter(|(_, key)| key.starts_with("git:"))
        .map(|(id, _)| id))
}

/// The project that a path had when more was known of it, or that it lies in.
fn known_as(
    connection: &Connection,
    directory: Option<&str>,
    root: &str,
) -> Result<Option<ProjectId>> {
    for path in directory.into_iter().chain([root]) {
        if let Some((id, _)) = of_known_directory(connection, path)? {
            return Ok(Some(id));
        }
    }
    let separators = root.rmatch_indices(['/', '\\']);
    for above in separators
        .map(|(at, _)| &root[..at])
        .filter(|above| !above.is_empty())
    {
        if let Some((id, key)) = of_known_directory(connection, above)?
            && key.starts_with("git:")
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn of_known_directory(connection: &Connection, path: &str) -> Result<Option<(ProjectId, String)>> {
    let sql = "SELECT project.id, key FROM directory JOIN project ON project.id = project
         WHERE directory.path = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row([path], |row| Ok((ProjectId(row.get(0)?), row.get(1)?)))
        .optional()?)
}

/// The project with this key. Where there is none, the one that was known by the path alone becomes
/// it; where both are there, they become one.
fn by_key_or_new(connection: &Connection, identity: &Identity) -> Result<(ProjectId, bool)> {
    let by_key = |key: &str| -> Result<Option<ProjectId>> {
        let mut statement = connection.prepare_cached("SELECT id FROM project WHERE key = ?1")?;
        Ok(statement
            .query_row([key], |row| row.get(0))
            .optional()?
            .map(ProjectId))
    };
    let own = by_key(&identity.key)?;
    let by_path = match &identity.path {
        Some(path) if identity.key.starts_with("git:") => by_key(&format!("dir:{path}"))?,
        _ => None,
    };
    match (own, by_path) {
        (Some(own), Some(other)) => {
            fold(connection, other, own)?;
            Ok((own, true))
        }
        (Some(own), None) => {
            connection
                .prepare_cached("UPDATE project SET path = coalesce(path, ?2) WHERE id = ?1")?
                .execute(params![own.0, identity.path])?;
            Ok((own, false))
        }
        (None, Some(other)) => {
            connection
                .prepare_cached("UPDATE project SET key = ?2 WHERE id = ?1")?
                .execute(params![other.0, identity.key])?;
            Ok((other, true))
        }
        (None, None) => {
            connection
                .prepare_cached("INSERT INTO project (key, path) VALUES (?1, ?2)")?
                .execute(params![identity.key, identity.path])?;
            Ok((ProjectId(connection.last_insert_rowid()), false))
        }
    }
}

/// Makes projects that were known by their path alone, and lie in this repository, parts of it.
fn fold_below(connection: &Connection, identity: &Identity, into: ProjectId) -> Result<bool> {
    let Some(root) = &identity.path else {
        return Ok(false);
    };
    let sql = "SELECT id, path FROM project WHERE key > ?1 AND key < ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut folded = false;
    // All strings that start with a separator lie before the character that follows it.
    for (first, after) in [("/", "0"), ("\\", "]")] {
        let range = params![format!("dir:{root}{first}"), format!("dir:{root}{after}")];
        let rows = statement.query_map(range, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let below: Vec<(i64, Option<String>)> = rows.collect::<rusqlite::Result<_>>()?;
        for (id, path) in below {
            // A repository within the repository is another project.
            let is_part = path.is_some_and(|path| of_directory(&path, None).key == identity.key);
            if is_part {
                fold(connection, ProjectId(id), into)?;
                folded = true;
            }
        }
    }
    Ok(folded)
}

/// Merges a project into another. Terms and vectors stay as they are, since they don't depend on projects.
pub(super) fn fold(connection: &Connection, from: ProjectId, into: ProjectId) -> Result<()> {
    for sql in [
        "UPDATE span SET project = ?2 WHERE project = ?1",
        "UPDATE directory SET project = ?2 WHERE project = ?1",
        "DELETE FROM project WHERE id = ?1 AND id != ?2",
    ] {
        connection
            .prepare_cached(sql)?
            .execute(params![from.0, into.0])?;
    }
    regroup(connection)
}

/// Remembers where the directory, and the root that it led to, belong.
fn remember(connection: &Connection, identity: &Identity, project: ProjectId) -> Result<()> {
    let root = identity
        .path
        .as_deref()
        .filter(|_| identity.basis == Basis::Repository);
    let sql = "INSERT OR REPLACE INTO directory (path, project) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    for path in identity.directory.as_deref().into_iter().chain(root) {
        statement.execute(params![path, project.0])?;
    }
    Ok(())
}
