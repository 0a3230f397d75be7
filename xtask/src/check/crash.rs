//! Imports that are killed at random moments, and imports that run at the same time: whatever
//! happens, the archive verifies and holds what an undisturbed import brings.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::args::ChoreArgs;
use crate::logs;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome};

/// `cargo xtask check crash [--rounds N] [--together N] [--logs DIR] [--mb N] [--seed S] [--bin PATH]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let rounds = args.option("--rounds")?.unwrap_or(10_u32);
    let both: u32 = args.option("--together")?.unwrap_or(5);
    let mb = args.option("--mb")?.unwrap_or(30);
    let seed = args.option("--seed")?.unwrap_or(1);
    let logs: Option<PathBuf> = args.option("--logs")?;
    let bin: Option<PathBuf> = args.option("--bin")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));

    let made = ProgramHome::new("crash-logs")?;
    let logs = match logs {
        Some(logs) => fs_err::canonicalize(logs)?,
        None => {
            let out = made.path().join("logs");
            logs::sessions(&out, mb, seed)?;
            out
        }
    };
    let home = ProgramHome::new("calm")?;
    let program = Program::new(&bin, &home)?;
    let cost = program.import(&logs, &["--no-embed"])?.cost;
    let calm = exported(&program)?;
    println!(
        "undisturbed: {} messages in {:.2} s",
        calm.len(),
        cost.wall.as_secs_f64()
    );

    let mut chance = logs::Rng::new(seed, 0xDEAD);
    for round in 0..rounds {
        killed(&bin, &logs, &calm, cost.wall, &mut chance)
            .with_context(|| format!("round {} of kill -9", round + 1))?;
    }
    println!("kill -9: {rounds} rounds, nothing lost, nothing twice");
    for round in 0..both {
        together(&bin, &logs, &calm).with_context(|| format!("round {} of two", round + 1))?;
    }
    println!("two imports at once: {both} rounds, nothing lost, nothing twice");
    Ok(())
}

/// Kills several imports one after the other, then lets one finish.
fn killed(
    bin: &Path,
    logs: &Path,
    calm: &[String],
    usual: Duration,
    chance: &mut logs::Rng,
) -> anyhow::Result<()> {
    let home = ProgramHome::new("killed")?;
    let program = Program::new(bin, &home)?;
    for _ in 0..3 {
        let import = started(&program, logs)?;
        std::thread::sleep(usual.mul_f64(chance.unit() * 0.8));
        import.kill()?;
    }
    finished(&program, logs, calm)
}

fn together(bin: &Path, logs: &Path, calm: &[String]) -> anyhow::Result<()> {
    let home = ProgramHome::new("together")?;
    let program = Program::new(bin, &home)?;
    let imports = [started(&program, logs)?, started(&program, logs)?];
    for import in imports {
        let (code, _) = import.finish()?;
        ensure!(code == Some(0), "one of two imports ended with {code:?}");
    }
    finished(&program, logs, calm)
}

fn started(program: &Program, logs: &Path) -> anyhow::Result<RunningProcess> {
    let mut command = program.command();
    command.args(["import", "--no-embed"]).arg(logs);
    RunningProcess::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

/// A last import, and then all must be as if nothing had happened.
fn finished(program: &Program, logs: &Path, calm: &[String]) -> anyhow::Result<()> {
    program.import(logs, &["--no-embed"])?;
    let verified = program.outcome(&["verify".as_ref()])?;
    ensure!(
        verified.code == Some(0),
        "the archive doesn't verify: {}",
        verified.stdout
    );
    let now = exported(program)?;
    let lost = calm
        .iter()
        .filter(|line| now.binary_search(line).is_err())
        .count();
    let new = now
        .iter()
        .filter(|line| calm.binary_search(line).is_err())
        .count();
    ensure!(
        lost == 0 && new == 0,
        "{lost} messages lost or changed, {new} new or changed"
    );
    ensure!(
        now.len() == calm.len(),
        "{} messages, should be {}",
        now.len(),
        calm.len()
    );
    Ok(())
}

/// Everything in the archive, sorted: the order of import may differ.
fn exported(program: &Program) -> anyhow::Result<Vec<String>> {
    let text = program.text(&["export", "--format", "jsonl"])?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    Ok(lines)
}
