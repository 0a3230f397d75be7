//! What a shell completes arguments with: commands and options, names of projects and ids of the latest
//! conversations. A script of the shell asks this program at each press of the key.

use clap::builder::StyledStr;
use clap::{Command, CommandFactory};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use recall::{Archive, Scope};
use wire::markup::{cut, line};
use wire::short_id;

use crate::args::Cli;
use crate::opening;
use crate::settings::{Environment, LoadedSettings};

/// The variable by which a shell's script asks.
const ASKING_VARIABLE: &str = "LOREKEEP_COMPLETE";

/// The name under which shells know the program.
const PROGRAM: &str = "lorekeep";

/// Conversations that are offered, the latest ones.
const MAX_CONVERSATIONS: usize = 50;

/// Characters of a title beside an id.
const MAX_TITLE_CHARS: usize = 50;

/// Answers a shell that asks for completions; `false` if none does.
pub(crate) fn answer() -> clap::error::Result<bool> {
    let asked = CompleteEnv::with_factory(command)
        .var(ASKING_VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM);
    asked.try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref())
}

/// The script of a shell of this name; `None` if there is none for it.
pub(crate) fn script(shell: &str) -> std::io::Result<Option<String>> {
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(shell) else {
        return Ok(None);
    };
    let mut script = Vec::new();
    shell.write_registration(ASKING_VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    Ok(Some(String::from_utf8_lossy(&script).into_owned()))
}

/// The command line with what the archive knows of values.
fn command() -> Command {
    with_values(Cli::command())
}

fn with_values(command: Command) -> Command {
    let takes_id = command.get_name() == "show";
    let is_merge = command.get_name() == "merge";
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        "project" => arg.add(ArgValueCandidates::new(projects)),
        "from" | "into" if is_merge => arg.add(ArgValueCandidates::new(projects)),
        "conversation" => arg.add(ArgValueCandidates::new(conversations)),
        "id" if takes_id => arg.add(ArgValueCandidates::new(conversations)),
        _ => arg,
    });
    command.mut_subcommands(with_values)
}

fn projects() -> Vec<CompletionCandidate> {
    from_archive(|archive| {
        let projects = archive.projects()?;
        let names = projects.into_iter().map(|project| project.name);
        let names = names.filter(|name| is_typed_plainly(name));
        let names = names.chain(["all".to_owned()]);
        Ok(names.map(CompletionCandidate::new).collect())
    })
}

fn conversations() -> Vec<CompletionCandidate> {
    from_archive(|archive| {
        let latest = archive.latest_conversations(&Scope::All, MAX_CONVERSATIONS)?;
        let latest = latest.iter().filter(|found| is_typed_plainly(&found.id));
        let candidates = latest.map(|found| {
            let title = cut(&line(&guard::without_hidden(&found.title)), MAX_TITLE_CHARS);
            CompletionCandidate::new(short_id(&found.id)).help(Some(StyledStr::from(title)))
        });
        Ok(candidates.collect())
    })
}

/// Whether a value needs no quotes in any shell.
fn is_typed_plainly(value: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/@+".contains(c);
    !value.is_empty() && !value.starts_with('-') && value.chars().all(is_plain)
}

/// What the archive has; nothing if there is none or it can't be read, since nobody reads a complaint between
/// two keys.
fn from_archive(
    read: impl FnOnce(&Archive) -> recall::Result<Vec<CompletionCandidate>>,
) -> Vec<CompletionCandidate> {
    let Ok(loaded) = LoadedSettings::read(&Environment::of_process()) else {
        return Vec::new();
    };
    if !loaded.locations.home.database().exists() {
        return Vec::new();
    }
    let archive = opening::opener(&loaded).open();
    archive.map_or_else(|_| Vec::new(), |archive| read(&archive).unwrap_or_default())
}
