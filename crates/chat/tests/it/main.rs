//! The chat, tested at its boundary.

#![expect(clippy::disallowed_methods, reason = "tests read their own files")]

#[path = "../support/scripted.rs"]
#[allow(dead_code, reason = "tests of other crates use the rest")]
mod scripted;

mod model;
mod person;
mod turns;
mod window;
mod conversations;
mod characters;
mod tools;
mod approvals;
mod media;
mod facts;
mod knowledge;
