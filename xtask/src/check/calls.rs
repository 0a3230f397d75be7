//! Calls made at random against the MCP server, over standard input and output and over HTTP: whatever a
//! client sends, each request that can be told to be one is answered, nothing in an answer is hidden, and
//! the server lives, answers on, and stays within bounds.

mod mutate;
mod stdio;
mod http;

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::args::Args;
use crate::program::{Home, Program};

/// How long an answer may take; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Memory that a server may take, in bytes.
const MAX_MEMORY: u64 = 512 << 20;

/// What a run is to do.
struct Plan {
    seed: u64,
    ends: Instant,
    rounds: u64,
}

impl Plan {
    fn goes_on(&self, round: u64) -> bool {
        round < self.rounds && Instant::now() < self.ends
    }
}

/// `cargo xtask check calls [--rounds N] [--seconds S] [--seed S] [--bin PATH]`.
pub(super) fn run(mut args: Args) -> anyhow::Result<()> {
    let rounds = args.option("--rounds")?.unwrap_or(2_000);
    let seconds = args.option("--seconds")?.unwrap_or(600);
    let seed = args.option("--seed")?.unwrap_or(1);
    let bin: Option<std::path::PathBuf> = args.option("--bin")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    for (name, check) in [
        (
            "standard input",
            stdio::check as fn(&Program, &Home, &Plan) -> anyhow::Result<u64>,
        ),
        ("HTTP", http::check),
    ] {
        let home = Home::new("calls")?;
        let program = Program::new(&bin, &home)?;
        seeded(&program, &home)?;
        let plan = Plan {
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
fn seeded(program: &Program, home: &Home) -> anyhow::Result<()> {
    let log = home.path().join("talk.jsonl");
    fs_err::write(&log, include_str!("calls/talk.jsonl"))?;
    program.import(&log, &["--no-embed"])?;
    Ok(())
}

/// Fails where a server takes too much memory.
fn memory_is_bounded(process: u32) -> anyhow::Result<()> {
    // Elsewhere there is no such file, and nothing is measured.
    let Ok(status) = fs_err::read_to_string(format!("/proc/{process}/status")) else {
        return Ok(());
    };
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    match kilobytes.unwrap_or(0) << 10 {
        bytes if bytes > MAX_MEMORY => bail!("the server takes {bytes} bytes"),
        _ => Ok(()),
    }
}
