//! What all sessions of a server share: the memory, the options, and how many calls are under way.

use std::sync::Arc;

use memory::Memory;
use tokio::sync::Semaphore;

use crate::options::McpOptions;

/// Calls of all clients that are worked on or wait for it; more are refused.
const MAX_CALLS: usize = 64;

/// An MCP server: what all its sessions share. Each client has a session of its own.
pub struct McpServer {
    pub(crate) memory: Arc<Memory>,
    pub(crate) options: McpOptions,
    /// Places for calls that are worked on or wait for it.
    pub(crate) calls: Arc<Semaphore>,
}

impl McpServer {
    /// A server over a memory. Opens nothing yet: a client may never ask for anything.
    pub fn new(memory: Arc<Memory>, options: McpOptions) -> Self {
        Self {
            memory,
            options,
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
        }
    }
}
