//! Logs that are imported as they grow, or in another order, against the same logs in one go: cut at
//! random places, or a few at a time in a random order, they must come to the same export.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::logs::Rng;
use crate::program::{Program, ProgramHome, walk};

/// Imports into which the logs of a round in another order are divided, at most.
const MAX_BATCHES: usize = 8;

/// Examples shown of each round's differences.
const MAX_EXAMPLES: usize = 4;

/// `cargo xtask check halves DIR [--rounds N] [--seed N] [--each] [--bin PATH]`: `--each` takes every
/// log by itself.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let rounds: u64 = args.option("--rounds")?.unwrap_or(3);
    let seed = args.option("--seed")?.unwrap_or(1);
    let each = args.flag("--each");
    let bin: Option<PathBuf> = args.option("--bin")?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    let dir = fs_err::canonicalize(args.path("the directory of logs")?)?;
    args.finish()?;

    let logs: Vec<PathBuf> = walk(&dir)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    let sets: Vec<Vec<PathBuf>> = match each {
        true => logs.into_iter().map(|log| vec![log]).collect(),
        false => vec![logs],
    };
    let (mut bad, mut compared) = (0, 0);
    for (number, set) in sets.iter().enumerate() {
        let set = LogSet {
            dir: &dir,
            logs: set,
            bin: &bin,
        };
        let expected = set.export(&[&|_, length| length])?;
        for round in 0..rounds {
            let mut chance = Rng::new(seed + round, number as u64);
            let cuts: Vec<f64> = set.logs.iter().map(|_| chance.unit()).collect();
            #[expect(clippy::cast_possible_truncation, reason = "a part of a length")]
            #[expect(clippy::cast_sign_loss, reason = "a part of a length")]
            let cut = |log: usize, length: usize| (length as f64 * cuts[log]) as usize;
            let grown = set.export(&[&cut, &|_, length| length])?;
            bad += differences(&expected, &grown, &format!("halves of {}", set.shown()));
            compared += expected.len();
            if set.logs.len() > 1 {
                let mixed = set.mixed(&mut chance)?;
                bad += differences(
                    &expected,
                    &mixed,
                    &format!("another order of {}", set.shown()),
                );
                compared += expected.len();
            }
        }
        let again = set.again(&expected)?;
        bad += differences(&expected, &again, &format!("export of {}", set.shown()));
        compared += expected.len();
    }
    println!(
        "{} sets of logs, {rounds} rounds of each, {compared} lines compared: {bad} differences",
        sets.len()
    );
    ensure!(bad == 0, "{bad} lines differ");
    Ok(())
}

/// Logs that are imported together.
struct LogSet<'a> {
    dir: &'a Path,
    logs: &'a [PathBuf],
    bin: &'a Path,
}

impl LogSet<'_> {
    fn shown(&self) -> String {
        match self.logs {
            [log] => log.display().to_string(),
            logs => format!("{} logs", logs.len()),
        }
    }

    /// What comes out of an archive into which the logs went in steps, each up to the length that a
    /// step gives for it.
    fn export(&self, steps: &[&dyn Fn(usize, usize) -> usize]) -> anyhow::Result<Vec<String>> {
        let home = ProgramHome::new("halves")?;
        let logs = home.path().join("logs");
        let program = Program::new(self.bin, &home)?;
        for step in steps {
            for (number, log) in self.logs.iter().enumerate() {
                self.copy(log, &logs, |length| step(number, length))?;
            }
            program.import(&logs, &["--no-embed"])?;
        }
        exported(&program)
    }

    /// What comes out of an archive into which the logs went a few at a time, in a random order.
    fn mixed(&self, chance: &mut Rng) -> anyhow::Result<Vec<String>> {
        let home = ProgramHome::new("mixed")?;
        let logs = home.path().join("logs");
        let program = Program::new(self.bin, &home)?;
        let mut order: Vec<(usize, &PathBuf)> = self
            .logs
            .iter()
            .map(|log| (chance.below(usize::MAX), log))
            .collect();
        order.sort_unstable();
        for batch in order.chunks(order.len().div_ceil(MAX_BATCHES)) {
            for (_, log) in batch {
                self.copy(log, &logs, |length| length)?;
            }
            program.import(&logs, &["--no-embed"])?;
        }
        exported(&program)
    }

    /// Copies a log, up to a length, to its place below a directory.
    fn copy(
        &self,
        log: &Path,
        logs: &Path,
        length: impl FnOnce(usize) -> usize,
    ) -> anyhow::Result<()> {
        let bytes = fs_err::read(log)?;
        let to = logs.join(log.strip_prefix(self.dir)?);
        fs_err::create_dir_all(to.parent().unwrap_or(logs))?;
        Ok(fs_err::write(&to, &bytes[..length(bytes.len())])?)
    }

    /// What comes out of an archive made of an export.
    fn again(&self, export: &[String]) -> anyhow::Result<Vec<String>> {
        let home = ProgramHome::new("again")?;
        let file = home.path().join("export.jsonl");
        fs_err::write(&file, export.join("\n"))?;
        let program = Program::new(self.bin, &home)?;
        program.import(&file, &["--no-embed", "--source", "jsonl"])?;
        exported(&program)
    }
}

fn exported(program: &Program) -> anyhow::Result<Vec<String>> {
    let text = program.text(&["export", "--format", "jsonl"])?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Counts lines that aren't the same in both, and shows the first.
fn differences(expected: &[String], found: &[String], what: &str) -> usize {
    let differing = expected
        .iter()
        .zip(found)
        .filter(|(one, other)| one != other);
    let count = differing.clone().count() + expected.len().abs_diff(found.len());
    if count > 0 {
        println!(
            "{what}: {count} differences ({} lines, {})",
            expected.len(),
            found.len()
        );
    }
    for (one, other) in differing.take(MAX_EXAMPLES) {
        println!("    {}\n    {}", shown(one, other), shown(other, one));
    }
    count
}

/// Which message a line is, and the keys in which it differs from another.
fn shown(line: &str, other: &str) -> String {
    let value = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_default();
    let (line, other) = (value(line), value(other));
    let keys = line.as_object().into_iter().flatten();
    let keys: Vec<_> = keys
        .filter(|(key, value)| other.get(key.as_str()) != Some(value))
        .map(|(key, _)| key.as_str())
        .collect();
    format!(
        "{} {}: {}",
        line["conversation"],
        line["id"],
        keys.join(" ")
    )
}
