//! What Codex's tools do to files: which they are, and the edits that only an event tells.

use serde_json::Value;

use crate::edit::patch::unified;
use crate::{LoggedChange, LoggedEdit, SourceTool, ToolEffect};

/// The tool that takes patches.
pub(super) const APPLY_PATCH: &str = "apply_patch";

/// The tools that touch files.
pub(super) const FILE_TOOLS: &[SourceTool] = &[
    SourceTool::new(APPLY_PATCH, ToolEffect::Patch),
    SourceTool::new("shell", ToolEffect::Command),
    SourceTool::new("shell_command", ToolEffect::Command),
    SourceTool::new("exec_command", ToolEffect::Command),
    SourceTool::new("local_shell", ToolEffect::Command),
    SourceTool::new("container.exec", ToolEffect::Command),
    SourceTool::new("read_file", ToolEffect::Read),
    SourceTool::new("view_image", ToolEffect::Read),
    SourceTool::new("list_dir", ToolEffect::Read),
    SourceTool::new("grep_files", ToolEffect::Read),
];

/// What an event says of a patch: the changes by path.
pub(super) fn applied(detail: &str) -> Vec<LoggedEdit> {
    let Ok(Value::Object(files)) = serde_json::from_str(detail) else {
        return Vec::new();
    };
    files
        .into_iter()
        .filter_map(|(path, change)| applied_to(path, &change))
        .collect()
}

/// `{"type": "add", "content": …}`, or `{"add": {"content": …}}` of older versions.
fn applied_to(path: String, change: &Value) -> Option<LoggedEdit> {
    let kind = match change.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None => change.as_object()?.keys().next()?,
    };
    let body = change.get(kind).unwrap_or(change);
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let (path, change) = match kind {
        "add" => (path, LoggedChange::Whole(text("content")?.to_owned())),
        "update" => {
            let hunks = unified(text("unified_diff")?);
            (
                text("move_path").map_or(path, str::to_owned),
                LoggedChange::Hunks(hunks),
            )
        }
        "delete" => (path, LoggedChange::Gone),
        _ => return None,
    };
    Some(LoggedEdit::new(path, change, "patch"))
}
