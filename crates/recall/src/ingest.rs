//! The way into the archive: logs are found, read, masked and written, and what was written can be removed
//! for good. It must not know how searches work.

pub(crate) mod remove;
pub(crate) mod write;
pub(crate) mod import;
pub(crate) mod fresh;
