//! The crate's promises, on real directories with what others may put into them.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

#[cfg(unix)]
mod planted;
mod whole;
