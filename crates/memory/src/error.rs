//! What can go wrong between a surface and the archive.

use std::time::Duration;

use recall::ErrorClass;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a [`Memory`](crate::Memory) can't do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The archive failed, or what was asked of it can't be answered, such as a search in an unknown project.
    #[error("{0}")]
    Archive(#[from] recall::Error),
    /// All connections to the archive were used by other threads of this process, and none was given back
    /// within [`MemoryOptions::connection_timeout`](crate::MemoryOptions::connection_timeout).
    #[error("all {connections} connections to the archive were in use for {} s", waited.as_secs_f64())]
    Busy {
        /// The largest number of connections that may be open.
        connections: usize,
        /// How long this thread waited for one.
        waited: Duration,
    },
}

impl Error {
    /// The error's class, from which exit code, HTTP status and JSON-RPC code follow.
    /// [`Error::Busy`] is [`ErrorClass::Busy`].
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Archive(error) => error.class(),
            Self::Busy { .. } => ErrorClass::Busy,
        }
    }
}
