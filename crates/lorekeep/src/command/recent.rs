//! `lorekeep recent`: what was worked on lately, the latest first.

use jiff::Zoned;
use recall::{OpenEnd, Quote, RecentRequest, RecentWork, WorkGroup};
use wire::when::{self, TimeBound};
use wire::{RecentDoc, counted};

use super::app::App;
use super::narrow;
use super::paths::ProjectPaths;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Columns in front of everything but a group's first line.
const INDENT_COLUMNS: usize = 4;

/// Prints what was worked on lately, the newest first.
pub(crate) fn run(
    app: &App,
    args: &args::RecentArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let now = clock::now();
    let request = RecentRequest {
        scope: narrow::scope(args.narrow.project.as_deref()),
        limit: args.limit as usize,
        group_by: args.by,
        since: narrow::time("--since", args.narrow.since.as_deref(), TimeBound::Since)?,
        until: narrow::time("--until", args.narrow.until.as_deref(), TimeBound::Until)?,
        now: clock::millis(),
        zone: now.time_zone().clone(),
    };
    let work = app.archive()?.recent(&request)?;
    narrow::tell_of_moved(&*app.archive()?, &request.scope, out);
    if args.json.json {
        out.json(&RecentDoc::new(&work, request.group_by))?;
    } else {
        print(app, &work, &now, out)?;
    }
    Ok(if work.groups.is_empty() {
        CommandOutcome::Nothing
    } else {
        CommandOutcome::Done
    })
}

fn print(app: &App, work: &RecentWork, now: &Zoned, out: &mut Output) -> anyhow::Result<()> {
    if work.groups.is_empty() {
        let project = work.project.as_deref();
        out.note(&narrow::nothing("nothing was worked on", project));
        return Ok(());
    }
    let archive = app.archive()?;
    let mut paths = ProjectPaths::new(app, &archive);
    let mut page = out.page();
    for (place, group) in work.groups.iter().enumerate() {
        if place > 0 {
            page.end();
        }
        show(group, &mut paths, now, &mut page);
    }
    out.print(page)
}

fn show(group: &WorkGroup, paths: &mut ProjectPaths<'_>, now: &Zoned, page: &mut TextPage) {
    let title = group.day.as_ref().unwrap_or(&group.title);
    let title = text::one_line(title);
    page.line(Ink::Title, &text::clip(&title, page.look().width));
    let ended = group.ended.map_or_else(
        || "undated".to_owned(),
        |time| format!("{} ({})", when::minute(time, now), when::ago(time, now)),
    );
    let conversations = match (group.conversation_count, group.conversations.first()) {
        (1, Some((id, _))) => (Ink::Name, id.clone()),
        (count, _) => (Ink::Plain, format!("{count} conversations")),
    };
    page.pieces(
        INDENT_COLUMNS,
        &[
            (Ink::Name, group.projects.join(", ")),
            (Ink::Plain, ended),
            (Ink::Plain, counted(group.messages, "message")),
            conversations,
        ],
    );
    let files = group.files.iter();
    let files: Vec<String> = files
        .map(|file| paths.short(file, &group.projects))
        .collect();
    let more = group.files_edited.saturating_sub(files.len() as u64);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    if !files.is_empty() {
        let line = format!("edited {}{more}", files.join(", "));
        page.wrapped(INDENT_COLUMNS, &line, &[], Ink::Dim);
    }
    if !group.topics.is_empty() {
        page.wrapped(
            INDENT_COLUMNS,
            &format!("about {}", group.topics.join(", ")),
            &[],
            Ink::Dim,
        );
    }
    words("you", group.asked.as_ref(), page);
    words("assistant", group.answered.as_ref(), page);
    if let Some(open) = group.open {
        page.push(&" ".repeat(INDENT_COLUMNS))
            .line(Ink::Warn, said(open));
    }
}

fn words(who: &str, quote: Option<&Quote>, page: &mut TextPage) {
    if let Some(quote) = quote {
        page.wrapped(
            INDENT_COLUMNS,
            &format!("{who}: {}", quote.text),
            &[],
            Ink::Plain,
        );
    }
}

/// An open end in words.
fn said(open: OpenEnd) -> &'static str {
    match open {
        OpenEnd::Question => "open: the assistant asked something",
        OpenEnd::Unanswered => "open: the last words have no answer",
        OpenEnd::Interrupted => "open: the assistant was at work when it ended",
    }
}
