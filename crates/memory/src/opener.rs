//! How an archive is opened: where it is, how it is guarded, and whether it may be changed.

use std::time::Duration;

use recall::{Archive, Guards, Home};

/// How long to wait for another process that writes, unless something else is said.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the archive of a home, as often as it is asked to.
#[derive(Clone)]
pub struct ArchiveOpener {
    /// Where the archive is.
    pub home: Home,
    /// What it is guarded with.
    pub guards: Guards,
    /// Whether it may be changed.
    pub mode: OpenMode,
    /// How long to wait for another process that writes.
    pub lock_timeout: Duration,
}

/// Whether an archive may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Made where there is none, and brought up to date.
    ReadWrite,
    /// There already and of this version: nothing is made or changed.
    ReadOnly,
}

impl ArchiveOpener {
    /// An opener that reads and writes, and waits 30 seconds for other processes.
    pub fn new(home: &Home, guards: &Guards) -> Self {
        Self {
            home: home.clone(),
            guards: guards.clone(),
            mode: OpenMode::ReadWrite,
            lock_timeout: LOCK_TIMEOUT,
        }
    }

    /// Opens the archive.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(&self) -> recall::Result<Archive> {
        match self.mode {
            OpenMode::ReadWrite => {
                Archive::open_within(&self.home, &self.guards, self.lock_timeout)
            }
            OpenMode::ReadOnly => Archive::peek(&self.home, &self.guards, self.lock_timeout),
        }
    }
}
