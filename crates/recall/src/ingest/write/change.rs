//! Changes of messages that the archive has already, which an import brings about.

use transcript::Message;

use crate::guards::Masked;

/// A change of a message that the archive has already, because a copy of it or another message with its id
/// was met.
#[derive(Default)]
pub(super) struct MessageChange {
    /// Its new id, if another message takes its old one.
    pub(super) id: Option<String>,
    /// Where and how it was said (directory, model and the like), if that is taken from a copy.
    pub(super) place: Option<Masked<Message>>,
}
