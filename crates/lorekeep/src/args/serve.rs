//! The command line of `serve`, `key` and `health`.

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use server::KeyScope;

use super::{JsonArg, examples};

/// `serve`.
#[derive(Debug, Args)]
#[command(after_help = examples::SERVE_HELP)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 lets the system choose one [default: 127.0.0.1:7860]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) addr: Option<SocketAddr>,
    /// Open the page in the browser, by a link that works once
    #[arg(long)]
    pub(crate) open: bool,
    /// Ask nobody for a key; only on loopback
    #[arg(long)]
    pub(crate) no_auth: bool,
}

/// `key`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct KeyArgs {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

/// `key`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key for a program, and print it this once
    #[command(after_help = examples::KEY_CREATE_HELP)]
    Create(KeyCreateArgs),
    /// List the keys
    List(JsonArg),
    /// Revoke a key at once
    Revoke {
        /// The key's id, as `key list` prints it
        id: String,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Make a link for the browser that works once, for five minutes
    Link(JsonArg),
}

/// `key create`.
#[derive(Debug, Args)]
pub(crate) struct KeyCreateArgs {
    /// What the key is called, such as the program's name
    pub(crate) name: String,
    /// What it may be used for: chat, memory, gateway or admin; may be repeated [default: all but admin]
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    pub(crate) scope: Vec<KeyScope>,
    /// After how many days it ends [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) expires: Option<u32>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

fn scope(name: &str) -> Result<KeyScope, String> {
    KeyScope::from_name(name).ok_or_else(|| {
        let known = KeyScope::ALL.map(KeyScope::name).join(", ");
        format!("expected one of {known}")
    })
}
