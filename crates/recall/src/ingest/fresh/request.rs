//! What a catch-up is asked for, and what it came to.

use std::time::Duration;

use transcript::Millis;

use crate::Roots;
use crate::guards::Unquoted;

/// A request to import what is new in the logs, as far as a quick look at them finds it.
#[derive(Clone, Debug)]
pub struct CatchUp {
    /// Where assistants keep their logs on this machine.
    pub roots: Roots,
    /// How much of the logs to look at.
    pub look: Look,
    /// How long to wait for another process that is importing.
    pub wait: Duration,
    /// The time now, in milliseconds since 1970, by which files are hot, warm or cold.
    pub now: Millis,
}

/// How much a sweep looks at. Files that changed less than 5 minutes ago are hot, less than 24 hours
/// ago warm, all others cold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Only at the files that [`Sweeper::touch`](crate::Sweeper::touch) named.
    Touched,
    /// Also at hot files, at directories, and at five cold files.
    Hot,
    /// Also at warm files, and at cold ones until this much time is gone; the next time goes on
    /// where this one ended.
    Within(Duration),
}

/// What a catch-up imported, and what still waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// The number of files and directories that were looked at.
    pub looked_at: u64,
    /// The number of files that had something new.
    pub changed: u64,
    /// The number of messages that this process added.
    pub added: u64,
    /// The number of files that still have something new.
    pub waiting_files: u64,
    /// The number of bytes in those files that are not in the archive yet.
    pub waiting_bytes: u64,
    /// Whether another process was importing, or held the archive for too long.
    pub elsewhere: bool,
    /// Whether the work was asked to end before it was done.
    pub stopped: bool,
}

impl Unquoted for Caught {}

/// How far an archive is behind the logs, as far as a look at them told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The number of files that have something new.
    pub files: u64,
    /// The number of bytes in those files that can't be found yet.
    pub bytes: u64,
    /// Whether the look itself was not done in time, so that there may be more.
    pub unsure: bool,
    /// Why the archive stays behind, if something failed.
    pub problem: Option<String>,
}

impl From<&Caught> for Lag {
    fn from(caught: &Caught) -> Self {
        Self {
            files: caught.waiting_files,
            bytes: caught.waiting_bytes,
            ..Self::default()
        }
    }
}
