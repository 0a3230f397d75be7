//! Why a call gets no answer, and the one table from errors to what the protocol calls them.

use memory::{ArchiveError, Scope};
use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use wire::markup::{Markup, line};

/// Why a call gets no answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is no such tool, prompt or resource.
    Unknown(String),
    /// The arguments can't be used; the text says which and what would be right.
    Params(String),
    /// The client asked for the call to end.
    Cancelled,
    /// The archive failed; the text says how and what a person can do.
    Failed(String),
}

impl Refusal {
    /// The reason.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Unknown(text) | Self::Params(text) | Self::Failed(text) => text,
            Self::Cancelled => "the call was cancelled",
        }
    }

    /// The error as the protocol has it.
    pub(crate) fn into_error(self) -> ErrorData {
        let code = match self {
            // The specification has one code for what is asked for and isn't there.
            Self::Unknown(_) | Self::Params(_) => ErrorCode::INVALID_PARAMS,
            Self::Cancelled => ErrorCode::INVALID_REQUEST,
            Self::Failed(_) => ErrorCode::INTERNAL_ERROR,
        };
        ErrorData::new(code, self.shown(), None)
    }

    /// The reason as a model may read it: names in it can be anything.
    pub(crate) fn shown(&self) -> String {
        Markup::new().text(line(self.text())).clone().into_text()
    }
}

impl Refusal {
    /// An error met within a scope, with the way out of it. It reads the same whether what was asked for is
    /// elsewhere or nowhere.
    pub(crate) fn within(scope: &Scope, error: ArchiveError) -> Self {
        match Self::from(error) {
            Self::Params(what) if *scope != Scope::All => {
                Self::Params(format!("{what}; `project: \"all\"` looks everywhere"))
            }
            refusal => refusal,
        }
    }
}

impl From<memory::Error> for Refusal {
    fn from(error: memory::Error) -> Self {
        match error {
            memory::Error::Archive(error) => error.into(),
            error => Self::Failed(format!("{error}; try again when other calls are done")),
        }
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        use ArchiveError as Recall;
        let hint = hint(&error);
        let text = match hint {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        match error {
            Recall::NoProject { .. }
            | Recall::AmbiguousProject { .. }
            | Recall::NoConversation(_)
            | Recall::AmbiguousConversation { .. }
            | Recall::NoMessage(_)
            | Recall::NoMessages(_)
            | Recall::AmbiguousMessage { .. }
            | Recall::NoReflection(_)
            | Recall::AmbiguousReflection { .. }
            | Recall::Empty(_)
            | Recall::TooLong { .. }
            | Recall::NoLine { .. }
            | Recall::NoCommit(_)
            | Recall::NotCommitted(_)
            | Recall::NoFile(_)
            | Recall::NoText(_)
            | Recall::FileTooLong { .. }
            | Recall::Query(_) => Self::Params(text),
            _ => Self::Failed(text),
        }
    }
}

/// What a model can do about an error: the hints for people name commands that it can't run.
fn hint(error: &ArchiveError) -> Option<String> {
    use ArchiveError as Recall;
    match error {
        Recall::NoProject { near, .. } if near.is_empty() => {
            Some("pass \"all\" to search every project, or leave `project` out".to_owned())
        }
        Recall::NoConversation(_)
        | Recall::NoMessage(_)
        | Recall::NoMessages(_)
        | Recall::NoReflection(_) => Some("pass an id that a search gave".to_owned()),
        error => error.hint(),
    }
}
