//! Projects by the names, paths and keys that people type.

use std::path::Path;

use rusqlite::Connection;

use super::directory::of_directory;
use super::names::{KnownProject, Names, goes_by, is_same_name, known, parts};
use super::settle::project_of_new;
use super::words;
use crate::guards::Cleaner;
use crate::project::{native, of_directory as identity_of, place_of};
use crate::store::{ProjectFilter, ProjectId};
use crate::{Error, Result, Scope};

/// The project that goes by this name, path or key, with its short name. A path of this machine may also
/// be told by what lies there.
pub(crate) fn find(connection: &Connection, name: &str) -> Result<(ProjectId, String)> {
    if let Some(found) = find_recorded(connection, name)? {
        return Ok(found);
    }
    let found = match name.contains(['/', '\\']) {
        true => of_directory(connection, Path::new(name))?,
        false => None,
    };
    found.map_or_else(|| Err(unknown(connection, name)?), Ok)
}

/// That no project goes by a name.
pub(crate) fn unknown(connection: &Connection, name: &str) -> Result<Error> {
    Ok(Error::NoProject {
        name: name.to_owned(),
        near: near(&Names::load(connection)?, name),
    })
}

/// As [`find`], for somebody who stands in a directory: a name of the project there means that one, whatever
/// else goes by it.
pub(crate) fn find_from(
    connection: &Connection,
    name: &str,
    here: &Path,
) -> Result<(ProjectId, String)> {
    if let Some((id, shown)) = of_directory(connection, here)? {
        let own = known(connection)?;
        let own = own.iter().find(|project| project.id == id);
        if own.is_some_and(|own| own.names.iter().any(|own| is_same_name(own, name))) {
            return Ok((id, shown));
        }
    }
    find(connection, name)
}

/// As [`find`], for a change that a person wants: a directory of this machine of which nothing is archived is
/// a project, too.
pub(super) fn find_to_change(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    name: &str,
) -> Result<(ProjectId, String)> {
    let error = match find(connection, name) {
        Err(error @ Error::NoProject { .. }) => error,
        found => return found,
    };
    let is_path = name.contains(['/', '\\']) && native(name).is_dir();
    if !is_path {
        return Err(error);
    }
    let id = project_of_new(connection, &cleaner.mask(identity_of(name, None)))?;
    Ok((id, Names::load(connection)?.get(id).to_owned()))
}

/// The project that goes by this name, path or key by what is archived alone.
pub(crate) fn find_recorded(
    connection: &Connection,
    name: &str,
) -> Result<Option<(ProjectId, String)>> {
    let known = known(connection)?;
    let short = Names::of(&known);
    // The root of the file system is nothing but what is trimmed.
    let wanted = match name.trim_end_matches(['/', '\\']) {
        "" => name,
        wanted => wanted,
    };
    let given = |id: ProjectId| Ok(Some((id, short.get(id).to_owned())));
    let place = place_of(wanted);
    let is_key = |project: &&KnownProject| {
        project.key == wanted
            || project.key.strip_prefix("dir:") == Some(&place)
            || project
                .path
                .as_deref()
                .is_some_and(|path| place_of(path) == place)
    };
    if let Some(project) = known.iter().find(is_key) {
        return given(project.id);
    }
    // The name that is shown means the one that it is shown for.
    if let Some((id, _)) = short.0.iter().find(|(_, name)| name.as_str() == wanted) {
        return given(*id);
    }
    let by = |same: &dyn Fn(&str) -> bool| -> Vec<ProjectId> {
        let named = known
            .iter()
            .filter(|project| project.names.iter().any(|name| same(name)));
        named.map(|project| project.id).collect()
    };
    let mut matching = by(&|name| name == wanted);
    if matching.is_empty() {
        matching = by(&|name| is_same_name(name, wanted));
    }
    if matching.is_empty() {
        let parts = parts(connection, &known)?.into_iter();
        let named = parts.filter(|(key, _)| goes_by(key, wanted));
        matching = named.map(|(_, project)| project).collect();
        matching.sort_unstable();
        matching.dedup();
    }
    match matching[..] {
        [project] => given(project),
        [] => Ok(None),
        _ => Err(Error::AmbiguousProject {
            name: name.to_owned(),
            candidates: matching
                .iter()
                .map(|project| short.get(*project).to_owned())
                .collect(),
        }),
    }
}

/// The projects that a scope means, with the short name of the one that it means, if it is one.
pub(crate) fn of_scope(
    connection: &Connection,
    scope: &Scope,
) -> Result<(ProjectFilter, Option<String>)> {
    let found = match scope {
        Scope::All => return Ok((ProjectFilter::All, None)),
        Scope::Nothing => None,
        Scope::Project(name) => Some(find(connection, name)?),
        Scope::ProjectFrom(name, here) => Some(find_from(connection, name, here)?),
        Scope::Directory(path) | Scope::DirectoryOrAll(path) => of_directory(connection, path)?,
    };
    // Everything, where a directory belongs to nothing, would bring up what is none of its business.
    Ok(match found {
        Some((project, name)) => (ProjectFilter::One(project), Some(name)),
        None if matches!(scope, Scope::DirectoryOrAll(_)) => (ProjectFilter::All, None),
        None => (ProjectFilter::None, None),
    })
}

/// The keys under which a project is imported: its own, and those of all that were merged into it.
pub(crate) fn keys(connection: &Connection, name: &str) -> Result<Vec<String>> {
    let own = words::key_of(connection, find(connection, name)?.0)?;
    let merged = words::merges(connection)?.into_iter();
    let merged = merged.filter(|(_, into)| *into == own).map(|(key, _)| key);
    let merged: Vec<String> = merged.collect();
    Ok(std::iter::once(own).chain(merged).collect())
}

/// The names most like the given one: those that share most pairs of letters.
fn near(names: &Names, wanted: &str) -> Vec<String> {
    let pairs = |text: &str| -> Vec<(char, char)> {
        let lower = text.to_lowercase();
        lower.chars().zip(lower.chars().skip(1)).collect()
    };
    let wanted = pairs(wanted);
    let mut scored: Vec<(usize, &String)> = names
        .0
        .values()
        .map(|name| {
            let own = pairs(name);
            let shared = wanted.iter().filter(|pair| own.contains(pair)).count();
            (200 * shared / (wanted.len() + own.len()).max(1), name)
        })
        .filter(|(score, _)| *score >= 40)
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.clone())
        .collect()
}
