//! Two made-up sources: the worked examples of CONTRIBUTING.md ("Adding a source"), compiled and run by the
//! tests only.

pub mod magpie;
pub mod parrot;
