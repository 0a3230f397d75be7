//! What a tool call wrote into files, by its arguments and what the harness kept of its result. Must
//! not know which file is looked for.

use serde::Deserialize;
use serde_json::Value;
use transcript::{ToolCall, ToolResult};

use super::patch::{self, FilePatch, Hunk, Sign, What};
use super::shell;

/// What a call did to one file.
#[derive(Debug)]
pub(super) struct Write {
    /// The path as the call has it.
    pub(super) path: String,
    pub(super) change: Change,
    /// The file as it was before, if the harness kept it.
    pub(super) before: Option<String>,
    /// The text that the call asked for, where a person changed it before it was written.
    pub(super) asked: Option<String>,
    /// The same as a patch, which tells the place too.
    pub(super) patch: Vec<Hunk>,
    /// What the lines stand in.
    pub(super) part: &'static str,
    /// Whether the text came into the file as it stands there.
    pub(super) is_exact: bool,
}

/// See [`Write`].
#[derive(Debug)]
pub(super) enum Change {
    /// The file is this text now.
    Whole(String),
    /// This text follows what was there.
    Append(String),
    Swaps(Vec<Swap>),
    Hunks(Vec<Hunk>),
    /// The file is gone.
    Gone,
    /// Some of these lines may stand in the file.
    Scraps(Vec<String>),
}

/// A text in place of another.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Swap {
    #[serde(rename = "old_string")]
    pub(super) old: String,
    #[serde(rename = "new_string")]
    pub(super) new: String,
    #[serde(rename = "replace_all")]
    pub(super) all: bool,
}

impl Write {
    pub(super) fn new(path: impl Into<String>, change: Change, part: &'static str) -> Self {
        Self {
            path: path.into(),
            change,
            before: None,
            asked: None,
            patch: Vec::new(),
            part,
            is_exact: true,
        }
    }
}

/// Names of tools that run a command line.
pub(super) const SHELLS: [&str; 8] = [
    "Bash",
    "PowerShell",
    "shell",
    "shell_command",
    "exec_command",
    "local_shell",
    "container.exec",
    "run_shell_command",
];

/// What a call wrote, file by file. Renames are told as the old name's end and the new one's patch.
pub(super) fn writes(call: &ToolCall, result: Option<&ToolResult>) -> Vec<Write> {
    if call.input.contains("*** Begin Patch") {
        let mut patches = Vec::new();
        if let Ok(input) = serde_json::from_str::<Value>(&call.input) {
            strings(&input, 0, &mut |text| patches.extend(patch::files(text)));
        }
        return patches.into_iter().flat_map(patched).collect();
    }
    if SHELLS.contains(&call.name.as_str()) {
        let command = command(&call.input).unwrap_or_default();
        return shell::writes(&command);
    }
    let Ok(input) = serde_json::from_str::<Input>(&call.input) else {
        return Vec::new();
    };
    let detail = result.and_then(|result| result.detail.as_deref());
    let detail = detail
        .and_then(|detail| serde_json::from_str::<Detail>(detail).ok())
        .unwrap_or_default();
    edited(&call.name, input, detail).into_iter().collect()
}

fn edited(tool: &str, input: Input, detail: Detail) -> Option<Write> {
    let path = input.file_path.or(input.notebook_path)?;
    let mut before = detail.original.or(detail.originals);
    if tool == "Write" && before.is_none() {
        before = match detail.kind.as_deref() {
            Some("create") => Some(String::new()),
            _ => unpatched(input.content.as_deref().unwrap_or_default(), &detail.patch),
        };
    }
    let (change, asked, part) = match tool {
        "Edit" => {
            let (old, new) = (input.old_string?, input.new_string?);
            let all = input.replace_all;
            let asked = new.clone();
            (
                Change::Swaps(vec![Swap { old, new, all }]),
                asked,
                "new_string",
            )
        }
        "MultiEdit" => {
            let asked: Vec<&str> = input.edits.iter().map(|swap| swap.new.as_str()).collect();
            let asked = asked.join("\n");
            (Change::Swaps(input.edits), asked, "new_string")
        }
        "Write" => (Change::Whole(input.content?), String::new(), "content"),
        "NotebookEdit" if input.edit_mode.as_deref() == Some("delete") => return None,
        "NotebookEdit" => (
            Change::Scraps(cell(&input.new_source?)),
            String::new(),
            "new_source",
        ),
        _ => return None,
    };
    let patch: Vec<Hunk> = detail.patch.into_iter().map(Into::into).collect();
    // Only the patch tells what a person made of the edit. Elsewhere it is made for the eye, and
    // the strings are what was written.
    let is_changed = detail.user_modified && !patch.is_empty();
    let change = if is_changed {
        Change::Hunks(patch.clone())
    } else {
        change
    };
    let mut write = Write::new(path, change, part);
    write.asked = is_changed.then_some(asked);
    write.before = before;
    write.patch = patch;
    Some(write)
}

/// What a text was before a patch led to it; nothing where there is no patch, or another one.
fn unpatched(text: &str, patch: &[PatchHunk]) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut before: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    for hunk in patch {
        let from = hunk
            .new_start
            .saturating_sub(usize::from(hunk.new_lines > 0));
        before.extend(lines.get(at..from)?);
        at = from;
        for line in &hunk.lines {
            match line.as_bytes().first() {
                Some(b'-') => before.push(&line[1..]),
                Some(b'\\') => {}
                Some(b'+') => at += 1,
                // The patch is made for the eye: the text itself has the true white space.
                _ => {
                    before.push(lines.get(at)?);
                    at += 1;
                }
            }
        }
    }
    before.extend(lines.get(at..)?);
    (!patch.is_empty()).then(|| before.join("\n"))
}

/// The lines of a notebook's file that hold a cell: strings of JSON.
fn cell(source: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in source.split_inclusive('\n') {
        let json = serde_json::to_string(line).unwrap_or_default();
        // The last line of a cell has no comma; which one will be the last, nobody knows yet.
        let comma = if line.ends_with('\n') { "," } else { "" };
        lines.push(format!("    {json}{comma}"));
    }
    lines
}

/// Old and new names of the files that a call moves.
pub(super) fn renames(call: &ToolCall) -> Vec<(String, String)> {
    if SHELLS.contains(&call.name.as_str()) && !call.input.contains("*** Begin Patch") {
        return command(&call.input)
            .map(|line| shell::renames(&line))
            .unwrap_or_default();
    }
    let mut renames = Vec::new();
    if call.input.contains("*** Move to: ")
        && let Ok(input) = serde_json::from_str::<Value>(&call.input)
    {
        strings(&input, 0, &mut |text| {
            let files = patch::files(text).into_iter();
            renames.extend(files.filter_map(|file| Some((file.path, file.moved_to?))));
        });
    }
    renames
}

fn patched(file: FilePatch) -> Vec<Write> {
    let change = match file.what {
        What::Add(content) => Change::Whole(content),
        What::Update(hunks) => Change::Hunks(hunks),
        What::Delete => Change::Gone,
    };
    vec![Write::new(
        file.moved_to.unwrap_or(file.path),
        change,
        "patch",
    )]
}

/// What an event says of a patch: the changes by path.
pub(super) fn applied(detail: &str) -> Vec<Write> {
    let Ok(Value::Object(files)) = serde_json::from_str(detail) else {
        return Vec::new();
    };
    files
        .into_iter()
        .filter_map(|(path, change)| applied_to(path, &change))
        .collect()
}

/// `{"type": "add", "content": …}`, or `{"add": {"content": …}}` of older versions.
fn applied_to(path: String, change: &Value) -> Option<Write> {
    let kind = match change.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None => change.as_object()?.keys().next()?,
    };
    let body = change.get(kind).unwrap_or(change);
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let (path, change) = match kind {
        "add" => (path, Change::Whole(text("content")?.to_owned())),
        "update" => {
            let hunks = patch::unified(text("unified_diff")?);
            (
                text("move_path").map_or(path, str::to_owned),
                Change::Hunks(hunks),
            )
        }
        "delete" => (path, Change::Gone),
        _ => return None,
    };
    Some(Write::new(path, change, "patch"))
}

/// The command line of a shell's call.
pub(super) fn command(input: &str) -> Option<String> {
    let input: Value = serde_json::from_str(input).ok()?;
    let line = ["command", "cmd", "script"]
        .iter()
        .find_map(|key| input.get(key))
        .unwrap_or(&input);
    match line {
        Value::String(line) => Some(line.clone()),
        Value::Array(parts) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            match parts[..] {
                [_, flag, script] if flag.starts_with('-') && flag.ends_with('c') => {
                    Some(script.to_owned())
                }
                _ => Some(parts.join(" ")),
            }
        }
        _ => None,
    }
}

/// Deeper values than this hold no patch.
const MAX_DEPTH: usize = 8;

fn strings(value: &Value, depth: usize, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) if depth < MAX_DEPTH => {
            items.iter().for_each(|item| strings(item, depth + 1, each));
        }
        Value::Object(entries) if depth < MAX_DEPTH => {
            entries
                .values()
                .for_each(|entry| strings(entry, depth + 1, each));
        }
        _ => {}
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    file_path: Option<String>,
    notebook_path: Option<String>,
    old_string: Option<String>,
    new_string: Option<String>,
    replace_all: bool,
    edits: Vec<Swap>,
    content: Option<String>,
    new_source: Option<String>,
    edit_mode: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(rename = "originalFile")]
    original: Option<String>,
    #[serde(rename = "originalFileContents")]
    originals: Option<String>,
    #[serde(rename = "structuredPatch")]
    patch: Vec<PatchHunk>,
    #[serde(rename = "userModified")]
    user_modified: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PatchHunk {
    old_start: usize,
    old_lines: usize,
    new_start: usize,
    new_lines: usize,
    lines: Vec<String>,
}

impl From<PatchHunk> for Hunk {
    fn from(hunk: PatchHunk) -> Self {
        let mark = |line: String| match line.as_bytes().first() {
            Some(b'+') => Some((Sign::Added, line[1..].to_owned())),
            Some(b'-') => Some((Sign::Removed, line[1..].to_owned())),
            Some(b' ') => Some((Sign::Kept, line[1..].to_owned())),
            Some(b'\\') => None,
            _ => Some((Sign::Kept, line)),
        };
        let lines = hunk.lines.into_iter().filter_map(mark).collect();
        let before = usize::from(hunk.old_lines > 0);
        Self {
            at: Some(hunk.old_start.saturating_sub(before)),
            after: None,
            lines,
        }
    }
}
