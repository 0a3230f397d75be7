//! The way out of the archive: searching, reading back, looking around, and where lines come from.
//! Nothing here writes.

mod origin;
pub(crate) mod conversation;
mod order;
pub(crate) mod relatives;
pub(crate) mod read;
pub(crate) mod outline;
pub(crate) mod locate;
pub(crate) mod search;
pub(crate) mod browse;
pub(crate) mod blame;
