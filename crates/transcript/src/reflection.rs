//! What exports say of reflections (notes that a person or an assistant stored on purpose), and of marks
//! (somebody's finding whether what a message says still holds).

use crate::Millis;

/// Name of the source whose messages are reflections: notes that a person or an assistant stored on
/// purpose. It stands in [`Message::source`](crate::Message::source); the
/// [`Registry`](crate::Registry) has no source of this name, since no assistant writes such logs.
pub const REFLECTION: &str = "reflection";

/// What a reflection has beside its [`Message`](crate::Message), which holds its text and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reflected {
    /// The tags that the reflection is filed under, in the order in which they were given.
    pub tags: Vec<String>,
    /// Name of the person or assistant who stored it; `None` if that isn't told.
    pub author: Option<String>,
    /// When it was last changed; `None` if it is as it was stored, or the export's time can't be read.
    pub updated: Option<Millis>,
    /// The conversation in which it was found out, by the id that its own source gave that; `None` if
    /// that isn't told.
    pub conversation: Option<String>,
}

/// A mark on a message: whether what it says still holds, as somebody found out at a time. A message may
/// have several; the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    /// Whether what the message says still holds.
    pub status: MarkStatus,
    /// What shows it, in words: a commit, a test, another message; `None` if that isn't told.
    pub evidence: Option<String>,
    /// The part of the message that is meant, where it says several things; `None` for all of it.
    pub claim: Option<String>,
    /// Name of the person or assistant who found it out; `None` if that isn't told.
    pub who: Option<String>,
    /// When they did; 0 where an export gives no time that can be read.
    pub time: Millis,
}

/// What became of something that was said: whether it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MarkStatus {
    /// It still holds, or is still to be done.
    #[default]
    Open,
    /// It is done or answered.
    Resolved,
    /// Something else holds now.
    Superseded,
}

impl MarkStatus {
    /// Every status, in the order in which the command line lists them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Resolved, Self::Superseded];

    /// The name used on the command line, in answers and in exports: `open`, `resolved` or `superseded`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Superseded => "superseded",
        }
    }

    /// The status that [`MarkStatus::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}
