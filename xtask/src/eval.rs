//! How well things are found: on labelled messages, on real sessions, in repositories whose lines
//! have known authors, by the guards in labelled texts, and by the chat in what people say of themselves.

mod metrics;
mod retrieval;
mod known_item;
mod run;
mod blame;
mod guards;
mod facts;
mod knowledge;

use anyhow::bail;

use crate::args::ChoreArgs;

/// `cargo xtask eval …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("retrieval") => retrieval::run(args),
        Some("known-item") => known_item::run(args),
        Some("blame") => blame::run(args),
        Some("guards") => guards::run(args),
        Some("facts") => facts::run(args),
        Some("knowledge") => knowledge::run(args),
        _ => bail!("eval what? retrieval, known-item, blame, guards, facts or knowledge"),
    }
}
