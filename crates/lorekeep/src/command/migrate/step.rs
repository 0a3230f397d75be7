//! What becomes of the things of another program.

use std::path::{Path, PathBuf};

/// What becomes of one thing of the other program's.
pub(super) struct MoveStep {
    /// What it is: a path below its directory, or words.
    pub(super) what: String,
    pub(super) fate: MoveFate,
    /// What is done for it; nothing for what stays or is dropped.
    pub(super) work: Option<MoveWork>,
}

/// What becomes of something, and more about it.
pub(super) enum MoveFate {
    /// It moves, to where or as what.
    Moves(String),
    /// It is there already.
    Known,
    /// It stays where it is, and why.
    Stays(String),
    /// It is dropped on purpose, and why.
    Dropped(&'static str),
    /// It can't be moved, and why.
    Failed(String),
}

/// What is done for a step.
pub(super) enum MoveWork {
    /// A file is written where there is none.
    Copy { to: PathBuf, bytes: Vec<u8> },
    /// A character is taken in, under a name.
    Character { name: String, bytes: Vec<u8> },
    /// Conversations are imported, as lines of the generic format; a file marks that they were.
    Conversations { mark: PathBuf, lines: String },
    /// Facts are kept.
    Facts(Vec<recall::NewFact>),
}

impl MoveFate {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Moves(_) => "moves",
            Self::Known => "there already",
            Self::Stays(_) => "stays",
            Self::Dropped(_) => "dropped",
            Self::Failed(_) => "can't move",
        }
    }

    pub(super) fn more(&self) -> &str {
        match self {
            Self::Known => "",
            Self::Dropped(why) => why,
            Self::Moves(more) | Self::Stays(more) | Self::Failed(more) => more,
        }
    }
}

impl MoveStep {
    pub(super) fn new(what: impl Into<String>, fate: MoveFate) -> Self {
        Self {
            what: what.into(),
            fate,
            work: None,
        }
    }

    pub(super) fn doing(self, work: MoveWork) -> Self {
        Self {
            work: Some(work),
            ..self
        }
    }
}

/// A path as it is told: below the directory that was named.
pub(super) fn below(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}
