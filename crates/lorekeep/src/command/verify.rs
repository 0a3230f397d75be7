//! `lorekeep verify`: whether the archive is sound.

use wire::{VerifyDoc, counted};

use super::app::App;
use crate::args::JsonArg;
use crate::exit::CommandOutcome;
use crate::interrupt;
use crate::output::Output;
use crate::output::look::Ink;

/// Reads everything and says what is wrong.
pub(crate) fn run(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let stop = interrupt::stop();
    let archive = app.archive()?;
    let bar = out.progress();
    let report = archive.verify(stop, &bar);
    drop(bar);
    let report = report?;
    if args.json {
        out.json(&VerifyDoc::new(&report, stop.is_set()))?;
    } else {
        let mut page = out.page();
        for problem in &report.problems {
            page.paint(Ink::Bad, "bad")
                .push("   ")
                .line(Ink::Plain, problem);
        }
        if report.problems.is_empty() {
            let messages = counted(report.messages, "message");
            page.paint(Ink::Good, "sound")
                .line(Ink::Plain, &format!(", {messages} read"));
        }
        out.print(page)?;
    }
    if stop.is_set() {
        out.note("stopped before everything was read");
        return Ok(CommandOutcome::Interrupted);
    }
    if !report.problems.is_empty() {
        out.hint("`lorekeep doctor --repair` rebuilds what can be rebuilt");
        return Ok(CommandOutcome::Failed);
    }
    Ok(CommandOutcome::Done)
}
