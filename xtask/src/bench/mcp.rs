//! The MCP server as a client sees it: how long it takes to start and to answer, and what it and
//! nine others have in memory.

use std::path::Path;

use anyhow::ensure;
use serde_json::json;

use super::search::filled;
use crate::args::ChoreArgs;
use crate::client::{MeasuringClient, memory};
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};

/// Starts that are timed.
const TIMED_STARTS: usize = 40;

/// Servers at once.
const SERVERS_AT_ONCE: usize = 10;

/// `cargo xtask bench mcp [--passages N] [--mode M] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let passages = args.option("--passages")?.unwrap_or(100_000);
    let mode: String = args
        .option("--mode")?
        .unwrap_or_else(|| "hybrid".to_owned());
    let home = ProgramHome::from_args(&mut args, "mcp")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let queries = filled(&program, &home, passages, &mode)?;
    let mut report = FigureTable::new(format!("MCP server, {mode}, {passages} passages"));
    starts(&program, &mode, &mut report)?;
    calls(&program, &mode, &queries, passages, &mut report)?;
    together(&program, &home, &mode, &queries, &mut report)?;
    report.print(as_json);
    Ok(())
}

fn server(program: &Program, mode: &str) -> std::process::Command {
    let mut command = program.command();
    command.arg("mcp").env("SEARCH__MODE", mode);
    command
}

fn starts(program: &Program, mode: &str, report: &mut FigureTable) -> anyhow::Result<()> {
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..TIMED_STARTS {
        let (mut client, took) = MeasuringClient::start(&mut server(program, mode))?;
        times.push(took.as_secs_f64() * 1e3);
        client.call("get_status", &json!({}))?;
        sizes.push(memory(client.pid(), "Rss")? / 1e6);
        client.close()?;
    }
    let initialized = percentile(&mut times, 0.95);
    report.note(
        "start to initialize: median",
        percentile(&mut times, 0.5),
        "ms",
    );
    report.aim(
        "start to initialize: 95th percentile",
        initialized,
        "ms",
        Reach::Below(30.0),
    );
    let size = percentile(&mut sizes, 1.0);
    report.aim(
        "memory before the first query",
        size,
        "MB",
        Reach::Below(25.0),
    );
    Ok(())
}

fn calls(
    program: &Program,
    mode: &str,
    queries: &[String],
    passages: u64,
    report: &mut FigureTable,
) -> anyhow::Result<()> {
    let (mut client, _) = MeasuringClient::start(&mut server(program, mode))?;
    let reach = if passages > 200_000 { 60.0 } else { 25.0 };
    for scope in ["project-1", "all"] {
        let mut times = Vec::new();
        for round in 0..2 {
            for query in queries {
                let arguments = json!({"query": query, "project": scope});
                let took = client.time("reflect_on_past", &arguments)?;
                if round > 0 {
                    times.push(took);
                }
            }
        }
        report.note(
            format!("{scope}: median"),
            percentile(&mut times, 0.5),
            "ms",
        );
        let slow = percentile(&mut times, 0.95);
        report.aim(
            format!("{scope}: 95th percentile"),
            slow,
            "ms",
            Reach::Below(reach),
        );
    }
    for (tool, arguments) in [
        ("get_status", json!({})),
        ("get_recent_work", json!({"project": "project-1"})),
        (
            "get_timeline",
            json!({"project": "all", "time_range": "past 20 years", "granularity": "month"}),
        ),
    ] {
        let times: Result<Vec<f64>, _> = (0..40).map(|_| client.time(tool, &arguments)).collect();
        let slow = percentile(&mut times?, 0.95);
        let name = format!("{tool}: 95th percentile");
        if tool == "get_status" {
            report.aim(name, slow, "ms", Reach::Below(20.0));
        } else {
            report.note(name, slow, "ms");
        }
    }
    report.note(
        "memory of one server",
        memory(client.pid(), "Pss")? / 1e6,
        "MB",
    );
    client.close()
}

/// Ten servers that search at the same time, while a log grows.
fn together(
    program: &Program,
    home: &ProgramHome,
    mode: &str,
    queries: &[String],
    report: &mut FigureTable,
) -> anyhow::Result<()> {
    let start = |_| Ok(MeasuringClient::start(&mut server(program, mode))?.0);
    let mut clients = (0..SERVERS_AT_ONCE)
        .map(start)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let word = "quagmirelantern";
    let done: anyhow::Result<Vec<f64>> = std::thread::scope(|scope| {
        let tasks: Vec<_> = clients
            .iter_mut()
            .enumerate()
            .map(|(number, client)| {
                scope.spawn(move || -> anyhow::Result<f64> {
                    let mut times = Vec::new();
                    for query in queries.iter().skip(number).step_by(3).take(25) {
                        let arguments = json!({"query": query, "project": "all"});
                        times.push(client.time("reflect_on_past", &arguments)?);
                    }
                    Ok(percentile(&mut times, 0.5))
                })
            })
            .collect();
        write_log(home.path(), word)?;
        tasks
            .into_iter()
            .map(|task| {
                task.join()
                    .unwrap_or_else(|_| anyhow::bail!("a client panicked"))
            })
            .collect()
    });
    let mut medians = done?;
    for client in &mut clients {
        let arguments = json!({"query": word, "project": "all"});
        let mut found = client.call("reflect_on_past", &arguments)?;
        for _ in 0..50 {
            if found["count"] != json!(0) {
                break;
            }
            found = client.call("reflect_on_past", &arguments)?;
        }
        ensure!(
            found["count"] != json!(0),
            "a server doesn't find what was just written"
        );
    }
    let sizes: anyhow::Result<Vec<f64>> = clients
        .iter()
        .map(|client| memory(client.pid(), "Pss"))
        .collect();
    let all = sizes?.iter().sum::<f64>() / 1e6;
    report.aim("ten servers together", all, "MB", Reach::Below(400.0));
    report.note(
        "ten at once: median call",
        percentile(&mut medians, 0.5),
        "ms",
    );
    clients.into_iter().try_for_each(MeasuringClient::close)
}

/// A session of Claude Code in the home, as if it were just being held.
fn write_log(home: &Path, word: &str) -> anyhow::Result<()> {
    let record = json!({
        "type": "user", "uuid": "grown-1", "sessionId": "grown", "cwd": "/src/grown",
        "timestamp": "2026-01-01T10:00:00.000Z", "version": "2.1.0",
        "message": {"role": "user", "content": format!("We call it {word} from now on.")},
    });
    let file = home.join(".claude/projects/-src-grown/grown.jsonl");
    if let Some(directory) = file.parent() {
        fs_err::create_dir_all(directory)?;
    }
    Ok(fs_err::write(file, format!("{record}\n"))?)
}
