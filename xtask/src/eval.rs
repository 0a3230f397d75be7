//! How well things are found: on labelled messages, on real sessions, in repositories whose lines
//! have known authors, and by the guards in labelled texts.

mod metrics;
mod retrieval;
mod known_item;
mod run;
mod blame;
mod guards;

use anyhow::bail;

use crate::args::ChoreArgs;

/// `cargo xtask eval …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("retrieval") => retrieval::run(args),
        Some("known-item") => known_item::run(args),
        Some("blame") => blame::run(args),
        Some("guards") => guards::run(args),
        _ => bail!("eval what? retrieval, known-item, blame or guards"),
    }
}
