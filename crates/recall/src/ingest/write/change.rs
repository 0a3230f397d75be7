//! What becomes of messages that the archive has already.

use transcript::Message;

use crate::guards::Masked;

/// What becomes of a message that is kept already.
#[derive(Default)]
pub(super) struct MessageChange {
    /// The id that it goes by from now on.
    pub(super) id: Option<String>,
    /// Where and how it was said, if a copy knows better.
    pub(super) place: Option<Masked<Message>>,
}
