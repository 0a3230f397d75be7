//! `lorekeep exclude`: what is never imported, in the settings file.

use std::path::Path;

use recall::{Exclusions, Forget, ForgetReport, NoProgress, Scope};
use wire::{ExclusionsDoc, counted};

use crate::args::JsonArg;
use crate::args::exclude::{AddArgs, ExcludeCommand, ExcludedArgs, RemoveArgs};
use crate::command::app::App;
use crate::command::forget::remove_logs;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::interrupt;
use crate::output::Output;
use crate::output::look::Ink;
use crate::settings::write::change_lists;

/// The section of the settings, and its keys: paths, projects, sources.
const SECTION: &str = "import";
const KEYS: [&str; 3] = ["exclude_paths", "exclude_projects", "exclude_sources"];

/// Paths, projects and sources, as they are written in the settings.
type ExcludedLists = [Vec<String>; 3];

/// Adds, lists or removes.
pub(crate) fn run(
    app: &App,
    command: &ExcludeCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    match command {
        ExcludeCommand::Add(args) => add(app, args, out),
        ExcludeCommand::List(args) => list(app, *args, out),
        ExcludeCommand::Remove(args) => remove(app, args, out),
    }
}

fn add(app: &App, args: &AddArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut new = lists(&args.what)?;
    add_keys(app, &mut new, out)?;
    let exclusions = app.loaded.exclusions(&new[0], &new[1], &new[2]);
    let sources = &merged(app, &new)[2];
    let has_every_source = app
        .loaded
        .roots()
        .registry()
        .all()
        .iter()
        .all(|source| sources.iter().any(|excluded| excluded == source.name()));
    if exclusions.is_everything() || has_every_source {
        let what = "this excludes everything: nothing would ever be imported";
        return Err(Fault::usage(what)
            .hint("name a directory or project; `lorekeep setup --remove` takes Lorekeep out")
            .into());
    }
    change_file(app, &mut |at, list| {
        for text in &new[at] {
            if !list.contains(text) {
                list.push(text.clone());
            }
        }
    })?;
    let forgotten = what_is_there(app, args, exclusions, out)?;
    if args.json.json {
        let all = merged(app, &new);
        out.json(&ExclusionsDoc {
            paths: &all[0],
            projects: &all[1],
            sources: &all[2],
            forgotten: forgotten.messages,
        })?;
    } else if forgotten.messages > 0 {
        let count = counted(forgotten.messages, "message");
        out.note(&format!("excluded, and {count} forgotten"));
    } else {
        out.note("excluded from all later imports");
    }
    if !forgotten.finished && forgotten.messages > 0 {
        out.note("what is left in the archive's files goes when the next command starts");
    }
    out.hint("restart open sessions to use it");
    Ok(CommandOutcome::Done)
}

/// Adds the keys of projects that a person gave other names or merged: logs know nothing of that.
fn add_keys(app: &App, new: &mut ExcludedLists, out: &mut Output) -> anyhow::Result<()> {
    if new[1].is_empty() || !app.home().database().exists() {
        return Ok(());
    }
    let archive = app.archive()?;
    for name in new[1].clone() {
        match archive.project_keys(&name) {
            Ok(keys) => {
                let by_name = Exclusions::new(&[], std::slice::from_ref(&name), &[]);
                new[1].extend(keys.into_iter().filter(|key| !by_name.has_project(key)));
            }
            Err(recall::Error::NoProject { .. }) => {
                if !name.contains(['*', '?']) {
                    out.note(&format!(
                        "no project `{name}` is archived: it counts for what is to come"
                    ));
                }
            }
            Err(recall::Error::AmbiguousProject { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Forgets what is in the archive already, where that is wanted.
fn what_is_there(
    app: &App,
    args: &AddArgs,
    exclusions: Exclusions,
    out: &mut Output,
) -> anyhow::Result<ForgetReport> {
    if args.keep || !app.home().database().exists() {
        return Ok(ForgetReport::default());
    }
    let mut archive = app.archive()?;
    let stop = interrupt::stop();
    let mut request = Forget {
        excluded: Some(exclusions),
        dry_run: true,
        ..Forget::new(Scope::All)
    };
    let there = archive.forget(&request, stop, &NoProgress)?;
    if there.is_empty() {
        return Ok(ForgetReport::default());
    }
    let count = counted(there.messages, "message");
    let is_wanted = args.forget
        || !args.json.json
            && out.can_ask()
            && out.ask(
                &format!("Forget {count} of it in the archive for good?"),
                false,
            );
    if !is_wanted {
        out.note(&format!(
            "{count} of it in the archive stay there (`--forget` removes them)"
        ));
        return Ok(ForgetReport::default());
    }
    request.dry_run = false;
    let bar = out.progress();
    let report = archive.forget(&request, stop, &bar);
    drop(bar);
    let report = report?;
    remove_logs(&app.loaded.locations.log)?;
    Ok(report)
}

fn list(app: &App, args: JsonArg, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let lists = in_force(app);
    if args.json {
        out.json(&ExclusionsDoc {
            paths: &lists[0],
            projects: &lists[1],
            sources: &lists[2],
            forgotten: 0,
        })?;
        return Ok(CommandOutcome::Done);
    }
    if lists.iter().all(Vec::is_empty) {
        out.note("nothing is excluded");
        return Ok(CommandOutcome::Nothing);
    }
    let mut page = out.page();
    for (what, list) in ["path", "project", "source"].into_iter().zip(&lists) {
        for text in list {
            page.paint(Ink::Dim, &format!("{what:<9}"));
            page.line(Ink::Name, text);
        }
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

fn remove(app: &App, args: &RemoveArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let gone = lists(&args.what)?;
    let before = in_force(app);
    let is_there = |(at, text): (usize, &String)| before[at].contains(text);
    let mut wanted = (0..3).flat_map(|at| gone[at].iter().map(move |text| (at, text)));
    if let Some((_, text)) = wanted.find(|wanted| !is_there(*wanted)) {
        let what = format!("`{text}` is not excluded");
        return Err(Fault::usage(what)
            .hint("`lorekeep exclude list` tells what is")
            .into());
    }
    change_file(app, &mut |at, list| {
        list.retain(|text| !gone[at].contains(text));
    })?;
    if app.home().database().exists() {
        app.archive()?.read_logs_again()?;
    }
    if args.json.json {
        let left: ExcludedLists = std::array::from_fn(|at| {
            let kept = before[at].iter().filter(|text| !gone[at].contains(text));
            kept.cloned().collect()
        });
        out.json(&ExclusionsDoc {
            paths: &left[0],
            projects: &left[1],
            sources: &left[2],
            forgotten: 0,
        })?;
    } else {
        out.note("the next import reads all logs again and adds what was left out");
    }
    out.hint("restart open sessions to use it");
    Ok(CommandOutcome::Done)
}

/// What is excluded now.
fn in_force(app: &App) -> ExcludedLists {
    let import = &app.settings().import;
    [
        import.exclude_paths.get().to_vec(),
        import.exclude_projects.get().to_vec(),
        import.exclude_sources.get().to_vec(),
    ]
}

/// What is excluded with more added.
fn merged(app: &App, more: &ExcludedLists) -> ExcludedLists {
    let mut all = in_force(app);
    for (list, more) in all.iter_mut().zip(more) {
        for text in more {
            if !list.contains(text) {
                list.push(text.clone());
            }
        }
    }
    all
}

/// What was typed, as the settings keep it: paths of this directory are made whole.
fn lists(what: &ExcludedArgs) -> anyhow::Result<ExcludedLists> {
    if what
        .paths
        .iter()
        .chain(&what.project)
        .any(|text| text.trim().is_empty())
    {
        return Err(Fault::usage("a path or project is empty").into());
    }
    let directory = std::env::current_dir().ok();
    let path = |path: &String| {
        let is_of_here = matches!(path.as_str(), "." | "..")
            || path.starts_with("./")
            || path.starts_with("../")
            || directory
                .as_deref()
                .is_some_and(|here| is_there(here, path));
        match directory.as_deref().filter(|_| is_of_here) {
            Some(here) => fs_err::canonicalize(here.join(path))
                .or_else(|_| std::path::absolute(here.join(path)))
                .map_or_else(|_| path.clone(), |path| path.to_string_lossy().into_owned()),
            None => path.clone(),
        }
    };
    Ok([
        what.paths.iter().map(path).collect(),
        what.project.clone(),
        what.source
            .iter()
            .map(|source| source.name().to_owned())
            .collect(),
    ])
}

/// Whether a relative path names something in a directory.
fn is_there(here: &Path, path: &str) -> bool {
    !path.starts_with(['/', '~']) && here.join(path).exists()
}

/// Changes the lists in the settings file, by the place of their key.
fn change_file(app: &App, change: &mut dyn FnMut(usize, &mut Vec<String>)) -> anyhow::Result<()> {
    let file = &app.loaded.locations.config_file;
    change_lists(file, SECTION, &KEYS, &mut |key, list| {
        if let Some(at) = KEYS.iter().position(|known| *known == key) {
            change(at, list);
        }
    })
}
