//! Which project a directory belongs to, and where a project lies.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};
use transcript::REFLECTION;

use super::names::Names;
use crate::Result;
use crate::project::{Basis, normal_path, of_directory as identity_of, work_tree};
use crate::store::ProjectId;

/// Whether a directory is one in which a person has many things that don't belong together: a home
/// directory, what is above one, or one for temporary files. A home directory is known by its usual
/// place, or by the archive in it, since the environment isn't asked here.
fn is_common_ground(connection: &Connection, directory: &Path) -> bool {
    let shown = directory.to_string_lossy().replace('\\', "/");
    let parts: Vec<&str> = shown.split('/').filter(|part| !part.is_empty()).collect();
    let is_usual = matches!(
        parts[..],
        [] | ["tmp" | "root" | "home" | "Users"]
            | ["home" | "Users", _]
            | ["var" | "private", "tmp"]
            | [_, "Users"]
            | [_, "Users", _]
    );
    let database = connection.path().unwrap_or_default();
    is_usual || !database.is_empty() && Path::new(database).starts_with(directory)
}

/// The project that a directory of this machine belongs to, if the archive knows it.
pub(crate) fn of_directory(
    connection: &Connection,
    path: &Path,
) -> Result<Option<(ProjectId, String)>> {
    let shown = path.to_string_lossy();
    let shown = normal_path(&shown);
    let identity = identity_of(&shown, None);
    let by_key = |key: &str| -> Result<Option<i64>> {
        let mut statement = connection.prepare_cached("SELECT id FROM project WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    };
    let mut found = by_key(&identity.key)?;
    // A directory below one that is known: the nearest one counts. What lies in a repository
    // belongs to nothing outside it, least of all if it is one that git refuses.
    let root = match identity.basis {
        Basis::Repository => identity.path.map(PathBuf::from),
        _ => work_tree(Path::new(&*shown)),
    };
    for directory in Path::new(&*shown).ancestors() {
        let is_outside = root
            .as_ref()
            .is_some_and(|root| !directory.starts_with(root));
        if found.is_some() || directory.parent().is_none() || is_outside {
            break;
        }
        // Who talked in the home directory once hasn't made one project of all that is in it.
        if directory != Path::new(&*shown) && is_common_ground(connection, directory) {
            break;
        }
        let directory = directory.to_string_lossy();
        let sql = "SELECT project FROM directory WHERE path = ?1";
        found = connection
            .prepare_cached(sql)?
            .query_row(params![directory], |row| row.get(0))
            .optional()?;
        if found.is_none() {
            found = by_key(&format!("dir:{directory}"))?;
        }
    }
    let Some(id) = found.map(ProjectId) else {
        return Ok(None);
    };
    Ok(Some((id, Names::load(connection)?.get(id).to_owned())))
}

/// The project of the nearest directory, at or above this one, that somebody worked in. Nothing on disk
/// is looked at.
pub(crate) fn recorded_at(connection: &Connection, path: &Path) -> Result<Option<String>> {
    let shown = path.to_string_lossy();
    let given = normal_path(&shown);
    let given = Path::new(&*given);
    let sql = "SELECT project FROM directory WHERE path = ?1
         UNION ALL SELECT id FROM project WHERE key = 'dir:' || ?1 LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    for directory in given.ancestors() {
        let is_shared = directory != given && is_common_ground(connection, directory);
        if directory.parent().is_none() || is_shared {
            break;
        }
        let directory = directory.to_string_lossy();
        let found = statement
            .query_row([directory], |row| row.get(0))
            .optional()?;
        if let Some(id) = found.map(ProjectId) {
            return Ok(Some(Names::load(connection)?.get(id).to_owned()));
        }
    }
    Ok(None)
}

/// Whether anything but reflections is archived of a project: these say of themselves where they belong.
pub(crate) fn has_conversations(connection: &Connection, project: ProjectId) -> Result<bool> {
    let sql = "SELECT EXISTS (
           SELECT 1 FROM span JOIN conversation ON conversation.id = span.conversation
           WHERE span.project = ?1 AND conversation.source != ?2
         )";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![project.0, REFLECTION], |row| row.get(0))?)
}

/// The directory of a project, where one is known.
pub(crate) fn directory(connection: &Connection, project: ProjectId) -> Result<Option<PathBuf>> {
    let sql = "SELECT path FROM project WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let path: Option<String> = statement.query_row([project.0], |row| row.get(0))?;
    Ok(path.map(PathBuf::from))
}
