//! The reader of a session file at one place in it. Must not know which records there are.

use crate::names::SharedName;
use crate::sources::claude_code::file::SessionFile;
use crate::sources::claude_code::state::SessionState;

/// The reader of a session file.
pub(in crate::sources::claude_code) struct SessionReader {
    pub(super) file: SessionFile,
    pub(super) memo: SessionState,
    pub(super) conversation: SharedName,
    pub(super) agent: SharedName,
    pub(super) turn: SharedName,
    pub(super) cwd: SharedName,
    pub(super) branch: SharedName,
    pub(super) model: SharedName,
}

impl SessionReader {
    pub(in crate::sources::claude_code) fn new(file: SessionFile, state: &str) -> Self {
        Self {
            file,
            memo: SessionState::of(state),
            conversation: SharedName::default(),
            agent: SharedName::default(),
            turn: SharedName::default(),
            cwd: SharedName::default(),
            branch: SharedName::default(),
            model: SharedName::default(),
        }
    }
}
