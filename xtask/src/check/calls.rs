//! Calls made at random against the MCP server, over standard input and output and over HTTP: whatever a
//! client sends, each request that can be told to be one is answered, nothing in an answer is hidden, and
//! the server lives, answers on, and stays within bounds.

mod bounds;
mod mutate;
mod stdio;
mod http;

use std::time::{Duration, Instant};

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use bounds::CallPlan;

/// `cargo xtask check calls [--rounds N] [--seconds S] [--seed S] [--bin PATH]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let rounds = args.option("--rounds")?.unwrap_or(2_000);
    let seconds = args.option("--seconds")?.unwrap_or(600);
    let seed = args.option("--seed")?.unwrap_or(1);
    let bin: Option<std::path::PathBuf> = args.option("--bin")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    for (name, check) in [
        (
            "standard input",
            stdio::check as fn(&Program, &ProgramHome, &CallPlan) -> anyhow::Result<u64>,
        ),
        ("HTTP", http::check),
    ] {
        let home = ProgramHome::new("calls")?;
        let program = Program::new(&bin, &home)?;
        seeded(&program, &home)?;
        let plan = CallPlan {
            seed,
            ends: Instant::now() + Duration::from_secs(seconds) / 2,
            rounds,
        };
        let done = check(&program, &home, &plan)?;
        println!("{name}: {done} rounds, all answered");
    }
    Ok(())
}

/// Imports a few conversations for calls to find.
fn seeded(program: &Program, home: &ProgramHome) -> anyhow::Result<()> {
    let log = home.path().join("talk.jsonl");
    fs_err::write(&log, include_str!("calls/talk.jsonl"))?;
    program.import(&log, &["--no-embed"])?;
    Ok(())
}
