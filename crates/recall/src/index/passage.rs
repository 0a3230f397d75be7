//! Passages: the parts of messages that are embedded and found by terms.

use serde::{Deserialize, Serialize};

use crate::store::MessageId;

/// Bits of a passage's number that hold its place in the message.
const POSITION_BITS: u32 = 10;

/// A passage of a message, which is what is embedded (gets a vector) and indexed by its words: a part of its
/// text of about 150 tokens of the embedding model at most, estimated without it. Only the last of 1,024
/// passages may be longer. What tools were given and gave back, and thoughts, have no such passages: they are
/// only indexed by words, in parts of at most 4,096 bytes.
///
/// It is one number: the message's number times 1,024 plus the passage's position in the message, from 0, so
/// that each is computed from the other. A number is never given to another passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PassageId(pub i64);

impl PassageId {
    /// The passage at a position in a message, counted from 0 and less than 1,024, which is how many a
    /// message has at most.
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
