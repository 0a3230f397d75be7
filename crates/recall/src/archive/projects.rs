//! What can be asked of the archive about projects: which one is meant, where it lies, what is in it.
//!
//! A project is a git repository, or elsewhere a directory or a name that a log gives. Its key identifies
//! it ([`ProjectInfo::key`]); its short name is the shortest end of the key's path that no other project
//! has, such as `shop` or `acme/shop` ([`ProjectInfo::name`]).

use std::path::{Path, PathBuf};

use super::opened::Archive;
use crate::guards::Cleared;
use crate::{ProjectInfo, ProjectSize, Result, projects};

impl Archive {
    /// The short name of the project that a directory of this machine belongs to: that of the git
    /// repository around it, which is looked up on disk, else that of the nearest directory at or above it
    /// that the archive knows, but not outside of that repository. Home directories and those for temporary
    /// files don't count for what lies below them. `None` if the archive knows none of these.
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

    /// As [`Self::project_of`], but by what is archived alone: the project of the nearest directory at or
    /// above this one that the archive knows; `None` if there is none. Nothing on disk is looked at, so
    /// that it suits paths that come over a network: they may lie on another machine or be made up.
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

    /// As [`Self::project_of`], but `None` also for a project of which no conversation is archived: one
    /// that has only reflections (notes stored on purpose).
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

    /// As [`Self::project_named`], but by what is archived alone. Nothing on disk is looked at, since a
    /// path may be of another machine or made up.
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

    /// The directory in which a project lies, as it was recorded; it may be gone or be that of another
    /// machine. `None` if none is recorded. `name` is a name, path or key as for [`Self::project_named`].
    ///
    /// # Errors
    /// As [`Self::project_named`].
    pub fn project_directory(&self, name: &str) -> Result<Option<PathBuf>> {
        self.ask(|connection, _| {
            let (id, _) = projects::find(connection, name)?;
            Ok(Cleared::unquoted(projects::directory(connection, id)?))
        })
    }

    /// The short name of the project that somebody means by what they typed: its key, its directory, its
    /// short name, a longer end of its path such as `acme/shop`, or a path of this machine at or below its
    /// directory. Names are first compared exactly, then without regard to upper and lower case.
    ///
    /// # Errors
    /// [`Error::NoProject`](crate::Error::NoProject) with the most similar names if it fits no project,
    /// [`Error::AmbiguousProject`](crate::Error::AmbiguousProject) if it fits several, or another error if
    /// the archive can't be read.
    pub fn project_named(&self, name: &str) -> Result<String> {
        self.ask(|connection, _| Ok(Cleared::unquoted(projects::find(connection, name)?.1)))
    }

    /// The projects to which a message was added last, the latest first, at most `limit`; and the number of
    /// all projects that have messages. Quick however many messages there are.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_sizes(&self, limit: usize) -> Result<(Vec<ProjectSize>, u64)> {
        self.ask(|connection, gate| Ok(gate.release(projects::sizes(connection, limit)?)))
    }

    /// The number of all projects that are recorded, those without messages too.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_count(&self) -> Result<u64> {
        self.ask(|connection, gate| Ok(gate.release(projects::count(connection)?)))
    }

    /// All projects, the one with the latest message first, those without a dated message last. Reads the
    /// times of all messages; [`Self::project_sizes`] is quicker.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn projects(&self) -> Result<Vec<ProjectInfo>> {
        self.ask(|connection, gate| Ok(gate.release(projects::list(connection)?)))
    }
}
