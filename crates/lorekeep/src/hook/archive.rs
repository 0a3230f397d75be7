//! The archive as hooks read it: of the project that a session works in, and only if there is one.

use std::path::PathBuf;
use std::time::Duration;

use recall::Archive;

use super::event::HookEvent;
use super::failure::HookFailure;
use crate::guards;
use crate::settings::LoadedSettings;

/// How long another process may keep the archive locked from a hook that only reads.
const LOCK_TIMEOUT: Duration = Duration::from_millis(50);

/// An archive that was opened to be read, and the project that a session works in.
pub(super) struct ProjectArchive {
    /// The archive.
    pub(super) archive: Archive,
    /// The directory that the session works in.
    pub(super) directory: PathBuf,
    /// The name of the project that the directory belongs to.
    pub(super) project: String,
}

/// Opens the archive for a session; `None` where there is no archive yet, or where the directory
/// belongs to no project that it knows: nothing of other projects is told then.
pub(super) fn of_session(
    event: &HookEvent,
    loaded: &LoadedSettings,
) -> Result<Option<ProjectArchive>, HookFailure> {
    let home = &loaded.locations.home;
    if !home.database().exists() {
        return Ok(None);
    }
    let directory = match &event.directory {
        Some(directory) => directory.clone(),
        None => std::env::current_dir()?,
    };
    let guards = guards::of_archive(&loaded.settings);
    let archive = Archive::peek(home, &guards, LOCK_TIMEOUT)?;
    let project = archive.project_of(&directory)?;
    Ok(project.map(|project| ProjectArchive {
        archive,
        directory,
        project,
    }))
}
