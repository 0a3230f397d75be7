//! Which conversation wrote the lines of a file.

use std::path::{Component, Path, PathBuf};

use jiff::Zoned;
use memory::{Archive, BlameReport, BlameRequest, BlamedLines, LineSource, Registry, WritingCall};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::list::fit;
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;

/// Characters of a group's first line.
const MAX_LINE_CHARS: usize = 80;

pub(super) const BLAME_TOOL: McpTool = McpTool {
    name: "blame",
    aliases: &[],
    title: "Which conversation wrote these lines",
    about: "Use to learn why code is as it is: the conversation and tool call that wrote the lines of \
            a file, how sure that is, and the commit. Then read the conversation around the message.",
    params: &[
        required("file_path", ParamKind::Text(4096), "in this project"),
        optional("lines", ParamKind::Text(32), "12 or 12-40"),
        optional("commit", ParamKind::Text(256), "as it was then"),
        PROJECT_PARAM,
    ],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run: blame,
};

fn blame(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let path = args.needed("file_path")?;
    let lines = args.text("lines").map(range).transpose()?;
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let readable = readable(call, archive, &place, path)?;
        let Some(scope) = place.scope() else {
            return Ok(nothing(path, &place));
        };
        call.progress("comparing edits with the file");
        let report = archive.blame(&BlameRequest {
            file: readable.file,
            within: Some(readable.within),
            lines,
            commit: args.text("commit").map(str::to_owned),
            scope,
            sources: Registry::shipped(),
            now: call.now(),
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

/// A file that may be read for a client, without links, and a directory that it lies in.
struct ReadableFile {
    file: PathBuf,
    within: PathBuf,
}

/// The file that a path means, if it may be read. Where a client says it stands gives it no right: files
/// of archived projects can be had, as far as the place of the call reaches; those of the directory that
/// the process was started for; and over HTTP only what the settings allow.
fn readable(
    call: &McpCall,
    archive: &Archive,
    place: &CallScope,
    path: &str,
) -> Result<ReadableFile, Refusal> {
    let outside = || {
        let shown = cut(path, 200);
        Refusal::Params(format!(
            "`{shown}` is outside of the project; a path is taken from its directory"
        ))
    };
    let file = base(call, archive, place)?.join(path);
    let is_clear = file.is_absolute() && !file.to_string_lossy().contains('\0');
    if !is_clear || files::is_network_path(&file.to_string_lossy()) {
        return Err(outside());
    }
    if !call.whereabouts.is_local() {
        let within = allowed(call, &file)?.ok_or_else(outside)?;
        let file = real(&file).filter(|file| file.starts_with(&within));
        let file = file.ok_or_else(outside)?;
        let is_readable = is_of_place(archive, place, &file)? && !has_other_names(&within, &file);
        return match is_readable {
            true => Ok(ReadableFile { file, within }),
            false => Err(outside()),
        };
    }
    let shown = cut(path, 200);
    let none = || Refusal::Params(format!("no file `{shown}`"));
    let file = real(&file).ok_or_else(none)?;
    let own = call.whereabouts.own_directory();
    let own = own.and_then(|own| fs_err::canonicalize(own).ok());
    let own = own.map(|own| root_of(call, &own));
    match own.filter(|own| file.starts_with(own)) {
        Some(within) => Ok(ReadableFile { file, within }),
        None if is_of_place(archive, place, &file)? => {
            let within = file.parent().ok_or_else(none)?.to_owned();
            Ok(ReadableFile { file, within })
        }
        None => Err(outside()),
    }
}

/// What a path is relative to: where the client stands, else the project that is meant.
fn base(call: &McpCall, archive: &Archive, place: &CallScope) -> Result<PathBuf, Refusal> {
    if let Some(directory) = call.whereabouts.directory() {
        return Ok(directory);
    }
    let directory = match place {
        CallScope::Project(name) => archive.project_directory(name)?,
        _ => None,
    };
    directory.ok_or_else(|| {
        let why = "blame needs a `project`, or a client that says in which directory it works";
        Refusal::Params(why.to_owned())
    })
}

/// The directory of the settings that a file lies in by its name, without links. Nothing outside of them
/// is even looked at.
fn allowed(call: &McpCall, file: &Path) -> Result<Option<PathBuf>, Refusal> {
    let allowed = &call.options().http_readable;
    if allowed.is_empty() {
        let why = "over HTTP blame reads no files; the setting `mcp.http_blame` names directories \
                   whose files it may read";
        return Err(Refusal::Params(why.to_owned()));
    }
    if file.components().any(|part| part == Component::ParentDir) {
        return Ok(None);
    }
    let is_in = |directory: &PathBuf| {
        let real = fs_err::canonicalize(directory).ok()?;
        (file.starts_with(directory) || file.starts_with(&real)).then_some(real)
    };
    Ok(allowed
        .iter()
        .filter(|directory| directory.is_absolute())
        .find_map(is_in))
}

/// A path without links. A file that is gone from the working tree may be asked for as it was in a
/// commit, so that only its directory has to be there.
fn real(file: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(file).ok().or_else(|| {
        let parent = fs_err::canonicalize(file.parent()?).ok()?;
        let gone = parent.join(file.file_name()?);
        // A link that leads nowhere is there all the same.
        fs_err::symlink_metadata(&gone).is_err().then_some(gone)
    })
}

/// Whether a file has other names too, by hard links, or may have: these may be anywhere.
fn has_other_names(within: &Path, file: &Path) -> bool {
    let Ok(below) = file.strip_prefix(within) else {
        return true;
    };
    let named = files::Root::open(within).and_then(|root| root.has_other_names(below));
    named.unwrap_or(true)
}

/// Whether a file lies in a directory of the project that a call is about, or of any if it is about all.
fn is_of_place(archive: &Archive, place: &CallScope, file: &Path) -> Result<bool, Refusal> {
    let directory = file.parent().unwrap_or(file);
    let project = archive.project_worked_in(directory)?;
    Ok(match place {
        CallScope::All => project.is_some(),
        CallScope::Project(name) => project.as_ref() == Some(name),
        CallScope::Unknown(_) => false,
    })
}

/// The working tree that a directory lies in, or the directory where that would be all of a person's
/// files.
fn root_of(call: &McpCall, directory: &Path) -> PathBuf {
    let is_root = |directory: &&Path| directory.join(".git").exists();
    directory
        .ancestors()
        .find(is_root)
        .filter(|root| !call.whereabouts.is_nowhere(root))
        .unwrap_or(directory)
        .to_owned()
}

/// Errors of the file are the caller's to mend.
fn about_file(error: memory::ArchiveError) -> Refusal {
    match error {
        memory::ArchiveError::Io(error) => Refusal::Params(error.to_string()),
        error => error.into(),
    }
}

fn nothing(path: &str, place: &CallScope) -> ToolAnswer {
    let path = cut(path, 300);
    let mut text = Markup::of("<blame>\n");
    text.element("file", &path).fixed(
        "\n<message>Nothing is archived of this project, so that nothing is known of who wrote \
         this.</message>\n</blame>",
    );
    ToolAnswer::new(
        text,
        json!({"file": path, "scope": place.name(), "lines": []}),
    )
}

fn answer(call: &McpCall, report: &BlameReport, path: &str, place: &CallScope) -> ToolAnswer {
    let now = call.local_time();
    let fitted = fit(&report.lines, call.budget().keep_back(160), |_, lines| {
        write(lines, &now)
    });
    let mut text = Markup::new();
    text.open("blame", &[("note", &QUOTED_NOTE)])
        .fixed("\n")
        .element("file", cut(path, 300))
        .fixed("\n")
        .element("edits_known", report.edits)
        .fixed("\n")
        .append_all(&fitted.lines)
        .close("blame");
    let mut answer = ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE, "file": cut(path, 300), "scope": place.name(),
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

fn write(lines: &BlamedLines, now: &Zoned) -> (Markup, Value) {
    let first = lines
        .text
        .lines()
        .map(str::trim)
        .find(|text| !text.is_empty());
    let first = cut(&line(first.unwrap_or_default()), MAX_LINE_CHARS);
    let range = if lines.first == lines.last {
        lines.first.to_string()
    } else {
        format!("{}-{}", lines.first, lines.last)
    };
    let mut text = Markup::new();
    text.open("lines", &[("range", &range)])
        .fixed("\n")
        .short("text", &first, MAX_LINE_CHARS);
    let mut value = json!({"lines": range, "text": first});
    match &lines.source {
        LineSource::Written(written) => of_call(written, now, &mut text, &mut value),
        LineSource::Commit(commit) => {
            let hash = commit.hash.get(..12).unwrap_or(&commit.hash);
            let who = format!(
                "{hash} {} {}: {}",
                when::date(commit.time, now),
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

fn of_call(written: &WritingCall, now: &Zoned, text: &mut Markup, value: &mut Value) {
    let evidence = written.evidence.join("; ");
    let commit = written.commit.as_ref();
    let commit = commit.map(|commit| commit.hash.get(..12).unwrap_or(&commit.hash).to_owned());
    for (name, part) in [
        ("cid", written.conversation.as_str()),
        ("id", &written.message),
        ("tool", &written.tool),
        (
            "date",
            &written
                .time
                .map(|time| when::date(time, now))
                .unwrap_or_default(),
        ),
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
    value["time"] = json!(when::time(written.time));
    value["title"] = json!(cut(&line(&written.title), 80));
    value["certainty"] = json!(written.certainty.name());
    value["evidence"] = json!(cut(&line(&evidence), 160));
    value["commit"] = json!(commit);
}
