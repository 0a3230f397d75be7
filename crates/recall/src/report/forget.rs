//! The receipt of what was forgotten.

use transcript::Millis;

use crate::guards::Unquoted;

/// What was forgotten; in a dry run, what would be. It holds numbers and ids, and nothing of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgetReport {
    /// The number of messages, reflections included.
    pub messages: u64,
    /// The ids of conversations of which nothing is left, in their order. Reflections aren't among them.
    pub conversations: Vec<String>,
    /// The ids of conversations that keep other messages.
    pub parts: Vec<String>,
    /// The number of reflections (notes stored on purpose), those about forgotten conversations included.
    pub reflections: u64,
    /// The number of facts about the person, those drawn from forgotten messages included.
    pub facts: u64,
    /// The number of titles, those of forgotten conversations included.
    pub titles: u64,
    /// The number of marks.
    pub marks: u64,
    /// The number of links that held the text, in conversations that are kept.
    pub links: u64,
    /// Short names of projects in which nothing is left.
    pub projects: Vec<String>,
    /// Time of the first of the messages that has one, in milliseconds since 1970.
    pub first: Option<Millis>,
    /// Time of the last of them.
    pub last: Option<Millis>,
    /// The number of messages in the scope that are damaged, so that their text couldn't be looked at; they
    /// are kept. 0 if no text was looked for.
    pub unreadable: u64,
    /// Whether all of it is gone from the files, the write-ahead log of the database included. If not, the
    /// next opening of the archive goes on; searches find nothing of it all the same.
    pub finished: bool,
    /// Whether it was asked to end ([`Stop`](crate::Stop)) before it was done.
    pub stopped: bool,
}

impl Unquoted for ForgetReport {}

impl ForgetReport {
    /// Whether there is nothing that fits the request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages + self.titles + self.marks + self.links == 0 && self.conversations.is_empty()
    }
}
