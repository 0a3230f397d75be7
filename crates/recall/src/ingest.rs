//! The way into the archive: logs are found, read, masked and written; what is written can be taken
//! out again for good. It must not know how anything is found.

pub(crate) mod remove;
pub(crate) mod write;
pub(crate) mod import;
pub(crate) mod fresh;
