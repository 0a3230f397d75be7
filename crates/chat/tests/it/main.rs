//! The chat, tested at its boundary.

#![expect(clippy::disallowed_methods, reason = "tests read their own files")]

#[path = "../support/scripted.rs"]
mod scripted;

mod model;
mod person;
mod turns;
mod conversations;
