//! Turns: what one says while it is under way, and who listens.

mod log;

pub use log::TurnEvents;
pub(crate) use log::TurnLog;
