//! Every conversation log format that Lorekeep reads, as one stream of messages.
//!
//! Pure: bytes in, values out. This crate must not know the disk, the clock, the network, or what
//! becomes of the messages. Formats are internal to each assistant and change without notice, so
//! reading is tolerant: what is not understood becomes a located [`Problem`], never a failure.
//!
//! A *source* is an assistant program or export format ([`SourceFormat`]), a *log* a file or database
//! that it writes, a *conversation* what the source numbers as one (a session of the assistant).

mod time;

pub use time::Millis;

mod reflection;
mod person_fact;

pub use person_fact::{FactOrigin, PERSON_FACT};
pub use reflection::{MarkStatus, Marking, REFLECTION, Reflected};

mod message;

pub use message::{
    Attachment, Fact, FactKind, FileAction, FileTouch, Message, MessageKind, Relation, Role,
    TokenUsage, ToolCall, ToolResult,
};

mod reader;

pub use reader::{Cell, FileHint, Framing, LogReader, Problem, ReadBatch, RowQuery, RowReader};

mod edit;

pub use edit::{LineSign, LoggedChange, LoggedEdit, PatchedPart, TextSwap, command};

mod path;
mod source;

pub use source::{
    LogFiles, LogRoots, ResultEdits, Retention, RootVariable, Source, SourceFormat, SourceTool,
    ToolEffect,
};

mod fingerprint;
mod bounds;

pub use bounds::has_at_most_values;

mod json;
mod names;
mod content;
mod memory;

pub use memory::MEMORY_MARKER;

mod probe;
mod lines;
mod elements;
mod branches;

pub mod sources;

pub use sources::{Registry, claude_code, codex, jsonl};

mod calls;
