//! `mcp.json`: which servers there are, how they are reached, and what a person allows them.

mod types;
mod expand;
mod fields;
mod entry;
mod parse;

pub(crate) use types::hex;
pub use types::{
    Approval, CommandEntry, ConfigProblem, ConfigVariables, McpConfig, OauthEntry, ServerEntry,
    ServerTransport, UrlEntry, UrlKind,
};
