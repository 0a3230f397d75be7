//! `lorekeep guard`: what the guards are worth, in figures, why they find something, and their rules on what
//! is stored.

mod rescan;
mod document;
mod explain;

use guard::{Kind, Place};

use super::app::App;
use crate::args;
use crate::eval::{self, Counts, EntityScore, SetScore, SkippedSet};
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::guards;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::table::{Align, TextTable};
use crate::settings::Environment;
use document::EvalDoc;

/// Measures the guards, or applies them.
pub(crate) fn run(
    environment: &Environment,
    command: args::GuardCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let app = App::new(environment)?;
    match command {
        args::GuardCommand::Eval(args) => eval(&app, &args, out),
        args::GuardCommand::Explain(args) => explain::run(&app, &args, out),
        args::GuardCommand::Rescan(args) => rescan::run(&app, &args, out),
    }
}

/// Measures them on sets.
fn eval(app: &App, args: &args::EvalArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let engine = guards::engine(app.settings());
    let policy = guards::policies(app.settings(), Place::Scan).default;
    let (mut sets, mut skipped) = eval::read(&args.dir)?;
    if !args.allow_overlap {
        sets = eval::without_trained_on(sets, &mut skipped);
    }
    if sets.is_empty() {
        say_skipped(&skipped, out);
        let what = format!("`{}` has no labelled sets", args.dir.display());
        return Err(Fault::failure(what)
            .hint("docs/guards-data.md describes their format")
            .into());
    }
    // Rules are made ready once for all, not at the cost of the first text.
    let _ = engine.judge("a first text with 1 number", &policy);
    let mut scores = Vec::new();
    for set in &sets {
        scores.push(eval::measure(&engine, &policy, set));
    }
    if args.json.json {
        out.json(&EvalDoc::new(&scores, &skipped))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    sets_table(&scores).print(&mut page);
    for score in scores.iter().filter(|score| !score.entities.is_empty()) {
        details(score, &mut page);
    }
    out.print(page)?;
    say_skipped(&skipped, out);
    Ok(CommandOutcome::Done)
}

fn say_skipped(skipped: &[SkippedSet], out: &mut Output) {
    for file in skipped {
        out.note(&format!("skipped {}: {}", file.path, file.why));
    }
}

fn sets_table(scores: &[SetScore]) -> TextTable {
    let mut table = TextTable::new(&[
        ("SET", Align::Flexible),
        ("ROWS", Align::Right),
        ("RECALL", Align::Right),
        ("95%", Align::Right),
        ("PREC", Align::Right),
        ("F1", Align::Right),
        ("FALSE+", Align::Right),
        ("95%", Align::Right),
        ("p50 µs", Align::Right),
        ("p95 µs", Align::Right),
    ]);
    for score in scores {
        let mut row = vec![
            (Ink::Name, score.name.clone()),
            (Ink::Plain, score.rows.to_string()),
        ];
        row.extend(figures(&score.texts));
        row.push((Ink::Dim, format!("{:.0}", score.p50_us)));
        row.push((Ink::Dim, format!("{:.0}", score.p95_us)));
        table.row(row);
    }
    for kind in Kind::ALL {
        let of: Vec<_> = scores.iter().filter(|score| score.kind == kind).collect();
        if of.len() < 2 {
            continue;
        }
        let mut all = Counts::default();
        for score in &of {
            all.add(score.texts);
        }
        let rows: usize = of.iter().map(|score| score.rows).sum();
        let mut row = vec![
            (Ink::Title, format!("all of {}", kind.name())),
            (Ink::Plain, rows.to_string()),
        ];
        row.extend(figures(&all));
        row.extend([(Ink::Dim, String::new()), (Ink::Dim, String::new())]);
        table.row(row);
    }
    table
}

/// The shares of a set's texts, with the intervals of those that say what to expect of others.
fn figures(texts: &Counts) -> Vec<(Ink, String)> {
    let [recall, precision, f1] = shares(texts);
    let false_alarms = (Ink::Plain, percent(texts.false_positive_rate()));
    vec![
        recall,
        (Ink::Dim, between(texts.recall_interval())),
        precision,
        f1,
        false_alarms,
        (Ink::Dim, between(texts.false_positive_interval())),
    ]
}

fn between(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(String::new, |(low, high)| {
        format!("{:.1}–{:.1}", low * 100.0, high * 100.0)
    })
}

fn shares(counts: &Counts) -> [(Ink, String); 3] {
    [counts.recall(), counts.precision(), counts.f1()].map(|share| (Ink::Plain, percent(share)))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", share * 100.0))
}

/// Each entity of a set.
fn details(score: &SetScore, page: &mut TextPage) {
    page.end().line(Ink::Title, &score.name);
    let mut table = TextTable::new(&[
        ("ENTITY", Align::Flexible),
        ("HITS", Align::Right),
        ("MISSED", Align::Right),
        ("FALSE", Align::Right),
        ("RECALL", Align::Right),
        ("PREC", Align::Right),
        ("F1", Align::Right),
        ("EXACT F1", Align::Right),
    ]);
    for entity in score.entities.iter().chain(&score.structured) {
        table.row(entity_row(entity));
    }
    table.print(page);
    if !score.unknown.is_empty() {
        let unknown = format!("not looked for: {}", score.unknown.join(", "));
        page.wrapped(0, &unknown, &[], Ink::Dim);
    }
}

fn entity_row(score: &EntityScore) -> Vec<(Ink, String)> {
    let counts = &score.overlapping;
    let mut row = vec![
        (Ink::Name, score.entity.clone()),
        (Ink::Plain, counts.hits.to_string()),
        (Ink::Plain, counts.misses.to_string()),
        (Ink::Plain, counts.false_alarms.to_string()),
    ];
    row.extend(shares(counts));
    row.push((Ink::Plain, percent(score.exact.f1())));
    row
}
