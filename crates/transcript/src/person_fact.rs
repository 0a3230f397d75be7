//! What exports say of facts about the person whose archive it is.

use crate::Millis;

/// Name of the source whose messages are facts about the person. It stands in
/// [`Message::source`](crate::Message::source); the [`Registry`](crate::Registry) has no source of this
/// name, since no assistant writes such logs.
pub const PERSON_FACT: &str = "fact";

/// What a fact about the person has beside its [`Message`](crate::Message), which holds its text and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactOrigin {
    /// What it is about, in the order in which it was given.
    pub topics: Vec<String>,
    /// Which kind of statement it is, such as `home`; empty if that isn't known.
    pub kind: String,
    /// The id of the conversation in which the person said it; `None` if they wrote it down themselves.
    pub conversation: Option<String>,
    /// The id of the message in which they said it.
    pub said: Option<String>,
    /// The id of the turn in which they said it.
    pub turn: Option<String>,
    /// The character that they said it to.
    pub character: Option<String>,
    /// When it was last changed; `None` if it is as it was stored.
    pub updated: Option<Millis>,
    /// The id of the fact that took its place. The mark says since when.
    pub superseded_by: Option<String>,
}
