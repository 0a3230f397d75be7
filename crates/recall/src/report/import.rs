//! What an import did, and what it couldn't read.

use crate::guards::Unquoted;

/// What an import read and added, by source, and which paths it passed over.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// Per source, in the order of the registry; sources with no file are left out.
    pub sources: Vec<SourceReport>,
    /// Paths that no importer recognised, and named paths that could not be read.
    pub skipped: Vec<Skipped>,
    /// Whether the work was asked to end before it was done.
    pub stopped: bool,
}

impl Unquoted for ImportReport {}

/// What an import read and added of one source.
#[derive(Clone, Debug, Default)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// The number of log files that the import looked at.
    pub files: u64,
    /// The number of those files that had something new.
    pub changed: u64,
    /// The number of bytes read, after decompression.
    pub bytes: u64,
    /// The number of conversations to which something was added.
    pub conversations: u64,
    /// The number of messages read.
    pub messages: u64,
    /// The number of those messages that were new to the archive.
    pub added: u64,
    /// The number of those messages that the archive had already.
    pub duplicates: u64,
    /// The number of records that couldn't be understood.
    pub problem_count: u64,
    /// The first 100 of those problems, each with its place.
    pub problems: Vec<ProblemAt>,
}

/// A file or directory that nothing was imported of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is, as it is kept: a secret in it is masked.
    pub path: String,
    /// Why nothing was imported of it.
    pub what: String,
    /// Whether the request named this very path, so that it must be importable; what merely lies in a
    /// directory need not be.
    pub is_named: bool,
}

/// A place in a log file that could not be read or understood; the rest of the file was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemAt {
    /// Path of the file, as it is kept: a secret in it is masked.
    pub path: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl Unquoted for ProblemAt {}
