//! `lorekeep projects merge`, `rename` and `undo`: a question, the change, and what came of it.

use recall::{Archive, ProjectChange, ProjectChangeKind, SuggestionReason};
use wire::{ProjectChangeDoc, ProjectSuggestionsDoc, counted};

use crate::args::projects::{ChangeArgs, MergeArgs, RenameArgs, UndoArgs};
use crate::command::app::App;
use crate::command::narrow;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;

/// Makes a project part of another, or lists those that may be one.
pub(super) fn merge(
    app: &App,
    args: &MergeArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let (Some(from), Some(into)) = (&args.from, &args.into) else {
        return suggest(app, args.how, out);
    };
    let (from, into) = (place(from)?, place(into)?);
    change(app, args.how, out, |archive, dry_run| {
        archive.merge_projects(&from, &into, dry_run)
    })
}

/// Gives a project a name.
pub(super) fn rename(
    app: &App,
    args: &RenameArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let project = place(&args.project)?;
    change(app, args.how, out, |archive, dry_run| {
        archive.rename_project(&project, &args.name, dry_run)
    })
}

/// Takes back what was done last.
pub(super) fn undo(app: &App, args: &UndoArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let project = args.project.as_deref().map(place).transpose()?;
    change(app, args.how, out, |archive, dry_run| {
        archive.undo_project_change(project.as_deref(), dry_run)
    })
}

/// Asks, changes, and tells.
fn change(
    app: &App,
    how: ChangeArgs,
    out: &mut Output,
    change: impl Fn(&mut Archive, bool) -> recall::Result<ProjectChange>,
) -> anyhow::Result<CommandOutcome> {
    let mut archive = app.archive()?;
    let planned = change(&mut archive, true)?;
    if how.dry_run {
        return tell(&planned, how, out);
    }
    if !how.yes {
        if how.json.json || !out.can_ask() {
            return Err(
                Fault::usage("not a terminal: nothing was changed (use --yes)")
                    .hint("`--dry-run` only tells what would be done")
                    .into(),
            );
        }
        if !out.ask(&question(&planned), true) {
            out.note("nothing was changed");
            return Ok(CommandOutcome::Done);
        }
    }
    let done = change(&mut archive, false)?;
    tell(&done, how, out)
}

fn question(change: &ProjectChange) -> String {
    let ProjectChange { project, into, .. } = change;
    let size = size(change);
    match change.kind {
        ProjectChangeKind::Merge => format!("Make `{project}` ({size}) part of `{into}`?"),
        ProjectChangeKind::Rename => format!("Call `{project}` ({size}) `{into}`?"),
        ProjectChangeKind::UndoMerge => format!("Take `{project}` ({size}) out of `{into}` again?"),
        ProjectChangeKind::UndoRename => format!("Call `{project}` ({size}) `{into}` again?"),
    }
}

fn tell(
    change: &ProjectChange,
    how: ChangeArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    if how.json.json {
        out.json(&ProjectChangeDoc::new(change, how.dry_run))?;
        return Ok(CommandOutcome::Done);
    }
    let ProjectChange { project, into, .. } = change;
    let (is, called) = match how.dry_run {
        true => ("would be", "would be called"),
        false => ("is", "is called"),
    };
    let size = size(change);
    out.note(&match change.kind {
        ProjectChangeKind::Merge => format!("`{project}` ({size}) {is} part of `{into}` now"),
        ProjectChangeKind::Rename => format!("`{project}` ({size}) {called} `{into}` now"),
        ProjectChangeKind::UndoMerge => {
            format!("`{project}` ({size}) {is} no part of `{into}` any more")
        }
        ProjectChangeKind::UndoRename => format!("`{project}` ({size}) {called} `{into}` again"),
    });
    let is_new = matches!(
        change.kind,
        ProjectChangeKind::Merge | ProjectChangeKind::Rename
    );
    if is_new && !how.dry_run {
        out.hint("`lorekeep projects undo` takes it back");
    }
    Ok(CommandOutcome::Done)
}

fn size(change: &ProjectChange) -> String {
    let conversations = counted(change.conversations, "conversation");
    format!("{conversations}, {}", counted(change.messages, "message"))
}

/// Lists projects that may be one.
fn suggest(app: &App, how: ChangeArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let found = app.archive()?.project_suggestions()?;
    if how.json.json {
        out.json(&ProjectSuggestionsDoc::new(&found))?;
    } else if found.is_empty() {
        out.note("no projects look as if they were one");
        out.hint("`lorekeep projects merge FROM INTO` makes one of two that you know of");
    } else {
        let mut page = out.page();
        for one in &found {
            let why = match one.reason {
                SuggestionReason::SameFirstCommit => "same first commit: moved, copied, or a fork",
                SuggestionReason::SameNameInContainer => "same name, in a container",
            };
            page.paint(Ink::Name, &one.project).push(" and ");
            page.paint(Ink::Name, &one.into).end();
            page.line(Ink::Dim, &format!("  {why}"));
        }
        out.print(page)?;
        out.hint("`lorekeep projects merge FROM INTO` makes two of them one");
    }
    Ok(match found.is_empty() {
        true => CommandOutcome::Nothing,
        false => CommandOutcome::Done,
    })
}

/// What was typed, with a path below the working directory made whole.
fn place(typed: &str) -> anyhow::Result<String> {
    if !narrow::is_of_here(typed) {
        return Ok(typed.to_owned());
    }
    let here = std::env::current_dir()?;
    let path = fs_err::canonicalize(here.join(typed)).or_else(|_| std::path::absolute(typed))?;
    Ok(path.to_string_lossy().into_owned())
}
