//! What the archive knows of directories, apart from the project that each belongs to now.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::Result;
use crate::project::{Homes, normal_path, place_of};
use crate::store::{ProjectId, meta, set_meta};

/// The name under which the home directories of people are kept.
const HOMES_KEY: &str = "homes";

/// What is known of a directory, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DirectoryFlags(i64);

impl DirectoryFlags {
    /// A session started in it.
    pub(super) const STARTED: Self = Self(1);
    /// It has a sign of being a project as a whole.
    pub(super) const SIGNED: Self = Self(2);
    /// Its key was found in a repository on disk, and not told by a log alone.
    pub(super) const ON_DISK: Self = Self(4);

    pub(super) fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    pub(super) fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// These flags if a condition holds, else none.
    pub(super) fn when(self, holds: bool) -> Self {
        if holds { self } else { Self(0) }
    }
}

/// A directory as a log has it, with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct KnownDirectory {
    pub(super) path: String,
    pub(super) place: String,
    pub(super) found: Option<String>,
    pub(super) flags: DirectoryFlags,
    pub(super) project: ProjectId,
}

/// The columns that [`KnownDirectory::from_row`] reads.
const COLUMNS: &str = "SELECT path, place, found, flags, project FROM directory";

impl KnownDirectory {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            path: row.get(0)?,
            place: row.get(1)?,
            found: row.get(2)?,
            flags: DirectoryFlags(row.get(3)?),
            project: ProjectId(row.get(4)?),
        })
    }

    /// The directory that a log has under this path.
    pub(super) fn get(connection: &Connection, path: &str) -> Result<Option<Self>> {
        let sql = format!("{COLUMNS} WHERE path = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        Ok(statement.query_row([path], Self::from_row).optional()?)
    }

    /// All directories.
    pub(super) fn all(connection: &Connection) -> Result<Vec<Self>> {
        let mut statement = connection.prepare_cached(COLUMNS)?;
        let rows = statement.query_map([], Self::from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The directories at a place, in whatever spelling.
    pub(super) fn at(connection: &Connection, place: &str) -> Result<Vec<Self>> {
        let sql = format!("{COLUMNS} WHERE place = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([place], Self::from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The directories at a place and below it.
    pub(super) fn at_and_below(connection: &Connection, place: &str) -> Result<Vec<Self>> {
        let mut all = Self::at(connection, place)?;
        let sql = format!("{COLUMNS} WHERE place > ?1 AND place < ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let root = place.trim_end_matches(['/', '\\']);
        // All strings that start with a separator lie before the character that follows it.
        for (first, after) in [("/", "0"), ("\\", "]")] {
            let range = [format!("{root}{first}"), format!("{root}{after}")];
            for row in statement.query_map(range, Self::from_row)? {
                all.push(row?);
            }
        }
        Ok(all)
    }

    /// Writes it, in place of what was known.
    pub(super) fn put(&self, connection: &Connection) -> Result<()> {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO directory (path, place, found, flags, project)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                self.path,
                self.place,
                self.found,
                self.flags.0,
                self.project.0
            ])?;
        Ok(())
    }
}

/// The home directories that are known. What holds the archive itself is no project either.
pub(super) fn homes(connection: &Connection) -> Result<Homes> {
    let mut homes = kept_homes(connection)?;
    if let Some(database) = connection.path().filter(|path| !path.is_empty()) {
        homes.add(database);
    }
    Ok(homes)
}

fn kept_homes(connection: &Connection) -> Result<Homes> {
    let lines = meta(connection, HOMES_KEY)?;
    Ok(Homes::from_lines(&lines.unwrap_or_default()))
}

/// The home directories that are kept with more of them, if any of these is new.
pub(super) fn with_homes(connection: &Connection, more: &[&str]) -> Result<Option<Homes>> {
    let mut known = kept_homes(connection)?;
    let mut is_new = false;
    for home in more {
        is_new |= known.add(home);
    }
    Ok(is_new.then_some(known))
}

/// Keeps home directories.
pub(super) fn put_homes(connection: &Connection, homes: &Homes) -> Result<()> {
    set_meta(connection, HOMES_KEY, &homes.to_lines())
}

/// The place of a directory as a log has it: worktrees lie where their repository does.
pub(super) fn place_in(homes: &Homes, path: &str) -> String {
    place_of(homes.without_worktree(&normal_path(path)))
}

/// Of two keys that were found for a directory the surer one: a remote says more than a path.
pub(super) fn surer(known: Option<&str>, found: Option<&str>) -> Option<String> {
    let is_remote = |key: &str| key.starts_with("git:");
    let surer = match (known, found) {
        (Some(known), Some(found)) if is_remote(known) && !is_remote(found) => Some(known),
        (known, found) => found.or(known),
    };
    surer.map(str::to_owned)
}
