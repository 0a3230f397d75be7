//! What Claude Code's tools do to files: which they are, and the edits in their arguments and in what
//! the harness kept of their results.

use serde::Deserialize;

use crate::{
    LineSign, LoggedChange, LoggedEdit, PatchedPart, SourceTool, TextSwap, ToolCall, ToolEffect,
    ToolResult,
};

/// The tools that touch files.
pub(super) const FILE_TOOLS: &[SourceTool] = &[
    SourceTool::new("Edit", ToolEffect::Edit),
    SourceTool::new("MultiEdit", ToolEffect::Edit),
    SourceTool::new("Write", ToolEffect::Edit),
    SourceTool::new("NotebookEdit", ToolEffect::Edit),
    SourceTool::new("Read", ToolEffect::Read),
    SourceTool::new("NotebookRead", ToolEffect::Read),
    SourceTool::new("Grep", ToolEffect::Read),
    SourceTool::new("Glob", ToolEffect::Read),
    SourceTool::new("LS", ToolEffect::Read),
    SourceTool::new("Bash", ToolEffect::Command),
    SourceTool::new("PowerShell", ToolEffect::Command),
];

/// What a call did to its file.
pub(super) fn edits(call: &ToolCall, result: Option<&ToolResult>) -> Vec<LoggedEdit> {
    let Ok(input) = serde_json::from_str::<EditArguments>(&call.input) else {
        return Vec::new();
    };
    let detail = result.and_then(|result| result.detail.as_deref());
    let detail = detail
        .and_then(|detail| serde_json::from_str::<EditDetail>(detail).ok())
        .unwrap_or_default();
    edited(&call.name, input, detail).into_iter().collect()
}

fn edited(tool: &str, input: EditArguments, detail: EditDetail) -> Option<LoggedEdit> {
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
                LoggedChange::Swaps(vec![TextSwap { old, new, all }]),
                asked,
                "new_string",
            )
        }
        "MultiEdit" => {
            let asked: Vec<&str> = input.edits.iter().map(|swap| swap.new.as_str()).collect();
            let asked = asked.join("\n");
            (LoggedChange::Swaps(input.edits), asked, "new_string")
        }
        "Write" => (
            LoggedChange::Whole(input.content?),
            String::new(),
            "content",
        ),
        "NotebookEdit" if input.edit_mode.as_deref() == Some("delete") => return None,
        "NotebookEdit" => (
            LoggedChange::Scraps(cell(&input.new_source?)),
            String::new(),
            "new_source",
        ),
        _ => return None,
    };
    let patch: Vec<PatchedPart> = detail.patch.into_iter().map(Into::into).collect();
    // Only the patch tells what a person made of the edit. Elsewhere it is made for the eye, and
    // the strings are what was written.
    let is_changed = detail.user_modified && !patch.is_empty();
    let change = if is_changed {
        LoggedChange::Hunks(patch.clone())
    } else {
        change
    };
    let mut edit = LoggedEdit::new(path, change, part);
    edit.asked = is_changed.then_some(asked);
    edit.before = before;
    edit.patch = patch;
    Some(edit)
}

/// What a text was before a patch led to it; nothing where there is no patch, or another one.
fn unpatched(text: &str, patch: &[DetailHunk]) -> Option<String> {
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

/// The arguments of all tools that edit.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EditArguments {
    file_path: Option<String>,
    notebook_path: Option<String>,
    old_string: Option<String>,
    new_string: Option<String>,
    replace_all: bool,
    edits: Vec<TextSwap>,
    content: Option<String>,
    new_source: Option<String>,
    edit_mode: Option<String>,
}

/// What the harness kept of an edit.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EditDetail {
    #[serde(rename = "originalFile")]
    original: Option<String>,
    #[serde(rename = "originalFileContents")]
    originals: Option<String>,
    #[serde(rename = "structuredPatch")]
    patch: Vec<DetailHunk>,
    #[serde(rename = "userModified")]
    user_modified: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A hunk of the patch that the harness shows.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DetailHunk {
    old_start: usize,
    old_lines: usize,
    new_start: usize,
    new_lines: usize,
    lines: Vec<String>,
}

impl From<DetailHunk> for PatchedPart {
    fn from(hunk: DetailHunk) -> Self {
        let mark = |line: String| match line.as_bytes().first() {
            Some(b'+') => Some((LineSign::Added, line[1..].to_owned())),
            Some(b'-') => Some((LineSign::Removed, line[1..].to_owned())),
            Some(b' ') => Some((LineSign::Kept, line[1..].to_owned())),
            Some(b'\\') => None,
            _ => Some((LineSign::Kept, line)),
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
