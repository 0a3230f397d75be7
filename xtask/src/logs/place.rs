//! How large a session is to be, what it is called and where its file is written.

use std::path::{Path, PathBuf};

use super::project::Project;
use super::record::uuid;
use super::rng::Rng;

/// How large a session is and when it starts.
pub(super) struct SessionShape {
    /// Bytes of its file.
    pub(super) bytes: usize,
    /// Milliseconds since 1970.
    pub(super) start: i64,
    /// Whether many small files are wanted: no side files then.
    pub(super) small: bool,
}

/// Where a Claude Code session of this id is written.
pub(super) fn claude_file(out: &Path, project: &Project, session: &str) -> PathBuf {
    out.join("claude/projects")
        .join(project.slug())
        .join(format!("{session}.jsonl"))
}

/// Writes a file and the directories above it; returns its size.
pub(super) fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<u64> {
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    fs_err::write(path, bytes)?;
    Ok(bytes.len() as u64)
}

/// A session's id.
pub(super) fn session_id(rng: &mut Rng) -> String {
    uuid(rng)
}
