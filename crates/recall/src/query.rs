//! The way out of the archive: searching, reading back, looking around, and where lines come from.
//! Nothing here writes.

pub(crate) mod conversation;
pub(crate) mod read;
pub(crate) mod locate;
pub(crate) mod search;
pub(crate) mod browse;
pub(crate) mod blame;
