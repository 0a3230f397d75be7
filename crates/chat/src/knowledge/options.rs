//! What knowledge is set up with: everything is passed in.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fetch::Fetcher;

/// What reads documents: a process for each, which is ended when it takes more than it may.
#[derive(Clone, Debug)]
pub struct ExtractorOptions {
    /// The program and its first arguments. After them come the document's kind, the memory in MiB and the
    /// processor time in seconds that it may take; the document comes on standard input, and records are
    /// expected on standard output, a JSON object a line (`document::ExtractRecord`).
    pub command: Vec<OsString>,
    /// The memory that it may take beside what the program takes by itself, in MiB.
    pub memory_mib: u64,
    /// The processor time that it may take, in seconds.
    pub cpu_seconds: u64,
    /// How long it may take at most.
    pub timeout: Duration,
}

impl ExtractorOptions {
    /// A command with the usual limits: 256 MiB, 60 s of processor time, and 2 minutes.
    #[must_use]
    pub fn new(command: Vec<OsString>) -> Self {
        Self {
            command,
            memory_mib: 256,
            cpu_seconds: 60,
            timeout: Duration::from_secs(120),
        }
    }
}

/// What knowledge is set up with.
#[derive(Clone)]
pub struct KnowledgeOptions {
    /// What reads documents.
    pub extractor: ExtractorOptions,
    /// What fetches those that are named by an address.
    pub fetcher: Arc<Fetcher>,
    /// The largest document, in bytes.
    pub max_bytes: u64,
    /// Directories whose files may be named through the API. The command line may name any.
    pub roots: Vec<PathBuf>,
    /// A directory of the person's for what is sent while it is read.
    pub spool: PathBuf,
    /// Where characters have files of their own: those in `NAME/knowledge/` are the knowledge of the character
    /// of that id.
    pub characters: PathBuf,
    /// Tokens that documents may take together that go whole before a model.
    pub whole_tokens: usize,
    /// Tokens that sections may take that are quoted for one message.
    pub quoted_tokens: usize,
}
