//! Conversations of the chat.

use transcript::Millis;

use super::opened::Archive;
use crate::{
    ChatChange, ChatFilter, ChatHead, ChatProject, ChatQuestion, ChatThread, GuardedMessage,
    Masker, Result, TurnRecord, chats,
};

impl Archive {
    /// Makes changes to the chat's conversations, in their order, all or none, in one transaction. Texts are
    /// masked before they are written, as those of imported messages are; what is added is found by its words
    /// at once, and by its meaning once it is embedded. What is removed is gone for good, with its terms and
    /// vectors. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Error::NoConversation`](crate::Error::NoConversation) and
    /// [`Error::NoMessage`](crate::Error::NoMessage) if a change names one that the chat doesn't have; if an
    /// id that must be new isn't; if a guard fails, or the archive can't be written. Then nothing is changed.
    pub fn change_chats(&mut self, now: Millis, changes: &[ChatChange]) -> Result<()> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            chats::change(writes, parts.vectors, now, changes)
        })
    }

    /// The chat's conversations that a filter admits: pinned ones first, then those that were changed last.
    /// Their [`ChatHead::head`] is `None`.
    ///
    /// # Errors
    /// If [`ChatFilter::after`] names none of them, or the archive can't be read.
    pub fn chats(&self, filter: &ChatFilter) -> Result<Vec<ChatHead>> {
        self.ask(|connection, _| chats::chats(connection, filter))
    }

    /// A conversation of the chat with the messages of all its branches, as they are kept: secrets masked,
    /// nothing quarantined, for its author.
    ///
    /// # Errors
    /// [`Error::NoConversation`](crate::Error::NoConversation) if the chat has none of this id; if the
    /// archive can't be read.
    pub fn chat(&self, id: &str) -> Result<ChatThread> {
        self.ask_at_once(|connection, _| chats::chat(connection, id))
    }

    /// The projects that conversations of the chat are in, or that have instructions, by name.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn chat_projects(&self) -> Result<Vec<ChatProject>> {
        self.ask(|connection, _| chats::projects(connection))
    }

    /// What came of a message of a conversation, without reading the conversation; `None` if it wasn't said in a
    /// turn, or none is named.
    ///
    /// # Errors
    /// [`Error::NoConversation`](crate::Error::NoConversation) if the chat has none of this id; if the
    /// archive can't be read.
    pub fn chat_question(&self, chat: &str, message: Option<&str>) -> Result<Option<ChatQuestion>> {
        self.ask_at_once(|connection, _| chats::question(connection, chat, message))
    }

    /// A turn of the chat.
    ///
    /// # Errors
    /// [`Error::NoTurn`](crate::Error::NoTurn) if there is none of this id; if the archive can't be read.
    pub fn turn(&self, id: &str) -> Result<TurnRecord> {
        self.ask_at_once(|connection, _| chats::turn(connection, id))
    }

    /// Whether what the chat keeps beside any message has this text in it, such as the name of a picture.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn chat_mentions(&self, text: &str) -> Result<bool> {
        self.ask(|connection, _| chats::mentions(connection, text))
    }

    /// The messages of the chat beside which findings of guards are kept, or why one was refused, the newest first:
    /// those whose number is below `before`, at most `limit`.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn guarded_messages(&self, before: i64, limit: usize) -> Result<Vec<GuardedMessage>> {
        self.ask_at_once(|connection, _| chats::guarded(connection, before, limit))
    }

    /// The turns that are under way, in whatever process, or were when their process ended; those that began
    /// first come first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn unfinished_turns(&self) -> Result<Vec<TurnRecord>> {
        self.ask_at_once(|connection, _| chats::unfinished_turns(connection))
    }

    /// What masks values in this archive: a value gets the same placeholder wherever it stands.
    #[must_use]
    pub fn masker(&self) -> Masker {
        self.guards().masker()
    }
}
