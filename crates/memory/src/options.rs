//! What a [`Memory`](crate::Memory) is made of: paths, limits and the model, all passed in.

use std::sync::Arc;
use std::time::Duration;

use recall::{ArchiveOpener, Roots};

use crate::clock::Clock;
use crate::model::SharedModel;

/// What a [`Memory`](crate::Memory) is made of.
///
/// Making one is cheap: nothing is opened, started or loaded before it is needed.
#[derive(Clone)]
pub struct MemoryOptions {
    /// Where the archive is, how it is guarded, whether it may be changed, and how long to wait for
    /// other processes that write.
    pub opener: ArchiveOpener,
    /// How many connections to the archive may be open at a time; 0 counts as 1. Each serves one thread at a
    /// time; a thread that finds none free waits for one.
    pub max_connections: usize,
    /// How many connections stay open while no thread uses them. One takes some hundred kilobytes, and
    /// opening one anew takes about a millisecond.
    pub idle_connections: usize,
    /// How long to wait for a free connection before [`Error::Busy`](crate::Error::Busy).
    pub connection_timeout: Duration,
    /// The model for searches by meaning. Several memories may share one.
    pub model: Arc<SharedModel>,
    /// Which logs are looked at for new messages before a search; `None` if searches leave the archive as it
    /// is.
    pub follow: Option<FollowOptions>,
    /// The clock; it tells which logs changed lately.
    pub clock: Clock,
    /// Lowers the priority of the thread that calls it, where the system can do that. It is called by the
    /// thread that embeds in the background.
    pub lower_priority: fn(),
}

/// How the logs of assistants are looked at for new messages: before each search and on
/// [`Memory::catch_up`](crate::Memory::catch_up), not in between.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// The directories in which assistants write their logs.
    pub roots: Roots,
    /// How long a look at which files have changed may take; importing these isn't included. What a look
    /// doesn't get to is looked at the next time.
    pub look_time: Duration,
    /// Whether what was read is also embedded soon after, if the model is loaded anyway. What isn't
    /// embedded is found by its words only; [`Archive::embed_pending`](recall::Archive::embed_pending) embeds
    /// it later.
    pub embeds: bool,
}

impl FollowOptions {
    /// For a process that answers again and again, such as the MCP server: 8 ms for a look, and what is new
    /// is embedded.
    pub fn for_server(roots: Roots) -> Self {
        Self {
            roots,
            look_time: Duration::from_millis(8),
            embeds: true,
        }
    }

    /// For a process that ends when it has answered, such as a command: 3 ms for a look, since it knows of no
    /// file yet and can't look at all of them; what is new isn't embedded.
    pub fn for_one_answer(roots: Roots) -> Self {
        Self {
            roots,
            look_time: Duration::from_millis(3),
            embeds: false,
        }
    }
}
