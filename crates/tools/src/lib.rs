//! The client of MCP servers: which there are, what tools, prompts and resources they offer, and calls of them over
//! standard input and output, Streamable HTTP and the older HTTP with server-sent events.
//!
//! It knows nothing of chats, archives, routes and terminals; the configuration's text, the environment, limits and
//! whoever answers questions of servers are passed in, and so is the program that supervises their processes.

mod lock;
mod bounds;
mod secret;
mod config;
mod tool;
mod error;
mod options;
mod names;
mod schema;
mod frame;
mod ledger;
mod http;
mod oauth;
mod transport;
mod supervise;
mod results;
mod handler;
mod failure;
mod connection;
mod opening;
mod cache;
mod state;
mod server;
mod calls;
mod status;
mod servers;

pub use config::{
    Approval, CommandEntry, ConfigProblem, ConfigVariables, McpConfig, OauthEntry, ServerEntry,
    ServerTransport, UrlEntry, UrlKind,
};
pub use error::ToolError;
pub use names::MAX_WIRE_NAME;
pub use options::{
    BoxedFuture, Elicitor, FormAnswer, Question, TokenStore, ToolLimits, ToolServerOptions,
    ToolTimeouts,
};
pub use schema::{Inexpressible, SchemaDialect, schema_for};
pub use secret::Guarded;
pub use servers::{ToolServers, WeakToolServers};
pub use state::{ChangedPart, ToolServerChange};
pub use status::{ServerStatus, ToolServerState};
pub use supervise::supervise;
pub use tool::{
    ListedPrompt, ListedResource, ListedTool, MediaKind, Progress, PromptArgument, PromptMessage,
    ResourceBody, ResourceContent, ToolCall, ToolContent, ToolHints, ToolResult,
};
