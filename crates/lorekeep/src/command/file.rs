//! `lorekeep file`: where a file was read and edited, and what was said there.

use jiff::Zoned;
use recall::{FileHistory, FileRequest, FileUse};
use wire::when::{self, TimeBound};
use wire::{FileHistoryDoc, counted, thousands};

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

/// Columns in front of everything but a conversation's first line.
const INDENT_COLUMNS: usize = 4;

/// Prints which conversations read or edited a file.
pub(crate) fn run(
    app: &App,
    args: &args::FileArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let request = FileRequest {
        path: args.path.clone(),
        scope: narrow::scope(args.narrow.project.as_deref()),
        action: args.action.map(Into::into),
        directory: std::env::current_dir().ok(),
        user_home: app.loaded.user_home.clone(),
        limit: args.limit as usize,
        since: narrow::time("--since", args.narrow.since.as_deref(), TimeBound::Since)?,
        until: narrow::time("--until", args.narrow.until.as_deref(), TimeBound::Until)?,
    };
    let history = app.archive()?.file_history(&request)?;
    if args.json.json {
        out.json(&FileHistoryDoc::new(&request.path, &history))?;
    } else {
        print(app, &request, &history, out)?;
    }
    Ok(if history.uses.is_empty() {
        CommandOutcome::Nothing
    } else {
        CommandOutcome::Done
    })
}

fn print(
    app: &App,
    request: &FileRequest,
    history: &FileHistory,
    out: &mut Output,
) -> anyhow::Result<()> {
    if history.uses.is_empty() {
        let what = format!("nothing touched `{}`", request.path);
        out.note(&narrow::nothing(&what, history.project.as_deref()));
        if history.project.is_some() {
            out.hint("`--project all` looks everywhere");
        }
        return Ok(());
    }
    let now = clock::now();
    let archive = app.archive()?;
    let mut paths = ProjectPaths::new(app, &archive);
    let mut page = out.page();
    for (place, used) in history.uses.iter().enumerate() {
        if place > 0 {
            page.end();
        }
        show(used, &mut paths, &now, &mut page);
    }
    out.print(page)?;
    out.flush()?;
    if !history.renamed_from.is_empty() {
        out.note(&format!(
            "it was called {} before",
            history.renamed_from.join(", ")
        ));
    }
    let left = history
        .conversations
        .saturating_sub(history.uses.len() as u64);
    if left > 0 {
        out.note(&format!(
            "{} touched it",
            counted(left, "more conversation")
        ));
    }
    Ok(())
}

fn show(used: &FileUse, paths: &mut ProjectPaths<'_>, now: &Zoned, page: &mut TextPage) {
    let title = text::one_line(&used.title);
    page.line(Ink::Title, &text::clip(&title, page.look().width));
    let time = used.last.map_or_else(
        || "undated".to_owned(),
        |time| format!("{} ({})", when::date(time, now), when::ago(time, now)),
    );
    let count = |count: u64, what: &str| match count {
        0 => String::new(),
        1 => format!("{what} once"),
        more => format!("{what} {} times", thousands(more)),
    };
    page.pieces(
        INDENT_COLUMNS,
        &[
            (Ink::Name, used.project.clone()),
            (Ink::Plain, time),
            (Ink::Plain, count(used.edits, "edited")),
            (Ink::Plain, count(used.reads, "read")),
            (Ink::Name, used.conversation_id.clone()),
        ],
    );
    let project = std::slice::from_ref(&used.project);
    let paths: Vec<String> = used
        .paths
        .iter()
        .map(|path| paths.short(path, project))
        .collect();
    page.wrapped(INDENT_COLUMNS, &paths.join(", "), &[], Ink::Dim);
    if !used.excerpt.is_empty() {
        page.wrapped(INDENT_COLUMNS, &used.excerpt, &[], Ink::Plain);
    }
}
