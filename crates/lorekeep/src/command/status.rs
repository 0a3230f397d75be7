//! `lorekeep status`: how much is archived, indexed and embedded.

use embed::{ModelState, ModelStatus};
use recall::Status;
use wire::{StatusDoc, counted, size, thousands, when};

use super::app::App;
use crate::args::JsonArg;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::opening;
use crate::output::Output;
use crate::output::look::Ink;

/// Prints the state of the archive and of the model.
pub(crate) fn run(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let status = app.archive()?.status()?;
    let model = opening::model_store(&app.loaded).status();
    let database = app.home().database();
    if args.json {
        out.json(&StatusDoc::new(
            &status,
            super::model::document(&model),
            database.display().to_string(),
        ))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    for (name, ink, value) in rows(&status, &model, &app.loaded.shorten(&database)) {
        page.paint(Ink::Dim, &format!("{name:<15}"));
        page.line(ink, &value);
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

fn rows(status: &Status, model: &ModelStatus, database: &str) -> Vec<(&'static str, Ink, String)> {
    let now = clock::now();
    let (indexed, count) = (status.indexed, thousands);
    let last = status
        .last_import
        .map_or_else(|| "never".to_owned(), |time| when::ago(time, &now));
    let problems = if status.problems > 0 {
        Ink::Warn
    } else {
        Ink::Plain
    };
    vec![
        (
            "archive",
            Ink::Plain,
            format!("{database}, {}", size(status.archive_bytes)),
        ),
        (
            "messages",
            Ink::Plain,
            format!(
                "{} in {} of {}",
                count(status.messages),
                counted(status.conversations, "conversation"),
                counted(status.projects, "project")
            ),
        ),
        (
            "logs read",
            Ink::Plain,
            format!(
                "{}, {}",
                counted(status.files, "file"),
                size(status.log_bytes)
            ),
        ),
        ("last import", Ink::Plain, last),
        (
            "indexed",
            Ink::Plain,
            format!("{} by words", counted(indexed.messages, "message")),
        ),
        ("embedded", embedded_ink(status), embedded(status)),
        model_row(model),
        guards_row(status),
        (
            "problems",
            problems,
            format!("{} in the logs", count(status.problems)),
        ),
    ]
}

fn guards_row(status: &Status) -> (&'static str, Ink, String) {
    if status.is_rescan_due() {
        let what = if status.has_own_rules {
            "not all was checked by the newest rules, `lorekeep guard rescan` does it"
        } else {
            "your patterns or exceptions changed since all was checked, `lorekeep guard rescan` does it"
        };
        return ("guards", Ink::Warn, what.to_owned());
    }
    (
        "guards",
        Ink::Plain,
        "all was checked by the newest rules".to_owned(),
    )
}

fn embedded(status: &Status) -> String {
    let (embedded, all) = (status.indexed.embedded, status.indexed.embeddable);
    let percent = (embedded * 100).checked_div(all).unwrap_or(100);
    let by = status
        .model
        .as_deref()
        .map_or_else(String::new, |model| format!(", by {model}"));
    format!(
        "{} of {} messages by meaning ({percent}%){by}",
        thousands(embedded),
        thousands(all)
    )
}

fn embedded_ink(status: &Status) -> Ink {
    if status.indexed.embedded < status.indexed.embeddable {
        Ink::Warn
    } else {
        Ink::Plain
    }
}

fn model_row(model: &ModelStatus) -> (&'static str, Ink, String) {
    match &model.state {
        ModelState::Ready => (
            "model",
            Ink::Plain,
            format!("{}, {}", model.model_id, size(model.bytes)),
        ),
        ModelState::Missing => (
            "model",
            Ink::Warn,
            "missing, `lorekeep model fetch` gets it".to_owned(),
        ),
        ModelState::Damaged(why) => ("model", Ink::Bad, format!("damaged: {why}")),
    }
}
