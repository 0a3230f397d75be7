//! Whether the assistants on this machine can start what is registered with them.

use std::path::{Path, PathBuf};

use super::checks::{Check, State};
use crate::command::App;
use crate::settings::{Environment, Places};
use crate::setup::clients::{self, Client};
use crate::setup::{self, Fault, Launch, NAME, Store, probe};

/// A check for each registration, and for each client that is here without one.
pub(super) fn checks(environment: &Environment, app: &App) -> Vec<Check> {
    // Without a home directory there are no clients, and the settings have complained already.
    let Ok(places) = Places::find(environment) else {
        return Vec::new();
    };
    let store = match Store::open(app.home().data()) {
        Ok(store) => store,
        Err(fault) => return vec![bad("setup", fault)],
    };
    let mut checks = Vec::new();
    for client in clients::ALL {
        for (project, name) in expected(&store, client, &places) {
            checks.push(check(app, client, &places, project.as_deref(), &name));
        }
    }
    checks
}

/// The registrations that there should or could be: project and name.
fn expected(store: &Store, client: &dyn Client, places: &Places) -> Vec<(Option<PathBuf>, String)> {
    let choices = store.choices().iter();
    let mut expected: Vec<_> = choices
        .filter(|choice| choice.client == client.id())
        .map(|choice| (choice.project.clone(), choice.name.clone()))
        .collect();
    let everywhere = expected.iter().any(|(project, _)| project.is_none());
    if !everywhere && client.trace(places).exists() {
        expected.push((None, NAME.to_owned()));
    }
    expected
}

fn check(
    app: &App,
    client: &dyn Client,
    places: &Places,
    project: Option<&Path>,
    name: &str,
) -> Check {
    let id = client.id();
    let found = setup::servers(client, places, project).and_then(|servers| {
        let file = app.loaded.shorten(&servers.file);
        match setup::registration(&servers, name) {
            Ok(there) => Ok((file, there)),
            Err(fault) => Err(Fault {
                what: format!("`{file}`: {}", fault.what),
                ..fault
            }),
        }
    });
    let (file, there) = match found {
        Ok(found) => found,
        Err(fault) => return bad(id, fault),
    };
    let Some(there) = there else {
        return Check::new(id, State::Note, "Lorekeep is not registered with it")
            .hint(format!("`lorekeep setup {id}` does it"));
    };
    let Some(launch) = Launch::of(&there) else {
        let what = format!("`{name}` in `{file}` is no program to start, it was not tried");
        return Check::new(id, State::Note, what);
    };
    match probe::probe(&launch) {
        Ok(answer) => {
            let what = format!(
                "`{name}` answers in {} ms with {} tools",
                answer.ms, answer.tools
            );
            Check::new(id, State::Good, what)
        }
        Err(what) => Check::new(id, State::Bad, format!("`{name}` in `{file}`: {what}"))
            .hint(format!("`lorekeep setup {id}` registers this program")),
    }
}

fn bad(name: &'static str, fault: Fault) -> Check {
    let check = Check::new(name, State::Bad, fault.what);
    match fault.hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}
