//! The crate through its public surface.
//!
//! Most tests make a tiny model of the same architecture; those in `real.rs` need the real one, in
//! the `cache/models` directory that `LOREKEEP_TEST_MODEL` names, and do nothing without it.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "the numbers here are small"
)]

mod tiny;
mod values;
mod store;
mod minilm;
mod classifier;
mod matrix;
mod real;
