//! Logs to measure with, which anybody can make again: the same for the same seed, shaped like
//! those that assistants leave (what share of the bytes is tool output, how well they compress, how
//! fast the number of different terms grows), with no word that a person wrote to an assistant.

mod rng;
mod words;
mod project;
mod outputs;
mod record;
mod place;
mod session;
mod plan;
mod claude;
mod tools;
mod codex;
mod generic;
mod measure;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};

use crate::args::ChoreArgs;
use crate::program::bytes_below;
use plan::LogPlan;
pub(crate) use rng::Rng;

/// `cargo xtask logs …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    if let Some(dir) = args.option::<PathBuf>("--measure")? {
        args.finish()?;
        return measure::run(&dir);
    }
    let out: PathBuf = args.option("--out")?.context("--out DIR is missing")?;
    let seed = args.option("--seed")?.unwrap_or(1);
    let generic: Option<u64> = args.option("--generic")?;
    let plan = LogPlan {
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
    let start = Instant::now();
    plan.write(&out)?;
    if let Some(count) = generic {
        messages(&out.join("generic"), count, seed)?;
    }
    let mb = bytes_below(&out)? as f64 / 1e6;
    let speed = mb / start.elapsed().as_secs_f64();
    println!("{}: {mb:.1} MB, written at {speed:.0} MB/s", out.display());
    Ok(())
}

/// Writes that many megabytes of Claude Code sessions.
pub(crate) fn sessions(out: &Path, mb: u64, seed: u64) -> anyhow::Result<()> {
    let bytes = mb * 1_000_000;
    LogPlan {
        seed,
        bytes,
        sessions: None,
        codex_share: 0.0,
        small_files: None,
    }
    .write(out)
}

/// Writes that many small Claude Code sessions.
pub(crate) fn small_files(out: &Path, count: usize, seed: u64) -> anyhow::Result<()> {
    let small_files = Some(count);
    LogPlan {
        seed,
        bytes: 0,
        sessions: None,
        codex_share: 0.0,
        small_files,
    }
    .write(out)
}

/// Writes `messages.jsonl`, in the generic format, and `queries.jsonl`.
pub(crate) fn messages(out: &Path, count: u64, seed: u64) -> anyhow::Result<()> {
    generic::write(out, count, seed)?;
    generic::write_queries(&out.join("queries.jsonl"), 200, seed)
}
