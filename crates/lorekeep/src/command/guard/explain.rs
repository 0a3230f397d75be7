//! `lorekeep guard explain`: what is found in one text, why, what becomes of it, and how to allow it.

use std::io::Read as _;

use guard::{Engine, Explanation, Finding, Kind, Kinds, Place};

use super::document::{ExplainDoc, ExplainedDoc};
use crate::args;
use crate::command::app::App;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::guards;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text::visible;
use crate::scan::{allow_setting, last_four};

/// Bytes of a text that is explained: the words of each finding are weighed one by one.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// Characters of what was found that are shown.
const SHOWN_CHARS: usize = 200;

/// The places whose policies are told.
const PLACES: [Place; 3] = [Place::Store, Place::Recall, Place::Scan];

/// Explains a text.
pub(super) fn run(
    app: &App,
    args: &args::ExplainArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let text = text(&args.text)?;
    let engine = guards::engine(app.settings());
    let policies = PLACES.map(|place| guards::policies(app.settings(), place).default);
    let mut explained = Vec::new();
    for finding in engine.find(&text, Kinds::ALL) {
        let why = explanation(&engine, &text, &finding)?;
        let verdicts = PLACES.iter().zip(&policies);
        let verdicts = verdicts
            .map(|(place, policy)| (place.name(), policy.action(&finding).name()))
            .collect();
        explained.push(ExplainedDoc::new(finding, why, verdicts));
    }
    if args.json.json {
        out.json(&ExplainDoc::new(&explained))?;
        return Ok(CommandOutcome::Done);
    }
    let mut page = out.page();
    for one in &explained {
        describe(one, &text, &mut page);
    }
    if explained.is_empty() {
        page.line(Ink::Plain, "nothing is found in it");
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

fn text(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(MAX_TEXT_BYTES + 1);
    input.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_TEXT_BYTES {
        let what = format!("the text has more than {MAX_TEXT_BYTES} bytes");
        return Err(Fault::failure(what)
            .hint("`lorekeep scan -` looks through texts of any length")
            .into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn explanation(engine: &Engine, text: &str, finding: &Finding) -> anyhow::Result<Explanation> {
    let why = engine.explain(text, finding);
    why.map_err(|what| Fault::failure(format!("the guard can't explain itself: {what}")).into())
}

/// A finding for a person: what and where, why, the words that counted, and how to allow it.
fn describe(one: &ExplainedDoc, text: &str, page: &mut TextPage) {
    let finding = &one.finding;
    page.paint(Ink::Warn, finding.kind.name())
        .push(&format!(" {}", finding.entity))
        .paint(
            Ink::Dim,
            &format!(", bytes {} to {}: ", finding.start, finding.end),
        )
        .paint(Ink::Match, &shown(finding, text))
        .end();
    detail(
        page,
        "why",
        &format!(
            "{} ({}, score {:.2})",
            finding.why, finding.rule, finding.score
        ),
    );
    for (rule, what) in &one.why.signals {
        detail(page, "rule", &format!("{rule}: {what}"));
    }
    let words = |wanted: fn(&f32) -> bool| {
        let words = one.why.words.iter().filter(|(_, weight)| wanted(weight));
        let words = words.map(|(word, weight)| format!("{} {weight:+.2}", visible(word)));
        words.collect::<Vec<_>>().join(", ")
    };
    for (what, words) in [
        ("words for it", words(|weight| *weight > 0.0)),
        ("against it", words(|weight| *weight < 0.0)),
    ] {
        if !words.is_empty() {
            detail(page, what, &words);
        }
    }
    if let Some(margin) = one.why.margin {
        detail(
            page,
            "margin",
            &format!("{margin:+.2} by itself; 0 is a toss-up"),
        );
    }
    let verdicts = one.verdicts.iter();
    let verdicts = verdicts.map(|(place, action)| format!("{place} {action}"));
    detail(page, "verdicts", &verdicts.collect::<Vec<_>>().join(", "));
    detail(
        page,
        "to allow it",
        &format!("in the settings: {}", allow_setting(&finding.rule)),
    );
    page.end();
}

fn detail(page: &mut TextPage, what: &str, text: &str) {
    page.paint(Ink::Dim, &format!("    {what:<14}"));
    page.line(Ink::Plain, text);
}

/// What was found, as far as it may be shown: the last letters of a value, the start of a text.
fn shown(finding: &Finding, text: &str) -> String {
    let found = finding.of(text);
    if matches!(finding.kind, Kind::Secret | Kind::Pii) {
        return last_four(found);
    }
    let mut start: String = found.chars().take(SHOWN_CHARS).collect();
    if start.len() < found.len() {
        start.push('…');
    }
    visible(&start).replace('\n', "␊")
}
