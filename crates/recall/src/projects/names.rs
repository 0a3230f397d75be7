//! The short names of projects: the shortest end of a project's path that no other shares.

use std::sync::Arc;

use rusqlite::Connection;
use rustc_hash::FxHashMap;

use crate::Result;
use crate::project::names;
use crate::store::ProjectId;

/// A project, with the names that it could go by.
pub(super) struct KnownProject {
    pub(super) id: ProjectId,
    pub(super) key: String,
    pub(super) path: Option<String>,
    pub(super) names: Vec<String>,
}

/// The short names of all projects.
#[derive(Debug, Default)]
pub(crate) struct Names(pub(super) FxHashMap<ProjectId, String>);

impl Names {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let known = known(connection)?;
        let mut count: FxHashMap<&str, u32> = FxHashMap::default();
        for name in known.iter().flat_map(|project| &project.names) {
            *count.entry(name).or_default() += 1;
        }
        let shortest = |project: &KnownProject| {
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

/// All projects of the archive.
pub(super) fn known(connection: &Connection) -> Result<Vec<KnownProject>> {
    let mut statement = connection.prepare_cached("SELECT id, key, path FROM project")?;
    let rows = statement.query_map([], |row| {
        let key: String = row.get(1)?;
        Ok(KnownProject {
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
