//! What an assistant is to setup: the files that it reads, and the forms that they have.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::hooks::Hooks;
use crate::fault::Fault;
use crate::settings::ClientDirectories;
use crate::setup::edit::FileEdit;
use crate::setup::launch::LaunchCommand;
use crate::setup::node::Node;
use crate::setup::{json, toml};

/// An assistant (Claude Code, Cursor …): where its settings are and what has to stand in them.
pub(crate) trait SetupClient: Sync {
    /// The name that is typed.
    fn id(&self) -> &'static str;

    /// The name that people know.
    fn title(&self) -> &'static str;

    /// A file or directory that is there if the client is.
    fn trace(&self, places: &ClientDirectories) -> PathBuf;

    /// Where servers are registered for everything that the person does.
    fn servers(&self, places: &ClientDirectories) -> Servers;

    /// Where servers are registered for one project, if that can be.
    fn project_servers(&self, _project: &Path) -> Option<Servers> {
        None
    }

    /// How a server is registered.
    fn server(&self, launch: &LaunchCommand) -> Node {
        Node::table(launch.keys())
    }

    /// The hooks that it can have; none where it has no hooks.
    fn hooks(&self, _places: &ClientDirectories, _hooks: &Hooks<'_>) -> Vec<ClientFileTarget> {
        Vec::new()
    }

    /// A command for the person and an agent for the assistant; none where it has neither.
    fn commands(&self, _places: &ClientDirectories, _name: &str) -> Vec<ClientFileTarget> {
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

/// Where a client has its servers.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    /// The file.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: FileFormat,
    /// The keys down to the table of servers.
    pub(crate) path: &'static [&'static str],
}

impl Servers {
    pub(super) fn json(file: PathBuf) -> Self {
        Self {
            file,
            format: FileFormat::Json,
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
            FileFormat::Toml => toml::get(text, &self.key(name)),
            _ => json::get(text, &self.key(name)),
        }
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileFormat {
    /// JSON, perhaps with comments.
    Json,
    /// TOML.
    Toml,
    /// Text that is ours as a whole.
    Text,
}

/// A file and what has to be in it.
#[derive(Clone, Debug)]
pub(crate) struct ClientFileTarget {
    /// The file.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: FileFormat,
    /// What has to be in it, unless it is ours as a whole.
    pub(crate) edits: Vec<FileEdit>,
    /// The whole text of a file that is ours as a whole; `None` for files that we only edit.
    pub(crate) text: Option<String>,
}

impl ClientFileTarget {
    /// Edits of a JSON file.
    pub(super) fn json(file: PathBuf, edits: Vec<FileEdit>) -> Self {
        Self {
            file,
            format: FileFormat::Json,
            edits,
            text: None,
        }
    }

    /// A file of our own.
    pub(super) fn text(file: PathBuf, text: String) -> Self {
        Self {
            file,
            format: FileFormat::Text,
            edits: Vec::new(),
            text: Some(text),
        }
    }
}
