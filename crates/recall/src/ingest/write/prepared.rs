//! What is handed over to be written, and what a step made of it.

use std::sync::Arc;

use transcript::Message;

use crate::guards::Masked;
use crate::index;
use crate::project::Identity;

/// A message ready to be written: all that needs no database is done.
#[derive(Debug)]
pub(crate) struct PreparedMessage {
    pub(crate) message: Masked<Message>,
    /// Its key; see [`crate::store::id_key`].
    pub(crate) key: u64,
    /// The key that older versions gave it, if that is another.
    pub(crate) former_key: Option<u64>,
    /// The key under which it was read before its own record was there; see
    /// [`Message::replaces`](transcript::Message::replaces).
    pub(crate) replaces: Option<u64>,
    /// The log that it was read from; see [`Span::log`].
    pub(crate) log: Option<i64>,
    /// Hash of its content, which tells it from another message with the same id; see
    /// [`crate::store::content_hash`].
    pub(crate) content: u64,
    /// Name of the source that it came from at first.
    pub(crate) source: Arc<str>,
    pub(crate) project: Arc<Masked<Identity>>,
    pub(crate) terms: index::Terms,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepCounts {
    pub(crate) added: u64,
    pub(crate) duplicates: u64,
    pub(super) prose: u64,
    pub(super) payload: u64,
    pub(super) messages: u64,
    pub(super) embeddable: u64,
}
