//! What exports say of reflections (insights stored on purpose), and of what became of messages.

use crate::Millis;

/// Name of the source whose messages are reflections: insights stored on purpose.
pub const REFLECTION: &str = "reflection";

/// What a reflection has beside its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reflected {
    /// The tags that the reflection is filed under.
    pub tags: Vec<String>,
    /// Name of the person or assistant who stored it.
    pub author: Option<String>,
    /// When it was last changed; nothing if it is as it was stored.
    pub updated: Option<Millis>,
    /// The conversation that it came from, by its source's id.
    pub conversation: Option<String>,
}

/// A mark on a message: whether what it says still holds, as somebody found out at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    /// Whether what the message says still holds.
    pub status: MarkStatus,
    /// What shows it, in words: a commit, a test, another message.
    pub evidence: Option<String>,
    /// The part of the message that is meant, where it says several things.
    pub claim: Option<String>,
    /// Name of the person or assistant who found it out.
    pub who: Option<String>,
    /// When they did.
    pub time: Millis,
}

/// What became of something that was said.
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

    /// The name used on the command line, in answers and in exports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Superseded => "superseded",
        }
    }

    /// The status of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}
