//! What an import did, and which files and records it couldn't read.

use crate::guards::Unquoted;

/// What an import read and added, by source, and which paths it passed over.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// One entry for each source of which a file was met, in the order of the registry.
    pub sources: Vec<SourceReport>,
    /// Files that no source recognised (each is reported once, until it changes), and files and directories
    /// that could not be read.
    pub skipped: Vec<Skipped>,
    /// Whether the import was asked to end ([`Stop`](crate::Stop)), so that files may be missing.
    pub stopped: bool,
}

impl Unquoted for ImportReport {}

/// What an import read and added of one source.
#[derive(Clone, Debug, Default)]
pub struct SourceReport {
    /// The source's name, such as `claude-code`.
    pub source: String,
    /// The number of log files of this source that were met, changed or not.
    pub files: u64,
    /// The number of those files that had changed since their last import, so that they were read.
    pub changed: u64,
    /// The number of bytes read, after decompression.
    pub bytes: u64,
    /// The number of conversations to which something was added.
    pub conversations: u64,
    /// The number of messages read; always `added + duplicates`.
    pub messages: u64,
    /// The number of those messages that were new to the archive.
    pub added: u64,
    /// The number of those messages that the archive had already, from this log or a copy of it.
    pub duplicates: u64,
    /// The number of places that couldn't be understood.
    pub problem_count: u64,
    /// The first 100 of those places.
    pub problems: Vec<ProblemAt>,
}

/// A file or directory that was passed over as a whole. A record within a file is a [`ProblemAt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path; a secret in it is masked, so that it may not lead to the file.
    pub path: String,
    /// Why it was passed over, in words for a person.
    pub what: String,
    /// Whether [`ImportRequest::paths`](crate::ImportRequest::paths) names this very path, so that the
    /// person expected it to be imported. Otherwise it was met below a directory, where other files may lie
    /// too.
    pub is_named: bool,
}

/// A place in a log that could not be read or understood. What else could be read of the file was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemAt {
    /// Path of the log; a secret in it is masked, so that it may not lead to the file.
    pub path: String,
    /// The line, from 1; in a log that is a database, the number of the row. 0 means the file as a whole.
    pub line: u64,
    /// What is wrong, in words for a person.
    pub what: String,
}

impl Unquoted for ProblemAt {}
