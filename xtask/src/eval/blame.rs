//! `eval blame`: repositories in which sessions and people work by chance, and whether each line goes
//! to who wrote it.

mod logs;
mod play;

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach};
use play::{AuthoredLine, Play};

/// What came of the lines of one class.
#[derive(Default)]
struct BlameTally {
    right: u32,
    wrong: u32,
}

#[derive(Default)]
struct Totals {
    /// By certainty; of lines that say something.
    classes: BTreeMap<String, BlameTally>,
    /// Lines of signs alone.
    signs: BlameTally,
    /// Lines of sessions, and those that went to nobody.
    sessions: u32,
    missed: u32,
    /// Lines of people, and those that went to a session.
    people: u32,
    taken: u32,
    files: u32,
    slowest_ms: u64,
}

/// Plays and asks.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let repositories: u64 = args.option("--repositories")?.unwrap_or(12);
    let seed = args.option("--seed")?.unwrap_or(1);
    let as_json = args.flag("--json");
    let shows = args.flag("--show");
    let mut totals = Totals::default();
    let bin: Option<String> = args.option("--bin")?;
    args.finish()?;
    for nth in 0..repositories {
        let home = ProgramHome::new("blame")?;
        let bin = bin.clone().map_or_else(
            || crate::repo::target_dir().join("release/lorekeep"),
            Into::into,
        );
        let program = Program::new(&bin, &home)?;
        let play = Play::run(&home.path().join("shop"), seed, nth)?;
        let logs = home.path().join("logs");
        play.logs.write(&logs)?;
        program.import(&logs, &["--no-embed"])?;
        for (file, lines) in &play.files {
            let path = play.root.join(file).to_string_lossy().into_owned();
            let answer: Value = serde_json::from_str(&program.text(&["blame", &path, "--json"])?)
                .context("the answer is no JSON")?;
            totals.slowest_ms = totals
                .slowest_ms
                .max(answer["took_ms"].as_u64().unwrap_or(0));
            totals.file(&answer, lines, shows.then_some(file));
        }
    }
    totals.report(seed, repositories).print(as_json);
    Ok(())
}

impl Totals {
    fn file(&mut self, answer: &Value, truth: &[AuthoredLine], shown: Option<&String>) {
        self.files += 1;
        for group in answer["lines"].as_array().into_iter().flatten() {
            let range = |key: &str| usize::try_from(group[key].as_u64().unwrap_or(0)).unwrap_or(0);
            let call = group["written"]["call_id"].as_str();
            let certainty = group["written"]["certainty"].as_str().unwrap_or("");
            for line in truth
                .get(range("first") - 1..range("last"))
                .into_iter()
                .flatten()
            {
                let is_right = self.line(line, call, certainty);
                if let Some(file) = shown.filter(|_| !is_right && line.tells()) {
                    println!(
                        "{file}: {:?} by {:?}, found {call:?} ({certainty}): {}",
                        line.text, line.call, group["written"]["evidence"]
                    );
                }
            }
        }
    }

    fn line(&mut self, line: &AuthoredLine, call: Option<&str>, certainty: &str) -> bool {
        let is_right = call == line.call.as_deref();
        if !line.tells() {
            let tally = &mut self.signs;
            *(if is_right {
                &mut tally.right
            } else {
                &mut tally.wrong
            }) += 1;
            return is_right;
        }
        match line.call {
            Some(_) => {
                self.sessions += 1;
                self.missed += u32::from(call.is_none());
            }
            None => {
                self.people += 1;
                self.taken += u32::from(call.is_some());
            }
        }
        if call.is_some() {
            let tally = self.classes.entry(certainty.to_owned()).or_default();
            *(if is_right {
                &mut tally.right
            } else {
                &mut tally.wrong
            }) += 1;
        }
        is_right
    }

    fn report(&self, seed: u64, repositories: u64) -> FigureTable {
        let share = |part: u32, all: u32| f64::from(part) / f64::from(all.max(1));
        let mut report =
            FigureTable::new(format!("Blame, {repositories} repositories, seed {seed}"));
        report.note("files", f64::from(self.files), "");
        report.note("lines of sessions", f64::from(self.sessions), "");
        report.note("lines of people", f64::from(self.people), "");
        let reach = |class: &str| match class {
            "certain" => Reach::AtLeast(0.99),
            "likely" => Reach::AtLeast(0.9),
            _ => Reach::AtLeast(0.5),
        };
        let mut right = 0;
        for (class, tally) in &self.classes {
            let all = tally.right + tally.wrong;
            right += tally.right;
            report.note(format!("{class}: lines"), f64::from(all), "");
            report.aim(
                format!("{class}: precision"),
                share(tally.right, all),
                "",
                reach(class),
            );
        }
        report.aim(
            "recall: lines of sessions that went to their call",
            share(right, self.sessions),
            "",
            Reach::AtLeast(0.95),
        );
        report.note(
            "lines of sessions that went to nobody",
            share(self.missed, self.sessions),
            "",
        );
        report.aim(
            "lines of people that went to a session",
            share(self.taken, self.people),
            "",
            Reach::Below(0.01),
        );
        let signs = self.signs.right + self.signs.wrong;
        report.aim(
            "lines of signs alone: right",
            share(self.signs.right, signs),
            "",
            Reach::AtLeast(0.9),
        );
        report.note("slowest answer", self.slowest_ms as f64, "ms");
        report
    }
}
