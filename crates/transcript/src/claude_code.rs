//! Claude Code: one file a session, one record a content block, sub-agents in files of their own.
//!
//! Must not know where the files are found nor what becomes of the messages.

use crate::lines::LineReader;
use crate::probe::{Probe, is_blank, judge};
use crate::wire::{file_name, stem};
use crate::{FileHint, Importer, Reader, Source};

mod detail;
mod memo;
mod parts;
mod session;
mod text;
mod wire;

/// The importer of [`Source::ClaudeCode`].
pub(crate) struct ClaudeCode;

impl Importer for ClaudeCode {
    fn source(&self) -> Source {
        Source::ClaudeCode
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

    fn reader(&self, file: &FileHint, state: &str) -> Box<dyn Reader> {
        Box::new(LineReader(session::Session::new(
            SessionFile::of(&file.path),
            state,
        )))
    }
}

/// What a file's path says of its session.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SessionFile {
    /// The session, where records don't say: the file's name, or for a sub-agent's file the
    /// directory of its parent.
    session: Option<String>,
    /// The sub-agent whose file it is.
    agent: Option<String>,
    /// Whether it is the helper that writes compaction summaries: what it reads is a copy of its
    /// parent's conversation, and what it writes the parent's file has too.
    is_compaction: bool,
}

impl SessionFile {
    fn of(path: &str) -> Self {
        let Some(agent) = stem(path).strip_prefix("agent-") else {
            return Self {
                session: Some(stem(path).to_owned()),
                ..Self::default()
            };
        };
        let mut directories = path.split(['/', '\\']);
        let mut session = None;
        while let Some(directory) = directories.next() {
            let mut after = directories.clone();
            if after.next() == Some("subagents") {
                session = Some(directory.to_owned());
            }
        }
        let is_compaction = agent.starts_with("acompact-");
        Self {
            session,
            agent: Some(agent.to_owned()),
            is_compaction,
        }
    }
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
fn is_ours(record: &Probe) -> Option<bool> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_sessions_and_agents() {
        let file = SessionFile::of(
            "C:\\Users\\x\\.claude\\projects\\C--p\\abc\\subagents\\agent-a1.jsonl",
        );
        assert_eq!(file.session.as_deref(), Some("abc"));
        assert_eq!(file.agent.as_deref(), Some("a1"));
        let file =
            SessionFile::of("/h/.claude/projects/-p/s/subagents/workflows/w1/agent-b2.jsonl");
        assert_eq!(file.session.as_deref(), Some("s"));
        assert!(SessionFile::of("p/agent-acompact-12.jsonl").is_compaction);
        assert_eq!(SessionFile::of("p/agent-c.jsonl").session, None);
        assert_eq!(
            SessionFile::of("p/abc.jsonl.zst").session.as_deref(),
            Some("abc")
        );
    }
}
