//! What can be asked of the archive about projects: which one is meant, where it lies, what is in it.

use std::path::{Path, PathBuf};

use super::opened::Archive;
use crate::guards::Cleared;
use crate::{ProjectInfo, ProjectSize, Result, projects};

impl Archive {
    /// The short name of the project that a directory of this machine belongs to; `None` if the archive
    /// knows none. The directory's repository is looked at on disk.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_of(&self, directory: &Path) -> Result<Option<String>> {
        self.ask(|connection, gate| {
            let kept = gate.guards().as_kept_path(directory);
            let found = projects::of_directory(connection, &kept)?;
            Ok(Cleared::unquoted(found.map(|(_, name)| name)))
        })
    }

    /// The short name of the project that a directory belongs to by what is archived alone. Nothing on disk
    /// is looked at, since the directory may lie on another machine or be made up.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_recorded_at(&self, directory: &Path) -> Result<Option<String>> {
        self.ask(|connection, gate| {
            let kept = gate.guards().as_kept_path(directory);
            let found = projects::recorded_at(connection, &kept)?;
            Ok(Cleared::unquoted(found))
        })
    }

    /// The name of the project that a directory belongs to as by [`Self::project_of`], if conversations
    /// of it are archived: one that was only named when a reflection was stored doesn't count.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_worked_in(&self, directory: &Path) -> Result<Option<String>> {
        self.ask(|connection, gate| {
            let kept = gate.guards().as_kept_path(directory);
            let found = match projects::of_directory(connection, &kept)? {
                Some((id, name)) if projects::has_conversations(connection, id)? => Some(name),
                _ => None,
            };
            Ok(Cleared::unquoted(found))
        })
    }

    /// The short name of the project that goes by this name, path or key, by what is archived alone. Nothing
    /// on disk is looked at, since a path may be of another machine or made up.
    ///
    /// # Errors
    /// As [`Self::project_named`].
    pub fn project_recorded_as(&self, name: &str) -> Result<String> {
        self.ask(|connection, _| {
            if let Some((_, name)) = projects::find_recorded(connection, name)? {
                return Ok(Cleared::unquoted(name));
            }
            match projects::recorded_at(connection, Path::new(name))? {
                Some(found) if name.contains(['/', '\\']) => Ok(Cleared::unquoted(found)),
                _ => Err(projects::unknown(connection, name)?),
            }
        })
    }

    /// The directory of a project by its name, where one is known.
    ///
    /// # Errors
    /// If the name means nothing or several things, or the archive can't be read.
    pub fn project_directory(&self, name: &str) -> Result<Option<PathBuf>> {
        self.ask(|connection, _| {
            let (id, _) = projects::find(connection, name)?;
            Ok(Cleared::unquoted(projects::directory(connection, id)?))
        })
    }

    /// The short name of the project that goes by this name, path or key.
    ///
    /// # Errors
    /// If there is none, with the nearest names, or if there are several.
    pub fn project_named(&self, name: &str) -> Result<String> {
        self.ask(|connection, _| Ok(Cleared::unquoted(projects::find(connection, name)?.1)))
    }

    /// The projects to which something was added last, at most `limit`, and how many there are in
    /// all. Quick however much there is in them.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_sizes(&self, limit: usize) -> Result<(Vec<ProjectSize>, u64)> {
        self.ask(|connection, gate| Ok(gate.release(projects::sizes(connection, limit)?)))
    }

    /// How many projects there are.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_count(&self) -> Result<u64> {
        self.ask(|connection, gate| Ok(gate.release(projects::count(connection)?)))
    }

    /// All projects, the one with the latest message first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn projects(&self) -> Result<Vec<ProjectInfo>> {
        self.ask(|connection, gate| Ok(gate.release(projects::list(connection)?)))
    }
}
