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

pub(crate) use client::{ClientFileTarget, FileFormat, Servers, SetupClient};
pub(crate) use hooks::Hooks;

/// Every client, in the order in which they are shown.
pub(crate) const ALL: [&dyn SetupClient; 8] = [
    &claude_code::ClaudeCodeClient,
    &codex::CodexClient,
    &cursor::CursorClient,
    &gemini_cli::GeminiCliClient,
    &claude_desktop::ClaudeDesktopClient,
    &vscode::VsCodeClient,
    &windsurf::WindsurfClient,
    &opencode::OpenCodeClient,
];

/// The client of this name.
pub(crate) fn of_id(id: &str) -> Option<&'static dyn SetupClient> {
    ALL.into_iter().find(|client| client.id() == id)
}
