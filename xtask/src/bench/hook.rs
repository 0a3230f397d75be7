//! Hooks as whole processes, from `exec` to exit: what an assistant waits for.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::search;
use crate::args::ChoreArgs;
use crate::logs;
use crate::process::{Cost, RunningProcess};
use crate::program::{Program, ProgramHome, walk};
use crate::report::{FigureTable, Reach, percentile};

/// What a hook should take at most, in milliseconds and megabytes.
const MAX_HOOK_MS: f64 = 40.0;
const MAX_HOOK_MB: f64 = 30.0;

/// `cargo xtask bench hook [--passages N] [--mb N] [--runs N] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let passages = args.option("--passages")?.unwrap_or(100_000);
    let mb = args.option("--mb")?.unwrap_or(20);
    let runs: usize = args.option("--runs")?.unwrap_or(100);
    let home = ProgramHome::from_args(&mut args, "hook")?;
    let program = Program::from_args(&mut args, &home)?;
    args.finish()?;

    let queries = search::filled(&program, &home, passages, "lexical")?;
    let sessions = home.path().join("sessions");
    if !sessions.is_dir() {
        logs::sessions(&sessions, mb, 7)?;
    }
    program.import(&sessions, &["--no-embed"])?;
    let session = latest(&sessions)?;
    let mut report = FigureTable::new(format!(
        "hooks as processes, {passages} passages and {mb} MB of sessions, {runs} runs each"
    ));
    for moment in ["SessionStart", "UserPromptSubmit", "Stop"] {
        let mut costs = Vec::new();
        // The first runs only warm the page cache.
        for run in 0..runs + 3 {
            let event = event(moment, &session, &queries[run % queries.len()]);
            if moment == "Stop" {
                grow(&session.log, run)?;
            }
            let cost = hook(&program, moment, &event)?;
            if run >= 3 {
                costs.push(cost);
            }
        }
        tell(&mut report, moment, &costs);
    }
    report.print(as_json);
    Ok(())
}

/// A session's log and where the work was done.
struct SessionLog {
    log: std::path::PathBuf,
    cwd: String,
}

/// The session that was imported last.
fn latest(sessions: &Path) -> anyhow::Result<SessionLog> {
    let mut found = walk(sessions)?;
    found.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "jsonl")
    });
    for log in found {
        let text = fs_err::read_to_string(&log)?;
        let records = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let cwd = records
            .filter_map(|record: Value| record["cwd"].as_str().map(str::to_owned))
            .next();
        if let Some(cwd) = cwd {
            return Ok(SessionLog { log, cwd });
        }
    }
    anyhow::bail!("no session names its directory")
}

/// What an assistant tells a hook.
fn event(moment: &str, session: &SessionLog, prompt: &str) -> Value {
    json!({
        "session_id": "bench", "transcript_path": session.log, "cwd": session.cwd,
        "hook_event_name": moment, "source": "startup", "prompt": prompt,
        "stop_hook_active": false,
    })
}

/// Adds a turn to a log.
fn grow(log: &Path, run: usize) -> anyhow::Result<()> {
    let line = json!({
        "type": "user", "uuid": format!("bench-{}-{run}", std::process::id()), "sessionId": "bench",
        "isSidechain": false, "cwd": "/nowhere/bench", "timestamp": "2026-03-01T00:00:00.000Z",
        "message": {"role": "user", "content": format!("turn {run} of the bench")},
    });
    let mut file = fs_err::OpenOptions::new().append(true).open(log)?;
    writeln!(file, "{line}")?;
    Ok(())
}

/// Runs a hook to its end.
fn hook(program: &Program, moment: &str, event: &Value) -> anyhow::Result<Cost> {
    let mut command = program.command();
    command
        .args(["hook", moment])
        .env("HOOKS__PROMPT_EVIDENCE", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut running = RunningProcess::start(&mut command)?;
    let mut stdin = running.child.stdin.take().context("no standard input")?;
    stdin.write_all(event.to_string().as_bytes())?;
    drop(stdin);
    let (code, cost) = running.finish()?;
    ensure!(code == Some(0), "the hook ended with {code:?}");
    Ok(cost)
}

fn tell(report: &mut FigureTable, moment: &str, costs: &[Cost]) {
    let mut walls: Vec<f64> = costs
        .iter()
        .map(|cost| cost.wall.as_secs_f64() * 1e3)
        .collect();
    let mut peaks: Vec<f64> = costs.iter().map(|cost| cost.peak as f64 / 1e6).collect();
    report.note(
        format!("{moment}, median"),
        percentile(&mut walls, 0.5),
        "ms",
    );
    let mut work: Vec<f64> = costs
        .iter()
        .map(|cost| cost.cpu.as_secs_f64() * 1e3)
        .collect();
    let work = percentile(&mut work, 0.5);
    report.note(format!("{moment}, processor time, median"), work, "ms");
    let slow = percentile(&mut walls, 0.95);
    report.aim(
        format!("{moment}, 95th percentile"),
        slow,
        "ms",
        Reach::Below(MAX_HOOK_MS),
    );
    let most = percentile(&mut peaks, 1.0);
    report.aim(
        format!("{moment}, peak memory"),
        most,
        "MB",
        Reach::Below(MAX_HOOK_MB),
    );
}
