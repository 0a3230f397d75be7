//! Where hooks tell what went wrong, since nobody else may hear it. No text of conversations gets in.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use wire::when;

use crate::clock;

/// Bytes after which the log starts anew, the one before being kept beside it.
const MAX_LOG_BYTES: u64 = 256 << 10;
/// Characters of one line.
const MAX_LINE_CHARACTERS: usize = 400;

/// The log of hooks.
#[derive(Clone)]
pub(super) struct HookLog(Option<PathBuf>);

impl HookLog {
    /// The log in a directory; without one nothing is kept.
    pub(super) fn new(directory: Option<&Path>) -> Self {
        Self(directory.map(|directory| directory.join("hook.log")))
    }

    /// Adds a line; where it can't be added it is lost.
    pub(super) fn note(&self, event: &str, what: &str) {
        let Some(path) = &self.0 else { return };
        let time = when::rfc3339(clock::millis()).unwrap_or_default();
        let line: String = format!("{event}: {what}")
            .chars()
            .take(MAX_LINE_CHARACTERS)
            .collect();
        let line = crate::output::text::one_line(&line);
        let _ = append(path, &format!("{time} {line}\n"));
    }
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        files::create_private_dir(directory)?;
    }
    if fs_err::metadata(path).is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
        files::rename(path, &path.with_extension("log.1"))?;
    }
    files::open_append(path)?.write_all(line.as_bytes())
}
