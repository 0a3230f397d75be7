//! Projects by name: the shortest end of a project's path that no other shares.

mod reattribute;
mod recorded;
mod settle;

pub(crate) use reattribute::reattribute;
pub(crate) use recorded::{directory, has_conversations, recorded_at};
pub(crate) use settle::settle;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::project::{Basis, names, normal_path, of_directory as identity_of, work_tree};
use crate::store::{ConversationId, MessageId, ProjectFilter, ProjectId, Spans};
use crate::{Error, ProjectInfo, ProjectSize, Result, Scope};

/// A project, with the names that it could go by.
struct Known {
    id: ProjectId,
    key: String,
    path: Option<String>,
    names: Vec<String>,
}

/// The short names of all projects.
#[derive(Debug, Default)]
pub(crate) struct Names(FxHashMap<ProjectId, String>);

impl Names {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let known = known(connection)?;
        let mut count: FxHashMap<&str, u32> = FxHashMap::default();
        for name in known.iter().flat_map(|project| &project.names) {
            *count.entry(name).or_default() += 1;
        }
        let shortest = |project: &Known| {
            let alone = project.names.iter().find(|name| count[name.as_str()] == 1);
            alone.or(project.names.last()).cloned().unwrap_or_default()
        };
        Ok(Self(
            known
                .iter()
                .map(|project| (project.id, shortest(project)))
                .collect(),
        ))
    }

    /// The name of a project.
    pub(crate) fn get(&self, project: ProjectId) -> &str {
        self.0.get(&project).map_or("", String::as_str)
    }
}

fn known(connection: &Connection) -> Result<Vec<Known>> {
    let mut statement = connection.prepare_cached("SELECT id, key, path FROM project")?;
    let rows = statement.query_map([], |row| {
        let key: String = row.get(1)?;
        Ok(Known {
            id: ProjectId(row.get(0)?),
            names: names(&key),
            key,
            path: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What `read` makes of each project's key.
pub(crate) fn by_key(
    connection: &Connection,
    read: impl Fn(&str) -> Option<String>,
) -> Result<FxHashMap<ProjectId, Arc<str>>> {
    let known = known(connection)?;
    Ok(known
        .iter()
        .filter_map(|project| Some((project.id, read(&project.key)?.into())))
        .collect())
}

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

/// The project that goes by this name, path or key by what is archived alone.
pub(crate) fn find_recorded(
    connection: &Connection,
    name: &str,
) -> Result<Option<(ProjectId, String)>> {
    let short = Names::load(connection)?;
    let known = known(connection)?;
    // The root of the file system is nothing but what is trimmed.
    let wanted = match name.trim_end_matches(['/', '\\']) {
        "" => name,
        wanted => wanted,
    };
    let is_key =
        |project: &&Known| project.key == wanted || project.path.as_deref() == Some(wanted);
    let given = |id: ProjectId| Ok(Some((id, short.get(id).to_owned())));
    if let Some(project) = known.iter().find(is_key) {
        return given(project.id);
    }
    // The name that is shown means the one that it is shown for.
    if let Some((id, _)) = short.0.iter().find(|(_, name)| name.as_str() == wanted) {
        return given(*id);
    }
    let by = |same: &dyn Fn(&str) -> bool| -> Vec<&Known> {
        known
            .iter()
            .filter(|project| project.names.iter().any(|name| same(name)))
            .collect()
    };
    let mut matching = by(&|name| name == wanted);
    if matching.is_empty() {
        matching = by(&|name| name.eq_ignore_ascii_case(wanted));
    }
    match matching[..] {
        [project] => given(project.id),
        [] => Ok(None),
        _ => Err(Error::AmbiguousProject {
            name: name.to_owned(),
            candidates: matching
                .iter()
                .map(|project| short.get(project.id).to_owned())
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
        Scope::Directory(path) => of_directory(connection, path)?,
    };
    // Everything, where a directory belongs to nothing, would bring up what is none of its business.
    Ok(match found {
        Some((project, name)) => (ProjectFilter::One(project), Some(name)),
        None => (ProjectFilter::None, None),
    })
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

/// How many projects there are.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM project")?;
    let count: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// The projects to which something was added last, at most `limit`, the latest first, and how many
/// there are in all. Reads no messages, so that it is quick however many there are.
pub(crate) fn sizes(connection: &Connection, limit: usize) -> Result<(Vec<ProjectSize>, u64)> {
    let short = Names::load(connection)?;
    // Counted here: SQLite sorts all spans for that, and takes five times as long.
    let mut found: FxHashMap<ProjectId, (MessageId, FxHashSet<ConversationId>, u64)> =
        FxHashMap::default();
    for span in Spans::all(connection)?.0 {
        let (latest, conversations, messages) = found
            .entry(span.project)
            .or_insert_with(|| (span.last, FxHashSet::default(), 0));
        *latest = span.last.max(*latest);
        conversations.insert(span.conversation);
        *messages += (span.last.0 - span.first.0 + 1).cast_unsigned();
    }
    let all = found.len() as u64;
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (latest, ..))| std::cmp::Reverse(*latest));
    let size = |(project, (_, conversations, messages)): (_, (_, FxHashSet<_>, u64))| ProjectSize {
        name: short.get(project).to_owned(),
        conversations: conversations.len() as u64,
        messages,
    };
    Ok((found.into_iter().take(limit).map(size).collect(), all))
}

/// All projects with what the archive holds of each, the latest first.
pub(crate) fn list(connection: &Connection) -> Result<Vec<ProjectInfo>> {
    let short = Names::load(connection)?;
    let mut infos = Vec::new();
    for project in known(connection)? {
        let spans = Spans::of_project(connection, project.id)?;
        let mut conversations: Vec<i64> = spans.0.iter().map(|span| span.conversation.0).collect();
        conversations.sort_unstable();
        conversations.dedup();
        let mut last = None;
        let mut latest = connection
            .prepare_cached("SELECT max(time) FROM message WHERE id BETWEEN ?1 AND ?2")?;
        for span in &spans.0 {
            let time: Option<i64> =
                latest.query_row(params![span.first.0, span.last.0], |row| row.get(0))?;
            last = last.max(time);
        }
        infos.push(ProjectInfo {
            name: short.get(project.id).to_owned(),
            key: project.key,
            path: project.path,
            conversations: conversations.len() as u64,
            messages: spans.len(),
            last,
        });
    }
    infos.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.name.cmp(&b.name)));
    Ok(infos)
}
