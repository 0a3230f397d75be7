//! Codex CLI: one file a session (a "rollout"), each line an event or an item of the model's
//! context, with the same texts in both streams.
//!
//! Must not know where the files are found nor what becomes of the messages.

use crate::lines::LineReader;
use crate::path::file_name;
use crate::probe::{RecordProbe, is_blank, judge};
use crate::{
    FileHint, Framing, LogFiles, LogReader, LogRoots, ResultEdits, RootVariable, Source,
    SourceFormat, SourceTool, ToolResult,
};

mod record;
mod state;
mod text;
mod edits;
mod shell;
mod tools;
mod rollout;

/// The source `codex`: Codex CLI's rollout files, `*.jsonl` in `sessions` and `archived_sessions` below
/// `~/.codex`.
pub const SOURCE: Source = Source::new(&Codex);

/// See [`SOURCE`].
struct Codex;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "",
    suffix: ".jsonl",
    framing: Framing::Lines(reader),
}];

const LOG_ROOTS: LogRoots = LogRoots {
    about: "Directories of Codex, each with a `sessions` directory in it.",
    defaults: &["~/.codex"],
    variables: &[RootVariable {
        name: "CODEX_HOME",
        below: "",
    }],
    directories: &["sessions", "archived_sessions", "session_index.jsonl"],
};

impl SourceFormat for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn title(&self) -> &'static str {
        "Codex"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let name = file_name(path);
        let is_lines = name.ends_with(".jsonl") || name.ends_with(".jsonl.zst");
        if !is_lines || name == "history.jsonl" {
            return false;
        }
        if is_blank(head) {
            return name.starts_with("rollout-");
        }
        judge(head, is_ours).unwrap_or(false)
    }

    fn roots(&self) -> Option<&'static LogRoots> {
        Some(&LOG_ROOTS)
    }

    fn tools(&self) -> &'static [SourceTool] {
        edits::FILE_TOOLS
    }

    fn result_edits(&self, result: &ToolResult) -> Option<ResultEdits> {
        let edits = edits::applied(result.detail.as_deref()?);
        (!edits.is_empty()).then_some(ResultEdits {
            tool: edits::APPLY_PATCH,
            edits,
        })
    }
}

fn reader(file: &FileHint, state: &str) -> Box<dyn LogReader> {
    Box::new(LineReader(rollout::RolloutReader::new(&file.path, state)))
}

/// Whether a record is of a rollout file; nothing if it could be anyone's.
fn is_ours(record: &RecordProbe) -> Option<bool> {
    let kind = record.kind();
    if record.has("sessionId") || kind.starts_with("item.") || kind == "thread.started" {
        // Claude Code's records, and those that `codex exec --json` prints.
        return Some(false);
    }
    if record.has("payload") {
        let known = matches!(
            kind,
            "session_meta"
                | "response_item"
                | "event_msg"
                | "turn_context"
                | "compacted"
                | "world_state"
        );
        return known.then_some(true);
    }
    let is_timed = record.has("timestamp") || record.has("created_at");
    let is_speech = matches!(record.role(), "user" | "assistant");
    match kind {
        // A header from before records had envelopes, a title of the session index, or a message.
        "" if record.has("id") && is_timed && record.has("instructions") => Some(true),
        "" if record.has("id") && record.has("thread_name") => Some(true),
        "" if is_speech && is_timed && !record.has("conversation") => Some(true),
        "message" if is_speech && record.has("content") => Some(true),
        "function_call" if record.has("call_id") && record.has("arguments") => Some(true),
        _ => None,
    }
}
