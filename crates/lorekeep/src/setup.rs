//! Registering Lorekeep with the assistants on this machine, by careful edits of their own files.
//!
//! What a client needs is a table of its own below `clients`; `plan` works out what that means for
//! a file, and here it is carried out. Nothing is printed or asked.

mod edit;
mod files;
mod json;
mod launch;
mod node;
mod position;
mod plan;
mod store;
mod toml;
pub(crate) mod clients;
pub(crate) mod probe;
pub(crate) mod retention;

use std::path::{Path, PathBuf};

pub(crate) use clients::SetupClient;
use clients::{ClientFileTarget, Hooks};
use edit::FileEdit;
use files::ClientFile;
pub(crate) use launch::{LaunchCommand, installed, is_build, program};
pub(crate) use plan::{DiffLine, FileChange};
pub(crate) use store::{Choice, FileRecord, Store};

use serde_json::Value;

use crate::fault::Fault;
use crate::settings::ClientDirectories;

/// The name of a registration unless another one is wanted.
pub(crate) const REGISTRATION_NAME: &str = "lorekeep";

/// The name that Claude Self-Reflect has in every version: prompts and agents call its tools by
/// `mcp__claude-self-reflect__…`.
pub(crate) const SELF_REFLECT_NAME: &str = "claude-self-reflect";

/// The files of a client and what has to be in them, given what was chosen. `launch` is this
/// program without arguments.
pub(crate) fn targets(
    client: &dyn SetupClient,
    places: &ClientDirectories,
    choice: &Choice,
    launch: &LaunchCommand,
) -> Result<Vec<ClientFileTarget>, Fault> {
    let servers = servers(client, places, choice.project.as_deref())?;
    let mut launch = launch.clone();
    launch.args = vec!["mcp".into()];
    if choice.replace {
        launch
            .args
            .extend(["--tools".into(), "self-reflect".into()]);
    }
    let key = servers.key(&choice.name);
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    let mut targets = vec![ClientFileTarget {
        file: servers.file,
        format: servers.format,
        edits: vec![FileEdit::set(&key, client.server(&launch))],
        text: None,
    }];
    // A project's files are shared, and hooks and commands are the person's own.
    if choice.project.is_none() {
        let hooks = Hooks {
            launch: &launch,
            prompt_evidence: choice.prompt_evidence,
        };
        if choice.hooks {
            targets.extend(client.hooks(places, &hooks));
        }
        if choice.commands {
            targets.extend(client.commands(places, &choice.name));
        }
    }
    Ok(merged(targets))
}

/// Where a client has its servers, for everything or for one project.
pub(crate) fn servers(
    client: &dyn SetupClient,
    places: &ClientDirectories,
    project: Option<&Path>,
) -> Result<clients::Servers, Fault> {
    match project {
        None => Ok(client.servers(places)),
        Some(project) => client.project_servers(project).ok_or_else(|| {
            Fault::usage(format!(
                "{} has no registrations for one project",
                client.title()
            ))
            .hint("leave out `--scope project`")
        }),
    }
}

/// One target for each file.
fn merged(targets: Vec<ClientFileTarget>) -> Vec<ClientFileTarget> {
    let mut merged: Vec<ClientFileTarget> = Vec::new();
    for target in targets {
        match merged.iter_mut().find(|other| other.file == target.file) {
            Some(other) => other.edits.extend(target.edits),
            None => merged.push(target),
        }
    }
    merged
}

/// A file that is to be as it would be without us.
fn cleared(record: &FileRecord) -> ClientFileTarget {
    ClientFileTarget {
        file: record.file.clone(),
        format: record.format,
        edits: Vec::new(),
        text: None,
    }
}

/// What came of looking at one file.
pub(crate) struct Planned {
    /// The file itself, links followed; as the client opens it where that can't be.
    pub(crate) file: PathBuf,
    /// What is to become of it, or why that can't be.
    pub(crate) change: Result<FileChange, Fault>,
    /// Whether the person was told that it can't be, or what else there is to tell of it.
    pub(crate) told: Option<bool>,
}

/// What has to change for a client: in its files, and in those that we once changed for it and
/// that need nothing of us any more.
pub(crate) fn plan(
    store: &Store,
    client: &dyn SetupClient,
    project: Option<&Path>,
    targets: Vec<ClientFileTarget>,
) -> Vec<Planned> {
    let wanted: Vec<PathBuf> = targets.iter().map(|target| target.file.clone()).collect();
    let records = store.records().iter();
    let dropped = records
        .filter(|record| record.client == client.id() && record.project.as_deref() == project)
        .filter(|record| !wanted.contains(&record.file))
        .map(cleared);
    let all = targets.into_iter().chain(dropped);
    all.map(|target| planned(store, target, project)).collect()
}

fn planned(store: &Store, target: ClientFileTarget, project: Option<&Path>) -> Planned {
    let found = ClientFile::find(&target.file, project);
    let real = found.as_ref().map(|at| at.real().to_path_buf());
    Planned {
        file: real.unwrap_or_else(|_| target.file.clone()),
        change: found.and_then(|at| plan::change(store, target, at)),
        told: None,
    }
}

/// Changes one file, having recorded how to undo it before.
pub(crate) fn carry_out(
    store: &mut Store,
    client: &str,
    project: Option<&Path>,
    change: &FileChange,
) -> Result<(), Fault> {
    let file = &change.target.file;
    let (now, then) = (change.now.as_deref(), change.then.as_deref());
    if change.leaves() {
        if !change.is_none() {
            change.at.replace(now, then)?;
        }
        return store.forget(file);
    }
    // What is there as it should be without a record of ours is recorded, so that it is known later.
    if change.is_none() && store.record(file).is_some() {
        return Ok(());
    }
    let dirs = change.at.missing_dirs();
    let before = match change.without.as_deref() {
        Some(text) => Some(store.keep(file, "before", text)?),
        None => None,
    };
    let ours = store.keep(file, "ours", then.unwrap_or_default())?;
    let record = FileRecord {
        client: client.to_owned(),
        project: project.map(Path::to_path_buf),
        file: file.clone(),
        real: Some(change.at.real().to_path_buf()),
        format: change.target.format,
        before,
        ours,
        undos: change.undos.clone(),
        earlier: None,
    };
    store.begin(record, dirs)?;
    let written = if change.is_none() {
        Ok(())
    } else {
        change.at.replace(now, then)
    };
    if let Err(fault) = written {
        store.failed(file)?;
        return Err(fault);
    }
    store.done(file)
}

/// What is registered with a client under a name, if anything is and the file can be read.
pub(crate) fn registration(
    servers: &clients::Servers,
    project: Option<&Path>,
    name: &str,
) -> Result<Option<Value>, Fault> {
    match ClientFile::find(&servers.file, project)?.read()? {
        Some(text) => servers.get(&text, name),
        None => Ok(None),
    }
}

/// What setup registered with a client under a name when it last wrote its file, by the copy that it
/// keeps; `None` where it never did.
pub(crate) fn recorded(
    store: &Store,
    servers: &clients::Servers,
    name: &str,
) -> Result<Option<Value>, Fault> {
    let Some(record) = store.record(&servers.file) else {
        return Ok(None);
    };
    match store.copy(&record.ours)? {
        Some(text) => servers.get(&text, name),
        None => Ok(None),
    }
}
