//! What an assistant is to setup: the files that it reads, and the forms that they have.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::hooks::Hooks;
use crate::fault::Fault;
use crate::settings::Places;
use crate::setup::edit::Edit;
use crate::setup::launch::Launch;
use crate::setup::node::Node;
use crate::setup::{json, toml};

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
    pub(super) fn json(file: PathBuf) -> Self {
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
    pub(super) fn json(file: PathBuf, edits: Vec<Edit>) -> Self {
        Self {
            file,
            format: Format::Json,
            edits,
            text: None,
        }
    }

    /// A file of our own.
    pub(super) fn text(file: PathBuf, text: String) -> Self {
        Self {
            file,
            format: Format::Text,
            edits: Vec::new(),
            text: Some(text),
        }
    }
}
