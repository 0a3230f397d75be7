//! Which conversation wrote the lines of a file.

use std::path::{Path, PathBuf};

use recall::{BlameReport, BlameRequest, BlamedLines, LineSource, Written};
use serde_json::{Value, json};

use super::{Effect, PROJECT, Tool};
use crate::clock;
use crate::markup::{Markup, cut, line};
use crate::mcp::call::{Answer, Call, QUOTED};
use crate::mcp::hits::date;
use crate::mcp::list::fit;
use crate::mcp::params::{Args, Kind, optional, required};
use crate::mcp::place::Place;
use crate::mcp::refusal::Refusal;
use crate::wire;

/// Characters of a group's first line.
const TEXT: usize = 80;

pub(super) const BLAME: Tool = Tool {
    name: "blame",
    aliases: &[],
    title: "Which conversation wrote these lines",
    about: "Use to learn why code is as it is: the conversation and tool call that wrote the lines of \
            a file, how sure that is, and the commit. Then read the conversation around the message.",
    params: &[
        required("file_path", Kind::Text(4096), "in this project"),
        optional("lines", Kind::Text(32), "12 or 12-40"),
        optional("commit", Kind::Text(256), "as it was then"),
        PROJECT,
    ],
    is_core: true,
    effect: Effect::Reads,
    run: blame,
};

fn blame(call: &Call, args: &Args) -> Result<Answer, Refusal> {
    let path = args.needed("file_path")?;
    let lines = args.text("lines").map(range).transpose()?;
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let file = inside(call, &place, path)?;
        let Some(scope) = place.scope() else {
            return Ok(nothing(path, &place));
        };
        call.progress("comparing edits with the file");
        let report = archive.blame(&BlameRequest {
            file,
            lines,
            commit: args.text("commit").map(str::to_owned),
            scope,
            now: clock::millis(),
        });
        Ok(answer(call, &report.map_err(about_file)?, path, &place))
    })
}

/// `12` or `12-40`.
fn range(text: &str) -> Result<(u32, u32), Refusal> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let found = match text.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(text).map(|line| (line, line)),
    };
    found
        .filter(|(first, last)| 0 < *first && first <= last)
        .ok_or_else(|| {
            let text = cut(text, 40);
            Refusal::Params(format!(
                "`lines` is \"{text}\": expected such as \"12\" or \"12-40\""
            ))
        })
}

/// The file, if it lies where the client works: a server that others reach must not read them
/// whatever they name, and one project's call must not show another's file.
fn inside(call: &Call, place: &Place, path: &str) -> Result<PathBuf, Refusal> {
    let directory = call.whereabouts.directory().ok_or_else(|| {
        Refusal::Params("blame needs a client that says in which directory it works".to_owned())
    })?;
    let file = directory.join(path);
    let real = |path: &Path| fs_err::canonicalize(path);
    let shown = cut(path, 200);
    // A file that is gone from the working tree may be asked for as it was in a commit.
    let found = match real(&file) {
        Ok(found) => found,
        Err(_) => match (
            file.parent().and_then(|parent| real(parent).ok()),
            file.file_name(),
        ) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => return Err(Refusal::Params(format!("no file `{shown}`"))),
        },
    };
    let root = real(&directory).unwrap_or(directory);
    let root = root_of(&root);
    if *place == Place::All && call.whereabouts.is_local() || found.starts_with(&root) {
        return Ok(found);
    }
    Err(Refusal::Params(format!(
        "`{shown}` is outside of the project; a path is taken from its directory"
    )))
}

/// The working tree that a directory lies in, or the directory.
fn root_of(directory: &Path) -> PathBuf {
    let is_root = |directory: &&Path| directory.join(".git").exists();
    directory
        .ancestors()
        .find(is_root)
        .unwrap_or(directory)
        .to_owned()
}

/// Errors of the file are the caller's to mend.
fn about_file(error: recall::Error) -> Refusal {
    match error {
        recall::Error::Io(error) => Refusal::Params(error.to_string()),
        error => error.into(),
    }
}

fn nothing(path: &str, place: &Place) -> Answer {
    let path = cut(path, 300);
    let mut text = Markup::of("<blame>\n");
    text.element("file", &path).fixed(
        "\n<message>Nothing is archived of this project, so that nothing is known of who wrote \
         this.</message>\n</blame>",
    );
    Answer::new(
        text,
        json!({"file": path, "scope": place.name(), "lines": []}),
    )
}

fn answer(call: &Call, report: &BlameReport, path: &str, place: &Place) -> Answer {
    let fitted = fit(&report.lines, call.budget().keep_back(160), |_, lines| {
        write(lines)
    });
    let mut text = Markup::new();
    text.open("blame", &[("note", &QUOTED)])
        .fixed("\n")
        .element("file", cut(path, 300))
        .fixed("\n")
        .element("edits_known", report.edits)
        .fixed("\n")
        .append_all(&fitted.lines)
        .close("blame");
    let mut answer = Answer::new(
        text,
        json!({
            "note": QUOTED, "file": cut(path, 300), "scope": place.name(),
            "edits_known": report.edits, "lines": fitted.values,
        }),
    );
    if fitted.is_cut {
        answer.note("not all lines fit; `lines` narrows them");
    }
    for note in &report.notes {
        answer.note(note);
    }
    answer
}

fn write(lines: &BlamedLines) -> (Markup, Value) {
    let first = lines
        .text
        .lines()
        .map(str::trim)
        .find(|text| !text.is_empty());
    let first = cut(&line(first.unwrap_or_default()), TEXT);
    let range = if lines.first == lines.last {
        lines.first.to_string()
    } else {
        format!("{}-{}", lines.first, lines.last)
    };
    let mut text = Markup::new();
    text.open("lines", &[("range", &range)])
        .fixed("\n")
        .short("text", &first, TEXT);
    let mut value = json!({"lines": range, "text": first});
    match &lines.source {
        LineSource::Written(written) => of_call(written, &mut text, &mut value),
        LineSource::Commit(commit) => {
            let hash = commit.hash.get(..12).unwrap_or(&commit.hash);
            let who = format!(
                "{hash} {} {}: {}",
                date(commit.time),
                commit.author,
                commit.subject
            );
            text.short("commit", &who, 160);
            value["commit"] = json!(cut(&line(&who), 160));
            if let Some(maker) = &commit.conversation {
                text.short("committed_in", &maker.conversation, 100);
                value["committed_in"] = json!(maker.conversation);
            }
        }
        LineSource::Unknown { why } => {
            text.short("unknown", why, 200);
            value["unknown"] = json!(why);
        }
    }
    text.close("lines").fixed("\n");
    (text, value)
}

fn of_call(written: &Written, text: &mut Markup, value: &mut Value) {
    let evidence = written.evidence.join("; ");
    let commit = written.commit.as_ref();
    let commit = commit.map(|commit| commit.hash.get(..12).unwrap_or(&commit.hash).to_owned());
    for (name, part) in [
        ("cid", written.conversation.as_str()),
        ("id", &written.message),
        ("tool", &written.tool),
        ("date", &written.time.map(date).unwrap_or_default()),
        ("title", &written.title),
        ("certainty", written.certainty.name()),
        ("evidence", &evidence),
        ("commit", commit.as_deref().unwrap_or_default()),
    ] {
        text.short(name, part, 160);
    }
    value["conversation_id"] = json!(written.conversation);
    value["message_id"] = json!(written.message);
    value["tool"] = json!(written.tool);
    value["project"] = json!(written.project);
    value["time"] = json!(wire::time(written.time));
    value["title"] = json!(cut(&line(&written.title), 80));
    value["certainty"] = json!(written.certainty.name());
    value["evidence"] = json!(cut(&line(&evidence), 160));
    value["commit"] = json!(commit);
}
