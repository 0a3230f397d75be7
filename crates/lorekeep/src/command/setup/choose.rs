//! What is wanted for a client: what was said now, else what was chosen before, else what is asked
//! or usual.

use std::path::Path;

use super::run::SetupRun;
use crate::fault::Fault;
use crate::output::Output;
use crate::setup::clients::SetupClient;
use crate::setup::{self, Choice, REGISTRATION_NAME, SELF_REFLECT_NAME};

/// What is wanted for this client.
pub(super) fn choice(
    run: &SetupRun<'_>,
    client: &'static dyn SetupClient,
    project: Option<&Path>,
    out: &mut Output,
) -> anyhow::Result<Choice> {
    let args = run.args;
    let before = run.store.choice(client.id(), project);
    let asks = out.can_ask() && !args.yes && !args.dry_run && !args.json.json;
    let replace = replace(run, client, project, before, asks, out);
    let name = if replace {
        SELF_REFLECT_NAME.to_owned()
    } else {
        match (&args.name, before) {
            (Some(name), _) => valid(name)?.to_owned(),
            (None, Some(before)) => before.name.clone(),
            (None, None) => REGISTRATION_NAME.to_owned(),
        }
    };
    let hooks = if args.no_hooks {
        false
    } else if args.hooks || args.prompt_evidence {
        true
    } else if let Some(before) = before {
        before.hooks
    } else if asks && client.hooks_by_default() && project.is_none() {
        let title = client.title();
        out.ask(
            &format!("Put hooks into {title}, which import what is said and begin a session with a short recap?"),
            true,
        )
    } else {
        client.hooks_by_default()
    };
    let kept = |choice: fn(&Choice) -> bool| before.is_some_and(choice);
    Ok(Choice {
        client: client.id().to_owned(),
        project: project.map(Path::to_path_buf),
        name,
        hooks: hooks && project.is_none(),
        prompt_evidence: hooks && (args.prompt_evidence || kept(|choice| choice.prompt_evidence)),
        commands: !args.no_commands && (args.commands || kept(|choice| choice.commands)),
        replace,
    })
}

/// Whether Lorekeep stands in for Claude Self-Reflect, which has to be there for it.
fn replace(
    run: &SetupRun<'_>,
    client: &'static dyn SetupClient,
    project: Option<&Path>,
    before: Option<&Choice>,
    asks: bool,
    out: &mut Output,
) -> bool {
    if before.is_some_and(|before| before.replace) {
        return run.args.name.is_none();
    }
    let servers = setup::servers(client, &run.places, project);
    let there = servers.is_ok_and(|servers| {
        // A file that can't be read is reported when it is to be changed.
        setup::registration(&servers, project, SELF_REFLECT_NAME).is_ok_and(|there| there.is_some())
    });
    if !there || run.args.name.is_some() {
        return false;
    }
    if run.args.replace_self_reflect {
        return true;
    }
    let title = client.title();
    if asks && before.is_none() {
        return out.ask(
            &format!("{title} has Claude Self-Reflect. Put Lorekeep in its place, so that its prompts and agents go on working?"),
            true,
        );
    }
    if before.is_none() {
        out.note(&format!(
            "{title} has Claude Self-Reflect, too; `--replace-self-reflect` puts Lorekeep in its place"
        ));
    }
    false
}

/// A name that every client takes, since it becomes part of the names of tools.
fn valid(name: &str) -> Result<&str, Fault> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !name.is_empty() && name.len() <= 40 && name.chars().all(plain) {
        return Ok(name);
    }
    Err(Fault::usage(format!("`--name` is `{name}`"))
        .hint("expected up to 40 letters, digits, `-` and `_`"))
}
