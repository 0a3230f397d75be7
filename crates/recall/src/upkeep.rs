//! The state of the archive, checking it, and making anew what is derived.

mod walk;
mod check;
mod rescan;
mod status;
mod repair;
mod salvage;

pub(crate) use check::verify;
pub(crate) use repair::repair;
pub(crate) use rescan::{begin_checked, rescan};
pub(crate) use salvage::salvage;
pub(crate) use status::{problems, sources, status};
