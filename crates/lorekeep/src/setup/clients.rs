//! The assistants that Lorekeep can be registered with, one file each: which files they read and
//! what has to be in them. Nothing is read or written here.

mod client;
mod hooks;
mod texts;
mod claude_code;
mod claude_desktop;
mod codex;
mod cursor;
mod gemini_cli;
mod opencode;
mod vscode;
mod windsurf;

pub(crate) use client::{Client, Format, Servers, Target};
pub(crate) use hooks::Hooks;

/// Every client, in the order in which they are shown.
pub(crate) const ALL: [&dyn Client; 8] = [
    &claude_code::ClaudeCode,
    &codex::Codex,
    &cursor::Cursor,
    &gemini_cli::GeminiCli,
    &claude_desktop::ClaudeDesktop,
    &vscode::VsCode,
    &windsurf::Windsurf,
    &opencode::OpenCode,
];

/// The client of this name.
pub(crate) fn of_id(id: &str) -> Option<&'static dyn Client> {
    ALL.into_iter().find(|client| client.id() == id)
}
