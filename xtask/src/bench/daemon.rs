//! Searching inside of a running process, the embedding of the query included: one query is sent
//! to `search --batch -` at a time, and the next one when the answer is there.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use super::search::filled;
use crate::args::ChoreArgs;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach, percentile};

/// Longer than any answer takes, the loading of model and index included.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// `cargo xtask bench daemon [--passages N] [--mode M] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let passages = args.option("--passages")?.unwrap_or(100_000);
    let mode: String = args
        .option("--mode")?
        .unwrap_or_else(|| "hybrid".to_owned());
    let home = ProgramHome::from_args(&mut args, "daemon")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let queries = filled(&program, &home, passages, &mode)?;
    let mut report = FigureTable::new(format!(
        "{mode} search in a running process, {passages} passages"
    ));
    let reach = if passages > 200_000 { 50.0 } else { 15.0 };
    for scope in ["project-1", "all"] {
        let (mut times, peak) = dialogue(&program, &queries, &mode, scope)?;
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
        report.aim(
            format!("{scope}: peak memory"),
            peak,
            "MB",
            Reach::Below(150.0),
        );
    }
    report.print(as_json);
    Ok(())
}

/// Asks all queries twice, one by one; times of the second round in milliseconds, and memory.
fn dialogue(
    program: &Program,
    queries: &[String],
    mode: &str,
    scope: &str,
) -> anyhow::Result<(Vec<f64>, f64)> {
    let mut command = program.command();
    command.args(["search", "--batch", "-", "--project", scope, "--mode", mode]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = RunningProcess::start(&mut command)?;
    let mut to = running.child.stdin.take().context("no standard input")?;
    let from = BufReader::new(running.child.stdout.take().context("no standard output")?);
    let (sender, answers) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in from.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut times = Vec::new();
    for round in 0..2 {
        for (number, query) in queries.iter().enumerate() {
            let asked = Instant::now();
            writeln!(
                to,
                "{}",
                json!({"id": number.to_string(), "text": query, "project": scope})
            )?;
            to.flush()?;
            if answers.recv_timeout(ANSWER_TIMEOUT).is_err() {
                bail!(
                    "no answer while the input is open: `search --batch -` must answer each line"
                );
            }
            if round > 0 {
                times.push(asked.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    drop(to);
    let (_, cost) = running.finish()?;
    Ok((times, cost.peak as f64 / 1e6))
}
