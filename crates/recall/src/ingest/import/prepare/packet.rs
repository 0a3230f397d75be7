//! What the reading half of an import hands to the writing half.

use std::sync::Arc;

use transcript::{Fact, Problem, Source};

use crate::Skipped;
use crate::guards::Masked;
use crate::ingest::import::files::FileState;
use crate::ingest::write::PreparedMessage;

/// A part of a file, ready to be written.
pub(crate) struct Packet {
    /// Place in the list of files.
    pub(crate) file: usize,
    /// Bytes of log that it took.
    pub(crate) bytes: u64,
    pub(crate) content: PacketContent,
}

/// What a packet says of its file.
pub(crate) enum PacketContent {
    /// The file can't be read (further).
    Unreadable(Skipped),
    /// The file is no log.
    Unknown,
    /// The person excluded the file.
    Excluded,
    /// Messages of a log.
    Read { source: Source, part: LogPart },
}

/// A part of a log, as it may be written.
#[derive(Default)]
pub(crate) struct LogPart {
    pub(crate) messages: Vec<PreparedMessage>,
    /// What is known of conversations, each with the source of its conversation.
    pub(crate) facts: Vec<(Arc<str>, Masked<Fact>)>,
    pub(crate) problems: Vec<Masked<Problem>>,
    /// Which log it is; see [`Input::log`](crate::ingest::import::input::Input::log).
    pub(crate) log: i64,
    /// Where the next reading goes on once this is written.
    pub(crate) state: FileState,
    /// Whether something may be excluded, so that what is told of conversations without messages isn't kept.
    pub(crate) is_selective: bool,
    /// Whether something was excluded, so that the reader's state may hold a text that is not to be kept.
    pub(crate) hides: bool,
    /// Whether it is the file's first packet of this import.
    pub(crate) is_first: bool,
    /// Whether the file ends here.
    pub(crate) is_last: bool,
    /// Problems from this offset on are found anew.
    pub(crate) problems_from: Option<u64>,
}
