//! `lorekeep timeline`: how much was done when.

use recall::{Timeline, TimelineRequest};
use wire::when::TimeBound;
use wire::{TimelineDoc, thousands};

use super::app::App;
use super::narrow;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};

/// How far back it goes unless it is told.
const DEFAULT_SINCE: &str = "30d";

/// Prints how much was done in each period.
pub(crate) fn run(
    app: &App,
    args: &args::TimelineArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let since = args.narrow.since.as_deref().unwrap_or(DEFAULT_SINCE);
    let request = TimelineRequest {
        scope: narrow::scope(args.narrow.project.as_deref()),
        since: narrow::time("--since", Some(since), TimeBound::Since)?,
        until: narrow::time("--until", args.narrow.until.as_deref(), TimeBound::Until)?,
        granularity: args.granularity,
        stats: true,
        zone: clock::now().time_zone().clone(),
    };
    let timeline = app.archive()?.timeline(&request)?;
    if args.json.json {
        out.json(&TimelineDoc::new(&timeline, request.granularity))?;
    } else if timeline.periods.is_empty() {
        let project = timeline.project.as_deref();
        out.note(&narrow::nothing("nothing was said in that time", project));
        if args.narrow.since.is_none() {
            out.hint("`--since` goes further back than 30 days");
        }
    } else {
        let mut page = out.page();
        table(&timeline).print(&mut page);
        out.print(page)?;
    }
    Ok(if timeline.periods.is_empty() {
        CommandOutcome::Nothing
    } else {
        CommandOutcome::Done
    })
}

fn table(timeline: &Timeline) -> TextTable {
    let mut table = TextTable::new(&[
        ("WHEN", Align::Left),
        ("MESSAGES", Align::Right),
        ("CONVERSATIONS", Align::Right),
        ("FILES EDITED", Align::Right),
        ("TOOL CALLS", Align::Right),
        ("PROJECTS", Align::Flexible),
    ]);
    for period in &timeline.periods {
        let activity = period.activity;
        let of_project =
            |(name, of): &(String, recall::Activity)| format!("{name} {}", thousands(of.messages));
        let projects: Vec<String> = period.projects.iter().map(of_project).collect();
        table.row(vec![
            (Ink::Name, period.key.clone()),
            (Ink::Plain, thousands(activity.messages)),
            (Ink::Plain, thousands(activity.conversations)),
            (Ink::Plain, thousands(activity.files_edited)),
            (Ink::Plain, thousands(activity.tool_calls)),
            (Ink::Dim, projects.join(", ")),
        ]);
    }
    table
}
