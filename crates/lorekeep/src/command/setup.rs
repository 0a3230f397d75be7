//! `lorekeep setup`: registers with assistants what they need, or takes it out again.

mod run;
mod choose;
mod show;

use std::path::PathBuf;

use recall::Roots;
use transcript::{Retention, Source};

use crate::args;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::settings::{ClientDirectories, Environment, LoadedSettings};
use crate::setup::clients::{self, SetupClient};
use crate::setup::{self, LaunchCommand, Store, retention};
use run::{ClientPlan, SetupRun};

/// Shows, asks and changes.
pub(crate) fn run(
    environment: &Environment,
    args: &args::SetupArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let loaded = LoadedSettings::read(environment)?;
    let mut run = SetupRun {
        args,
        places: ClientDirectories::find(environment)?,
        store: Store::open(loaded.locations.home.data())?,
        loaded,
    };
    let mut parts = if args.remove {
        run.removals()?
    } else {
        run.registrations(out)?
    };
    if parts.is_empty() {
        return run.nothing(out);
    }
    let applied = if show::has_changes(&parts) {
        show::plan(&run, &parts, out)?;
        show::problems(&run, &mut parts, out);
        let wanted = run.confirmed(out)?;
        if wanted {
            run.store.lock()?;
            run.carry_out(&mut parts);
        }
        wanted
    } else {
        run.remember(&parts)?;
        false
    };
    run.store.tidy()?;
    let failed = show::outcome(&run, &mut parts, applied, out)?;
    if !args.remove && !args.dry_run {
        run.warn_of_losses(out)?;
    }
    Ok(if failed {
        CommandOutcome::Failed
    } else {
        CommandOutcome::Done
    })
}

impl SetupRun<'_> {
    /// The clients that were named, or all that are here.
    fn clients(&self) -> Vec<&'static dyn SetupClient> {
        if self.args.clients.is_empty() {
            let found = clients::ALL.into_iter();
            return found
                .filter(|client| client.trace(&self.places).exists())
                .collect();
        }
        let named = self.args.clients.iter();
        let mut named: Vec<_> = named.filter_map(|id| clients::of_id(id)).collect();
        named.dedup_by_key(|client| client.id());
        named
    }

    /// The project that this is for, if it is for one.
    fn project(&self) -> anyhow::Result<Option<PathBuf>> {
        Ok(match self.args.scope {
            args::SetupScope::User => None,
            args::SetupScope::Project => Some(std::env::current_dir()?),
        })
    }

    fn registrations(&mut self, out: &mut Output) -> anyhow::Result<Vec<ClientPlan>> {
        let project = self.project()?;
        let mut program = setup::program(&self.places)?;
        if setup::is_build(&program) {
            let path = self.loaded.shorten(&program);
            match setup::installed(&self.places) {
                Some(installed) => {
                    let shown = self.loaded.shorten(&installed);
                    out.note(&format!(
                        "registering the installed program `{shown}`, not the build that runs, `{path}`"
                    ));
                    program = installed;
                }
                None => {
                    out.note(&format!(
                        "`{path}` is in a build directory: the registrations break with its next clean-up"
                    ));
                    out.hint(
                        "`make install` installs the program; then run `lorekeep setup` again",
                    );
                }
            }
        }
        let home = self.places.lorekeep.iter();
        let launch = LaunchCommand {
            program: program.to_string_lossy().into_owned(),
            args: Vec::new(),
            env: home
                .map(|home| {
                    (
                        "LOREKEEP_HOME".to_owned(),
                        home.to_string_lossy().into_owned(),
                    )
                })
                .collect(),
        };
        let mut parts = Vec::new();
        for client in self.clients() {
            let choice = choose::choice(self, client, project.as_deref(), out)?;
            let targets = match setup::targets(client, &self.places, &choice, &launch) {
                Ok(targets) => targets,
                // All were meant that can have one; this one was not asked for by its name.
                Err(_) if self.args.clients.is_empty() => continue,
                Err(fault) => return Err(fault.into()),
            };
            parts.push(ClientPlan {
                client,
                project: project.clone(),
                files: setup::plan(&self.store, client, project.as_deref(), targets),
                choice: Some(choice),
            });
        }
        Ok(parts)
    }

    /// Everything that is recorded of the clients, of projects too unless one is meant.
    fn removals(&self) -> anyhow::Result<Vec<ClientPlan>> {
        let project = self.project()?;
        let mut owners: Vec<(String, Option<PathBuf>)> = Vec::new();
        let recorded = self.store.records().iter();
        let recorded = recorded.map(|record| (&record.client, &record.project));
        let chosen = self.store.choices().iter();
        let chosen = chosen.map(|choice| (&choice.client, &choice.project));
        for (client, of) in recorded.chain(chosen) {
            let named = self.args.clients.is_empty() || self.args.clients.contains(client);
            let meant = project.is_none() || *of == project;
            let owner = (client.clone(), of.clone());
            if named && meant && !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        let parts = owners.into_iter().filter_map(|(client, project)| {
            let client = clients::of_id(&client)?;
            Some(ClientPlan {
                client,
                files: setup::plan(&self.store, client, project.as_deref(), Vec::new()),
                project,
                choice: None,
            })
        });
        Ok(parts.collect())
    }

    fn nothing(&self, out: &mut Output) -> anyhow::Result<CommandOutcome> {
        if self.args.json.json {
            show::json(self, &[], false, out)?;
        }
        if self.args.remove {
            out.note("nothing is registered by `lorekeep setup`");
            return Ok(CommandOutcome::Done);
        }
        let all: Vec<&str> = clients::ALL.iter().map(|client| client.id()).collect();
        out.note("no assistant was found on this machine");
        out.hint(&format!("name the one that you have: {}", all.join(", ")));
        Ok(CommandOutcome::Nothing)
    }

    /// Whether the changes are wanted.
    fn confirmed(&self, out: &mut Output) -> anyhow::Result<bool> {
        if self.args.dry_run {
            return Ok(false);
        }
        if self.args.yes {
            return Ok(true);
        }
        if self.args.json.json || !out.can_ask() {
            let usage = Fault::usage("not a terminal: nothing was changed (use --yes)");
            return Err(usage
                .hint("`--dry-run` only shows what would change")
                .into());
        }
        Ok(out.ask("Change these files?", false))
    }

    fn carry_out(&mut self, parts: &mut [ClientPlan]) {
        for part in parts {
            let project = part.project.as_deref();
            let mut failed = false;
            for planned in &mut part.files {
                let client = part.client.id();
                let done = match &planned.change {
                    Ok(change) => setup::carry_out(&mut self.store, client, project, change),
                    Err(_) => {
                        failed = true;
                        continue;
                    }
                };
                if let Err(fault) = done {
                    failed = true;
                    planned.change = Err(fault);
                }
            }
            let remembered = match &part.choice {
                Some(choice) => self.store.choose(choice.clone()),
                // What is left is to be removed the next time.
                None if failed => Ok(()),
                None => self.store.forget_client(part.client.id(), project),
            };
            if let (Err(fault), Some(planned)) = (remembered, part.files.first_mut()) {
                planned.change = Err(fault);
            }
        }
    }

    /// Where no file changes: what was chosen all the same, and what needs no care any more.
    fn remember(&mut self, parts: &[ClientPlan]) -> Result<(), Fault> {
        if self.args.dry_run {
            return Ok(());
        }
        self.store.lock()?;
        for part in parts {
            let project = part.project.as_deref();
            for change in part
                .files
                .iter()
                .filter_map(|file| file.change.as_ref().ok())
            {
                setup::carry_out(&mut self.store, part.client.id(), project, change)?;
            }
            let faults = part.files.iter().any(|file| file.change.is_err());
            match &part.choice {
                // A first run that could do nothing chose nothing.
                Some(choice) if !faults => self.store.choose(choice.clone())?,
                None if !faults => self.store.forget_client(part.client.id(), project)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Says once that logs are going to be deleted before they are imported.
    fn warn_of_losses(&mut self, out: &mut Output) -> anyhow::Result<()> {
        if self.store.warned() {
            return Ok(());
        }
        let now = crate::clock::millis();
        let roots = self.loaded.roots();
        let deleting = roots.registry().all().iter().copied();
        let deleting = deleting.filter_map(|source| Some((source, source.retention()?)));
        let deleting: Vec<(Source, &Retention)> = deleting.collect();
        let logs = self.unimported(&roots, deleting.iter().map(|(source, _)| *source), now)?;
        let losses = deleting.iter().flat_map(|(source, retention)| {
            let dirs = roots.of(*source);
            let losses = dirs.filter_map(|dir| retention::losses(retention, dir, &logs, now));
            losses.map(|losses| (source.title(), losses))
        });
        let Some((title, losses)) = losses.min_by_key(|(_, losses)| losses.left) else {
            return Ok(());
        };
        out.warning(&format!(
            "{title} deletes its logs after {} days; {} not imported yet, the first goes {}",
            losses.days,
            match losses.logs {
                1 => "1 is".to_owned(),
                logs => format!("{logs} are"),
            },
            match losses.left {
                0 => "any time".to_owned(),
                1 => "within a day".to_owned(),
                days => format!("in {days} days"),
            }
        ));
        out.hint("`lorekeep import` keeps them");
        self.store.set_warned()?;
        Ok(())
    }

    /// Logs of these sources that are not imported; without making an archive to ask.
    fn unimported(
        &self,
        roots: &Roots,
        sources: impl Iterator<Item = Source>,
        now: i64,
    ) -> anyhow::Result<Vec<retention::DatedLog>> {
        let home = &self.loaded.locations.home;
        if !home.database().exists() {
            let of = |source| {
                roots
                    .of(source)
                    .flat_map(move |dir| retention::all(source, dir))
            };
            return Ok(sources.flat_map(of).collect());
        }
        let archive = crate::opening::opener(&self.loaded).open()?;
        let logs = archive.unimported(roots, now, 0)?.into_iter();
        Ok(logs.map(|log| (log.path, log.changed)).collect())
    }
}
