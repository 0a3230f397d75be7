//! `lorekeep forget`: what is meant, a question, and a receipt of what went.

use std::io::ErrorKind;
use std::path::Path;

use recall::{Forget, ForgetReport, Scope};
use wire::when::{self, TimeBound};
use wire::{ForgetDoc, counted};

use crate::args::ForgetArgs;
use crate::command::app::App;
use crate::command::narrow;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::interrupt;
use crate::last_search;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;

/// Ids that a receipt for a person lists of each kind.
const MAX_LISTED_IDS: usize = 10;

/// Asks, forgets, and tells what that came to.
pub(crate) fn run(
    app: &App,
    args: &ForgetArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut request = request(args)?;
    let mut archive = app.archive()?;
    let stop = interrupt::stop();
    request.dry_run = true;
    let planned = archive.forget(&request, stop, &recall::NoProgress)?;
    let is_done = !args.dry_run && !planned.is_empty();
    if !is_done {
        receipt(&planned, args, None, out)?;
        return Ok(match planned.is_empty() {
            true => CommandOutcome::Nothing,
            false => CommandOutcome::Done,
        });
    }
    if !is_confirmed(&planned, args, out)? {
        out.note("nothing was changed");
        return Ok(CommandOutcome::Done);
    }
    request.dry_run = false;
    let bar = out.progress();
    let done = archive.forget(&request, stop, &bar);
    drop(bar);
    let done = done?;
    let logs = remove_logs(&app.loaded.locations.log)?;
    last_search::forget(&app.loaded.locations);
    receipt(&done, args, Some(logs), out)?;
    if done.stopped {
        out.note("stopped before all of it was removed; the next command goes on");
        return Ok(CommandOutcome::Interrupted);
    }
    if !done.finished {
        out.note(
            "it can't be found any more, but another process uses the archive: what is left in its \
             files goes when the next command starts",
        );
    }
    Ok(CommandOutcome::Done)
}

fn request(args: &ForgetArgs) -> anyhow::Result<Forget> {
    Ok(Forget {
        conversations: args.conversation.clone(),
        messages: args.message.clone(),
        since: narrow::time("--since", args.since.as_deref(), TimeBound::Since)?,
        until: narrow::time("--until", args.until.as_deref(), TimeBound::Until)?,
        matching: args.matching.clone(),
        ..Forget::new(narrow::named(args.project.as_deref()).unwrap_or(Scope::All))
    })
}

/// Whether it is wanted; without a terminal to ask at, an error.
fn is_confirmed(
    planned: &ForgetReport,
    args: &ForgetArgs,
    out: &mut Output,
) -> anyhow::Result<bool> {
    if args.yes {
        return Ok(true);
    }
    if args.json.json || !out.can_ask() {
        return Err(
            Fault::usage("not a terminal: nothing was changed (use --yes)")
                .hint("`--dry-run` only tells what would be forgotten")
                .into(),
        );
    }
    let mut page = out.page();
    figures(planned, false, &mut page);
    out.print(page)?;
    Ok(out.ask("Forget this for good?", false))
}

fn receipt(
    report: &ForgetReport,
    args: &ForgetArgs,
    logs: Option<u64>,
    out: &mut Output,
) -> anyhow::Result<()> {
    if args.json.json {
        return out.json(&ForgetDoc::new(report, args.dry_run, logs.unwrap_or(0)));
    }
    if report.is_empty() {
        out.note("nothing fits, nothing was changed");
    } else {
        let mut page = out.page();
        figures(report, logs.is_some(), &mut page);
        out.print(page)?;
    }
    if report.unreadable > 0 {
        let count = counted(report.unreadable, "message");
        out.warning(&format!("{count} can't be read, and were left as they are"));
        out.hint("`lorekeep verify` tells which");
    }
    if logs.is_some() {
        out.note("the assistants' own logs are as they were");
    }
    Ok(())
}

/// What goes or went, line by line.
fn figures(report: &ForgetReport, is_done: bool, page: &mut TextPage) {
    let done = if is_done { "forgot" } else { "would forget" };
    let counts = [
        (report.messages, "message", ""),
        (
            report.conversations.len() as u64,
            "conversation",
            " as a whole",
        ),
        (report.parts.len() as u64, "conversation", " in part"),
        (report.reflections, "reflection", ""),
        (report.titles, "title", ""),
        (report.links, "link", ""),
        (report.marks, "mark", ""),
    ];
    let mut what = done;
    for (count, of, how) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        page.paint(Ink::Dim, &format!("{what:<14}"));
        page.line(Ink::Plain, &format!("{}{how}", counted(count, of)));
        what = "";
    }
    if let (Some(first), Some(last)) = (report.first, report.last) {
        page.paint(Ink::Dim, &format!("{:<14}", "said"));
        let days = [first, last].map(|time| when::rfc3339(time).unwrap_or_default());
        page.line(Ink::Plain, &format!("{} to {}", days[0], days[1]));
    }
    for (what, ids) in [
        ("whole", &report.conversations),
        ("in part", &report.parts),
        ("projects", &report.projects),
    ] {
        listed(what, ids, page);
    }
}

fn listed(what: &str, ids: &[String], page: &mut TextPage) {
    let mut what = what;
    for id in ids.iter().take(MAX_LISTED_IDS) {
        page.paint(Ink::Dim, &format!("{what:<14}"));
        page.line(Ink::Name, id);
        what = "";
    }
    if ids.len() > MAX_LISTED_IDS {
        page.paint(Ink::Dim, &format!("{:<14}", ""));
        let more = ids.len() - MAX_LISTED_IDS;
        page.line(Ink::Dim, &format!("and {more} more"));
    }
}

/// Removes the program's own logs; returns how many there were.
pub(super) fn remove_logs(directory: &Path) -> anyhow::Result<u64> {
    let mut count = 0;
    for name in ["hook.log", "hook.log.1"] {
        match fs_err::remove_file(directory.join(name)) {
            Ok(()) => count += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(count)
}
