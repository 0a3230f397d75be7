//! What a memory is made of: paths, limits and the model, all passed in.

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
    /// How many connections to the archive may be open at a time, at least one. Each serves one thread;
    /// whoever finds none free waits for one.
    pub max_connections: usize,
    /// How many connections stay open while nobody uses them. One takes some hundred kilobytes, and
    /// opening one anew takes about a millisecond.
    pub idle_connections: usize,
    /// How long to wait for a free connection before [`Error::Busy`](crate::Error::Busy).
    pub connection_timeout: Duration,
    /// The model for searches by meaning. Several memories may share one.
    pub model: Arc<SharedModel>,
    /// Which logs are read on before each search; `None` leaves the archive as it is.
    pub follow: Option<FollowOptions>,
    /// The clock.
    pub clock: Clock,
    /// Makes the thread that calls it give way to others, where the system can do that: called by
    /// threads whose work nobody waits for.
    pub lower_priority: fn(),
}

/// How logs are followed.
#[derive(Clone, Debug)]
pub struct FollowOptions {
    /// The directories in which assistants leave their logs.
    pub roots: Roots,
    /// How long a look at what may have changed may take. What a look doesn't get to is looked at the
    /// next time.
    pub look_time: Duration,
    /// Whether what was read is also embedded soon after, if the model is loaded anyway.
    pub embeds: bool,
}

impl FollowOptions {
    /// For a process that answers again and again: 8 ms for a look, and what is new is embedded.
    pub fn for_server(roots: Roots) -> Self {
        Self {
            roots,
            look_time: Duration::from_millis(8),
            embeds: true,
        }
    }

    /// For a process that ends when it has answered: 3 ms for a look, since it would have to look for
    /// all that a longer living one knows already; embedding is left to others.
    pub fn for_one_answer(roots: Roots) -> Self {
        Self {
            roots,
            look_time: Duration::from_millis(3),
            embeds: false,
        }
    }
}
