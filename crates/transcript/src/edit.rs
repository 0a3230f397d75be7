//! What a tool's call did to a file, whichever source logged it: edits as values, and the two forms
//! in which all sources' tools may give them, patches and command lines. Must not know who logged it.

pub mod command;
pub(crate) mod patch;
mod change;

pub use change::{LineSign, LoggedChange, LoggedEdit, PatchedPart, TextSwap};
