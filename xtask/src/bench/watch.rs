//! A watcher over many logs, at rest and when one grows; and searches beside it, which look for what
//! is new by themselves.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::args::ChoreArgs;
use crate::logs;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome, walk};
use crate::report::{FigureTable, Reach, percentile};

/// How many lines are appended while it watches.
const APPENDED_LINES: usize = 15;

/// Longer than any of this takes.
const WATCH_TIMEOUT: Duration = Duration::from_secs(60);

/// `cargo xtask bench watch [--files N] [--seconds N] [--bin PATH] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let files = args.option("--files")?.unwrap_or(5_000);
    let seconds = Duration::from_secs(args.option("--seconds")?.unwrap_or(60));
    let bin: Option<PathBuf> = args.option("--bin")?;
    args.finish()?;
    let home = ProgramHome::new("watch")?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    let program = Program::new(&bin, &home)?;
    let logs = home.path().join(".claude/projects");
    logs::small_files(&logs, files, 5)?;
    let logs: Vec<PathBuf> = walk(&logs)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    let (warm, cold) = logs.split_at(logs.len() / 100);
    age(cold, Duration::from_secs(30 * 24 * 3600))?;
    age(warm, Duration::from_secs(3600))?;
    program.run(&["import", "--no-embed"])?;

    let mut report = FigureTable::new(format!("a watcher over {} logs", logs.len()));
    watched(&program, &[], "", &logs, seconds, &mut report)?;
    let polling = ["--poll", "2"];
    watched(&program, &polling, "polling: ", &logs, seconds, &mut report)?;
    searched(&program, &mut report)?;
    report.print(as_json);
    Ok(())
}

/// As on a machine that has been used for long: few logs have changed today.
fn age(logs: &[PathBuf], age: Duration) -> anyhow::Result<()> {
    for log in logs {
        let file = fs_err::OpenOptions::new().append(true).open(log)?;
        let made = file.metadata()?.modified()?;
        file.file().set_modified(made - age)?;
    }
    Ok(())
}

fn watched(
    program: &Program,
    options: &[&str],
    how: &str,
    logs: &[PathBuf],
    rest: Duration,
    report: &mut FigureTable,
) -> anyhow::Result<()> {
    let mut command = program.command();
    command
        .args(["import", "--watch", "--no-embed", "--json"])
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = RunningProcess::start(&mut command)?;
    let lines = listen(running.child.stdout.take().context("no standard output")?);
    let pid = running.child.id();
    lines
        .recv_timeout(WATCH_TIMEOUT)
        .context("nothing was imported")?;
    // What it does first is no rest.
    std::thread::sleep(Duration::from_secs(5));
    let before = cpu(pid)?;
    std::thread::sleep(rest);
    let share = (cpu(pid)? - before).as_secs_f64() / rest.as_secs_f64() * 100.0;
    report.aim(
        format!("{how}at rest, of a core"),
        share,
        "%",
        Reach::Below(0.5),
    );
    report.aim(
        format!("{how}memory at rest"),
        resident(pid)? / 1e6,
        "MB",
        Reach::Below(60.0),
    );
    let mut times = Vec::new();
    for number in 0..APPENDED_LINES {
        let began = Instant::now();
        append(&logs[0], &format!("{how}{number}"))?;
        lines
            .recv_timeout(WATCH_TIMEOUT)
            .context("a change was missed")?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    report.note(
        format!("{how}a line is in the archive after, median"),
        percentile(&mut times, 0.5),
        "ms",
    );
    report.aim(
        format!("{how}95th percentile"),
        percentile(&mut times, 0.95),
        "ms",
        Reach::Below(if how.is_empty() { 2_000.0 } else { 4_000.0 }),
    );
    running.kill()
}

/// Whole processes that search, with and without a look for what is new.
fn searched(program: &Program, report: &mut FigureTable) -> anyhow::Result<()> {
    let arguments = ["search", "error", "--project", "all", "--mode", "lexical"];
    for (what, setting) in [
        ("search that only searches", "false"),
        ("search that looks for what is new", "true"),
    ] {
        let mut walls = Vec::new();
        for round in 0..60 {
            let mut command = program.command();
            command
                .args(arguments)
                .env("IMPORT__ON_SEARCH", setting)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let (_, cost) = RunningProcess::start(&mut command)?.finish()?;
            if round > 9 {
                walls.push(cost.wall.as_secs_f64() * 1e3);
            }
        }
        report.note(format!("{what}, median"), percentile(&mut walls, 0.5), "ms");
        let slow = percentile(&mut walls, 0.95);
        report.note(format!("{what}, 95th percentile"), slow, "ms");
    }
    Ok(())
}

fn listen(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn append(log: &Path, what: &str) -> anyhow::Result<()> {
    let mut out = fs_err::OpenOptions::new().append(true).open(log)?;
    let line = serde_json::json!({
        "parentUuid": null, "isSidechain": false, "type": "user", "cwd": "/home/ada/src/late",
        "sessionId": "late", "uuid": format!("late {what}"),
        "message": {"role": "user", "content": format!("afterthought {what}")},
        "timestamp": "2026-03-01T10:00:00.000Z",
    });
    writeln!(out, "{line}")?;
    Ok(())
}

/// Processor time that a running process has taken.
fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat"))?;
    ticks(&stat).context("the system doesn't tell what a process took")
}

/// User's and kernel's time in a process's line; the name before them may hold anything.
fn ticks(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    // A hundred a second, on every Linux that there is.
    Some(Duration::from_millis((next()? + next()?) * 10))
}

/// Memory that a running process has, in bytes.
fn resident(pid: u32) -> anyhow::Result<f64> {
    let status = fs_err::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    Ok(kib.context("the system doesn't tell what a process has")? * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{Duration, ticks};

    #[test]
    fn processor_time_is_read_from_the_line() {
        let line = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks(line), Some(Duration::from_millis(420)));
    }
}
