//! `lorekeep reflect import`: the reflections of Claude Self-Reflect.

use std::path::Path;

use recall::{Archive, ForeignReflection, ForeignReport, self_reflect_database};
use wire::{ForeignDoc, thousands};

use super::qdrant::Qdrant;
use crate::args::JsonArg;
use crate::args::reflect::ReflectCommand;
use crate::clock;
use crate::command::app::App;
use crate::exit::CommandOutcome;
use crate::output::Output;

/// Where its Qdrant listens unless it was told otherwise.
const USUAL_ADDRESS: &str = "http://localhost:6333";

/// Who is said to have made them, since their store doesn't tell.
const IMPORTED_AUTHOR: &str = "claude-self-reflect";

/// Imports from one store, or from what there is on this machine.
pub(super) fn run(
    app: &App,
    store: Option<String>,
    json: JsonArg,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut archive = app.archive()?;
    let mut done = Vec::new();
    for store in stores(app, store) {
        let found = read(app, &store)?;
        let report = keep(&mut archive, &found)?;
        done.push((store, report));
    }
    if json.json {
        out.json(&ForeignDoc::new(&done))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    for (store, report) in &done {
        page.push(&format!(
            "{store}: {} reflections added, {} known already, {} marks",
            thousands(report.added),
            thousands(report.known),
            thousands(report.marks)
        ));
        page.end();
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

/// The stores to read: what was named; else the database if there is one, and the Qdrant that the
/// settings name; else the Qdrant at the usual address.
fn stores(app: &App, named: Option<String>) -> Vec<String> {
    if let Some(store) = named {
        return vec![store];
    }
    let settings = &app.settings().self_reflect;
    let database = settings.database.path(app.loaded.user_home.as_deref());
    let mut stores = Vec::new();
    if let Some(database) = database.filter(|database| database.is_file()) {
        stores.push(database.to_string_lossy().into_owned());
    }
    stores.extend(settings.qdrant_url.get().map(str::to_owned));
    if stores.is_empty() {
        stores.push(USUAL_ADDRESS.to_owned());
    }
    stores
}

fn read(app: &App, store: &str) -> anyhow::Result<Vec<ForeignReflection>> {
    let zone = clock::now().time_zone().clone();
    match ReflectCommand::file_of(store) {
        Some(file) => Ok(self_reflect_database(Path::new(&file), &zone)?),
        None => {
            let key = app.settings().self_reflect.qdrant_api_key.get();
            Qdrant::new(store, key).reflections(&zone)
        }
    }
}

fn keep(archive: &mut Archive, found: &[ForeignReflection]) -> anyhow::Result<ForeignReport> {
    Ok(archive.import_reflections(found, IMPORTED_AUTHOR, clock::millis())?)
}
