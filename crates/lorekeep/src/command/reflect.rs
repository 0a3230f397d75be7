//! `lorekeep reflect`: insights kept on purpose, and what became of them.

mod list;
mod import;
mod qdrant;

use std::io::Read as _;

use recall::{Mark, Marked, NewReflection, Reflection, ReflectionChange, ReflectionProject, Scope};
use transcript::Role;
use wire::{MarkedDoc, OneReflectionDoc};

use super::app::App;
use crate::args::reflect::{ReflectArgs, ReflectCommand, ReflectEditArgs, ReflectMarkArgs};
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::input;
use crate::output::Output;
use crate::output::look::Ink;
use wire::short_id;

/// More than a reflection may hold, so that what is too long is refused and not cut.
const MOST_INPUT: u64 = 1 << 20;

/// Keeps a reflection, or does what a subcommand says.
pub(crate) fn run(
    app: &App,
    args: ReflectArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match args.command {
        None => keep(app, args, out),
        Some(ReflectCommand::List(args)) => list::run(app, &args, out),
        Some(ReflectCommand::Edit(args)) => edit(app, &args, out),
        Some(ReflectCommand::Delete { ids }) => delete(app, &ids, out),
        Some(ReflectCommand::Mark(args)) => mark(app, args, out),
        Some(ReflectCommand::Import { store, json }) => import::run(app, store, json, out),
    }
}

fn keep(app: &App, args: ReflectArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    if let Some(meant) = meant_command(&args.text)
        && !is_confirmed(&args.text[0], meant, args.json.json, out)?
    {
        return Ok(CommandOutcome::Done);
    }
    let new = NewReflection {
        content: said(&args.text)?,
        tags: args.tags,
        place: place(args.project),
        role: Role::User,
        author: args.author,
        now: clock::millis(),
        ..NewReflection::default()
    };
    let kept = app.archive()?.reflect(&new)?;
    if args.json.json {
        out.json(&OneReflectionDoc::new(&kept))?;
    } else {
        tell("kept", &kept, out)?;
    }
    // It is kept whatever becomes of this; the next import embeds it then.
    if let Err(error) = app.memory().embed_newest() {
        out.note(&format!("it isn't found by meaning yet: {error}"));
    }
    Ok(CommandOutcome::Done)
}

/// The subcommand that was probably meant by what would be stored: one word, or one before what looks like
/// an id, that is nearly a subcommand's name.
fn meant_command(words: &[String]) -> Option<&'static str> {
    const NAMES: [&str; 5] = ["list", "edit", "delete", "mark", "import"];
    let looks_like_id = |word: &String| {
        word.len() >= 4
            && word
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let (first, rest) = words.split_first()?;
    let is_alone = rest.is_empty() || rest.first().is_some_and(looks_like_id);
    if !is_alone || first.contains(char::is_whitespace) {
        return None;
    }
    let first = first.to_lowercase();
    NAMES
        .into_iter()
        .find(|name| strsim::damerau_levenshtein(&first, name) <= name.len() / 4)
}

/// Whether the person wants to store it all the same. Without a terminal it isn't stored.
fn is_confirmed(word: &str, meant: &str, is_json: bool, out: &mut Output) -> anyhow::Result<bool> {
    if is_json || !out.can_ask() {
        let what =
            format!("`{word}` is no command of `reflect`, and was not stored as a reflection");
        return Err(Fault::usage(what)
            .hint(format!(
                "did you mean `lorekeep reflect {meant}`? `lorekeep reflect -` stores any text"
            ))
            .into());
    }
    out.hint(&format!("did you mean `lorekeep reflect {meant}`?"));
    Ok(out.ask(&format!("Store `{word}` as a reflection?"), false))
}

/// The words that were typed, or standard input for `-`.
fn said(words: &[String]) -> anyhow::Result<String> {
    if !matches!(words, [word] if input::is_standard(word.as_ref())) {
        return Ok(words.join(" "));
    }
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MOST_INPUT);
    input.read_to_string(&mut text)?;
    Ok(text)
}

fn place(project: Option<String>) -> ReflectionProject {
    match project {
        Some(name) => ReflectionProject::Project(name),
        // A working directory that was removed belongs to no project.
        None => {
            std::env::current_dir().map_or(ReflectionProject::Nowhere, ReflectionProject::Directory)
        }
    }
}

fn tell(what: &str, reflection: &Reflection, out: &mut Output) -> anyhow::Result<()> {
    let mut page = out.page();
    page.push(&format!("{what} "))
        .paint(Ink::Name, short_id(&reflection.id))
        .push(" in project ")
        .paint(Ink::Name, &reflection.project);
    if !reflection.tags.is_empty() {
        page.push(&format!(", tagged {}", reflection.tags.join(", ")));
    }
    page.end();
    out.print(page)
}

fn edit(app: &App, args: &ReflectEditArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let content = match &args.text[..] {
        [] => None,
        words => Some(said(words)?),
    };
    let change = ReflectionChange {
        content,
        tags: (args.no_tags || !args.tags.is_empty()).then(|| args.tags.clone()),
        now: clock::millis(),
    };
    let changed = app
        .archive()?
        .edit_reflection(&args.id, &Scope::All, &change)?;
    if args.json.json {
        out.json(&OneReflectionDoc::new(&changed))?;
    } else {
        tell("changed", &changed, out)?;
    }
    Ok(CommandOutcome::Done)
}

fn delete(app: &App, ids: &[String], out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut archive = app.archive()?;
    // None is deleted where one isn't known.
    let mut found = Vec::new();
    for id in ids {
        let id = archive.reflection(id, &Scope::All)?.id;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    for id in found {
        let gone = archive.delete_reflection(&id, &Scope::All)?;
        tell("deleted", &gone, out)?;
    }
    Ok(CommandOutcome::Done)
}

fn mark(app: &App, args: ReflectMarkArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mark = Mark {
        ids: args.ids,
        // Whoever types an id means it, wherever it is.
        scope: Scope::All,
        status: args.status,
        evidence: args.evidence,
        claim: args.claim,
        who: args.who,
        now: clock::millis(),
    };
    let marked = app.archive()?.mark(&mark)?;
    if args.json.json {
        out.json(&MarkedDoc::new(&marked))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    for Marked {
        id, before, status, ..
    } in &marked
    {
        page.push("marked ")
            .paint(Ink::Name, short_id(id))
            .push(&format!(" {}", status.name()));
        if let Some(before) = before.filter(|before| before != status) {
            page.push(&format!(", which was {}", before.name()));
        }
        page.end();
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}
