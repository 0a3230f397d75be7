//! Why a call gets no answer. What the protocol calls an error is looked up in the table that all
//! surfaces share.

use memory::{ArchiveError, Scope};
use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use wire::markup::{Markup, line};
use wire::{ErrorClass, RPC_INVALID_PARAMS, RPC_INVALID_REQUEST, error_codes};

use crate::hint;

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
        let code = error_codes(self.class()).rpc;
        ErrorData::new(ErrorCode(code), self.shown(), None)
    }

    /// What the refusal means to the client.
    fn class(&self) -> ErrorClass {
        match self {
            Self::Unknown(_) => ErrorClass::NotFound,
            Self::Params(_) => ErrorClass::Invalid,
            Self::Cancelled => ErrorClass::Cancelled,
            Self::Failed(_) => ErrorClass::Internal,
        }
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
        let text = match hint::of(&error) {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        match error_codes(error.class()).rpc {
            RPC_INVALID_PARAMS => Self::Params(text),
            RPC_INVALID_REQUEST => Self::Cancelled,
            _ => Self::Failed(text),
        }
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        memory::Error::from(error).into()
    }
}
