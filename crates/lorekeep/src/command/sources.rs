//! `lorekeep sources`: the assistants whose logs are read, and what came of it.

use recall::SourceInfo;
use wire::{SourcesDoc, size, thousands};

use super::app::App;
use crate::args::JsonArg;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};

/// Lists the sources.
pub(crate) fn run(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let sources = app.archive()?.sources(&app.loaded.roots())?;
    if args.json {
        out.json(&SourcesDoc::new(&sources))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    table(app, &sources).print(&mut page);
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

fn table(app: &App, sources: &[SourceInfo]) -> TextTable {
    let mut table = TextTable::new(&[
        ("SOURCE", Align::Left),
        ("FILES", Align::Right),
        ("READ", Align::Right),
        ("CONVERSATIONS", Align::Right),
        ("MESSAGES", Align::Right),
        ("PROBLEMS", Align::Right),
        ("WHERE", Align::Flexible),
    ]);
    for source in sources {
        let roots = source
            .roots
            .iter()
            .map(|root| app.loaded.shorten(root.as_ref()));
        let problems = if source.problems > 0 {
            Ink::Warn
        } else {
            Ink::Plain
        };
        table.row(vec![
            (Ink::Name, source.name.clone()),
            (Ink::Plain, thousands(source.files)),
            (Ink::Plain, size(source.bytes)),
            (Ink::Plain, thousands(source.conversations)),
            (Ink::Plain, thousands(source.messages)),
            (problems, thousands(source.problems)),
            (Ink::Dim, roots.collect::<Vec<_>>().join(", ")),
        ]);
    }
    table
}
