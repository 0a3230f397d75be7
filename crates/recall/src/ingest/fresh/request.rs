//! The request for a catch-up ([`Archive::catch_up`](crate::Archive::catch_up)) and its result.

use std::time::Duration;

use transcript::Millis;

use crate::Roots;
use crate::guards::Unquoted;

/// A request to import what is new in the logs, as far as a quick look at them finds it.
#[derive(Clone, Debug)]
pub struct CatchUp {
    /// Where assistants keep their logs on this machine.
    pub roots: Roots,
    /// How many of the logs to look at.
    pub look: Look,
    /// How long to wait for another process that is importing. After that the result says how much still
    /// waits. An import that this process makes itself isn't limited by it.
    pub wait: Duration,
    /// The time now, in milliseconds since 1970: it says which files are hot, warm or cold (see [`Look`]),
    /// and is recorded as the time of the last import.
    pub now: Millis,
}

/// How many files and directories a catch-up looks at, to see whether they changed. A file is hot if it
/// changed less than 5 minutes ago, warm if less than 24 hours ago, and cold otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Only the paths that were given to [`Sweeper::touch`](crate::Sweeper::touch) since the last look.
    Touched,
    /// Those, all hot files, directories that changed of late, and 5 each of the other directories and of
    /// the cold files. The next look goes on with others.
    Hot,
    /// Those, and then warm files, other directories and cold files until this much time has passed since
    /// the look began. The next look goes on where this one ended.
    Within(Duration),
}

/// What a catch-up imported, and what still waits to be imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// The number of files and directories that were looked at.
    pub looked_at: u64,
    /// The number of files that the look found to have something new.
    pub changed: u64,
    /// The number of messages that this process added to the archive; others may have added more.
    pub added: u64,
    /// The number of files that still have something new.
    pub waiting_files: u64,
    /// The number of bytes in those files that are not in the archive yet.
    pub waiting_bytes: u64,
    /// Whether another process was importing, so that this one didn't, or kept the archive locked.
    pub elsewhere: bool,
    /// Whether the work was asked to end ([`Stop`](crate::Stop)).
    pub stopped: bool,
}

impl Unquoted for Caught {}

/// How far an archive is behind the logs, by the last look at them: what a search says of messages that it
/// can't find yet. The default is an archive that is up to date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The number of log files that have something new.
    pub files: u64,
    /// The number of bytes in those files that are not in the archive yet.
    pub bytes: u64,
    /// Whether the look itself wasn't finished in time, so that there may be more.
    pub unsure: bool,
    /// Why the archive stays behind, in words for a person, if importing failed; `None` if it didn't.
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
