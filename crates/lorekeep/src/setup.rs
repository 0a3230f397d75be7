//! Registering Lorekeep with the assistants on this machine, by careful edits of their own files.

pub(crate) mod edit;
pub(crate) mod json;
pub(crate) mod node;
pub(crate) mod toml;
