//! A message's row: its id and the flags that searches filter by.

use serde::{Deserialize, Serialize};
use transcript::{Message, MessageKind, Role};

/// The number of a message in the archive, 1 or more, which is never given to another one. A message keeps
/// it when its log is imported again; only a reflection whose text is changed gets a new one, and another
/// archive has other numbers. People and other programs name a message by the id of its source, as
/// `message_id` of a [`Hit`](crate::Hit) has it; one whose source gave none is named `#` and this number.
///
/// Numbers rise in the order of import, and messages that are imported from one log together have
/// consecutive numbers in the log's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub i64);

/// Role and kind in one small number: `role + 8 · kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    pub(crate) fn new(role: Role, kind: MessageKind) -> Self {
        let role = match role {
            Role::User => 0,
            Role::Assistant => 1,
            Role::System => 2,
            Role::Tool => 3,
        };
        let kind = match kind {
            MessageKind::Said => 0,
            MessageKind::Summary => 1,
            MessageKind::Command => 2,
            MessageKind::Injected => 3,
        };
        Self(role + 8 * kind)
    }

    pub(crate) fn role(self) -> Role {
        match self.0 & 7 {
            0 => Role::User,
            1 => Role::Assistant,
            2 => Role::System,
            _ => Role::Tool,
        }
    }

    pub(crate) fn kind(self) -> MessageKind {
        match self.0 >> 3 {
            0 => MessageKind::Said,
            1 => MessageKind::Summary,
            2 => MessageKind::Command,
            _ => MessageKind::Injected,
        }
    }
}

/// Whether a message's text has an entry of its own, to be read without the payload.
pub(crate) fn has_text_entry(message: &Message) -> bool {
    message.role != Role::Tool && !message.text.is_empty()
}

/// Whether a message is found by meaning: what people and assistants said.
pub(crate) fn is_embeddable(message: &Message) -> bool {
    has_text_entry(message) && message.kind != MessageKind::Injected
}
