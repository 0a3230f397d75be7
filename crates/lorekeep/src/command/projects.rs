//! `lorekeep projects`: what there is, the latest first.

use recall::ProjectInfo;
use wire::{ProjectsDoc, thousands, when};

use super::app::App;
use crate::args::JsonArg;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};

/// Lists the projects.
pub(crate) fn run(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
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
    table(app, &projects).print(&mut page);
    out.print(page)?;
    Ok(outcome)
}

fn table(app: &App, projects: &[ProjectInfo]) -> TextTable {
    let now = clock::now();
    let mut table = TextTable::new(&[
        ("PROJECT", Align::Flexible),
        ("CONVERSATIONS", Align::Right),
        ("MESSAGES", Align::Right),
        ("LAST", Align::Left),
        ("WHERE", Align::Flexible),
    ]);
    for project in projects {
        let place = match &project.path {
            Some(path) => app.loaded.shorten(path.as_ref()),
            None => project.key.clone(),
        };
        table.row(vec![
            (Ink::Name, project.name.clone()),
            (Ink::Plain, thousands(project.conversations)),
            (Ink::Plain, thousands(project.messages)),
            (
                Ink::Plain,
                project
                    .last
                    .map_or_else(String::new, |time| when::ago(time, &now)),
            ),
            (Ink::Dim, place),
        ]);
    }
    table
}
