//! What can be asked of the archive about projects: which one is meant, where it lies, what is in it.

use std::path::{Path, PathBuf};

use super::Archive;
use crate::{ProjectInfo, ProjectSize, Result, projects};

impl Archive {
    /// The name of the project that a directory of this machine belongs to, if the archive knows
    /// it. Who must not fall back to everything where it doesn't, asks here before.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_of(&self, directory: &Path) -> Result<Option<String>> {
        let kept = directory.to_string_lossy();
        let kept = self.keeper.as_kept(&kept);
        let found = projects::of_directory(&self.connection, Path::new(&*kept))?;
        Ok(found.map(|(_, name)| name))
    }

    /// The same for a directory that is no more than a name, since it may lie on another machine or be
    /// made up: what is archived decides, and nothing on disk is looked at.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_recorded_at(&self, directory: &Path) -> Result<Option<String>> {
        let kept = directory.to_string_lossy();
        let kept = self.keeper.as_kept(&kept);
        projects::recorded_at(&self.connection, Path::new(&*kept))
    }

    /// The name of the project that a directory belongs to as by [`Self::project_of`], if conversations
    /// of it are archived: one that was only named when a reflection was stored doesn't count.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_worked_in(&self, directory: &Path) -> Result<Option<String>> {
        let kept = directory.to_string_lossy();
        let kept = self.keeper.as_kept(&kept);
        match projects::of_directory(&self.connection, Path::new(&*kept))? {
            Some((id, name)) if projects::has_conversations(&self.connection, id)? => {
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }

    /// The same for a name that may be a path of another machine, or made up: what is archived decides,
    /// and nothing on disk is looked at.
    ///
    /// # Errors
    /// As [`Self::project_named`].
    pub fn project_recorded_as(&self, name: &str) -> Result<String> {
        let connection = &self.connection;
        if let Some((_, name)) = projects::find_recorded(connection, name)? {
            return Ok(name);
        }
        match projects::recorded_at(connection, Path::new(name))? {
            Some(found) if name.contains(['/', '\\']) => Ok(found),
            _ => Err(projects::unknown(connection, name)?),
        }
    }

    /// The directory of a project by its name, where one is known.
    ///
    /// # Errors
    /// If the name means nothing or several things, or the archive can't be read.
    pub fn project_directory(&self, name: &str) -> Result<Option<PathBuf>> {
        let (id, _) = projects::find(&self.connection, name)?;
        projects::directory(&self.connection, id)
    }

    /// The short name of the project that goes by this name, path or key.
    ///
    /// # Errors
    /// If there is none, with the nearest names, or if there are several.
    pub fn project_named(&self, name: &str) -> Result<String> {
        Ok(projects::find(&self.connection, name)?.1)
    }

    /// The projects to which something was added last, at most `limit`, and how many there are in
    /// all. Quick however much there is in them.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_sizes(&self, limit: usize) -> Result<(Vec<ProjectSize>, u64)> {
        projects::sizes(&self.connection, limit)
    }

    /// How many projects there are.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_count(&self) -> Result<u64> {
        projects::count(&self.connection)
    }

    /// All projects, the one with the latest message first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn projects(&self) -> Result<Vec<ProjectInfo>> {
        projects::list(&self.connection)
    }
}
