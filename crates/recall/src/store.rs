//! The database: opening it, and what its tables hold.

mod log;
mod open;
mod meta;
mod epoch;
mod message;
mod block;
mod body;
mod span;
mod copy;
mod relation;
mod read;
mod keys;
mod forgotten;
mod mark;
mod reflection;
mod fact;
mod sent;
mod foreign;

pub(crate) use block::{Block, BlockWriter, put_bytes};
pub(crate) use body::Body;
pub(crate) use copy::{Copy, clean_copies, copies_in, copies_of, copies_of_project, copy_in};
pub(crate) use epoch::{epoch, erasures, note_erasure, regroup};
pub(crate) use fact::{FACT_COLUMNS, FactRow, fact_version, learn_fact, next_fact_version};
pub(crate) use foreign::{WAL_SUFFIX, open_foreign};
pub(crate) use forgotten::{
    FORGOTTEN, bury, conversation_hash, is_forgotten, scrubbed, title_hash, without_titles,
};
pub(crate) use keys::{
    content_hash, former_ids, id_key, id_of_number, id_of_place, message_of_id, new_uuid, shown_id,
    stable_hash, told_apart_id, uuid,
};
pub(crate) use log::empty_log;
pub(crate) use mark::{add_mark, add_mark_once, learn_mark, marks_of, newest_mark};
pub(crate) use message::{Flags, has_text_entry, is_embeddable};
pub(crate) use meta::{Counter, meta, set_meta};
pub(crate) use open::{SCHEMA_VERSION, lock_timeout, open, open_at, open_damaged, open_read_only};
pub(crate) use read::{Reader, Row};
pub(crate) use reflection::{ReflectionRow, learn_reflection, one_line_tags, tag_lines};
pub(crate) use relation::{relation_number, relation_of_number};
pub(crate) use sent::forget_requests;
pub(crate) use span::{ConversationId, Span, Spans};

pub use keys::CHAT_SOURCE;
pub use message::MessageId;
pub use span::{ProjectFilter, ProjectId};
