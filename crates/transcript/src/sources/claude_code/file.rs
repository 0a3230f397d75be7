//! What the path of a session file says of its session. Must not look at the disk.

use crate::path::stem;

/// What a file's path says of its session.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SessionFile {
    /// The session, where records don't say: the file's name, or for a sub-agent's file the
    /// directory of its parent.
    pub(super) session: Option<String>,
    /// The sub-agent whose file it is.
    pub(super) agent: Option<String>,
    /// Whether it is the helper that writes compaction summaries: what it reads is a copy of its
    /// parent's conversation, and what it writes the parent's file has too.
    pub(super) is_compaction: bool,
}

impl SessionFile {
    pub(super) fn of(path: &str) -> Self {
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
