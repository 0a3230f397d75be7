//! What is known of a server, and who is told of changes.

use std::sync::Arc;

use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use crate::cache::ListCache;
use crate::failure::ConnectFailure;
use crate::results::ServerTool;

/// A server changed: what a page that shows it has to ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolServerChange {
    /// The server.
    pub server: String,
    /// What changed.
    pub what: ChangedPart,
}

/// What changed at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedPart {
    /// Whether it is connected, or failed.
    State,
    /// Its tools.
    Tools,
    /// Its prompts.
    Prompts,
    /// Its resources.
    Resources,
}

/// What servers share.
pub(crate) struct SharedParts {
    pub(crate) cache: ListCache,
    pub(crate) changes: broadcast::Sender<ToolServerChange>,
    /// Counts changes, for whoever waits for one.
    pub(crate) version: watch::Sender<u64>,
    /// Whoever holds it starts a process for listing.
    pub(crate) starting: Arc<tokio::sync::Mutex<()>>,
}

/// What a server is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Idle,
    Connecting,
    Ready,
    Failed(ConnectFailure),
}

/// What is known of a server.
pub(crate) struct ServerKnowledge {
    pub(crate) phase: Phase,
    pub(crate) tools: Arc<Vec<ServerTool>>,
    /// Whether the tools are those of this run.
    pub(crate) is_listed: bool,
    pub(crate) is_listing: bool,
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<Instant>,
    pub(crate) is_closed: bool,
}
