//! Importing: speed and memory from nothing, time to the first hit, size of the archive, and what
//! an import costs when nothing or little has changed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::args::ChoreArgs;
use crate::logs;
use crate::process::{Cost, RunningProcess};
use crate::program::{Program, ProgramHome, bytes_below, walk};
use crate::report::{FigureTable, Reach, percentile};

/// Rounds of the measurements that take milliseconds.
const QUICK_ROUNDS: usize = 9;
/// Files of the measurement with nothing changed.
const SMALL_FILES: usize = 2_000;

/// `cargo xtask bench import [--logs DIR] [--mb N] [--embed] [--bin PATH] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let embed = args.flag("--embed");
    let mb = args.option("--mb")?.unwrap_or(100);
    let logs: Option<PathBuf> = args.option("--logs")?;
    let bin: Option<PathBuf> = args.option("--bin")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));

    let made = ProgramHome::new("logs")?;
    let logs = match logs {
        Some(logs) => logs,
        None => {
            logs::sessions(&made.path().join("logs"), mb, 1)?;
            made.path().join("logs")
        }
    };
    let bytes = log_bytes(&logs)?;
    let mut report = FigureTable::new(format!("import of {:.1} MB of logs", bytes / 1e6));
    cold(&bin, &logs, bytes, &mut report)?;
    first_hit(&bin, &logs, &mut report)?;
    if embed {
        embedded(&bin, &logs, bytes, &mut report)?;
    }
    unchanged(&bin, &mut report)?;
    report.print(as_json);
    Ok(())
}

/// Bytes of what an import reads.
fn log_bytes(dir: &Path) -> anyhow::Result<f64> {
    let mut sum = 0;
    for file in walk(dir)? {
        if file.to_string_lossy().contains(".jsonl") {
            sum += fs_err::metadata(&file)?.len();
        }
    }
    ensure!(sum > 0, "no logs below `{}`", dir.display());
    Ok(sum as f64)
}

fn cold(bin: &Path, logs: &Path, bytes: f64, report: &mut FigureTable) -> anyhow::Result<()> {
    let home = ProgramHome::new("cold")?;
    let program = Program::new(bin, &home)?;
    // Once without measuring, so that the logs are in memory however they were made.
    read_through(logs)?;
    let Cost { wall, cpu, peak } = program.import(logs, &["--no-embed"])?.cost;
    let mb = bytes / 1e6;
    let speed = mb / cpu.as_secs_f64();
    report.aim(
        "MB of log per CPU-second, from nothing",
        speed,
        "MB/s",
        Reach::AtLeast(30.0),
    );
    report.note("wall time", wall.as_secs_f64(), "s");
    report.note("CPU time", cpu.as_secs_f64(), "s");
    report.aim("peak memory", peak as f64 / 1e6, "MB", Reach::Below(150.0));
    let archive = bytes_below(&home.lorekeep().join("data"))? as f64;
    report.aim(
        "archive without vectors, of the logs",
        archive / bytes,
        "",
        Reach::Below(0.25),
    );
    Ok(())
}

fn read_through(dir: &Path) -> anyhow::Result<()> {
    for file in walk(dir)? {
        std::io::copy(&mut fs_err::File::open(file)?, &mut std::io::sink())?;
    }
    Ok(())
}

/// Imports in the background and asks again and again until there is an answer.
fn first_hit(bin: &Path, logs: &Path, report: &mut FigureTable) -> anyhow::Result<()> {
    let home = ProgramHome::new("first")?;
    let program = Program::new(bin, &home)?;
    let mut command = program.command();
    command
        .args(["import", "--no-embed"])
        .arg(fs_err::canonicalize(logs)?);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let importing = RunningProcess::start(&mut command)?;
    let asking = [
        "search",
        "error",
        "--project",
        "all",
        "--mode",
        "lexical",
        "--json",
    ];
    let limit = Duration::from_secs(120);
    let mut first = None;
    while first.is_none() && start.elapsed() < limit {
        // Asked too early the archive doesn't exist yet, which is no failure here.
        let words: Vec<_> = asking.iter().map(std::ffi::OsStr::new).collect();
        let outcome = program.outcome(&words)?;
        if outcome.code == Some(0) && outcome.stdout.contains("\"message_id\"") {
            first = Some(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, _) = importing.finish()?;
    ensure!(code == Some(0), "the import in the background failed");
    let first = first.context("nothing was found while importing")?;
    report.aim(
        "first conversations searchable",
        first.as_secs_f64(),
        "s",
        Reach::Below(2.0),
    );
    Ok(())
}

fn embedded(bin: &Path, logs: &Path, bytes: f64, report: &mut FigureTable) -> anyhow::Result<()> {
    let home = ProgramHome::new("embedded")?;
    let program = Program::new(bin, &home)?;
    program.fetch_model();
    let cost = program.import(logs, &["--embed"])?.cost;
    report.note(
        "import and embedding, wall time",
        cost.wall.as_secs_f64(),
        "s",
    );
    report.note(
        "import and embedding, peak memory",
        cost.peak as f64 / 1e6,
        "MB",
    );
    let archive = bytes_below(&home.lorekeep().join("data"))? as f64;
    report.aim(
        "archive with vectors, of the logs",
        archive / bytes,
        "",
        Reach::Below(0.25),
    );
    Ok(())
}

/// Many small files: imported, imported again, and again after five lines were added to one.
fn unchanged(bin: &Path, report: &mut FigureTable) -> anyhow::Result<()> {
    let home = ProgramHome::new("small")?;
    let logs = home.path().join("logs");
    logs::small_files(&logs, SMALL_FILES, 3)?;
    let program = Program::new(bin, &home)?;
    program.import(&logs, &["--no-embed"])?;
    let mut walls = Vec::new();
    let mut cpus = Vec::new();
    for _ in 0..QUICK_ROUNDS {
        let cost = program.import(&logs, &["--no-embed"])?.cost;
        walls.push(cost.wall.as_secs_f64() * 1e3);
        cpus.push(cost.cpu.as_secs_f64() * 1e3);
    }
    let what = format!("import with nothing changed, {SMALL_FILES} files");
    report.aim(
        format!("{what}, median"),
        percentile(&mut walls, 0.5),
        "ms",
        Reach::Below(50.0),
    );
    report.note(format!("{what}, CPU"), percentile(&mut cpus, 0.5), "ms");

    let files: Vec<PathBuf> = walk(&logs)?;
    let file = files.get(files.len() / 2).context("no small files")?;
    let mut walls = Vec::new();
    for round in 0..QUICK_ROUNDS {
        append(file, round)?;
        walls.push(
            program
                .import(&logs, &["--no-embed"])?
                .cost
                .wall
                .as_secs_f64()
                * 1e3,
        );
    }
    let median = percentile(&mut walls, 0.5);
    report.aim(
        "five lines added to one of them, median",
        median,
        "ms",
        Reach::Below(50.0),
    );
    Ok(())
}

/// Adds five messages to a session.
fn append(file: &Path, round: usize) -> anyhow::Result<()> {
    let ends_with_newline = fs_err::read(file)?.ends_with(b"\n");
    let mut out = fs_err::OpenOptions::new().append(true).open(file)?;
    if !ends_with_newline {
        writeln!(out)?;
    }
    for line in 0..5 {
        writeln!(
            out,
            "{{\"parentUuid\":null,\"isSidechain\":false,\"type\":\"user\",\"cwd\":\"/home/ada/src/late\",\
             \"sessionId\":\"late\",\"message\":{{\"role\":\"user\",\"content\":\"afterthought {round} {line}\"}},\
             \"uuid\":\"00000000-0000-4000-8000-{round:06}{line:06}\",\"timestamp\":\"2026-03-01T10:00:00.000Z\"}}"
        )?;
    }
    Ok(())
}
