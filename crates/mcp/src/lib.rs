//! The MCP server: what assistants ask the archive through.
//!
//! A thin adapter, as the command line is: arguments become requests to the memory, its answers become
//! text for models. It must not know how anything is stored or ranked, and reads neither settings nor
//! environment: options come as values.

mod options;
mod limits;
mod lock;
mod refusal;
mod params;
mod cursor;
mod span;
mod place;
mod server;
mod call;
mod list;
mod hits;
mod tools;
mod resources;
mod prompts;
mod service;
mod stdio;
mod http;

pub use http::{HTTP_PATH, HttpOptions, http_router, listen, serve_http};
pub use options::{McpOptions, ToolSet};
pub use place::Whereabouts;
pub use server::McpServer;
pub use service::McpSession;
pub use stdio::{Stdio, serve_stdio};
