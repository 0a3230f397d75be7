//! When a turn or a session ends: what is new in its log is imported, and nothing else.

use std::path::{Path, PathBuf};

use recall::{ImportRequest, NoProgress};

use super::deadline::Deadline;
use super::event::HookEvent;
use super::failure::HookFailure;
use crate::clock;
use crate::opening;
use crate::settings::LoadedSettings;

/// Imports what is new; what there is no time for, the next one does.
pub(super) fn capture(
    event: &HookEvent,
    loaded: &LoadedSettings,
    deadline: &Deadline,
) -> Result<(), HookFailure> {
    let Some(log) = event
        .transcript
        .as_deref()
        .filter(|log| is_log(log, loaded))
    else {
        return Ok(());
    };
    if event.is_repeated {
        return Ok(());
    }
    let mut opener = opening::opener(loaded);
    opener.lock_timeout = deadline.left();
    let mut archive = opener.open()?;
    let mut paths = vec![log.to_owned()];
    paths.extend(sub_agents(log));
    let request = ImportRequest {
        paths,
        source: None,
        roots: loaded.roots(),
        now: clock::millis(),
    };
    archive.import(&request, deadline.stop(), &NoProgress)?;
    Ok(())
}

/// Whether a path is that of a log, as far as its name tells.
fn is_log(path: &Path, loaded: &LoadedSettings) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_named = loaded.roots().registry().has_file_name(&name);
    is_named && !files::is_network_path(&path.to_string_lossy()) && files::is_regular(path)
}

/// The directory beside a session's log that has those of its sub-agents.
fn sub_agents(log: &Path) -> Option<PathBuf> {
    let directory = log.with_extension("").join("subagents");
    directory.is_dir().then_some(directory)
}
