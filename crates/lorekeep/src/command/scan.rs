//! `lorekeep scan`: what guards find in files, and an exit code that CI can use.

mod summary;
mod sarif;
mod report;
mod batch;

use std::path::PathBuf;
use std::time::Instant;

use guard::{Action, Kind, Kinds, Place};

use super::app::App;
use crate::args;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::guards;
use crate::output::Output;
use crate::scan::{
    Exclude, ScanEvent, ScanJob, ScanJobs, ScanWishes, TextScanner, history_job, jobs, scan,
};
use crate::settings::Environment;
use report::ScanReport;
use summary::ScanSummary;

/// Looks through what the person named and tells what is found, as it is found.
pub(crate) fn run(
    environment: &Environment,
    args: &args::ScanArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let started = Instant::now();
    let app = App::new(environment)?;
    let engine = guards::engine(app.settings());
    let policy = guards::policies(app.settings(), Place::Scan).default;
    if let Some(file) = &args.batch {
        let policy = policy.only(chosen(args, Kinds::ALL));
        return batch::run(&engine, &policy, args, file, out);
    }
    let jobs = all_jobs(args)?;
    let scanner = TextScanner {
        engine: &engine,
        policy: &policy,
        with_fingerprints: args.sarif,
    };
    let mut report = ScanReport::new(args);
    report.start(out)?;
    let mut summary = ScanSummary::default();
    scan(&scanner, jobs, |told| -> anyhow::Result<()> {
        summary.count(&told);
        match told {
            ScanEvent::Found(found) => report.found(&found, out),
            // At once, since the rest may take long.
            ScanEvent::Problem { path, trouble } => {
                out.error(&format!("{path}: {}", trouble.what));
                if let Some(hint) = trouble.hint {
                    out.hint(hint);
                }
                summary.problems.push((path, trouble.what));
                Ok(())
            }
            ScanEvent::Skipped { path, what } => {
                out.note(&format!("skipped {path}, which is {what}"));
                Ok(())
            }
            ScanEvent::Done { .. } | ScanEvent::Binary => Ok(()),
        }
    })?;
    summary.took = started.elapsed();
    report.end(&summary, out)?;
    Ok(outcome(&summary, args))
}

/// What was asked for, or what is usual.
fn chosen(args: &args::ScanArgs, usual: Kinds) -> Kinds {
    if args.kinds.is_empty() {
        return usual;
    }
    let has = |kind: &Kind| args.kinds.iter().any(|kinds| kinds.0.has(*kind));
    Kind::ALL.into_iter().filter(has).collect()
}

fn all_jobs(args: &args::ScanArgs) -> anyhow::Result<ScanJobs> {
    let wanted = ScanWishes {
        in_named: chosen(args, Kinds::ALL),
        in_directories: chosen(args, Kinds::NONE.with(Kind::Secret)),
        exclude: Exclude::new(&args.exclude)?,
        with_ignored: args.no_ignore,
    };
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    let Some(range) = &args.history else {
        let all = jobs(paths, &wanted)?;
        return Ok(Box::new(all.into_iter().flatten()));
    };
    if let Some(path) = paths.iter().find(|path| !path.is_dir()) {
        let what = format!("`{}` is no directory of a repository", path.display());
        return Err(Fault::usage(what)
            .hint("--history looks through repositories")
            .into());
    }
    let job = |path: &PathBuf| history_job(path, range.as_deref(), &wanted);
    let all: Vec<ScanJob> = paths.iter().map(job).collect::<Result<_, _>>()?;
    Ok(Box::new(all.into_iter()))
}

fn outcome(summary: &ScanSummary, args: &args::ScanArgs) -> CommandOutcome {
    let limit = args.fail_on.unwrap_or(Action::Flag);
    if summary.action >= limit {
        CommandOutcome::Found
    } else if summary.problems.is_empty() {
        CommandOutcome::Done
    } else {
        CommandOutcome::Failed
    }
}
