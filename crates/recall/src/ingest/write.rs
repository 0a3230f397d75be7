//! Putting messages into the archive: one transaction a step, so that a step is there whole or not
//! at all, whenever the program ends.

mod change;
mod prepared;
mod step;
mod keys;
mod copies;
mod owners;

pub(crate) use prepared::PreparedMessage;
pub(crate) use step::{Step, Writer};
