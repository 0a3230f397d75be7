//! What can go wrong, one variant for each decision that a caller makes.

use std::path::PathBuf;

/// The result of what this crate does; without `E` the error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with the archive or with a request to it. Its text says what failed, in one line
/// without a full stop; [`Error::class`] says what it means to whoever asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file at this path is no SQLite database, or one of another program.
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
    /// The archive, or the key file beside it, isn't as it was written. The text says what was found;
    /// `verify` and `repair` ([`Archive::verify`](crate::Archive::verify)) are the next steps.
    #[error("archive is damaged: {0}")]
    Damaged(String),
    /// Another process kept the archive locked for longer than
    /// [`ArchiveOpener::lock_timeout`](crate::ArchiveOpener::lock_timeout).
    #[error("archive is locked by another process")]
    Locked,
    /// The disk is full.
    #[error("no space left for the archive")]
    Full,
    /// No project goes by this name, path or key.
    #[error("no project `{name}`")]
    NoProject {
        /// The name as given.
        name: String,
        /// Short names of projects that resemble it, the most similar first; at most 3, perhaps none.
        near: Vec<String>,
    },
    /// Several projects go by this name, and it is the short name of none.
    #[error("project `{name}` is ambiguous")]
    AmbiguousProject {
        /// The name as given.
        name: String,
        /// The short names of all of them, each of which means one project only.
        candidates: Vec<String>,
    },
    /// A project can't be merged into itself: both names mean the same one.
    #[error("`{from}` and `{into}` are the same project")]
    SameProject {
        /// The name of the one that was to be merged, as given.
        from: String,
        /// The name of the other, as given.
        into: String,
        /// The short name of the project that both mean.
        name: String,
    },
    /// Another project goes by the name that a project was to get.
    #[error("the name `{name}` is in use")]
    NameInUse {
        /// The name as given.
        name: String,
        /// The short name of the project that goes by it.
        project: String,
    },
    /// A project can't have this name.
    #[error("a project can't be called `{name}`: {why}")]
    BadName {
        /// The name as given.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// There is no merge and no name of a project to take back.
    #[error("no merge and no rename to undo")]
    NothingToUndo,
    /// No conversation has this id or an id that starts so, or none that lies in the scope. The two aren't
    /// told apart, so that nobody learns which conversations there are outside of a scope.
    #[error("no conversation `{0}`")]
    NoConversation(String),
    /// The ids of several conversations start so.
    #[error("conversation `{id}` is ambiguous")]
    AmbiguousConversation {
        /// The start of an id, as given.
        id: String,
        /// Whole ids that start so, at most 5.
        candidates: Vec<String>,
    },
    /// No message of the conversation, or none in the scope, has this id.
    #[error("no message `{0}`")]
    NoMessage(String),
    /// A conversation of the chat has another version than the one that a writer knows.
    #[error("the conversation was changed meanwhile: it has version {now}, and not {known}")]
    ChatChanged {
        /// The version that the writer knows.
        known: i64,
        /// The version that it has.
        now: i64,
    },
    /// No document has this id, an id that starts so, or this name or place.
    #[error("no document `{0}`")]
    NoDocument(String),
    /// Several documents have ids that start so, or this name.
    #[error("document `{id}` is ambiguous")]
    AmbiguousDocument {
        /// The id, name or place as given.
        id: String,
        /// Whole ids of documents that are meant, at most 5.
        candidates: Vec<String>,
    },
    /// No turn of the chat has this id.
    #[error("no turn has the id `{0}`")]
    NoTurn(String),
    /// These ids, out of those that were to be marked, are of no message and no reflection in the scope.
    #[error("no message or reflection {}", listed(.0))]
    NoMessages(Vec<String>),
    /// Messages of several sources have this id.
    #[error("message `{id}` is ambiguous")]
    AmbiguousMessage {
        /// The id as given.
        id: String,
        /// For each of the messages `#` and its number, which can be given in place of the id.
        candidates: Vec<String>,
    },
    /// No reflection in the scope has this id or an id that starts so.
    #[error("no reflection `{0}`")]
    NoReflection(String),
    /// The ids of several reflections start so.
    #[error("reflection `{id}` is ambiguous")]
    AmbiguousReflection {
        /// The start of an id, as given.
        id: String,
        /// Whole ids that start so, at most 5.
        candidates: Vec<String>,
    },
    /// No fact has this id or an id that starts so.
    #[error("no fact `{0}`")]
    NoFact(String),
    /// The ids of several facts start so.
    #[error("fact `{id}` is ambiguous")]
    AmbiguousFact {
        /// The start of an id, as given.
        id: String,
        /// Whole ids that start so, at most 5.
        candidates: Vec<String>,
    },
    /// A fact, or the facts as a whole, have another version than the one that a writer knows.
    #[error("the facts were changed meanwhile: the version is {now}, and not {known}")]
    FactsChanged {
        /// The version that the writer knows.
        known: i64,
        /// The version that there is.
        now: i64,
    },
    /// The guard of this name failed on a text of a reflection, fact or mark, which therefore isn't stored. An
    /// import of logs stores a note in place of such a text, and doesn't fail.
    #[error("the guard `{0}` failed, and what isn't checked isn't kept")]
    Unchecked(String),
    /// Something is empty that must not be: `the reflection` (its text) or `the list of ids`.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A part of a reflection or mark is longer than [`NewReflection`](crate::NewReflection) or
    /// [`Mark`](crate::Mark) allows.
    #[error("{what} has {found} {unit}")]
    TooLong {
        /// What is too long, in words, such as `the reflection` or `a tag`.
        what: &'static str,
        /// How long it is, in `unit`.
        found: usize,
        /// How long it may be, in `unit`.
        limit: usize,
        /// What is counted: `bytes`, `characters`, `tags` or `ids`.
        unit: &'static str,
    },
    /// The file at this path isn't the SQLite database in which Claude Self-Reflect, another program, keeps
    /// its reflections.
    #[error("`{}` is not a database of Self-Reflect", .0.display())]
    NotSelfReflect(PathBuf),
    /// Another program's store of reflections holds more than [`ForeignBounds`](crate::ForeignBounds)
    /// allows, or takes too long to read. The text names the limit, as in `200000 rows`. Nothing was
    /// imported.
    #[error("the store holds more than {0}, nothing of it was imported")]
    StoreTooLarge(String),
    /// The query can't be searched for; the text says why: it has no words.
    #[error("can't search for this: {0}")]
    Query(String),
    /// The file has no such line: it is 0, or beyond the file's end.
    #[error("no line {line}: {}", lines_of(*count))]
    NoLine {
        /// The first line that was asked for; lines are counted from 1.
        line: u32,
        /// The number of lines that the file has.
        count: usize,
    },
    /// The last line that was asked for comes before the first one.
    #[error("lines {first} to {last} are none: line {last} comes before line {first}")]
    LinesReversed {
        /// The first line that was asked for.
        first: u32,
        /// The last line that was asked for.
        last: u32,
    },
    /// This revision names no commit of the file's git repository, or the file lies in no repository.
    #[error("no commit `{0}`")]
    NoCommit(String),
    /// The file of this path isn't in the commit that was asked for.
    #[error("`{}` is not in this commit", .0.display())]
    NotCommitted(PathBuf),
    /// There is no such file on disk.
    #[error("no file `{}`", .0.display())]
    NoFile(PathBuf),
    /// This file isn't a regular file, or holds a NUL byte, so that it has no lines of text.
    #[error("`{}` is no text", .0.display())]
    NoText(PathBuf),
    /// The file is too long for [`Archive::blame`](crate::Archive::blame): more than 100,000 lines, or 16
    /// MiB.
    #[error("`{}` has more than {lines} lines, or is too large", file.display())]
    FileTooLong {
        /// The file.
        file: PathBuf,
        /// The largest number of lines that a file may have.
        lines: usize,
    },
    /// A search by meaning alone had no embedding model, or no message has a vector of that model yet.
    #[error("no embedding model for a semantic search")]
    NoModel,
    /// The embedding model couldn't be loaded, or failed; see [`embed::Error`].
    #[error(transparent)]
    Embed(#[from] embed::Error),
    /// SQLite failed in a way that no other variant stands for.
    #[error("database: {0}")]
    Database(#[source] rusqlite::Error),
    /// A [`VectorIndex`](crate::VectorIndex) that keeps its vectors outside of the archive failed; the text
    /// is its message. A lexical search still works.
    #[error("vector index: {0}")]
    VectorIndex(String),
    /// A file other than the database could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What an error means to whoever asked, whatever failed inside. Exit codes, HTTP statuses and the codes of
/// protocols are chosen by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request can't be served as it is: an argument must be changed, and another try is of no use.
    Invalid,
    /// A name or the start of an id fits several things; a longer one is needed.
    Ambiguous,
    /// What the request names by its id isn't there, or isn't there for whoever asks.
    NotFound,
    /// Another process holds what is needed; the same request may succeed later.
    Busy,
    /// The archive was written by another version of Lorekeep, or its file by another program.
    Unsupported,
    /// A file, such as the archive or the model, isn't as it was written.
    Damaged,
    /// The system refuses access to a file.
    Forbidden,
    /// The disk is full.
    NoSpace,
    /// Something that the request needs isn't there yet or can't be reached, such as the embedding model.
    Unavailable,
    /// Whoever asked has withdrawn the request. No [`Error`] of this crate has this class.
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
    /// What the error means to whoever asked: what callers decide by, rather than by the variant.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::NoProject { .. }
            | Self::SameProject { .. }
            | Self::NameInUse { .. }
            | Self::BadName { .. }
            | Self::Empty(_)
            | Self::TooLong { .. }
            | Self::NotSelfReflect(_)
            | Self::StoreTooLarge(_)
            | Self::Query(_)
            | Self::NoLine { .. }
            | Self::LinesReversed { .. }
            | Self::NoCommit(_)
            | Self::NotCommitted(_)
            | Self::NoFile(_)
            | Self::NoText(_)
            | Self::FileTooLong { .. } => ErrorClass::Invalid,
            Self::AmbiguousProject { .. }
            | Self::AmbiguousConversation { .. }
            | Self::AmbiguousMessage { .. }
            | Self::AmbiguousReflection { .. }
            | Self::AmbiguousDocument { .. }
            | Self::AmbiguousFact { .. }
            | Self::FactsChanged { .. }
            | Self::ChatChanged { .. } => ErrorClass::Ambiguous,
            Self::NoConversation(_)
            | Self::NoMessage(_)
            | Self::NoTurn(_)
            | Self::NoDocument(_)
            | Self::NoMessages(_)
            | Self::NoReflection(_)
            | Self::NoFact(_)
            | Self::NothingToUndo => ErrorClass::NotFound,
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

/// How many lines a file has, in words.
fn lines_of(count: usize) -> String {
    match count {
        0 => "the file is empty".to_owned(),
        1 => "the file has 1 line".to_owned(),
        more => format!("the file has {more} lines, counted from 1"),
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
