//! `lorekeep search --batch`: many queries in one process, answered one by one as they come, so
//! that another program can talk to it through pipes.

use std::io::BufRead;
use std::path::Path;

use embed::MiniLmOptions;
use memory::{Memory, MemoryOptions, ModelAvailability};
use recall::{Scope, SearchRequest};
use serde::Deserialize;
use serde_json::value::RawValue;
use wire::{RankedDoc, lag_note};

use crate::args;
use crate::command::app::App;
use crate::command::narrow;
use crate::exit::{CommandOutcome, chain};
use crate::input;
use crate::opening;
use crate::output::Output;

/// One line of a batch.
#[derive(Deserialize)]
struct SearchLine<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    text: String,
    project: Option<String>,
}

/// Answers each line of `file`, or of standard input for `-`. A line that can't be understood is
/// reported and makes the whole fail in the end, but the others are answered.
pub(super) fn run(
    app: &App,
    args: &args::SearchArgs,
    mut request: SearchRequest,
    file: &Path,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let lines = input::open(file)?;
    let threads = opening::embedding_threads(app.settings());
    let options = MemoryOptions {
        model: opening::model(&app.loaded, MiniLmOptions::many_texts(threads)),
        ..opening::for_one_answer(&app.loaded)
    };
    // Once for all: a batch is a measurement more often than a question.
    let ready = Memory::new(options.clone()).prepare(request.mode)?;
    if let ModelAvailability::Broken(error) = &ready.model {
        out.warning(&format!("searching by words only: {error}"));
    }
    if let Some(note) = ready.lag.as_ref().and_then(lag_note) {
        out.note(&note);
    }
    let memory = Memory::new(MemoryOptions {
        follow: None,
        ..options
    });
    let mut outcome = CommandOutcome::Done;
    for (line, number) in lines.split(b'\n').zip(1..) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let asked: SearchLine<'_> = match serde_json::from_slice(&line) {
            Ok(asked) => asked,
            Err(error) => {
                out.error(&format!("line {number} of the batch: {error}"));
                outcome = CommandOutcome::Failed;
                continue;
            }
        };
        let project = asked.project.as_deref().or(args.project.as_deref());
        // Where a batch is run from says nothing about its queries: without a project they go everywhere.
        request.scope = narrow::named(project).unwrap_or(Scope::All);
        request.query.clone_from(&asked.text);
        answer(&memory, &request, asked.id, &ready.model, out)?;
    }
    Ok(outcome)
}

fn answer(
    memory: &Memory,
    request: &SearchRequest,
    id: &RawValue,
    model: &ModelAvailability,
    out: &mut Output,
) -> anyhow::Result<()> {
    let (hits, error) = match memory.search_with(request, model) {
        Ok(found) => (found.response.hits, None),
        Err(memory::Error::Archive(error)) if concerns_query(&error) => {
            (Vec::new(), Some(chain(&error.into())))
        }
        Err(error) => return Err(error.into()),
    };
    out.json_compact(&RankedDoc {
        id,
        ranked: hits.iter().map(|hit| hit.message_id.as_str()).collect(),
        scores: hits.iter().map(|hit| hit.score).collect(),
        error,
    })?;
    // Whoever asks through a pipe waits for the answer before asking on.
    out.flush()
}

/// Whether an error is about this query rather than about the archive.
fn concerns_query(error: &recall::Error) -> bool {
    use recall::Error;
    matches!(
        error,
        Error::NoProject { .. } | Error::AmbiguousProject { .. } | Error::Query(_)
    )
}
