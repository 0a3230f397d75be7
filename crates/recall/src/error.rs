//! What can go wrong, one variant for each decision that a caller makes.

use std::path::PathBuf;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with the archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database file is not one of ours.
    #[error("`{}` is not a Lorekeep archive", .0.display())]
    Foreign(PathBuf),
    /// A newer Lorekeep wrote the archive.
    #[error("archive `{}` has schema version {found}, newer than the {known} that this program knows", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// The schema version that the database has.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// An older Lorekeep wrote the archive, and it was opened only to be read.
    #[error("archive `{}` has schema version {found}, older than {known}", path.display())]
    Older {
        /// The database.
        path: PathBuf,
        /// The schema version that the database has.
        found: i64,
        /// The version known here.
        known: i64,
    },
    /// The archive is damaged.
    #[error("archive is damaged: {0}")]
    Damaged(String),
    /// Another process kept the archive locked for too long.
    #[error("archive is locked by another process")]
    Locked,
    /// The disk is full.
    #[error("no space left for the archive")]
    Full,
    /// No project of this name.
    #[error("no project `{name}`")]
    NoProject {
        /// The name as given.
        name: String,
        /// The names most like it.
        near: Vec<String>,
    },
    /// Several projects go by this name.
    #[error("project `{name}` is ambiguous")]
    AmbiguousProject {
        /// The name as given.
        name: String,
        /// Names that tell them apart.
        candidates: Vec<String>,
    },
    /// No conversation of this id, or none in the scope: nothing tells one from the other.
    #[error("no conversation `{0}`")]
    NoConversation(String),
    /// Several conversations start with this id.
    #[error("conversation `{id}` is ambiguous")]
    AmbiguousConversation {
        /// The id as given.
        id: String,
        /// Some that start so.
        candidates: Vec<String>,
    },
    /// No message of this id.
    #[error("no message `{0}`")]
    NoMessage(String),
    /// No messages of these ids, nor reflections.
    #[error("no message or reflection {}", listed(.0))]
    NoMessages(Vec<String>),
    /// Messages of several sources go by this id.
    #[error("message `{id}` is ambiguous")]
    AmbiguousMessage {
        /// The id as given.
        id: String,
        /// Ids that tell them apart.
        candidates: Vec<String>,
    },
    /// No reflection of this id.
    #[error("no reflection `{0}`")]
    NoReflection(String),
    /// Several reflections start with this id.
    #[error("reflection `{id}` is ambiguous")]
    AmbiguousReflection {
        /// The id as given.
        id: String,
        /// Some that start so.
        candidates: Vec<String>,
    },
    /// What is to be kept couldn't be checked.
    #[error("the guard `{0}` failed, and what isn't checked isn't kept")]
    Unchecked(String),
    /// Something that must say something is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Something is longer than it may be.
    #[error("{what} has {found} {unit}")]
    TooLong {
        /// What.
        what: &'static str,
        /// How long it is.
        found: usize,
        /// How long it may be.
        limit: usize,
        /// Of what.
        unit: &'static str,
    },
    /// A file is not the store of Self-Reflect that it was given as.
    #[error("`{}` is not a database of Self-Reflect", .0.display())]
    NotSelfReflect(PathBuf),
    /// A foreign store holds more than is taken, or doesn't end.
    #[error("the store holds more than {0}, nothing of it was imported")]
    StoreTooLarge(String),
    /// The query can't be searched for.
    #[error("can't search for this: {0}")]
    Query(String),
    /// The file has no such line.
    #[error("no line {line}: the file has {count}")]
    NoLine {
        /// The line, from 1.
        line: u32,
        /// How many there are.
        count: usize,
    },
    /// The revision names no commit of the file's repository.
    #[error("no commit `{0}`")]
    NoCommit(String),
    /// The file isn't in the commit.
    #[error("`{}` is not in this commit", .0.display())]
    NotCommitted(PathBuf),
    /// There is no such file on disk.
    #[error("no file `{}`", .0.display())]
    NoFile(PathBuf),
    /// The file has no lines of text.
    #[error("`{}` is no text", .0.display())]
    NoText(PathBuf),
    /// The file is too long to be looked at.
    #[error("`{}` has more than {lines} lines, or is too large", file.display())]
    FileTooLong {
        /// The file.
        file: PathBuf,
        /// How many lines there may be.
        lines: usize,
    },
    /// A semantic search without a model.
    #[error("no embedding model for a semantic search")]
    NoModel,
    /// The embedding model failed.
    #[error(transparent)]
    Embed(#[from] embed::Error),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[source] rusqlite::Error),
    /// What holds the vectors failed: a [`VectorIndex`](crate::VectorIndex) outside of the archive. What
    /// was asked for may be found by words alone.
    #[error("vector index: {0}")]
    VectorIndex(String),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What an error means to whoever asked, whatever failed inside: exit codes, HTTP statuses and the
/// codes of protocols follow from it, and only from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request can't be served as it is: another argument is needed, not another try.
    Invalid,
    /// A name or the start of an id fits several things; a longer one is needed.
    Ambiguous,
    /// What the request names by its id isn't there, or isn't there for whoever asks.
    NotFound,
    /// Another process holds what is needed; the same request may succeed later.
    Busy,
    /// The file was written by another version or another program.
    Unsupported,
    /// What is kept on disk isn't as it was written.
    Damaged,
    /// The system refuses access to a file.
    Forbidden,
    /// The disk is full.
    NoSpace,
    /// Something that the request needs isn't there yet or can't be reached, such as the model.
    Unavailable,
    /// Whoever asked wants no answer any more.
    Cancelled,
    /// Anything else: nobody who asked can do anything about it.
    Internal,
}

impl ErrorClass {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Invalid,
        Self::Ambiguous,
        Self::NotFound,
        Self::Busy,
        Self::Unsupported,
        Self::Damaged,
        Self::Forbidden,
        Self::NoSpace,
        Self::Unavailable,
        Self::Cancelled,
        Self::Internal,
    ];
}

impl From<&embed::Error> for ErrorClass {
    fn from(error: &embed::Error) -> Self {
        use embed::Error as Embed;
        match error {
            Embed::NotFetched { .. } | Embed::Download { .. } => Self::Unavailable,
            Embed::Damaged { .. } => Self::Damaged,
            Embed::Disk(error) => Self::from(error),
            _ => Self::Internal,
        }
    }
}

impl From<&std::io::Error> for ErrorClass {
    fn from(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Forbidden,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::NoSpace,
            _ => Self::Internal,
        }
    }
}

impl Error {
    /// What the error means to whoever asked.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::NoProject { .. }
            | Self::Empty(_)
            | Self::TooLong { .. }
            | Self::NotSelfReflect(_)
            | Self::StoreTooLarge(_)
            | Self::Query(_)
            | Self::NoLine { .. }
            | Self::NoCommit(_)
            | Self::NotCommitted(_)
            | Self::NoFile(_)
            | Self::NoText(_)
            | Self::FileTooLong { .. } => ErrorClass::Invalid,
            Self::AmbiguousProject { .. }
            | Self::AmbiguousConversation { .. }
            | Self::AmbiguousMessage { .. }
            | Self::AmbiguousReflection { .. } => ErrorClass::Ambiguous,
            Self::NoConversation(_)
            | Self::NoMessage(_)
            | Self::NoMessages(_)
            | Self::NoReflection(_) => ErrorClass::NotFound,
            Self::Locked => ErrorClass::Busy,
            Self::Full => ErrorClass::NoSpace,
            Self::Foreign(_) | Self::Newer { .. } | Self::Older { .. } => ErrorClass::Unsupported,
            Self::Damaged(_) => ErrorClass::Damaged,
            Self::NoModel | Self::VectorIndex(_) => ErrorClass::Unavailable,
            Self::Embed(error) => error.into(),
            Self::Io(error) => error.into(),
            Self::Unchecked(_) | Self::Database(_) => ErrorClass::Internal,
        }
    }
}

/// Names in backticks, with commas between.
fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}
