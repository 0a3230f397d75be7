//! Which hits the last search of each terminal had, so that `lorekeep show 3` opens the third of them. Only
//! ids are kept, no text and no query.

use std::path::{Path, PathBuf};
use std::time::Duration;

use recall::Hit;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::settings::Locations;

/// Bytes of a file of hits that are read.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Bytes of `/proc/self/stat` that are read: the kernel writes some 300.
#[cfg(any(target_os = "linux", target_os = "android"))]
const MAX_STAT_BYTES: u64 = 16 << 10;

/// How long the hits of a terminal are kept after its last search.
const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);

/// The name of the files of processes without a terminal.
const WITHOUT_TERMINAL: &str = "none";

/// The name of the files of terminals.
const OF_TERMINAL: &str = "terminal";

/// A hit that a search printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PrintedHit {
    /// The conversation's id.
    pub(crate) conversation: String,
    /// The message's id.
    pub(crate) message: String,
}

/// The hits of the last search, the first one first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LastSearch {
    /// Its hits.
    pub(crate) hits: Vec<PrintedHit>,
    /// Whether another session searched: this one has no terminal, nor a search of its own.
    #[serde(skip)]
    pub(crate) is_of_another: bool,
}

/// Remembers the hits of a search for this terminal. Where that fails, the hits have no numbers; nothing
/// else depends on it.
pub(crate) fn remember(locations: &Locations, hits: &[Hit]) {
    let printed = hits.iter().map(|hit| PrintedHit {
        conversation: hit.conversation_id.clone(),
        message: hit.message_id.clone(),
    });
    let search = LastSearch {
        hits: printed.collect(),
        is_of_another: false,
    };
    let directory = directory(locations);
    let Ok(json) = serde_json::to_vec(&search) else {
        return;
    };
    let _ = write(&directory, &json);
    remove_old(&directory);
}

/// In place and without a sync, which every search would wait for: after a power cut only numbers are lost.
fn write(directory: &Path, json: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    files::create_private_dir(directory)?;
    let mut file = files::open_append(&directory.join(own_name()))?;
    file.set_len(0)?;
    file.write_all(json)
}

/// The last search of this terminal; `None` if there was none.
pub(crate) fn last(locations: &Locations) -> Option<LastSearch> {
    let directory = directory(locations);
    let own = own_name();
    if let Some(search) = read(&directory.join(&own)) {
        return Some(search);
    }
    // Where there is no terminal, each command may be in a session of its own.
    if !own.starts_with(WITHOUT_TERMINAL) {
        return None;
    }
    let others = entries(&directory).filter(|(path, _)| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(WITHOUT_TERMINAL))
    });
    let (newest, _) = others.max_by_key(|(_, written)| *written)?;
    Some(LastSearch {
        is_of_another: true,
        ..read(&newest)?
    })
}

/// Removes the hits of all searches: some may be of messages that were forgotten.
pub(crate) fn forget(locations: &Locations) {
    for (path, _) in entries(&directory(locations)) {
        let _ = fs_err::remove_file(path);
    }
}

fn directory(locations: &Locations) -> PathBuf {
    locations.cache.join("last-searches")
}

fn read(path: &Path) -> Option<LastSearch> {
    serde_json::from_slice(&files::read(path, MAX_FILE_BYTES).ok()?).ok()
}

/// The files of the directory and when each was written.
fn entries(directory: &Path) -> impl Iterator<Item = (PathBuf, std::time::SystemTime)> {
    let entries = fs_err::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let written = entry.metadata().ok()?.modified().ok()?;
        Some((entry.path(), written))
    })
}

fn remove_old(directory: &Path) {
    let now = clock::system();
    for (path, written) in entries(directory) {
        if now.duration_since(written).is_ok_and(|age| age > KEPT_FOR) {
            let _ = fs_err::remove_file(path);
        }
    }
}

/// The file of this process's terminal: its session is that of the shell that the person types at, also
/// where this process's own streams are pipes.
#[cfg(unix)]
fn own_name() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "only a process with a terminal can open this, and nothing is read from it"
    )]
    let has_terminal = std::fs::File::open("/dev/tty").is_ok();
    let session = session_id();
    let kind = if has_terminal {
        OF_TERMINAL
    } else {
        WITHOUT_TERMINAL
    };
    format!("{kind}-{session}.json")
}

/// The id of this process's session; 0 where its leader is outside of the process's namespace (as for the
/// first process of a container) or unknown. `getsid` of `rustix` panics on that 0.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn session_id() -> i32 {
    files::read(Path::new("/proc/self/stat"), MAX_STAT_BYTES)
        .ok()
        .and_then(|stat| session_of_stat(&stat))
        .unwrap_or(0)
}

/// The sixth value of `/proc/PID/stat` (proc(5)): state, parent, group and session follow the program's name,
/// which stands in parentheses and may hold anything.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn session_of_stat(stat: &[u8]) -> Option<i32> {
    let end_of_name = stat.iter().rposition(|byte| *byte == b')')?;
    let values = std::str::from_utf8(&stat[end_of_name + 1..]).ok()?;
    values.split_ascii_whitespace().nth(3)?.parse().ok()
}

/// The id of this process's session; 0 if it is unknown.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn session_id() -> i32 {
    rustix::process::getsid(None).map_or(0, |id| id.as_raw_nonzero().get())
}

/// Where nothing tells terminals apart they share one file.
#[cfg(not(unix))]
fn own_name() -> String {
    format!("{OF_TERMINAL}.json")
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_behind_any_name() {
        assert_eq!(session_of_stat(b"7 (sh) S 1 7 7 34816 7 0"), Some(7));
        assert_eq!(session_of_stat(b"7 (a) b (c)) R 1 7 12 0 -1"), Some(12));
        assert_eq!(session_of_stat(b"1 (lorekeep) S 0 1 0 0 -1"), Some(0));
        assert_eq!(session_of_stat(b"1 (lorekeep"), None);
    }
}
