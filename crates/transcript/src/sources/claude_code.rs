//! Claude Code: one file a session, one record a content block, sub-agents in files of their own.
//!
//! Must not know where the files are found nor what becomes of the messages.

use crate::lines::LineReader;
use crate::path::file_name;
use crate::probe::{RecordProbe, is_blank, judge};
use crate::{
    FileHint, Framing, LogFiles, LogReader, LogRoots, LoggedEdit, Retention, RootVariable, Source,
    SourceFormat, SourceTool, ToolCall, ToolResult,
};

mod file;
mod record;
mod queue;
mod state;
mod text;
mod parts;
mod detail;
mod edits;
mod session;

/// The source `claude-code`: Claude Code's session files, `projects/**/*.jsonl` below `~/.claude`.
pub const SOURCE: Source = Source::new(&ClaudeCode);

/// See [`SOURCE`].
struct ClaudeCode;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "",
    suffix: ".jsonl",
    framing: Framing::Lines(reader),
}];

const LOG_ROOTS: LogRoots = LogRoots {
    about: "Directories of Claude Code, each with a `projects` directory in it. In the environment a \
            list is separated by commas.",
    defaults: &["~/.claude", "~/.config/claude"],
    variables: &[RootVariable {
        name: "CLAUDE_CONFIG_DIR",
        below: "",
    }],
    directories: &["projects"],
};

const LOG_RETENTION: Retention = Retention {
    default_days: 30,
    settings_file: "settings.json",
    setting: "cleanupPeriodDays",
};

impl SourceFormat for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn title(&self) -> &'static str {
        "Claude Code"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        if is_side_file(path) || !is_lines(path) {
            return false;
        }
        if is_blank(head) {
            return path.replace('\\', "/").contains("/.claude/projects/");
        }
        judge(head, is_ours).unwrap_or(false)
    }

    fn roots(&self) -> Option<&'static LogRoots> {
        Some(&LOG_ROOTS)
    }

    fn retention(&self) -> Option<&'static Retention> {
        Some(&LOG_RETENTION)
    }

    fn tools(&self) -> &'static [SourceTool] {
        edits::FILE_TOOLS
    }

    fn edits(&self, call: &ToolCall, result: Option<&ToolResult>) -> Vec<LoggedEdit> {
        edits::edits(call, result)
    }
}

fn reader(file: &FileHint, state: &str) -> Box<dyn LogReader> {
    let file = file::SessionFile::of(&file.path);
    Box::new(LineReader(session::SessionReader::new(file, state)))
}

fn is_lines(path: &str) -> bool {
    path.ends_with(".jsonl") || path.ends_with(".jsonl.zst")
}

/// Files beside the sessions that aren't sessions.
fn is_side_file(path: &str) -> bool {
    matches!(
        file_name(path),
        "history.jsonl" | "journal.jsonl" | "session_index.jsonl"
    )
}

/// Whether a record is of a session file; nothing if it could be anyone's.
fn is_ours(record: &RecordProbe) -> Option<bool> {
    if record.has("payload") || record.has("session_id") && !record.has("sessionId") {
        // Codex's records, and those that `claude --output-format stream-json` prints.
        return Some(false);
    }
    let is_signed = record.has("sessionId") || record.has("uuid") || record.has("timestamp");
    match record.kind() {
        "user" | "assistant" if record.has("message") => is_signed.then_some(true),
        "attachment" if record.has("attachment") => is_signed.then_some(true),
        "system" | "progress" | "queue-operation" | "mode" | "permission-mode" | "custom-title"
        | "agent-name" | "ai-title" | "last-prompt" | "pr-link" | "frame-link"
        | "bridge-session" | "worktree-state" | "relocated" => {
            record.has("sessionId").then_some(true)
        }
        "summary" => record.has("leafUuid").then_some(true),
        "file-history-snapshot" => record.has("snapshot").then_some(true),
        _ => None,
    }
}
