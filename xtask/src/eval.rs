//! How well things are found: on labelled messages, and on real sessions.

mod metrics;
mod retrieval;
mod known_item;
mod run;

use anyhow::bail;

use crate::args::Args;

/// `cargo xtask eval …`.
pub(crate) fn run(mut args: Args) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("retrieval") => retrieval::run(args),
        Some("known-item") => known_item::run(args),
        _ => bail!("eval what? retrieval or known-item"),
    }
}
