//! What all sessions of a server share: the memory, the options, and how many calls are under way. A session
//! is the connection of one client from its `initialize` to its end.

use std::sync::Arc;

use memory::Memory;
use tokio::sync::Semaphore;

use crate::options::McpOptions;

/// Calls of all clients that are worked on or wait for it; more are refused.
const MAX_CALLS: usize = 64;

/// An MCP server: what the sessions of all its clients share. Make one, and of it an
/// [`McpSession`](crate::McpSession) for standard input and output, or pass it to
/// [`serve_http`](crate::serve_http), which makes a session for each client.
pub struct McpServer {
    /// The archive, its model and the logs that are followed.
    pub(crate) memory: Arc<Memory>,
    pub(crate) options: McpOptions,
    /// A permit for each call that is worked on or waits for it, 64 in all; more calls are refused.
    pub(crate) calls: Arc<Semaphore>,
}

impl McpServer {
    /// A server that answers from this memory. It opens nothing: the archive is opened by the first call that
    /// needs it.
    pub fn new(memory: Arc<Memory>, options: McpOptions) -> Self {
        Self {
            memory,
            options,
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
        }
    }
}
