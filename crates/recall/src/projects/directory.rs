//! Which project a directory belongs to, and where a project lies.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use transcript::{PERSON_FACT, REFLECTION};

use super::belonging::Neighbourhood;
use super::facts::{KnownDirectory, homes, place_in};
use super::names::Names;
use super::settle::by_key;
use super::words::merged_into;
use crate::Result;
use crate::project::{
    Basis, Homes, is_below, native, of_directory as identity_of, place_of, places_above, work_tree,
};
use crate::store::ProjectId;

/// The project that a directory of this machine belongs to, if the archive knows it.
pub(crate) fn of_directory(
    connection: &Connection,
    path: &Path,
) -> Result<Option<(ProjectId, String)>> {
    let path = path.to_string_lossy();
    let identity = identity_of(&path, None);
    let homes = homes(connection)?;
    let mut found = None;
    if identity.basis == Basis::Repository {
        found = by_key(connection, &merged_into(connection, &identity.key)?)?;
    }
    // What lies in a repository belongs to nothing outside it, least of all if it is one that git refuses.
    let root = match identity.basis {
        Basis::Repository => identity.path,
        _ => work_tree(&native(&path)).map(|root| root.to_string_lossy().into_owned()),
    };
    let root = root
        .map(|root| place_of(&root))
        .filter(|root| !homes.is_common_ground(root));
    if found.is_none() {
        found = nearest(
            connection,
            &homes,
            &place_in(&homes, &path),
            root.as_deref(),
        )?;
    }
    named(connection, found)
}

/// The project of the nearest directory, at or above this one, that somebody worked in. Nothing on disk
/// is looked at.
pub(crate) fn recorded_at(connection: &Connection, path: &Path) -> Result<Option<String>> {
    let homes = homes(connection)?;
    let place = place_in(&homes, &path.to_string_lossy());
    let found = nearest(connection, &homes, &place, None)?;
    Ok(named(connection, found)?.map(|(_, name)| name))
}

fn named(connection: &Connection, found: Option<ProjectId>) -> Result<Option<(ProjectId, String)>> {
    found
        .map(|id| Ok((id, Names::load(connection)?.get(id).to_owned())))
        .transpose()
}

/// The project that a place belongs to by what the archive knows of it, or of the nearest directory above it
/// that it knows, not above `root`.
fn nearest(
    connection: &Connection,
    homes: &Homes,
    place: &str,
    root: Option<&str>,
) -> Result<Option<ProjectId>> {
    for at in [place].into_iter().chain(places_above(place)) {
        let is_outside = root.is_some_and(|root| at != root && !is_below(at, root));
        // Who talked in the home directory once hasn't made one project of all that is in it.
        if is_outside || at != place && homes.is_common_ground(at) {
            break;
        }
        let known = KnownDirectory::at(connection, at)?;
        let project = match known.first() {
            Some(known) => Some(known.project),
            None => by_key(connection, &merged_into(connection, &format!("dir:{at}"))?)?,
        };
        if project.is_none() {
            continue;
        }
        let is_on_shelf = at != place && known.iter().all(|known| known.found.is_none()) && {
            let below = KnownDirectory::at_and_below(connection, at)?;
            Neighbourhood::new(connection, homes, at, &below)?.is_shelf(at)
        };
        return Ok(project.filter(|_| !is_on_shelf));
    }
    Ok(None)
}

/// Whether anything but reflections and facts is archived of a project: these say of themselves where they belong.
pub(crate) fn has_conversations(connection: &Connection, project: ProjectId) -> Result<bool> {
    let sql = "SELECT EXISTS (
           SELECT 1 FROM span JOIN conversation ON conversation.id = span.conversation
           WHERE span.project = ?1 AND conversation.source NOT IN (?2, ?3)
         )";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(
        statement.query_row(params![project.0, REFLECTION, PERSON_FACT], |row| {
            row.get(0)
        })?,
    )
}

/// The directory of a project, where one is known.
pub(crate) fn directory(connection: &Connection, project: ProjectId) -> Result<Option<PathBuf>> {
    let sql = "SELECT path FROM project WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let path: Option<String> = statement.query_row([project.0], |row| row.get(0))?;
    Ok(path.map(|path| native(&path)))
}
