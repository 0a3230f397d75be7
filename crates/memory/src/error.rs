//! What can go wrong between a surface and the archive.

use std::time::Duration;

use recall::ErrorClass;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a surface and the archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The archive failed, or what was asked of it can't be answered.
    #[error("{0}")]
    Archive(#[from] recall::Error),
    /// Every connection was taken, and none was given back in time.
    #[error("all {connections} connections to the archive were in use for {} s", waited.as_secs_f64())]
    Busy {
        /// How many connections there are.
        connections: usize,
        /// How long one was waited for.
        waited: Duration,
    },
}

impl Error {
    /// What the error means to whoever asked: exit codes, HTTP statuses and codes of protocols follow
    /// from it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Archive(error) => error.class(),
            Self::Busy { .. } => ErrorClass::Busy,
        }
    }
}
