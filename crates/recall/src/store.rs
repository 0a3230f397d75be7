//! The database: opening it, and what its tables hold.

mod open;
mod meta;
mod epoch;
mod block;
mod body;
mod message;
mod span;
mod read;

pub(crate) use block::{Block, BlockWriter, put_bytes};
pub(crate) use body::Body;
pub(crate) use epoch::{epoch, erasures, note_erasure, regroup};
pub(crate) use message::{Flags, has_text_entry, is_embeddable};
pub(crate) use meta::{Counter, meta, set_meta};
pub(crate) use open::{SCHEMA_VERSION, lock_timeout, open, open_read_only};
pub(crate) use read::{Reader, Row};
pub(crate) use span::{ConversationId, Span, Spans};

pub use message::MessageId;
pub use span::{ProjectFilter, ProjectId};
