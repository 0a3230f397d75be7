//! `lorekeep search`: a query in, hits out, for people or programs.

mod batch;
mod hits;

use std::collections::HashMap;
use std::path::PathBuf;

use memory::{ModelAvailability, Searched};
use recall::{Archive, Decay, Mode, Scope, SearchRequest, SearchResponse, Verdict};
use wire::when::TimeBound;
use wire::{SearchDoc, short_id, thousands};

use self::hits::HitOpening;
use super::app::App;
use super::narrow;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::last_search;
use crate::output::Output;
use crate::settings;

/// Searches once, or once per line of a batch.
pub(crate) fn run(
    app: &App,
    args: &args::SearchArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut request = request(app, args)?;
    if let Some(file) = &args.batch {
        return batch::run(app, args, request, file, out);
    }
    request.query = args.query.join(" ");
    request.per_conversation = match args.per_conversation {
        0 => None,
        most => Some(usize::from(most)),
    };
    request.scope = narrow::scope(args.project.as_deref());
    let began = clock::instant();
    let memory = app.memory();
    let found = memory.search(&request)?;
    let took_ms = clock::took_ms(began);
    let printed = match outcome(&found.response) {
        CommandOutcome::Done => &found.response.hits[..],
        _ => &[],
    };
    last_search::remember(&app.loaded.locations, printed);
    if args.json.json {
        out.json(&SearchDoc::new(
            &request.query,
            &found.response,
            found.lag.as_ref(),
            took_ms,
            &clock::now(),
        ))?;
    } else {
        let names = names(&*memory.archive()?, &found.response);
        print(app, &request, &found, &names, out)?;
    }
    if let Some(note) = found.lag.as_ref().and_then(wire::lag_note) {
        out.note(&note);
    }
    narrow::tell_of_moved(&*memory.archive()?, &request.scope, out);
    // The answer doesn't wait for what is still being read.
    out.flush()?;
    Ok(outcome(&found.response))
}

/// What each hit's conversation is called: short, if that means only this one in the archive.
fn names<'a>(archive: &Archive, response: &'a SearchResponse) -> HashMap<&'a str, &'a str> {
    let mut names = HashMap::new();
    for hit in &response.hits {
        let id = hit.conversation_id.as_str();
        names.entry(id).or_insert_with(|| {
            let short = short_id(id);
            let is_enough = short == id || archive.conversation(short).is_ok();
            if is_enough { short } else { id }
        });
    }
    names
}

fn outcome(response: &SearchResponse) -> CommandOutcome {
    if response.hits.is_empty() || response.verdict == Verdict::Nothing {
        return CommandOutcome::Nothing;
    }
    CommandOutcome::Done
}

/// The request that arguments and settings make, without query and scope.
fn request(app: &App, args: &args::SearchArgs) -> anyhow::Result<SearchRequest> {
    let settings = app.settings();
    let since = narrow::time("--since", args.since.as_deref(), TimeBound::Since)?;
    let until = narrow::time("--until", args.until.as_deref(), TimeBound::Until)?;
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(
            Fault::usage("`--since` is not before `--until`: no time lies between them").into(),
        );
    }
    Ok(SearchRequest {
        mode: args.mode.unwrap_or(settings.search.mode.0),
        limit: args
            .limit
            .map_or(settings.search.limit.get(), |limit| limit as usize),
        since,
        until,
        role: args.role,
        source: args.source.map(|source| source.name().to_owned()),
        file: args.file.clone(),
        tool: args.tool.clone(),
        min_score: args.min_score.unwrap_or(settings.search.min_score.get()),
        decay: decay(args, &settings.memory),
        context: usize::from(args.context),
        ..SearchRequest::new("", Scope::Nothing, clock::millis())
    })
}

fn decay(args: &args::SearchArgs, memory: &settings::MemorySettings) -> Option<Decay> {
    let wanted = args.recency || (memory.decay_enabled.0 && !args.no_recency);
    wanted.then(|| Decay {
        weight: memory.decay_weight.get(),
        half_life_days: memory.decay_half_life_days.get(),
    })
}

fn print(
    app: &App,
    request: &SearchRequest,
    found: &Searched,
    names: &HashMap<&str, &str>,
    out: &mut Output,
) -> anyhow::Result<()> {
    let response = &found.response;
    let has_hits = outcome(response) == CommandOutcome::Done;
    if has_hits {
        let mut page = out.page();
        let opening = if out.is_stdout_terminal() {
            HitOpening::ByNumber
        } else {
            HitOpening::ById
        };
        hits::render(response, names, opening, &clock::now(), &mut page);
        out.print(page)?;
        out.flush()?;
    }
    for note in &response.notes {
        out.note(&wire::search_note(note, &clock::now()));
    }
    if let Some(note) = scope_note(&request.scope, response) {
        out.note(&note);
    }
    let place = match &response.project {
        Some(project) => format!("in project `{project}`"),
        None => "in any project".to_owned(),
    };
    if !has_hits {
        out.note(&format!(
            "nothing relevant was said about `{}` {place}",
            request.query
        ));
        if response.indexed.messages == 0 {
            out.hint("nothing is archived yet; `lorekeep import` reads the logs of assistants");
        } else if response.project.is_some() {
            out.hint("`--project all` searches everywhere");
        }
    } else if response.verdict == Verdict::Weak {
        out.note(&format!(
            "nothing {place} clearly answers this; these come closest"
        ));
    }
    if let ModelAvailability::Broken(error) = &found.model {
        out.warning(&format!("searched by words only: {error}"));
        out.hint("`lorekeep model verify` says more, `lorekeep model fetch` gets it anew");
    }
    if out.is_for_person() {
        advise(app, request, found, out);
    }
    Ok(())
}

/// Which project was searched, where that isn't what was typed, nor the name of the working directory.
fn scope_note(scope: &Scope, response: &SearchResponse) -> Option<String> {
    let project = response.project.as_deref()?;
    match scope {
        Scope::Project(typed) | Scope::ProjectFrom(typed, _) => {
            (typed != project).then(|| format!("searched project `{project}`"))
        }
        Scope::Directory(directory) | Scope::DirectoryOrAll(directory) => {
            let name = directory.file_name().unwrap_or_default();
            (name != project)
                .then(|| format!("searched project `{project}`, which this directory belongs to"))
        }
        Scope::Nothing | Scope::All => None,
    }
}

/// What a person may want to know, and a program that reads along may not.
fn advise(app: &App, request: &SearchRequest, found: &Searched, out: &mut Output) {
    let response = &found.response;
    if matches!(request.scope, Scope::DirectoryOrAll(_)) && response.project.is_none() {
        out.note("this directory belongs to no project in the archive: everything was searched");
    }
    if request.mode == Mode::Lexical {
        return;
    }
    if matches!(found.model, ModelAvailability::Missing) {
        say_once_that_model_is_missing(app, out);
        return;
    }
    let indexed = response.indexed;
    // A few messages of a session that is going on are always behind.
    if indexed.embedded * 20 < indexed.embeddable * 19 {
        let (embedded, all) = (thousands(indexed.embedded), thousands(indexed.embeddable));
        out.note(&format!(
            "{embedded} of {all} messages can be found by meaning so far"
        ));
        out.hint("`lorekeep import --embed` embeds the others");
    }
}

/// Says it on the first search only: an empty file remembers that it was said.
fn say_once_that_model_is_missing(app: &App, out: &mut Output) {
    let told = told_file(app);
    if told.exists() {
        return;
    }
    out.note("found by words only: there is no embedding model (this is said once)");
    out.hint("`lorekeep model fetch` gets it, then meaning counts too");
    // Where it can't be remembered it is said again.
    let _ = files::create_dir(&app.loaded.locations.cache);
    let _ = files::open_append(&told);
}

/// Once there is a model, its absence would be news again.
pub(super) fn forget_that_model_is_missing(app: &App) {
    // Most often it was never said.
    let _ = fs_err::remove_file(told_file(app));
}

fn told_file(app: &App) -> PathBuf {
    app.loaded
        .locations
        .cache
        .join("told-that-model-is-missing")
}
