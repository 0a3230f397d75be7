//! The built program as a process: what a person types, and what comes out.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

mod support;
mod client;

mod help;
mod settings;
mod archive;
mod search;
mod show;
mod odd_files;
mod reflect;
mod guards;
mod blame;
mod meaning;
mod output;
mod failures;
mod scan;
mod guard;
mod opinions;
mod upkeep;
mod gateway;
mod gateway_kept;
#[path = "../../../chat/tests/support/scripted.rs"]
#[allow(dead_code, reason = "tests of other crates use the rest")]
mod scripted;
mod serve;
mod talking;
mod facts_cli;
mod serve_client;
#[cfg(unix)]
mod supervised;
mod setup;
mod install;
mod knowledge;
mod doctor;
mod dotenv;
mod planted;
mod browse;
mod chats;
mod chat_tools;
mod characters;
mod characters_http;
mod mcp;
mod migrate;
mod mcp_scope;
mod mcp_http;
mod mcp_http_load;
mod mcp_blame;
mod foreign;
mod watch;
mod hook;
mod offline;
mod page;
mod private;
mod forget;
mod exclude;
mod projects;
