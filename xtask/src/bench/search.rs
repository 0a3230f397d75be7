//! Searching as a whole process, from `exec` to exit: what a person at the command line waits for.

use anyhow::Context;
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::logs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};

/// `cargo xtask bench search [--passages N] [--mode M] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let passages = args.option("--passages")?.unwrap_or(100_000);
    let mode: String = args
        .option("--mode")?
        .unwrap_or_else(|| "lexical".to_owned());
    let home = ProgramHome::from_args(&mut args, "search")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let queries = filled(&program, &home, passages, &mode)?;
    let mut walls = Vec::new();
    let mut peaks = Vec::new();
    // The first round only warms the page cache.
    for round in 0..2 {
        for query in &queries {
            let arguments = [
                "search",
                query,
                "--project",
                "all",
                "--mode",
                &mode,
                "--json",
            ];
            let cost = program.run(&arguments)?.cost;
            if round > 0 {
                walls.push(cost.wall.as_secs_f64() * 1e3);
                peaks.push(cost.peak as f64 / 1e6);
            }
        }
    }
    let mut report = FigureTable::new(format!(
        "{mode} search as a process, {passages} passages, {} queries",
        queries.len()
    ));
    report.note("median", percentile(&mut walls, 0.5), "ms");
    report.aim(
        "95th percentile",
        percentile(&mut walls, 0.95),
        "ms",
        Reach::Below(25.0),
    );
    report.note("peak memory", percentile(&mut peaks, 1.0), "MB");
    report.print(as_json);
    Ok(())
}

/// Fills a home with that many messages, embedded if the mode needs it, and returns queries.
pub(super) fn filled(
    program: &Program,
    home: &ProgramHome,
    passages: u64,
    mode: &str,
) -> anyhow::Result<Vec<String>> {
    let dir = home.path().join(format!("generic-{passages}"));
    if !dir.is_dir() {
        logs::messages(&dir, passages, 4)?;
    }
    let embedding = if mode == "lexical" {
        "--no-embed"
    } else {
        program.embedding()
    };
    program.import(
        &dir.join("messages.jsonl"),
        &["--source", "jsonl", embedding],
    )?;
    fs_err::read_to_string(dir.join("queries.jsonl"))?
        .lines()
        .map(|line| {
            let query: Value = serde_json::from_str(line)?;
            query["text"]
                .as_str()
                .map(str::to_owned)
                .context("a query has no text")
        })
        .collect()
}
