//! The names of projects: what a person called it, else the shortest end of its path that says something and
//! that no other project shares.

use std::sync::Arc;

use rusqlite::Connection;
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization as _;

use super::words::{given_names, merges};
use crate::Result;
use crate::project::{names, place_of};
use crate::store::ProjectId;

/// Names that many projects have for a part of themselves, so that they tell nothing alone.
const VAGUE_NAMES: [&str; 74] = [
    "api",
    "app",
    "apps",
    "assets",
    "backend",
    "backup",
    "bin",
    "build",
    "cli",
    "client",
    "code",
    "common",
    "config",
    "core",
    "crates",
    "data",
    "default",
    "demo",
    "dev",
    "dist",
    "doc",
    "docs",
    "example",
    "examples",
    "frontend",
    "home",
    "html",
    "images",
    "img",
    "internal",
    "lib",
    "libs",
    "main",
    "master",
    "mobile",
    "module",
    "modules",
    "new",
    "notebooks",
    "old",
    "package",
    "packages",
    "pkg",
    "plugin",
    "plugins",
    "prod",
    "project",
    "projects",
    "public",
    "repo",
    "repos",
    "root",
    "sample",
    "scripts",
    "server",
    "service",
    "services",
    "shared",
    "site",
    "source",
    "sources",
    "src",
    "static",
    "temp",
    "test",
    "tests",
    "tmp",
    "tool",
    "tools",
    "ui",
    "web",
    "website",
    "work",
    "workspace",
];

/// Characters that a name must have to tell something alone.
const MIN_NAME_LENGTH: usize = 2;

/// A project, with the names that it could go by.
pub(super) struct KnownProject {
    pub(super) id: ProjectId,
    pub(super) key: String,
    pub(super) path: Option<String>,
    /// The name that a person gave it.
    pub(super) given: Option<String>,
    /// The name that a person gave it, and the ends of its path, the shortest first.
    pub(super) names: Vec<String>,
    /// The first commit of its repository, empty where that couldn't be told.
    pub(super) root_commit: Option<String>,
}

/// The short names of all projects.
#[derive(Debug, Default)]
pub(crate) struct Names(pub(super) FxHashMap<ProjectId, String>);

impl Names {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        Ok(Self::of(&known(connection)?))
    }

    pub(super) fn of(known: &[KnownProject]) -> Self {
        let mut count: FxHashMap<&str, u32> = FxHashMap::default();
        for name in known.iter().flat_map(|project| &project.names) {
            *count.entry(name).or_default() += 1;
        }
        let shortest = |project: &KnownProject| {
            if let Some(given) = &project.given {
                return given.clone();
            }
            let alone = |name: &&String| count[name.as_str()] == 1;
            let mut telling = project.names.iter().filter(|name| !is_vague(name));
            let found = telling.find(alone).or(project.names.iter().rfind(alone));
            found.or(project.names.last()).cloned().unwrap_or_default()
        };
        Self(
            known
                .iter()
                .map(|project| (project.id, shortest(project)))
                .collect(),
        )
    }

    /// The name of a project.
    pub(crate) fn get(&self, project: ProjectId) -> &str {
        self.0.get(&project).map_or("", String::as_str)
    }
}

/// Whether a name tells nothing alone: it is one of a part of a project, a number or a version, or a letter.
fn is_vague(name: &str) -> bool {
    if name.contains('/') {
        return name.split('/').all(is_vague);
    }
    let lower = name.to_lowercase();
    let number = lower.strip_prefix('v').unwrap_or(&lower);
    name.chars().count() < MIN_NAME_LENGTH && name.is_ascii()
        || number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".-_".contains(&byte))
        || VAGUE_NAMES.contains(&lower.as_str())
}

/// All projects of the archive.
pub(super) fn known(connection: &Connection) -> Result<Vec<KnownProject>> {
    let given: FxHashMap<String, String> = given_names(connection)?.into_iter().collect();
    let mut statement =
        connection.prepare_cached("SELECT id, key, path, root_commit FROM project")?;
    let rows = statement.query_map([], |row| {
        let (key, path): (String, Option<String>) = (row.get(1)?, row.get(2)?);
        let given = given.get(&key).cloned();
        let all = names(&key, path.as_deref());
        let others = all.into_iter().filter(|name| Some(name) != given.as_ref());
        Ok(KnownProject {
            id: ProjectId(row.get(0)?),
            names: given.clone().into_iter().chain(others).collect(),
            given,
            key,
            path,
            root_commit: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The keys of projects that were merged, each with the project that it is part of now.
pub(super) fn parts(
    connection: &Connection,
    known: &[KnownProject],
) -> Result<Vec<(String, ProjectId)>> {
    let by_key: FxHashMap<&str, ProjectId> = known
        .iter()
        .map(|project| (project.key.as_str(), project.id))
        .collect();
    let merges = merges(connection)?;
    let part = |(key, into): (String, String)| Some((key, *by_key.get(into.as_str())?));
    Ok(merges.into_iter().filter_map(part).collect())
}

/// Whether a key is meant by a name, path or key.
pub(super) fn goes_by(key: &str, name: &str) -> bool {
    key == name
        || key.strip_prefix("dir:") == Some(&place_of(name))
        || names(key, None).iter().any(|own| is_same_name(own, name))
}

/// Whether two names are one but for upper and lower case and the way in which letters are composed.
pub(super) fn is_same_name(a: &str, b: &str) -> bool {
    let folded = |name: &str| name.nfc().collect::<String>().to_lowercase();
    a.eq_ignore_ascii_case(b) || !(a.is_ascii() && b.is_ascii()) && folded(a) == folded(b)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_of_parts_are_vague() {
        for name in [
            "1",
            "42",
            "v2",
            "v1.2.3",
            "src",
            "IMG",
            "a",
            "tmp",
            "2026-11-30",
        ] {
            assert!(is_vague(name), "{name}");
        }
        for name in [
            "agentv", "茶", "دفتر", "shop2", "go", "vim", "acme/src", "src/vim",
        ] {
            assert!(!is_vague(name), "{name}");
        }
    }
}
