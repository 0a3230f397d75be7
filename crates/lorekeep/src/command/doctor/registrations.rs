//! Whether the assistants on this machine can start what is registered with them.
//!
//! A registration is in a file that others write too, and one of a project comes with the project. So
//! only what equals the copy that `setup` kept is started; of everything else the difference is told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use guard::{Kind, Kinds, Mask, Masker};
use serde_json::Value;

use super::checks::{CheckState, DoctorCheck};
use crate::command::app::App;
use crate::fault::Fault;
use crate::guards;
use crate::output::text;
use crate::settings::{ClientDirectories, Environment};
use crate::setup::clients::{self, SetupClient};
use crate::setup::probe::{self, Surroundings};
use crate::setup::{self, LaunchCommand, REGISTRATION_NAME, Store};

/// Columns that a command line is shown in at most.
const MAX_LINE_COLUMNS: usize = 200;

/// Differences that are told at most.
const MAX_DIFFERENCES: usize = 8;

/// What every check needs.
struct Checking<'a> {
    app: &'a App,
    places: &'a ClientDirectories,
    store: &'a Store,
    surroundings: Surroundings<'a>,
}

/// A registration that there should or could be.
struct ExpectedRegistration {
    client: &'static dyn SetupClient,
    project: Option<PathBuf>,
    name: String,
}

/// A check for each registration, and for each client that is here without one.
pub(super) fn checks(environment: &Environment, app: &App) -> Vec<DoctorCheck> {
    // Without a home directory there are no clients, and the settings have complained already.
    let Ok(places) = ClientDirectories::find(environment) else {
        return Vec::new();
    };
    let store = match Store::open(app.home().data()) {
        Ok(store) => store,
        Err(fault) => return vec![bad("setup", fault)],
    };
    let checking = Checking {
        app,
        places: &places,
        store: &store,
        surroundings: Surroundings {
            directory: &places.home,
            variables: environment.for_servers(),
        },
    };
    let clients = clients::ALL.into_iter();
    let expected = clients.flat_map(|client| expected(&store, client, &places));
    expected.map(|expected| checking.check(&expected)).collect()
}

/// The registrations of a client that there should or could be.
fn expected(
    store: &Store,
    client: &'static dyn SetupClient,
    places: &ClientDirectories,
) -> Vec<ExpectedRegistration> {
    let choices = store.choices().iter();
    let mut all: Vec<_> = choices
        .filter(|choice| choice.client == client.id())
        .map(|choice| ExpectedRegistration {
            client,
            project: choice.project.clone(),
            name: choice.name.clone(),
        })
        .collect();
    let everywhere = all.iter().any(|expected| expected.project.is_none());
    if !everywhere && client.trace(places).exists() {
        all.push(ExpectedRegistration {
            client,
            project: None,
            name: REGISTRATION_NAME.to_owned(),
        });
    }
    all
}

impl Checking<'_> {
    fn check(&self, expected: &ExpectedRegistration) -> DoctorCheck {
        let (id, name) = (expected.client.id(), &expected.name);
        let project = expected.project.as_deref();
        let servers = match setup::servers(expected.client, self.places, project) {
            Ok(servers) => servers,
            Err(fault) => return bad(id, fault),
        };
        let file = self.app.loaded.shorten(&servers.file);
        let found = setup::registration(&servers, project, name)
            .and_then(|there| Ok((there, setup::recorded(self.store, &servers, name)?)));
        let (there, recorded) = match found {
            Ok((Some(there), recorded)) => (there, recorded),
            Ok((None, _)) => {
                return DoctorCheck::new(
                    id,
                    CheckState::Note,
                    "Lorekeep is not registered with it",
                )
                .hint(format!("{} does it", command(expected)));
            }
            Err(fault) => {
                let what = format!("`{file}`: {}", fault.what);
                return bad(id, Fault { what, ..fault });
            }
        };
        let anew = format!("{} registers it anew", command(expected));
        let (state, what) = match recorded {
            None => (
                CheckState::Note,
                format!(
                    "`{name}` in `{file}` was not registered by `lorekeep setup`, it was not started: {}",
                    self.line(&there)
                ),
            ),
            Some(recorded) if recorded != there => (
                CheckState::Bad,
                format!(
                    "`{name}` in `{file}` is not what `lorekeep setup` registered, it was not started: {}",
                    self.differences(&there, &recorded)
                ),
            ),
            Some(recorded) => match self.start(&recorded) {
                Ok(what) => {
                    return DoctorCheck::new(id, CheckState::Good, format!("`{name}` {what}"));
                }
                Err(what) => (CheckState::Bad, format!("`{name}` in `{file}`: {what}")),
            },
        };
        DoctorCheck::new(id, state, what).hint(anew)
    }

    /// Starts what `setup` registered and tells how it answers.
    fn start(&self, recorded: &Value) -> Result<String, String> {
        let launch = LaunchCommand::of(recorded).ok_or("it is no program to start")?;
        let program = Path::new(&launch.program);
        if !program.is_absolute() || !files::is_regular(program) {
            return Err(format!("`{}` is no program", launch.program));
        }
        let answer = probe::probe(&launch, &self.surroundings)?;
        Ok(format!(
            "answers in {} ms with {} tools",
            answer.ms, answer.tools
        ))
    }

    /// What differs: of what is started the text, of variables and other keys the names alone.
    fn differences(&self, there: &Value, recorded: &Value) -> String {
        let mut told = Vec::new();
        let (line, ours) = (self.line(there), self.line(recorded));
        if line != ours {
            told.push(format!("registered is {line}, recorded {ours}"));
        }
        let (there, recorded) = (keys(there), keys(recorded));
        let names: BTreeSet<&String> = there.iter().chain(&recorded).map(|(key, _)| key).collect();
        let value = |keys: &[(String, Value)], name: &String| {
            let mut keys = keys.iter();
            keys.find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        for name in names {
            let how = match (value(&there, name), value(&recorded, name)) {
                (Some(_), None) => "was added",
                (None, Some(_)) => "is gone",
                (there, recorded) if there != recorded => "was changed",
                _ => continue,
            };
            told.push(format!("`{}` {how}", shown(name)));
        }
        if told.is_empty() {
            told.push("it is written in another form".to_owned());
        }
        told.truncate(MAX_DIFFERENCES);
        told.join("; ")
    }

    /// What a registration starts, without variables, which may be secrets, and with secrets among
    /// its arguments hidden.
    fn line(&self, registration: &Value) -> String {
        let Some(launch) = LaunchCommand::of(registration) else {
            return "no program".to_owned();
        };
        let line = LaunchCommand {
            env: Vec::new(),
            ..launch
        }
        .line();
        let engine = guards::engine(self.app.settings());
        let secrets = engine.find(&line, Kinds::NONE.with(Kind::Secret));
        let line = Masker::new(&[0; 32], Mask::SameLength).mask(&line, &secrets);
        format!("`{}`", shown(&line))
    }
}

/// Text of somebody's file on one line, with nothing in it that a terminal acts on.
fn shown(text: &str) -> String {
    text::clip(&text::one_line(text), MAX_LINE_COLUMNS).into_owned()
}

/// The keys of a registration besides those of the command line, each variable by itself.
fn keys(registration: &Value) -> Vec<(String, Value)> {
    let mut keys = Vec::new();
    for (key, value) in registration.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("command", _) => {}
            ("args", value) if value.is_array() => {}
            ("env" | "environment", Value::Object(variables)) => {
                let variables = variables.iter();
                keys.extend(
                    variables.map(|(name, value)| (format!("{key}.{name}"), value.clone())),
                );
            }
            _ => keys.push((key.clone(), value.clone())),
        }
    }
    keys
}

/// The command that registers it, as a person types it.
fn command(expected: &ExpectedRegistration) -> String {
    let id = expected.client.id();
    match &expected.project {
        None => format!("`lorekeep setup {id}`"),
        Some(project) => format!(
            "`lorekeep setup {id} --scope project` in `{}`",
            project.display()
        ),
    }
}

fn bad(name: &'static str, fault: Fault) -> DoctorCheck {
    let check = DoctorCheck::new(name, CheckState::Bad, fault.what);
    match fault.hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}
