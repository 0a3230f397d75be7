//! The tests of this crate through its public API.

mod bounds;
mod broken;
mod chats;
mod claude_code;
mod codex;
mod generic;
mod fixtures;
mod pieces;
mod recognition;
mod registry;
mod support;
