//! Every conversation log format that Lorekeep reads, as one stream of messages.
//!
//! Pure: bytes in, values out. This crate must not know the disk, the clock, the network, or what
//! becomes of the messages. Formats are internal to each assistant and change without notice, so
//! reading is tolerant: what is not understood becomes a located [`Problem`], never a failure.

mod message;

pub use bounds::has_at_most_values;
pub use memory::MEMORY_MARKER;
pub use message::{
    Attachment, Fact, FactKind, FileAction, FileTouch, Kind, Message, Millis, Role, Source,
    ToolCall, ToolResult, Usage,
};

mod reflection;

pub use reflection::{MarkStatus, Marking, REFLECTION, Reflected};

mod reader;

pub use reader::{Batch, FileHint, Framing, Importer, Problem, Reader, importer};

mod lines;
mod bounds;
mod probe;
mod wire;
mod content;
mod memory;

mod claude_code;
mod codex;
pub mod jsonl;
