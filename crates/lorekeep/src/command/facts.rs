//! `lorekeep facts`: what the chat knows of the person.

use jiff::Zoned;
use recall::{ExportFilter, FactChange, FactFilter, NewFact, PersonFact, Scope};
use transcript::{FactOrigin, Role};
use wire::{FactsDoc, FoundFactsDoc, OneFactDoc, short_id, when};

use super::app::App;
use super::export;
use crate::args::JsonArg;
use crate::args::facts::{
    FactsAddArgs, FactsCommand, FactsEditArgs, FactsListArgs, FactsSearchArgs,
};
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text::one_line;

/// Columns in front of what a fact says.
const INDENT_COLUMNS: usize = 4;

/// How near a fact must be to be told as found: a cosine, or a share of words.
const MIN_COSINE: f32 = 0.2;
const MIN_WORDS: f32 = 0.3;

/// Lists, searches, stores, changes, forgets or exports facts.
pub(crate) fn run(
    app: &App,
    command: FactsCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match command {
        FactsCommand::List(args) => list(app, args, out),
        FactsCommand::Search(args) => search(app, &args, out),
        FactsCommand::Add(args) => add(app, args, out),
        FactsCommand::Edit(args) => edit(app, &args, out),
        FactsCommand::Forget { ids, json } => forget(app, &ids, &json, out),
        FactsCommand::Export => export_all(app, out),
    }
}

fn list(app: &App, args: FactsListArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let filter = FactFilter {
        with_past: args.past,
        topic: args.topic,
        after: args.after,
        limit: args.limit as usize,
    };
    let found = app.archive()?.facts(&filter)?;
    let outcome = outcome_of(found.facts.len());
    if args.json.json {
        out.json(&FactsDoc::new(&found))?;
        return Ok(outcome);
    }
    if found.facts.is_empty() {
        out.note("no such fact is kept");
        out.hint(
            "`lorekeep facts add TEXT` keeps one; `facts.extract = true` has the chat draw them",
        );
        return Ok(outcome);
    }
    show(found.facts.iter(), out)?;
    if found.has_more
        && let Some(last) = found.facts.last()
    {
        out.hint(&format!("`--after {}` goes on", short_id(&last.id)));
    }
    Ok(outcome)
}

fn search(app: &App, args: &FactsSearchArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut found = app.memory().search_facts(&args.query.join(" "))?;
    found.retain(|found| {
        found.words >= MIN_WORDS || found.cosine.is_some_and(|cosine| cosine >= MIN_COSINE)
    });
    found.truncate(args.limit as usize);
    let outcome = outcome_of(found.len());
    if args.json.json {
        out.json(&FoundFactsDoc::new(&found))?;
        return Ok(outcome);
    }
    if found.is_empty() {
        out.note("no fact is about this");
        return Ok(outcome);
    }
    show(found.iter().map(|found| &found.fact), out)?;
    Ok(outcome)
}

fn outcome_of(count: usize) -> CommandOutcome {
    match count {
        0 => CommandOutcome::Nothing,
        _ => CommandOutcome::Done,
    }
}

fn show<'a>(facts: impl Iterator<Item = &'a PersonFact>, out: &mut Output) -> anyhow::Result<()> {
    let now = clock::now();
    let mut page = out.page();
    for fact in facts {
        show_one(fact, &now, &mut page);
    }
    out.print(page)
}

fn show_one(fact: &PersonFact, now: &Zoned, page: &mut TextPage) {
    let mut pieces = vec![
        (Ink::Name, short_id(&fact.id).to_owned()),
        (
            Ink::Plain,
            format!(
                "{} ({})",
                when::date(fact.created, now),
                when::ago(fact.created, now)
            ),
        ),
    ];
    if !fact.origin.topics.is_empty() {
        pieces.push((Ink::Dim, one_line(&fact.origin.topics.join(", "))));
    }
    if let Some(ended) = &fact.ended {
        let since = format!("until {}", when::date(ended.time, now));
        pieces.push((Ink::Warn, since));
    }
    page.pieces(0, &pieces);
    page.wrapped(INDENT_COLUMNS, &one_line(&fact.text), &[], Ink::Plain);
}

fn add(app: &App, args: FactsAddArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut archive = app.archive()?;
    let mut replaces = Vec::new();
    for id in &args.replaces {
        replaces.push(archive.fact(id)?.id);
    }
    let new = NewFact {
        text: args.text.join(" "),
        origin: FactOrigin {
            topics: args.topics,
            ..FactOrigin::default()
        },
        role: Role::User,
        replaces,
        created: None,
    };
    let kept = archive.keep_facts(None, &[new], None, clock::millis())?;
    // A process that answers once has no other use for its connection.
    drop(archive);
    if let Some(kept) = kept.first() {
        tell("kept", kept, &args.json, out)?;
    }
    embed(app, out);
    Ok(CommandOutcome::Done)
}

/// It is kept whatever becomes of this; the next import embeds it then.
fn embed(app: &App, out: &mut Output) {
    if let Err(error) = app.memory().embed_newest() {
        out.note(&format!("it isn't found by meaning yet: {error}"));
    }
}

fn tell(what: &str, fact: &PersonFact, json: &JsonArg, out: &mut Output) -> anyhow::Result<()> {
    if json.json {
        return out.json(&OneFactDoc::new(fact));
    }
    let mut page = out.page();
    page.push(&format!("{what} "))
        .paint(Ink::Name, short_id(&fact.id))
        .push(&format!(": {}", one_line(&fact.text)));
    page.end();
    out.print(page)
}

fn edit(app: &App, args: &FactsEditArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let change = FactChange {
        text: (!args.text.is_empty()).then(|| args.text.join(" ")),
        topics: (args.no_topics || !args.topics.is_empty()).then(|| args.topics.clone()),
        version: None,
    };
    if change.text.is_none() && change.topics.is_none() {
        let fault = Fault::usage("neither a text nor topics are given");
        return Err(fault.hint("`lorekeep facts edit ID TEXT`").into());
    }
    let changed = app
        .archive()?
        .edit_fact(&args.id, &change, clock::millis())?;
    tell("changed", &changed, &args.json, out)?;
    embed(app, out);
    Ok(CommandOutcome::Done)
}

fn forget(
    app: &App,
    ids: &[String],
    json: &JsonArg,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut archive = app.archive()?;
    // None is forgotten where one isn't known.
    let mut found = Vec::new();
    for id in ids {
        let id = archive.fact(id)?.id;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    for id in found {
        match archive.forget_fact(&id) {
            Ok(gone) => tell("forgot", &gone, json, out)?,
            // It went with another one, whose past it was.
            Err(recall::Error::NoFact(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(CommandOutcome::Done)
}

fn export_all(app: &App, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let archive = app.archive()?;
    let all = FactFilter {
        with_past: true,
        limit: usize::MAX,
        ..FactFilter::default()
    };
    let facts = archive.facts(&all)?.facts;
    // The oldest first, as they were said.
    for fact in facts.iter().rev() {
        let filter = ExportFilter {
            scope: Scope::All,
            conversation: Some(fact.id.clone()),
        };
        export::jsonl(&archive, &filter, out)?;
    }
    Ok(outcome_of(facts.len()))
}
