//! `lorekeep projects`: what there is, the latest first; and what a person says about it.

mod change;

use recall::ProjectInfo;
use wire::{ProjectsDoc, thousands, when};

use super::app::App;
use crate::args::JsonArg;
use crate::args::projects::{ProjectsArgs, ProjectsCommand};
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};

/// Lists or changes projects.
pub(crate) fn run(
    app: &App,
    args: &ProjectsArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match &args.command {
        None => list(app, args.json, out),
        Some(ProjectsCommand::List(args)) => list(app, *args, out),
        Some(ProjectsCommand::Merge(args)) => change::merge(app, args, out),
        Some(ProjectsCommand::Rename(args)) => change::rename(app, args, out),
        Some(ProjectsCommand::Undo(args)) => change::undo(app, args, out),
    }
}

fn list(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let projects = app.archive()?.projects()?;
    let outcome = if projects.is_empty() {
        CommandOutcome::Nothing
    } else {
        CommandOutcome::Done
    };
    if args.json {
        out.json(&ProjectsDoc::new(&projects))?;
        return Ok(outcome);
    }
    if projects.is_empty() {
        out.note("no projects are known yet");
        out.hint("`lorekeep import` reads the logs of assistants");
        return Ok(outcome);
    }
    let mut page = out.page();
    let wide = table(app, &projects, PlaceForm::Column);
    match wide.fits(&page) {
        true => wide.print(&mut page),
        false => table(app, &projects, PlaceForm::Line).print(&mut page),
    }
    out.print(page)?;
    Ok(outcome)
}

/// How it is told where projects lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlaceForm {
    /// In the last column.
    Column,
    /// In a line below each: nobody recognises a path of which half is cut off.
    Line,
}

fn table(app: &App, projects: &[ProjectInfo], places: PlaceForm) -> TextTable {
    let now = clock::now();
    let mut columns = vec![
        ("PROJECT", Align::Flexible),
        ("CONVERSATIONS", Align::Right),
        ("MESSAGES", Align::Right),
        ("LAST", Align::Left),
    ];
    if places == PlaceForm::Column {
        columns.push(("WHERE", Align::Flexible));
    }
    let mut table = TextTable::new(&columns);
    for project in projects {
        let place = match &project.path {
            Some(path) => app.loaded.shorten(path.as_ref()),
            None => project.key.clone(),
        };
        let mut row = vec![
            (Ink::Name, project.name.clone()),
            (Ink::Plain, thousands(project.conversations)),
            (Ink::Plain, thousands(project.messages)),
            (
                Ink::Plain,
                project
                    .last
                    .map_or_else(String::new, |time| when::ago(time, &now)),
            ),
        ];
        if places == PlaceForm::Column {
            row.push((Ink::Dim, place));
            table.row(row);
        } else {
            table.row(row);
            table.note(&place);
        }
    }
    table
}
