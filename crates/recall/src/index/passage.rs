//! Passages: the parts of messages that are embedded and found by terms.

use serde::{Deserialize, Serialize};

use crate::store::MessageId;

/// Bits of a passage's number that hold its place in the message.
const POSITION_BITS: u32 = 10;

/// A passage of a message: the unit that is embedded and indexed, at most 150 tokens of text.
///
/// It is one number, the message's number followed by ten bits for the passage's position in the message,
/// so that either is found from the other without a table. Numbers are never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PassageId(pub i64);

impl PassageId {
    /// The passage at a position in a message, counted from 0; a message has fewer than 1,024.
    #[must_use]
    pub fn new(message: MessageId, position: usize) -> Self {
        debug_assert!(
            position < 1 << POSITION_BITS,
            "splitting limits how many passages a message has"
        );
        Self(message.0 << POSITION_BITS | position as i64)
    }

    /// The message that the passage is a part of.
    #[must_use]
    pub fn message(self) -> MessageId {
        MessageId(self.0 >> POSITION_BITS)
    }

    /// The passage's position in its message, counted from 0.
    #[must_use]
    pub fn position(self) -> usize {
        usize::try_from(self.0 & ((1 << POSITION_BITS) - 1)).unwrap_or(0)
    }
}
