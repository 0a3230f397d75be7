//! `lorekeep import`: imports logs into the archive, then embeds what is new with `--embed` or while a
//! person watches the terminal.

mod stdin;
mod watch;

use std::time::Duration;

use embed::MiniLmOptions;
use memory::ModelAvailability;
use recall::{Archive, ImportReport, ImportRequest, ProblemAt, Skipped, SourceReport, Stop};
use wire::{EmbeddingDoc, ImportDoc, counted, size, thousands};

use super::app::App;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::interrupt;
use crate::opening;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};
use crate::watch::Watch;

/// How many problems people are shown; `doctor` shows all.
const PROBLEMS_SHOWN: usize = 5;

/// Imports what was named, or the logs of all assistants, reports it, and embeds what is new.
pub(crate) fn run(
    app: &App,
    args: &args::ImportArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let began = clock::instant();
    let stop = interrupt::stop();
    let mut archive = app.archive()?;
    // From now on nothing is missed, though it is read after what is there.
    let watch = args.watch.then(|| {
        let poll = args.poll.map(|seconds| Duration::from_secs(seconds.into()));
        Watch::start(app.loaded.roots(), poll)
    });
    let mut paths = args.paths.clone();
    let _stdin_log = stdin::spooled(&mut paths, &app.loaded.locations.cache)?;
    let request = ImportRequest {
        paths,
        source: args.source,
        roots: app.loaded.roots(),
        now: clock::millis(),
    };
    let bar = out.progress();
    let report = archive.import(&request, stop, &bar);
    drop(bar);
    let report = report?;
    let took_ms = clock::took_ms(began);
    if !args.json.json {
        print(app, args, &report, took_ms, out)?;
    }
    let embedding = embed(app, args, &mut archive, stop, out)?;
    if args.json.json {
        out.json(&ImportDoc::new(&report, embedding, took_ms))?;
    }
    let outcome = outcome(&report, stop, out);
    match watch {
        Some(watch) if outcome == CommandOutcome::Done => {
            out.flush()?;
            let options = watch::WatchOptions {
                json: args.json.json,
                embed: !args.no_embed,
            };
            watch::run(app, &mut archive, watch, options, stop, out)
        }
        _ => Ok(outcome),
    }
}

fn outcome(report: &ImportReport, stop: &Stop, out: &mut Output) -> CommandOutcome {
    if stop.is_set() {
        if report.stopped {
            out.note(
                "stopped; what was imported so far is kept, the next import goes on from here",
            );
        }
        return CommandOutcome::Interrupted;
    }
    // What a person named must be importable; what merely lies in a directory need not be.
    let (failed, passed): (Vec<&Skipped>, Vec<&Skipped>) =
        report.skipped.iter().partition(|skipped| skipped.is_named);
    for problem in &failed {
        out.error(&told(problem));
    }
    // Of what isn't there the message says all.
    if failed
        .iter()
        .any(|skipped| !skipped.what.starts_with("no file"))
    {
        // Exports of chats come packed.
        let is_packed = failed.iter().any(|skipped| skipped.path.ends_with(".zip"));
        out.hint(match is_packed {
            true => "archives aren't unpacked: do it, and import the files in it",
            false => "logs are regular files, of sources that `lorekeep sources` lists",
        });
    }
    for problem in passed.iter().take(PROBLEMS_SHOWN) {
        out.warning(&told(problem));
    }
    if failed.is_empty() {
        CommandOutcome::Done
    } else {
        CommandOutcome::Failed
    }
}

/// Errors of the file system name the path themselves.
fn told(skipped: &Skipped) -> String {
    if skipped.what.contains(&skipped.path) {
        return skipped.what.clone();
    }
    format!("`{}`: {}", skipped.path, skipped.what)
}

fn print(
    app: &App,
    args: &args::ImportArgs,
    report: &ImportReport,
    took_ms: u64,
    out: &mut Output,
) -> anyhow::Result<()> {
    if report.sources.is_empty() {
        if args.paths.is_empty() && !report.stopped {
            let roots = app.loaded.roots();
            let dirs: Vec<String> = roots.all().map(|dir| app.loaded.shorten(dir)).collect();
            out.note(&format!("no logs in {}", dirs.join(", ")));
            out.hint("`lorekeep import PATH` reads logs that are elsewhere");
        }
        return Ok(());
    }
    let mut page = out.page();
    table(&report.sources).print(&mut page);
    let added: u64 = report.sources.iter().map(|source| source.added).sum();
    page.push(&format!(
        "{} added in {}",
        counted(added, "message"),
        seconds(took_ms)
    ))
    .end();
    out.print(page)?;
    out.flush()?;
    problems(app, report, out);
    Ok(())
}

fn table(sources: &[SourceReport]) -> TextTable {
    let mut table = TextTable::new(&[
        ("SOURCE", Align::Left),
        ("FILES", Align::Right),
        ("READ", Align::Right),
        ("MESSAGES", Align::Right),
        ("ADDED", Align::Right),
        ("DUPLICATES", Align::Right),
        ("PROBLEMS", Align::Right),
    ]);
    for source in sources {
        let number = |number| (Ink::Plain, thousands(number));
        let problems = if source.problem_count > 0 {
            Ink::Warn
        } else {
            Ink::Plain
        };
        table.row(vec![
            (Ink::Name, source.source.clone()),
            number(source.files),
            (Ink::Plain, size(source.bytes)),
            number(source.messages),
            number(source.added),
            number(source.duplicates),
            (problems, thousands(source.problem_count)),
        ]);
    }
    table
}

fn seconds(ms: u64) -> String {
    match ms {
        ..1000 => format!("{ms} ms"),
        1000.. => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
    }
}

fn problems(app: &App, report: &ImportReport, out: &mut Output) {
    let count: u64 = report
        .sources
        .iter()
        .map(|source| source.problem_count)
        .sum();
    let all = report.sources.iter().flat_map(|source| &source.problems);
    for problem in all.take(PROBLEMS_SHOWN) {
        out.warning(&locate(app, problem));
    }
    if count > PROBLEMS_SHOWN as u64 {
        out.hint(&format!(
            "`lorekeep doctor` lists all {}",
            counted(count, "problem")
        ));
    }
}

/// `~/.claude/projects/x/y.jsonl:7: not JSON`.
pub(super) fn locate(app: &App, problem: &ProblemAt) -> String {
    let path = app.loaded.shorten(problem.path.as_ref());
    match problem.line {
        0 => format!("{path}: {}", problem.what),
        line => format!("{path}:{line}: {}", problem.what),
    }
}

/// Embeds what isn't yet: to the end if asked to wait, else while a person watches.
fn embed(
    app: &App,
    args: &args::ImportArgs,
    archive: &mut Archive,
    stop: &Stop,
    out: &mut Output,
) -> anyhow::Result<EmbeddingDoc> {
    let mut doc = EmbeddingDoc {
        left: left(archive)?,
        ..EmbeddingDoc::default()
    };
    let lingers = !args.json.json && out.is_for_person();
    if doc.left == 0 || args.no_embed || stop.is_set() || !(args.embed || lingers) {
        if !args.json.json && !stop.is_set() {
            say_left(app, doc.left, out);
        }
        return Ok(doc);
    }
    // With --embed somebody waits; otherwise whatever else the machine does comes first.
    if !args.embed {
        interrupt::be_nice();
    }
    let threads = opening::embedding_threads(app.settings());
    let model = opening::model(&app.loaded, MiniLmOptions::many_texts(threads)).load();
    doc.model = Some(matches!(model, ModelAvailability::Ready(_)));
    match &model {
        ModelAvailability::Ready(embedder) => {
            if lingers && !args.embed {
                let left = counted(doc.left, "message");
                out.note(&format!(
                    "all can be found by words now; embedding {left} to find them by \
                     meaning too (Ctrl-C does no harm)"
                ));
            }
            let bar = match args.embed {
                true => out.progress_or_log(),
                false => out.progress(),
            };
            let embedded = archive.embed_pending(&**embedder, stop, &bar);
            drop(bar);
            doc.embedded = embedded?;
            doc.left = left(archive)?;
            say_embedded(doc, args, stop, out)?;
        }
        ModelAvailability::Broken(error) => out.warning(&error.to_string()),
        ModelAvailability::Missing | ModelAvailability::Unneeded => say_left(app, doc.left, out),
    }
    Ok(doc)
}

fn left(archive: &Archive) -> anyhow::Result<u64> {
    let indexed = archive.indexed()?;
    Ok(indexed.embeddable.saturating_sub(indexed.embedded))
}

fn say_embedded(
    doc: EmbeddingDoc,
    args: &args::ImportArgs,
    stop: &Stop,
    out: &mut Output,
) -> anyhow::Result<()> {
    if !args.json.json {
        let mut page = out.page();
        page.push(&format!("{} embedded", counted(doc.embedded, "message")))
            .end();
        out.print(page)?;
    }
    if stop.is_set() && doc.left > 0 {
        let left = counted(doc.left, "message");
        out.note(&format!(
            "stopped; {left} left, the next import goes on with the rest"
        ));
    }
    Ok(())
}

fn say_left(app: &App, left: u64, out: &mut Output) {
    if left == 0 {
        return;
    }
    let (left, are) = (
        counted(left, "message"),
        if left == 1 { "is" } else { "are" },
    );
    if opening::model_store(&app.loaded).status().state == embed::ModelState::Missing {
        out.note(&format!(
            "{left} {are} found by words only: there is no embedding model"
        ));
        out.hint("`lorekeep model fetch` gets it, then `lorekeep import` embeds them");
    } else {
        out.note(&format!("{left} {are} found by words only until embedded"));
        out.hint("`lorekeep import --embed` embeds them now");
    }
}
