//! `lorekeep reflect list`.

use jiff::Zoned;
use recall::{Reflection, ReflectionFilter};
use wire::ReflectionsDoc;
use wire::when::{self, TimeBound};

use crate::args::reflect::ReflectListArgs;
use crate::clock;
use crate::command::app::App;
use crate::command::narrow;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;
use wire::short_id;

/// Columns in front of what a reflection says.
const INDENT_COLUMNS: usize = 4;

/// Characters of it that are shown.
const MAX_SHOWN_CHARACTERS: usize = 600;

/// Lists reflections.
pub(super) fn run(
    app: &App,
    args: &ReflectListArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let found = app.archive()?.reflections(&filter(args)?)?;
    let outcome = if found.is_empty() {
        CommandOutcome::Nothing
    } else {
        CommandOutcome::Done
    };
    if args.json.json {
        out.json(&ReflectionsDoc::new(&found))?;
        return Ok(outcome);
    }
    if found.is_empty() {
        out.note("no such reflection is kept");
        out.hint("`lorekeep reflect TEXT` keeps one; `--project all` lists those of all projects");
        return Ok(outcome);
    }
    let now = clock::now();
    let mut page = out.page();
    for (place, reflection) in found.iter().enumerate() {
        if place > 0 {
            page.end();
        }
        show(reflection, &now, &mut page);
    }
    out.print(page)?;
    Ok(outcome)
}

fn filter(args: &ReflectListArgs) -> anyhow::Result<ReflectionFilter> {
    Ok(ReflectionFilter {
        scope: narrow::scope(args.project.as_deref()),
        tag: args.tag.clone(),
        status: args.status,
        since: narrow::time("--since", args.since.as_deref(), TimeBound::Since)?,
        until: narrow::time("--until", args.until.as_deref(), TimeBound::Until)?,
        limit: args.limit as usize,
    })
}

fn show(reflection: &Reflection, now: &Zoned, page: &mut TextPage) {
    let time = reflection.created;
    let mut pieces = vec![
        (Ink::Name, short_id(&reflection.id).to_owned()),
        (Ink::Plain, reflection.project.clone()),
        (
            Ink::Plain,
            format!("{} ({})", when::date(time, now), when::ago(time, now)),
        ),
    ];
    pieces.extend(
        reflection
            .author
            .iter()
            .map(|author| (Ink::Plain, author.clone())),
    );
    let tags: Vec<String> = reflection
        .tags
        .iter()
        .map(|tag| format!("#{tag}"))
        .collect();
    if !tags.is_empty() {
        pieces.push((Ink::Dim, tags.join(" ")));
    }
    if let Some(mark) = &reflection.status {
        pieces.push((Ink::Warn, mark.status.name().to_owned()));
    }
    page.pieces(0, &pieces);
    let content = text::one_line(&reflection.content);
    let end = content
        .char_indices()
        .nth(MAX_SHOWN_CHARACTERS)
        .map(|(end, _)| end);
    let shown = match end {
        Some(end) => format!("{}…", &content[..end]),
        None => content,
    };
    page.wrapped(INDENT_COLUMNS, &shown, &[], Ink::Plain);
    let evidence = reflection
        .status
        .as_ref()
        .and_then(|mark| mark.evidence.as_ref());
    if let Some(evidence) = evidence {
        page.wrapped(INDENT_COLUMNS, &text::one_line(evidence), &[], Ink::Dim);
    }
}
