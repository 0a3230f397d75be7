//! How a server is, as a page shows it.

use std::path::PathBuf;

use crate::config::{CommandEntry, ServerTransport, UrlKind};
use crate::server::ToolServer;
use crate::state::Phase;

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerStatus {
    /// Its name.
    pub name: String,
    /// `stdio`, `streamable-http` or `sse`.
    pub transport: &'static str,
    /// Scheme, host and port of a server at an address, such as `http://localhost:7861`: what it returns may be
    /// fetched from there.
    pub origin: Option<String>,
    /// Directories that the entry of a program names: where it works, and absolute paths in its arguments and its
    /// environment. Files that it names may be read there.
    pub directories: Vec<PathBuf>,
    /// What it is doing.
    pub state: ToolServerState,
    /// How many tools are known.
    pub tools: usize,
    /// Whether a person has to log in.
    pub needs_login: bool,
}

/// What a server is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolServerState {
    /// It is switched off in the configuration.
    Disabled,
    /// There is no connection; a call makes one.
    Idle,
    /// A connection is being made.
    Connecting,
    /// It is connected.
    Ready,
    /// It can't be reached; it is tried again after a while.
    Failed {
        /// What happened.
        why: String,
        /// What a person can do.
        hint: Option<String>,
    },
}

/// How a server is now.
pub(crate) fn status(server: &ToolServer) -> ServerStatus {
    let entry = &server.entry;
    let mut directories = Vec::new();
    let (transport, origin) = match &entry.transport {
        ServerTransport::Command(command) => {
            directories = named_directories(command);
            ("stdio", None)
        }
        ServerTransport::Url(url) => {
            let name = match url.kind {
                UrlKind::Streamable => "streamable-http",
                UrlKind::Sse => "sse",
            };
            let address = reqwest::Url::parse(url.url.expose()).ok();
            (name, address.map(|url| url.origin().ascii_serialization()))
        }
    };
    let phase = server.phase();
    let needs_login = matches!(&phase, Phase::Failed(failure) if failure.needs_login);
    let state = match phase {
        _ if !entry.is_enabled => ToolServerState::Disabled,
        Phase::Idle => ToolServerState::Idle,
        Phase::Connecting => ToolServerState::Connecting,
        Phase::Ready => ToolServerState::Ready,
        Phase::Failed(failure) => ToolServerState::Failed {
            why: failure.why,
            hint: failure.hint,
        },
    };
    let tools = server.tools();
    ServerStatus {
        name: entry.name.clone(),
        transport,
        origin,
        directories,
        state,
        tools: tools.iter().filter(|tool| entry.offers(&tool.name)).count(),
        needs_login,
    }
}

fn named_directories(command: &CommandEntry) -> Vec<PathBuf> {
    let values = command.args.iter().chain(command.env.values());
    let values = values.map(|value| value.expose());
    let named = values.flat_map(|value| {
        // As in `--root=/srv/pictures`.
        let behind = value.split_once('=').map(|(_, behind)| behind);
        [Some(value), behind].into_iter().flatten()
    });
    let named = named.map(PathBuf::from).chain(command.directory.clone());
    named.filter(|path| path.is_absolute()).collect()
}
