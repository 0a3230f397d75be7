//! One process at a time for work that each of many might do: locks that the system takes back when
//! a process ends, however it ends.

use std::fs::TryLockError;

use crate::{Home, Result};

/// The lock of who imports what changed.
pub(super) const IMPORT_LOCK: &str = "import.lock";

/// The lock of who embeds a little beside other work.
pub(crate) const EMBED_LOCK: &str = "embed.lock";

/// The lock of who removes what is to be forgotten.
pub(crate) const FORGET_LOCK: &str = "forget.lock";

/// Held while this process does the work.
///
/// Two that do it at once would do no harm; they would do the same twice.
pub(crate) struct Lock {
    /// Unlocked when closed.
    _file: fs_err::File,
}

impl Lock {
    /// The lock, or `None` if another process has it.
    pub(crate) fn try_take(home: &Home, name: &str) -> Result<Option<Self>> {
        let file = files::open_lock(&home.data().join(name))?;
        match file.file().try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some file systems have no locks: then reading twice is better than not at all.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Self { _file: file })),
        }
    }
}
