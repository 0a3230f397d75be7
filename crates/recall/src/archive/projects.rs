//! What can be asked of the archive about projects: which one is meant, where it lies, what is in it.
//!
//! A project is a git repository, or elsewhere a directory or a name that a log gives. Its key identifies
//! it ([`ProjectInfo::key`]); its short name is the shortest end of the key's path that no other project
//! has, such as `shop` or `acme/shop` ([`ProjectInfo::name`]).

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::opened::Archive;
use crate::guards::{Cleaner, Cleared};
use crate::{ProjectChange, ProjectInfo, ProjectSize, ProjectSuggestion, Result, projects};

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

    /// The keys of the project that somebody means by what they typed, as [`Self::project_named`] finds it,
    /// and of all that were merged into it: what is imported goes by one of these keys.
    ///
    /// # Errors
    /// As [`Self::project_named`].
    pub fn project_keys(&self, name: &str) -> Result<Vec<String>> {
        self.ask(|connection, _| Ok(Cleared::unquoted(projects::keys(connection, name)?)))
    }

    /// As [`Self::project_named`], for somebody who stands in a directory: a name that the project of the
    /// directory goes by means that project, whatever else goes by it.
    ///
    /// # Errors
    /// As [`Self::project_named`].
    pub fn project_named_from(&self, name: &str, here: &Path) -> Result<String> {
        self.ask(|connection, gate| {
            let kept = gate.guards().as_kept_path(here);
            let found = projects::find_from(connection, name, &kept)?;
            Ok(Cleared::unquoted(found.1))
        })
    }

    /// The short names of projects whose repository isn't where it was and has the same first commit as the
    /// one that this directory of this machine lies in: it may have been moved here, so that its
    /// conversations can be brought along by [`Self::merge_projects`]. Git is asked only if the directory of
    /// a project is gone.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn projects_moved_to(&self, directory: &Path) -> Result<Vec<String>> {
        self.ask(|connection, gate| {
            let kept = gate.guards().as_kept_path(directory);
            Ok(Cleared::unquoted(projects::moved_to(connection, &kept)?))
        })
    }

    /// Pairs of projects that may be one.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_suggestions(&self) -> Result<Vec<ProjectSuggestion>> {
        self.ask(|connection, gate| Ok(gate.release(projects::suggestions(connection)?)))
    }

    /// Makes a project part of another one, for later imports too, until [`Self::undo_project_change`]. Each
    /// is a name, path or key as for [`Self::project_named`], or the path of a directory on this machine of
    /// which nothing is archived. Nothing is embedded anew. In a dry run nothing is changed.
    ///
    /// # Errors
    /// As [`Self::project_named`]; [`Error::SameProject`](crate::Error::SameProject) if both are the same; if
    /// the archive can't be written.
    pub fn merge_projects(
        &mut self,
        from: &str,
        into: &str,
        dry_run: bool,
    ) -> Result<ProjectChange> {
        self.change_projects(dry_run, |connection, cleaner| {
            projects::merge(connection, cleaner, from, into, dry_run)
        })
    }

    /// Gives a project a name of at most 120 bytes, until [`Self::undo_project_change`]. In a dry run nothing
    /// is changed.
    ///
    /// # Errors
    /// As [`Self::project_named`]; [`Error::NameInUse`](crate::Error::NameInUse) if another project goes by
    /// it; [`Error::BadName`](crate::Error::BadName), [`Error::Empty`](crate::Error::Empty) or
    /// [`Error::TooLong`](crate::Error::TooLong) if it can't be a name; if the archive can't be written.
    pub fn rename_project(
        &mut self,
        project: &str,
        name: &str,
        dry_run: bool,
    ) -> Result<ProjectChange> {
        self.change_projects(dry_run, |connection, cleaner| {
            projects::rename(connection, cleaner, (project, name), dry_run)
        })
    }

    /// Takes back the last merge or rename, or the last one that was about a project. What was imported
    /// since goes where it belongs then. In a dry run nothing is changed.
    ///
    /// # Errors
    /// [`Error::NothingToUndo`](crate::Error::NothingToUndo) if there is none; as [`Self::project_named`]; if
    /// the archive can't be written.
    pub fn undo_project_change(
        &mut self,
        project: Option<&str>,
        dry_run: bool,
    ) -> Result<ProjectChange> {
        self.change_projects(dry_run, |connection, cleaner| {
            projects::undo(connection, cleaner, project, dry_run)
        })
    }

    fn change_projects(
        &mut self,
        dry_run: bool,
        change: impl FnOnce(&Connection, &mut Cleaner<'_>) -> Result<ProjectChange>,
    ) -> Result<ProjectChange> {
        let change = self.change(|parts| {
            let behavior = TransactionBehavior::Immediate;
            let transaction = parts.connection.transaction_with_behavior(behavior)?;
            let change = change(&transaction, &mut Cleaner::new(parts.guards))?;
            // In a dry run, dropping the transaction leaves everything as it was.
            if !dry_run {
                transaction.commit()?;
            }
            Ok(Cleared::unquoted(change))
        })?;
        self.forget_search();
        Ok(change)
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
