//! What the archive promises, checked through its public face: import, keeping, search, upkeep.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "the numbers here are small"
)]

mod support;
mod import;
mod growth;
mod fresh;
mod broken;
mod exports;
mod halves;
mod forks;
mod queued;
mod together;
mod opening;
mod vectors;
mod identity;
mod claims;
mod belonging;
mod merges;
mod scope;
mod queries;
mod exactly;
mod isolation;
mod closed;
mod browse;
mod reflections;
mod facts;
mod chats;
mod marks;
mod foreign;
mod sources;
mod upkeep;
mod salvage;
mod blame;
mod schema;
mod forget;
mod exclusions;
mod compat;
mod guards;
