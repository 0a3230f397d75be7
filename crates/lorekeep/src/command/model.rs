//! `lorekeep model`: the model that finds by meaning, fetched once and checked.

use std::path::PathBuf;

use embed::{FetchProgress, ModelOrigin, ModelState, ModelStatus, Verification};
use jiff::Timestamp;
use wire::{ModelDoc, size, when};

use super::app::App;
use super::search;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::opening::model_store;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::progress::Unit;

/// Tells of, fetches or verifies the model.
pub(crate) fn run(
    app: &App,
    command: args::ModelCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match command {
        args::ModelCommand::Status(args) => {
            let status = model_store(&app.loaded).status();
            print(app, &status, args, out)?;
            Ok(match status.state {
                ModelState::Ready | ModelState::Missing => CommandOutcome::Done,
                ModelState::Damaged(_) => CommandOutcome::Failed,
            })
        }
        args::ModelCommand::Fetch { from } => fetch(app, from, out),
        args::ModelCommand::Verify(args) => {
            let status = model_store(&app.loaded).check(Verification::Always, clock::system())?;
            print(app, &status, args, out)?;
            Ok(CommandOutcome::Done)
        }
    }
}

fn print(
    app: &App,
    status: &ModelStatus,
    args: args::JsonArg,
    out: &mut Output,
) -> anyhow::Result<()> {
    if args.json {
        return out.json(&document(status));
    }
    let mut page = out.page();
    let (ink, state) = match &status.state {
        ModelState::Ready => (Ink::Good, "ready".to_owned()),
        ModelState::Missing => (
            Ink::Warn,
            "missing, `lorekeep model fetch` gets it".to_owned(),
        ),
        ModelState::Damaged(why) => (Ink::Bad, format!("damaged: {why}")),
    };
    page.paint(Ink::Dim, "model     ")
        .line(Ink::Name, status.model_id.as_str());
    page.paint(Ink::Dim, "state     ").line(ink, &state);
    let path = app.loaded.shorten(&status.path);
    page.paint(Ink::Dim, "path      ").line(Ink::Plain, &path);
    if status.bytes > 0 {
        page.paint(Ink::Dim, "size      ")
            .line(Ink::Plain, &size(status.bytes));
    }
    if let Some(origin) = &status.origin {
        page.paint(Ink::Dim, "origin    ").line(Ink::Plain, origin);
    }
    if let Some(verified) = status
        .verified
        .and_then(|time| Timestamp::try_from(time).ok())
    {
        let ago = when::ago(verified.as_millisecond(), &clock::now());
        page.paint(Ink::Dim, "verified  ").line(Ink::Plain, &ago);
    }
    out.print(page)
}

/// The document of the model's state.
pub(super) fn document(status: &ModelStatus) -> ModelDoc {
    let verified = status
        .verified
        .and_then(|time| Timestamp::try_from(time).ok());
    let (state, problem) = match &status.state {
        ModelState::Missing => ("missing", None),
        ModelState::Ready => ("ready", None),
        ModelState::Damaged(why) => ("damaged", Some(why.clone())),
    };
    ModelDoc {
        id: status.model_id.to_string(),
        state,
        problem,
        bytes: status.bytes,
        origin: status.origin.clone(),
        verified: when::time(verified.map(Timestamp::as_millisecond)),
        path: status.path.display().to_string(),
    }
}

fn fetch(app: &App, from: Option<PathBuf>, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let origin = origin(app, from)?;
    let bar = out.progress();
    let fetched =
        model_store(&app.loaded).fetch(&origin, clock::system(), &mut |progress| match progress {
            FetchProgress::Reading { file, bytes, of } => {
                bar.show(
                    &format!("reading {file}"),
                    Unit::Bytes,
                    bytes,
                    of.unwrap_or(bytes),
                );
            }
            FetchProgress::Converting => bar.show("converting", Unit::Steps, 0, 1),
            _ => {}
        });
    drop(bar);
    let status = fetched?;
    search::forget_that_model_is_missing(app);
    print(app, &status, args::JsonArg { json: false }, out)?;
    if app.home().database().exists() {
        out.hint("`lorekeep import --embed` embeds what was imported without it");
    }
    Ok(CommandOutcome::Done)
}

fn origin(app: &App, from: Option<PathBuf>) -> anyhow::Result<ModelOrigin> {
    if let Some(path) = from {
        return Ok(ModelOrigin::Path(path));
    }
    let embedding = &app.settings().embedding;
    let Some(endpoint) = embedding.hub_url.get() else {
        return Err(Fault::usage("`embedding.hub_url` is empty")
            .hint("`--from PATH` takes the model from a file")
            .into());
    };
    let proxy = embedding.proxy_url.get().map(str::to_owned);
    Ok(ModelOrigin::Hub {
        endpoint: endpoint.to_owned(),
        proxy,
    })
}
