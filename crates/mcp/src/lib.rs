//! The server of the Model Context Protocol (MCP), through which assistants search the archive, over standard
//! input and output or over HTTP.
//!
//! A thin adapter, as the command line is: arguments become requests to the memory, its answers become
//! text for models. It must not know how anything is stored or ranked, and reads neither settings nor
//! environment: options come as values.

mod options;
mod limits;
mod lock;
mod hint;
mod refusal;
mod params;
mod cursor;
mod span;
mod scope;
mod server;
mod call;
mod list;
mod hits;
mod tools;
mod resources;
mod prompts;
mod session;
mod stdio;
mod http;

pub use http::{
    ConnectionLimits, HTTP_PATH, HttpOptions, PeerAddress, RequestConnection, embedded_router,
    http_router, listen, serve_connections, serve_http,
};
pub use options::{McpOptions, ToolSet};
pub use scope::Whereabouts;
pub use server::McpServer;
pub use session::McpSession;
pub use stdio::{StdioTransport, serve_stdio};
