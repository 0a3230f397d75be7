//! Which project a directory belongs to by what is archived alone, and where a project lies.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use super::{Names, is_common_ground};
use crate::Result;
use crate::project::normal_path;
use crate::reflections::REFLECTION;
use crate::store::ProjectId;

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
    Ok(statement.query_row(rusqlite::params![project.0, REFLECTION], |row| row.get(0))?)
}

/// The directory of a project, where one is known.
pub(crate) fn directory(connection: &Connection, project: ProjectId) -> Result<Option<PathBuf>> {
    let sql = "SELECT path FROM project WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let path: Option<String> = statement.query_row([project.0], |row| row.get(0))?;
    Ok(path.map(PathBuf::from))
}
