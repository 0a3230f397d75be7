//! How a file is read: an [`Importer`] for each source makes a [`Reader`] for each file.
//!
//! The caller owns the bytes: it reads a file in pieces and feeds them; the reader takes whole
//! records and leaves the rest.

use crate::claude_code::ClaudeCode;
use crate::codex::Codex;
use crate::jsonl::Jsonl;
use crate::{Fact, Message, Source};

/// What is known of a file before its first byte is read. Paths use `/`.
#[derive(Clone, Debug, Default)]
pub struct FileHint {
    /// The file's path as found.
    pub path: String,
}

/// How a file's bytes are cut into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One JSON value a line; the file grows by appending.
    Lines,
    /// One JSON document that is rewritten whole.
    Document,
}

/// A part of a file that could not be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// What is wrong, in words for a person.
    pub what: String,
}

/// What came out of one piece of a file.
#[derive(Debug, Default)]
pub struct Batch {
    /// Messages in the order of the file.
    pub messages: Vec<Message>,
    /// What was learnt about conversations, in the order of the file.
    pub facts: Vec<Fact>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Records seen, those that carry no message included.
    pub records: u64,
}

/// One source's way of reading files.
pub trait Importer: Sync {
    /// Whose files these are.
    fn source(&self) -> Source;

    /// Whether a file is one of this source's, by its path (with `/`) and its first bytes, which may
    /// end in the middle of a record.
    fn recognises(&self, path: &str, head: &[u8]) -> bool;

    /// How its files are cut into records.
    fn framing(&self) -> Framing {
        Framing::Lines
    }

    /// A reader for one file, from its start or from where an earlier one stopped: `state` is what
    /// [`Reader::state`] returned then, empty at the start.
    fn reader(&self, file: &FileHint, state: &str) -> Box<dyn Reader>;
}

/// Reads one file, piece by piece.
pub trait Reader: Send {
    /// Takes the complete records at the start of `bytes`, puts what they say into `batch`, and
    /// returns how many bytes it took.
    ///
    /// `offset` and `line` (from 1) tell where `bytes` starts. With `at_end`, nothing follows for
    /// now: a last record without newline is taken if it is complete, and left if it isn't.
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        line: u64,
        at_end: bool,
        batch: &mut Batch,
    ) -> usize;

    /// What a later reader needs to go on from here; short.
    fn state(&self) -> String;
}

/// The importer of a source.
#[must_use]
pub fn importer(source: Source) -> &'static dyn Importer {
    match source {
        Source::ClaudeCode => &ClaudeCode,
        Source::Codex => &Codex,
        Source::Jsonl => &Jsonl,
    }
}
