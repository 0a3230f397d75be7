//! What can go wrong in a chat, one variant for each decision that a caller makes.

use std::time::Duration;

use crate::guards::GuardRefusal;

/// A result of the chat.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something that was asked of the chat isn't done. The texts hold nothing of what was said, no key, and
/// no path that the caller didn't give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value can't be used as it is.
    #[error("`{field}` {problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A text is longer than the chat takes.
    #[error("`{field}` has {bytes} bytes, and at most {limit} are taken")]
    TooLong {
        /// Which.
        field: &'static str,
        /// Its length in bytes.
        bytes: usize,
        /// The largest length in bytes.
        limit: usize,
    },
    /// A document can't be taken in.
    #[error("`{place}` {problem}")]
    Unreadable {
        /// The path, address or name that was given.
        place: String,
        /// What is wrong with it.
        problem: String,
        /// What to do, as one line.
        hint: Option<String>,
    },
    /// A guard refused the text.
    #[error("{}", .0.message)]
    Refused(Box<GuardRefusal>),
    /// There is no conversation, message, turn or picture of this id, or it is somebody else's.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its id, as given.
        id: String,
    },
    /// The conversation was changed by somebody else meanwhile.
    #[error("the conversation was changed meanwhile: it has version {now}, and not {known}")]
    Changed {
        /// The version that the caller knows.
        known: i64,
        /// The version that it has.
        now: i64,
    },
    /// It can't be done in this state, such as continuing an answer that is whole.
    #[error("{0}")]
    Conflict(String),
    /// Too much is under way.
    #[error("{what}; try again in {} s", retry_after.as_secs().max(1))]
    Busy {
        /// What there is too much of.
        what: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The model couldn't be asked, or didn't answer.
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
    /// The archive couldn't be read or written.
    #[error("the archive: {0}")]
    Memory(#[from] memory::Error),
    /// The program ends.
    #[error("the server ends; the conversation goes on when it is there again")]
    Ending,
    /// A bug.
    #[error("something failed that shouldn't; the log has more under the request's id")]
    Internal(String),
}

impl Error {
    /// A value that can't be used.
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }

    /// A document that can't be taken in, with nothing that its person could do but look at it.
    pub(crate) fn unreadable(place: &str, problem: impl Into<String>) -> Self {
        Self::Unreadable {
            place: place.to_owned(),
            problem: problem.into(),
            hint: None,
        }
    }

    /// This error with what to do, where it is one of a document.
    pub(crate) fn with_hint(mut self, does: impl Into<String>) -> Self {
        if let Self::Unreadable { hint, .. } = &mut self {
            *hint = Some(does.into());
        }
        self
    }

    /// Something that isn't there.
    pub(crate) fn not_found(what: &'static str, id: &str) -> Self {
        Self::NotFound {
            what,
            id: id.chars().take(80).collect(),
        }
    }

    /// What to do about it, where something can be done.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { hint, .. } => hint.clone(),
            Self::Model(error) => error.hint(),
            _ => None,
        }
    }

    /// The name of this error in answers and events.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::TooLong { .. } | Self::Unreadable { .. } => {
                "validation_failed"
            }
            Self::Refused(refusal) => refusal.trigger,
            Self::NotFound { .. } => "not_found",
            Self::Changed { .. } => "version_conflict",
            Self::Conflict(_) => "conflict",
            Self::Busy { .. } => "busy",
            Self::Model(_) => "model_error",
            Self::Memory(_) => "archive_error",
            Self::Ending => "shutting_down",
            Self::Internal(_) => "internal_error",
        }
    }
}

impl From<memory::ArchiveError> for Error {
    fn from(error: memory::ArchiveError) -> Self {
        use memory::ArchiveError as Archive;
        match error {
            Archive::NoConversation(id) | Archive::AmbiguousConversation { id, .. } => {
                Self::not_found("conversation", &id)
            }
            Archive::NoMessage(id) => Self::not_found("message", &id),
            Archive::NoDocument(id) => Self::not_found("document", &id),
            Archive::NoFact(id) | Archive::AmbiguousFact { id, .. } => Self::not_found("fact", &id),
            Archive::NoTurn(id) => Self::not_found("turn", &id),
            Archive::ChatChanged { known, now } => Self::Changed { known, now },
            other => Self::Memory(other.into()),
        }
    }
}
