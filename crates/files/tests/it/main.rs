//! The crate's promises, on real directories with what others may put into them.

#[cfg(unix)]
mod planted;
mod whole;
