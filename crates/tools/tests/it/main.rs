//! The client of MCP servers with real servers: processes over every transport, as they are and as they shouldn't be.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]
#![allow(clippy::needless_pass_by_value, reason = "`json!` makes values")]

mod support;

mod config;
mod names;
mod schema;
mod stdio;
mod web;
mod login;
#[cfg(target_os = "linux")]
mod processes;
