//! The assistants that Lorekeep can be registered with, one file each: which files they read and
//! what has to be in them. Nothing is read or written here.

mod claude_code;
mod claude_desktop;
mod codex;
mod cursor;
mod gemini_cli;
mod hooks;
mod opencode;
mod texts;
mod vscode;
mod windsurf;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::edit::{Edit, Fault};
use super::launch::Launch;
use super::node::Node;
use super::{json, toml};
use crate::settings::Places;
pub(crate) use hooks::Hooks;

/// An assistant.
pub(crate) trait Client: Sync {
    /// The name that is typed.
    fn id(&self) -> &'static str;

    /// The name that people know.
    fn title(&self) -> &'static str;

    /// A file or directory that is there if the client is.
    fn trace(&self, places: &Places) -> PathBuf;

    /// Where servers are registered for everything that the person does.
    fn servers(&self, places: &Places) -> Servers;

    /// Where servers are registered for one project, if that can be.
    fn project_servers(&self, _project: &Path) -> Option<Servers> {
        None
    }

    /// How a server is registered.
    fn server(&self, launch: &Launch) -> Node {
        Node::table(launch.keys())
    }

    /// The hooks that it can have; none where it has no hooks.
    fn hooks(&self, _places: &Places, _hooks: &Hooks<'_>) -> Vec<Target> {
        Vec::new()
    }

    /// A command for the person and an agent for the assistant; none where it has neither.
    fn commands(&self, _places: &Places, _name: &str) -> Vec<Target> {
        Vec::new()
    }

    /// Whether hooks are put in unless the person says otherwise.
    fn hooks_by_default(&self) -> bool {
        false
    }

    /// What the person has to do or know afterwards.
    fn advice(&self, _hooks: bool) -> Option<&'static str> {
        None
    }
}

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

/// Where a client has its servers.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    /// The file.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: Format,
    /// The keys down to the table of servers.
    pub(crate) path: &'static [&'static str],
}

impl Servers {
    fn json(file: PathBuf) -> Self {
        Self {
            file,
            format: Format::Json,
            path: &["mcpServers"],
        }
    }

    /// The keys down to the server of this name.
    pub(crate) fn key(&self, name: &str) -> Vec<String> {
        let keys = self.path.iter().copied().chain([name]);
        keys.map(str::to_owned).collect()
    }

    /// What a text of this file has for the server of this name.
    pub(crate) fn get(&self, text: &str, name: &str) -> Result<Option<Value>, Fault> {
        match self.format {
            Format::Toml => toml::get(text, &self.key(name)),
            _ => json::get(text, &self.key(name)),
        }
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// JSON, perhaps with comments.
    Json,
    /// TOML.
    Toml,
    /// Text that is ours as a whole.
    Text,
}

/// A file and what has to be in it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The file.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: Format,
    /// What has to be in it, unless it is ours as a whole.
    pub(crate) edits: Vec<Edit>,
    /// All of it, if it is ours as a whole.
    pub(crate) text: Option<String>,
}

impl Target {
    /// Edits of a JSON file.
    fn json(file: PathBuf, edits: Vec<Edit>) -> Self {
        Self {
            file,
            format: Format::Json,
            edits,
            text: None,
        }
    }

    /// A file of our own.
    fn text(file: PathBuf, text: String) -> Self {
        Self {
            file,
            format: Format::Text,
            edits: Vec::new(),
            text: Some(text),
        }
    }
}
