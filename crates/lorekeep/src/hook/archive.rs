//! The archive as hooks read it: of the project that a session works in, and only if there is one.

use std::path::PathBuf;
use std::time::Duration;

use memory::{Memory, MemoryOptions, OpenMode};

use super::event::HookEvent;
use super::failure::HookFailure;
use crate::opening;
use crate::settings::LoadedSettings;

/// How long another process may keep the archive locked from a hook that only reads.
const LOCK_TIMEOUT: Duration = Duration::from_millis(50);

/// A memory that only reads, and where a session works.
pub(super) struct SessionMemory {
    /// The memory. It follows no logs: there is no time for it.
    pub(super) memory: Memory,
    /// The directory that the session works in.
    pub(super) directory: PathBuf,
    /// The name of the project that the directory belongs to, if the archive knows it.
    pub(super) project: Option<String>,
}

/// A memory that only reads, and the project that a session works in.
pub(super) struct ProjectMemory {
    /// The memory. It follows no logs: there is no time for it.
    pub(super) memory: Memory,
    /// The directory that the session works in.
    pub(super) directory: PathBuf,
    /// The name of the project that the directory belongs to.
    pub(super) project: String,
}

/// Opens the archive for a session; `None` where there is no archive yet, or where the directory
/// belongs to no project that it knows: nothing of other projects is told then.
pub(super) fn of_project(
    event: &HookEvent,
    loaded: &LoadedSettings,
) -> Result<Option<ProjectMemory>, HookFailure> {
    let opened = of_session(event, loaded)?;
    Ok(opened.and_then(|opened| {
        Some(ProjectMemory {
            project: opened.project?,
            memory: opened.memory,
            directory: opened.directory,
        })
    }))
}

/// Opens the archive for a session; `None` where there is no archive yet.
pub(super) fn of_session(
    event: &HookEvent,
    loaded: &LoadedSettings,
) -> Result<Option<SessionMemory>, HookFailure> {
    let home = &loaded.locations.home;
    if !home.database().exists() {
        return Ok(None);
    }
    let directory = match &event.directory {
        Some(directory) => directory.clone(),
        None => std::env::current_dir()?,
    };
    let mut options = opening::for_one_answer(loaded);
    options.opener.mode = OpenMode::ReadOnly;
    options.opener.lock_timeout = LOCK_TIMEOUT;
    let memory = Memory::new(MemoryOptions {
        follow: None,
        ..options
    });
    let project = memory.archive()?.project_of(&directory)?;
    Ok(Some(SessionMemory {
        memory,
        directory,
        project,
    }))
}
