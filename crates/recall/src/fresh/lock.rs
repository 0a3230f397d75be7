//! One importer at a time: a lock that the system takes back when its process ends, however it ends.

use std::fs::TryLockError;

use crate::{Home, Result};

/// Held while this process imports what changed.
///
/// Importing at once would do no harm; it would read the same logs several times.
pub(crate) struct ImportLock {
    /// Unlocked when closed.
    _file: fs_err::File,
}

impl ImportLock {
    /// The lock, or `None` if another process has it.
    pub(crate) fn try_take(home: &Home) -> Result<Option<Self>> {
        let mut options = fs_err::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        {
            use fs_err::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(home.data().join("import.lock"))?;
        match file.file().try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some file systems have no locks: then reading twice is better than not at all.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Self { _file: file })),
        }
    }
}
