//! How fast, how small: the release build as a process on logs, in a home of its own.

mod import;
mod search;
mod daemon;
mod mcp;
mod watch;
mod hook;
mod gateway;
mod tools;
mod turn;
mod guards;
mod knowledge;

use anyhow::bail;

use crate::args::ChoreArgs;

/// `cargo xtask bench …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("import") => import::run(args),
        Some("search") => search::run(args),
        Some("daemon") => daemon::run(args),
        Some("mcp") => mcp::run(args),
        Some("watch") => watch::run(args),
        Some("hook") => hook::run(args),
        Some("gateway") => gateway::run(args),
        Some("turn") => turn::run(args),
        Some("tools") => tools::run(args),
        Some("guards") => guards::run(args),
        Some("knowledge") => knowledge::run(args),
        _ => bail!(
            "bench what? import, search, daemon, mcp, watch, hook, gateway, turn, guards or knowledge"
        ),
    }
}
