//! One server for each archive: a lock beside it, and a note of where the server listens.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use files::{Access, Draft};
use serde::{Deserialize, Serialize};

use crate::server_error::ServerError;

/// Bytes of the note at most.
const MAX_NOTE_BYTES: u64 = 4096;

/// A server that runs, as it noted itself beside its archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunningServer {
    /// Where it listens.
    pub address: String,
    /// The path below which it is shown, without a slash at its end; mostly empty.
    pub base_path: String,
    /// The id of its process.
    pub process: u32,
}

impl RunningServer {
    /// The URL of a path of it, such as `/ready`, on this machine.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let address = self
            .address
            .replace("0.0.0.0:", "127.0.0.1:")
            .replace("[::]:", "[::1]:");
        format!("http://{address}{}{path}", self.base_path)
    }
}

/// The lock of a server on its archive, until it is dropped.
pub(crate) struct HomeLock {
    note: PathBuf,
    /// Locked; the system unlocks it however the process ends.
    _file: fs_err::File,
}

fn lock_path(data: &Path) -> PathBuf {
    data.join("server.lock")
}

fn note_path(data: &Path) -> PathBuf {
    data.join("server.json")
}

/// The server that serves the archive of a data directory, if one runs.
#[must_use]
pub fn running_server(data: &Path) -> Option<RunningServer> {
    let path = lock_path(data);
    if !path.exists() {
        return None;
    }
    let file = files::open_lock(&path).ok()?;
    let is_free = file.file().try_lock().is_ok();
    if is_free {
        return None;
    }
    read_note(data)
}

fn read_note(data: &Path) -> Option<RunningServer> {
    let text = files::read_text(&note_path(data), MAX_NOTE_BYTES).ok()?;
    serde_json::from_str(&text).ok()
}

impl HomeLock {
    /// Locks the archive of a data directory.
    pub(crate) fn take(data: &Path) -> Result<Self, ServerError> {
        files::create_private_dir(data)?;
        let path = lock_path(data);
        let file = files::open_lock(&path)?;
        if file.file().try_lock().is_err() {
            let running = read_note(data);
            return Err(ServerError::AlreadyRunning {
                data: data.to_owned(),
                address: running.as_ref().map(|running| running.address.clone()),
                process: running.map(|running| running.process),
            });
        }
        Ok(Self {
            note: note_path(data),
            _file: file,
        })
    }

    /// Notes where the server listens, for other commands.
    pub(crate) fn tell(&self, running: &RunningServer) -> Result<(), ServerError> {
        let mut draft = Draft::new(&self.note, Access::Private)?;
        let text = serde_json::to_string(running).map_err(std::io::Error::other)?;
        draft.write_all(text.as_bytes())?;
        draft.replace()?;
        Ok(())
    }
}

impl Drop for HomeLock {
    fn drop(&mut self) {
        // One that stays says nothing without the lock.
        let _ = fs_err::remove_file(&self.note);
    }
}
