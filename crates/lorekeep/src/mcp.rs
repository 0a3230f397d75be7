//! The MCP server: what assistants ask the archive through.
//!
//! A thin adapter, as the command line is: arguments become requests to `recall`, its answers become
//! text for models. It must not know how anything is stored or ranked.

mod refusal;
mod params;
mod cursor;
mod desk;
mod place;
mod call;
mod span;
mod list;
mod hits;
pub(crate) mod tools;
mod resources;
mod prompts;
mod service;
mod stdio;
mod http;
pub(crate) mod token;

pub(crate) use desk::Desk;
pub(crate) use http::{Options as HttpOptions, PATH as HTTP_PATH, listen, serve as serve_http};
pub(crate) use place::Whereabouts;
pub(crate) use service::Service;
pub(crate) use stdio::Stdio;
