//! `lorekeep migrate`: moving over from another program. What moves, what stays and what is dropped is shown first; nothing
//! that is there already is overwritten, and a second run finds nothing more to do.

mod step;
mod agno;
mod chattr;

use serde_json::json;

use step::{MoveFate, MoveStep};

use super::app::App;
use crate::args::migrate::{MigrateCommand, MigrateSourceArgs};
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::text::one_line;

/// Shows what moves, asks, and moves it.
pub(crate) fn run(
    app: &App,
    command: MigrateCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let MigrateCommand::Chattr(args) = command;
    if !args.dir.is_dir() {
        let what = format!("`{}` is no directory", args.dir.display());
        return Err(Fault::usage(what)
            .hint("name the directory that Chattr ran in")
            .into());
    }
    let steps = chattr::plan(app, &args.dir)?;
    show(&steps, &args, out)?;
    let has_work = steps.iter().any(|step| step.work.is_some());
    let has_failed = steps
        .iter()
        .any(|step| matches!(step.fate, MoveFate::Failed(_)));
    if !has_work && !args.dry_run {
        out.note("there is nothing to move");
    }
    if !has_work || args.dry_run {
        return Ok(outcome(has_failed));
    }
    if !args.yes && !confirmed(out)? {
        out.note("nothing was moved");
        return Ok(CommandOutcome::Failed);
    }
    let mut has_failed = has_failed;
    for step in steps {
        let Some(work) = step.work else {
            continue;
        };
        if let Err(error) = chattr::carry_out(app, work, out) {
            out.error(&format!("{}: {error:#}", one_line(&step.what)));
            has_failed = true;
        }
    }
    if !has_failed {
        out.note("moved; the old directory is as it was");
        out.hint(
            "`lorekeep serve --dir DIR` reads `.env` and `mcp.json` of another directory instead",
        );
    }
    Ok(outcome(has_failed))
}

fn outcome(has_failed: bool) -> CommandOutcome {
    match has_failed {
        true => CommandOutcome::Failed,
        false => CommandOutcome::Done,
    }
}

fn show(steps: &[MoveStep], args: &MigrateSourceArgs, out: &mut Output) -> anyhow::Result<()> {
    if args.json.json {
        let steps: Vec<_> = steps
            .iter()
            .map(|step| json!({"what": step.what, "fate": step.fate.name(), "more": step.fate.more()}))
            .collect();
        return out.json(&json!({"dir": args.dir, "dry_run": args.dry_run, "steps": steps}));
    }
    for step in steps {
        let more = match step.fate.more() {
            "" => String::new(),
            more => format!(": {}", one_line(more)),
        };
        out.text(&format!(
            "{:<14} {}{more}\n",
            step.fate.name(),
            one_line(&step.what)
        ))?;
    }
    out.flush()
}

/// Whether the person wants what was shown.
fn confirmed(out: &mut Output) -> anyhow::Result<bool> {
    if !out.can_ask() {
        return Err(Fault::usage("not a terminal: nothing was moved (use --yes)").into());
    }
    Ok(out.ask("Move this?", false))
}
