//! The chat: a turn and all that belongs to it.
//!
//! This crate must not know HTTP routes or terminals. Paths, settings and the clock are passed in.

pub mod model;
