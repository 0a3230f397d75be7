//! Logs to measure with, which anybody can make again: the same for the same seed, shaped like
//! those that assistants leave (what share of the bytes is tool output, how well they compress, how
//! fast the number of different terms grows), with no word that a person wrote to an assistant.

mod rng;
mod words;
mod project;
mod outputs;
mod record;
mod plan;
mod claude;
mod tools;
mod codex;
mod generic;
mod measure;

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::args::Args;
use plan::Plan;

/// `cargo xtask logs …`.
pub(crate) fn run(mut args: Args) -> anyhow::Result<()> {
    if let Some(dir) = args.option::<PathBuf>("--measure")? {
        args.finish()?;
        return measure::run(&dir);
    }
    let out: PathBuf = args.option("--out")?.context("--out DIR is missing")?;
    let seed = args.option("--seed")?.unwrap_or(1);
    let generic: Option<u64> = args.option("--generic")?;
    let plan = Plan {
        seed,
        bytes: args.option::<u64>("--mb")?.unwrap_or(0) * 1_000_000,
        sessions: args.option("--sessions")?,
        codex_share: args.option("--codex-share")?.unwrap_or(0.0),
        small_files: args.option("--files")?,
    };
    args.finish()?;
    if generic.is_none() && plan.bytes == 0 && plan.small_files.is_none() {
        bail!("one of --mb N, --files N and --generic N is needed");
    }
    if let Some(messages) = generic {
        generic::write(&out.join("generic"), messages, seed)?;
    }
    plan.write(&out)?;
    generic::write_queries(&out.join("queries.jsonl"), 200, seed)
}
