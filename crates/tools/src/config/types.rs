//! What a configuration says, as values.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::secret::Guarded;

/// What an environment says for a name; passed in, since nothing here reads one.
pub type ConfigVariables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The servers of a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpConfig {
    /// In the order of the file; names are unique.
    pub servers: Vec<ServerEntry>,
}

/// One server of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEntry {
    /// The name, as it is shown and as it begins the names of tools.
    pub name: String,
    /// How it is reached.
    pub transport: ServerTransport,
    /// Whether it is used at all.
    pub is_enabled: bool,
    /// The only tools that are offered; `None` means all but those in `excluded_tools`.
    pub tools: Option<Vec<String>>,
    /// Tools that aren't offered.
    pub excluded_tools: Vec<String>,
    /// When a person is asked before a tool is called; `None` means the default of the options.
    pub approval: Option<Approval>,
    /// The same for single tools, by the names that the server gives them.
    pub tool_approvals: BTreeMap<String, Approval>,
    /// How long a call may take without progress; `None` means the default of the options.
    pub call_timeout: Option<Duration>,
    /// How long connecting and listing may take; `None` means the default of the options.
    pub connect_timeout: Option<Duration>,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerTransport {
    /// A program that speaks over its standard input and output.
    Command(CommandEntry),
    /// A server at an address.
    Url(UrlEntry),
}

/// A program that is a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandEntry {
    /// The program, by name or path.
    pub command: Guarded,
    /// Its arguments.
    pub args: Vec<Guarded>,
    /// What its environment has besides what the options pass on.
    pub env: BTreeMap<String, Guarded>,
    /// Its working directory.
    pub directory: Option<PathBuf>,
}

/// A server at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlEntry {
    /// The address, exactly as it is written: query and slashes at its end are kept.
    pub url: Guarded,
    /// Headers of every request.
    pub headers: BTreeMap<String, Guarded>,
    /// Which of the two transports over HTTP.
    pub kind: UrlKind,
    /// Whether the session is ended at the server when the connection is.
    pub is_terminated_on_close: bool,
    /// Who this program is where a person logs in for the server; without it, it registers there.
    pub oauth: Option<OauthEntry>,
}

/// A program that somebody registered at an authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthEntry {
    /// Its id.
    pub client_id: Guarded,
    /// Its secret, if it was given one.
    pub client_secret: Option<Guarded>,
    /// What is asked for, instead of what the server names.
    pub scope: Option<String>,
}

/// Which transport over HTTP a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlKind {
    /// Streamable HTTP, or the older one if the server refuses it, as the specification says.
    Streamable,
    /// HTTP with server-sent events, as servers before March 2025 had it.
    Sse,
}

/// When a person is asked before a tool is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Before each call.
    Always,
    /// Before the first call, and again once the tool's description changed.
    #[default]
    Once,
    /// Not at all.
    Never,
}

/// What is wrong in a configuration file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The field, such as `mcp_servers[2].url`; empty for the file itself.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the server that it stands in is left out because of it.
    pub is_fatal: bool,
}

impl ConfigProblem {
    /// Whether nothing of the file can be used because of it, as of one that is half written.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_fatal && self.field.is_empty()
    }
}

impl std::fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: ", self.path.display(), self.line)?;
        if !self.field.is_empty() {
            write!(f, "`{}`: ", self.field)?;
        }
        f.write_str(&self.what)
    }
}

impl ServerEntry {
    /// A number that stands for what the server is, by which its tools are known again after a restart. Values of
    /// variables are no part of it: a new key doesn't make another server.
    #[must_use]
    pub(crate) fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let mut put = |part: &str| {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        put(&self.name);
        match &self.transport {
            ServerTransport::Command(command) => {
                put("command");
                put(&command.command.to_string());
                command.args.iter().for_each(|arg| put(&arg.to_string()));
                for (name, value) in &command.env {
                    put(name);
                    put(&value.to_string());
                }
                put(&format!("{:?}", command.directory));
            }
            ServerTransport::Url(url) => {
                put("url");
                put(url.url.expose());
                for (name, value) in &url.headers {
                    put(name);
                    put(&value.to_string());
                }
            }
        }
        hex(&hasher.finalize())
    }

    /// Whether a tool of this server is offered.
    #[must_use]
    pub(crate) fn offers(&self, tool: &str) -> bool {
        let is_listed = |tools: &Vec<String>| tools.iter().any(|name| name == tool);
        self.tools.as_ref().is_none_or(is_listed) && !is_listed(&self.excluded_tools)
    }

    /// The text without any value of this entry that may be a secret.
    #[must_use]
    pub(crate) fn scrub(&self, text: &str) -> String {
        let values: Vec<&Guarded> = match &self.transport {
            ServerTransport::Command(command) => {
                command.args.iter().chain(command.env.values()).collect()
            }
            ServerTransport::Url(url) => {
                let oauth = url
                    .oauth
                    .as_ref()
                    .and_then(|oauth| oauth.client_secret.as_ref());
                url.headers
                    .values()
                    .chain([&url.url])
                    .chain(oauth)
                    .collect()
            }
        };
        values
            .into_iter()
            .fold(text.to_owned(), |text, value| value.scrub(&text))
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
