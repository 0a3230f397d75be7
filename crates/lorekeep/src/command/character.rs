//! `lorekeep character`: who the chat can speak as.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use chat::character::{Character, CharacterLibrary};
use guard::{Engine, Place, Policy};
use serde_json::json;

use super::app::App;
use crate::args::CharacterCommand;
use crate::chatting::characters_dir;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::guards;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};
use crate::output::text::one_line;

/// Lists, shows, takes in, writes or checks characters.
pub(crate) fn run(
    app: &App,
    command: CharacterCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let library = CharacterLibrary::new(characters_dir(app.home())).with_shipped();
    match command {
        CharacterCommand::List(json) => list(&library, json.json, out),
        CharacterCommand::Show { id, json } => show(&*find(&library, &id)?, json.json, out),
        CharacterCommand::Import(args) => {
            let (mut has_failed, mut is_taken) = (false, false);
            for file in &args.files {
                match library.import(file, args.replace) {
                    Ok(id) => {
                        out.text(&format!("{id}\n"))?;
                        out.flush()?;
                        tell(app, &*find(&library, &id)?, out);
                    }
                    Err(failure) => {
                        out.error(&failure.to_string());
                        has_failed = true;
                        is_taken |= failure.is_taken;
                    }
                }
            }
            if is_taken {
                out.hint("`--replace` takes the place of characters that are there");
            }
            Ok(outcome(has_failed))
        }
        CharacterCommand::Export { id, file } => {
            export(&*find(&library, &id)?, file.as_deref(), out)
        }
        CharacterCommand::Check { files } => {
            let mut has_failed = false;
            for file in &files {
                match library.read(file) {
                    Ok(character) => {
                        let lore = character.summary().lore;
                        let greetings = character.card.greetings.len();
                        out.text(&format!(
                            "{}: {}, {greetings} greetings, {lore} entries of lore\n",
                            file.display(),
                            one_line(&character.card.name)
                        ))?;
                        out.flush()?;
                        tell(app, &character, out);
                    }
                    Err(failure) => {
                        out.error(&failure.to_string());
                        has_failed = true;
                    }
                }
            }
            Ok(outcome(has_failed))
        }
    }
}

fn outcome(has_failed: bool) -> CommandOutcome {
    match has_failed {
        true => CommandOutcome::Failed,
        false => CommandOutcome::Done,
    }
}

fn find(library: &CharacterLibrary, id: &str) -> anyhow::Result<Arc<Character>> {
    match library.get(id) {
        Ok(Some(character)) => Ok(character),
        Ok(None) => Err(
            Fault::missing(format!("there is no character `{}`", one_line(id)))
                .hint("`lorekeep character list` lists them")
                .into(),
        ),
        Err(failure) => Err(Fault::failure(failure.to_string()).into()),
    }
}

/// Says what of a card can't be used, and what guards find in its texts.
fn tell(app: &App, character: &Character, out: &mut Output) {
    for problem in &character.card.problems {
        out.warning(problem);
    }
    let engine = guards::engine(app.settings());
    for (name, text) in character.card.texts() {
        for (kind, what) in found(&engine, text) {
            out.warning(&format!("{name}: {kind}: {what}"));
        }
    }
}

/// What guards find in a text of a stranger, but for what role play is made of.
fn found(engine: &Engine, text: &str) -> Vec<(&'static str, String)> {
    let judged = engine.judge(text, &Policy::of(Place::Scan)).findings;
    let told = judged.iter().filter(|judged| {
        matches!(
            judged.finding.kind,
            guard::Kind::Secret | guard::Kind::Injection
        )
    });
    told.map(|judged| (judged.finding.kind.name(), judged.finding.why.to_string()))
        .collect()
}

fn list(
    library: &CharacterLibrary,
    is_json: bool,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let (characters, failures) = library.list();
    let outcome = match characters.is_empty() && failures.is_empty() {
        true => CommandOutcome::Nothing,
        false => CommandOutcome::Done,
    };
    if is_json {
        out.json(&json!({"characters": characters, "failures": failures}))?;
        return Ok(outcome);
    }
    if characters.is_empty() {
        out.note("there are no characters");
        out.hint("`lorekeep character import FILE` takes in a card of another program");
    } else {
        let mut table = TextTable::new(&[
            ("ID", Align::Left),
            ("NAME", Align::Flexible),
            ("LORE", Align::Right),
            ("TAGS", Align::Flexible),
        ]);
        for one in &characters {
            table.row(vec![
                (Ink::Name, one.id.clone()),
                (Ink::Plain, one_line(&one.name)),
                (Ink::Plain, one.lore.to_string()),
                (Ink::Dim, one_line(&one.tags.join(", "))),
            ]);
        }
        let mut page = out.page();
        table.print(&mut page);
        out.print(page)?;
    }
    for failure in &failures {
        out.warning(&failure.to_string());
    }
    Ok(outcome)
}

fn show(character: &Character, is_json: bool, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    if is_json {
        out.json(&character.card.to_json())?;
        return Ok(CommandOutcome::Done);
    }
    let summary = character.summary();
    out.text(&format!("{} ({})\n", summary.name, summary.id))?;
    for (name, text) in character.card.texts() {
        out.text(&format!("\n{name}\n{}\n", text.trim()))?;
    }
    if summary.lore > 0 {
        out.text(&format!("\nlore: {} entries\n", summary.lore))?;
    }
    for problem in &summary.problems {
        out.warning(problem);
    }
    Ok(CommandOutcome::Done)
}

fn export(
    character: &Character,
    file: Option<&Path>,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let Some(file) = file else {
        out.json(&character.card.to_json())?;
        return Ok(CommandOutcome::Done);
    };
    let bytes = match file.extension().and_then(|end| end.to_str()) {
        Some("png") => character
            .to_png()
            .map_err(|failure| Fault::failure(failure.to_string()))?,
        Some("json") => character.card.to_json().to_string().into_bytes(),
        _ => {
            let what = format!("`{}` ends neither in `.json` nor in `.png`", file.display());
            return Err(Fault::usage(what).into());
        }
    };
    let draft = files::Draft::new(file, files::Access::Ordinary)?;
    std::io::Write::write_all(&mut draft.file(), &bytes)?;
    let is_new = draft
        .place_if_absent()
        .with_context(|| format!("writing `{}`", file.display()))?;
    if !is_new {
        let what = format!("`{}` is there already", file.display());
        return Err(Fault::usage(what)
            .hint("remove it, or name another file")
            .into());
    }
    out.note(&format!("wrote {}", file.display()));
    Ok(CommandOutcome::Done)
}
