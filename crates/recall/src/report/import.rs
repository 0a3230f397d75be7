//! What an import did, and what it couldn't read.

use crate::guards::Unquoted;

/// What an import did.
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

/// What an import did for one source.
#[derive(Clone, Debug, Default)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// Files looked at.
    pub files: u64,
    /// Of these, files that had something new.
    pub changed: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Conversations that got something new.
    pub conversations: u64,
    /// Messages read.
    pub messages: u64,
    /// Of these, messages that the archive did not have yet.
    pub added: u64,
    /// Of these, messages that the archive had already.
    pub duplicates: u64,
    /// How many problems there were.
    pub problem_count: u64,
    /// The first of them.
    pub problems: Vec<ProblemAt>,
}

/// A file or directory that nothing was imported of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is, as it is kept: a secret in it is masked.
    pub path: String,
    /// Why.
    pub what: String,
    /// Whether the request named this very path, so that it must be importable; what merely lies in a
    /// directory need not be.
    pub is_named: bool,
}

/// Something that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemAt {
    /// The file.
    pub path: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl Unquoted for ProblemAt {}
