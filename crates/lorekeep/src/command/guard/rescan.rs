//! `lorekeep guard rescan`: the rules of today on what is stored, and a receipt.

use recall::{RescanReport, Scope};
use wire::{RescanDoc, thousands};

use crate::args;
use crate::command::app::App;
use crate::command::narrow;
use crate::exit::CommandOutcome;
use crate::interrupt;
use crate::output::Output;
use crate::output::look::Ink;

/// Applies them and tells what that came to.
pub(super) fn run(
    app: &App,
    args: &args::RescanArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let stop = interrupt::stop();
    let mut archive = app.archive()?;
    let request = recall::Rescan {
        // Everything is checked unless a project is named.
        scope: narrow::named(args.project.as_deref()).unwrap_or(Scope::All),
        dry_run: args.dry_run,
    };
    let bar = out.progress();
    let report = archive.rescan(&request, stop, &bar);
    drop(bar);
    let report = report?;
    if args.json.json {
        out.json(&RescanDoc::new(&report, args.dry_run))?;
    } else {
        receipt(&report, args.dry_run, out)?;
    }
    for guard in &report.failures {
        out.note(&format!(
            "the guard `{guard}` failed; what it couldn't check is as it was"
        ));
    }
    if report.stopped {
        out.note("stopped before everything was checked; the next rescan goes on from there");
        return Ok(CommandOutcome::Interrupted);
    }
    if !args.dry_run && report.is_changed() && !report.log_emptied {
        out.note("another process reads the archive; the last one to close it empties its log");
    }
    if !report.failures.is_empty() {
        return Ok(CommandOutcome::Failed);
    }
    Ok(CommandOutcome::Done)
}

fn receipt(report: &RescanReport, is_dry: bool, out: &mut Output) -> anyhow::Result<()> {
    let mut page = out.page();
    let done = if is_dry { "would change" } else { "changed" };
    let changed = [
        ("read", report.messages, "messages"),
        (done, report.changed, "messages"),
        (done, report.other, "titles, paths, marks and the like"),
    ];
    for (what, count, of) in changed {
        page.paint(Ink::Dim, &format!("{what:<13}"));
        page.line(Ink::Plain, &format!("{} {of}", thousands(count)));
    }
    if report.unreadable > 0 {
        page.paint(Ink::Dim, &format!("{:<13}", "unreadable"));
        let count = thousands(report.unreadable);
        page.line(Ink::Warn, &format!("{count} messages, left as they are"));
    }
    for (rule, count) in &report.rules {
        page.paint(Ink::Dim, &format!("{:<13}", ""));
        page.line(Ink::Plain, &format!("{} by {rule}", thousands(*count)));
    }
    out.print(page)?;
    Ok(())
}
