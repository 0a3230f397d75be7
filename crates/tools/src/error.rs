//! Why a call of a tool has no result.

use std::time::Duration;

use thiserror::Error;

/// What can go wrong with a server of tools, one variant for each decision of a caller.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ToolError {
    /// The caller cancelled it; the server was told.
    #[error("the call was cancelled")]
    Cancelled,
    /// The server took too long; it was told that nobody waits any more.
    #[error("`{server}` took longer than {after:?} for {what}")]
    TimedOut {
        /// The server.
        server: String,
        /// What for, such as "the call of `name`".
        what: String,
        /// How long was waited since the last sign of life.
        after: Duration,
    },
    /// The server can't be reached or ended.
    #[error("`{server}` is not available: {why}")]
    Unavailable {
        /// The server.
        server: String,
        /// What happened.
        why: String,
        /// What a person can do.
        hint: Option<String>,
    },
    /// The server wants a person to log in.
    #[error("`{server}` wants you to log in")]
    NeedsLogin {
        /// The server.
        server: String,
    },
    /// A log-in couldn't be begun or ended.
    #[error("logging in to `{server}` failed: {why}")]
    LoginFailed {
        /// The server.
        server: String,
        /// Why.
        why: String,
    },
    /// The server answered with an error of the protocol.
    #[error("{0}")]
    Refused(String),
    /// The answer is longer than the limit.
    #[error("the answer of `{server}` is longer than {limit} bytes")]
    TooLarge {
        /// The server.
        server: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The server broke the protocol: an answer of a wrong shape or to another question.
    #[error("`{server}` broke the protocol: {what}")]
    Malformed {
        /// The server.
        server: String,
        /// How.
        what: String,
    },
    /// There is no such server.
    #[error("there is no server `{0}`")]
    UnknownServer(String),
    /// The server has no such tool, or it isn't allowed.
    #[error("`{server}` has no tool `{name}`")]
    UnknownTool {
        /// The server.
        server: String,
        /// The tool.
        name: String,
    },
}

impl ToolError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unavailable { hint, .. } => hint.clone(),
            Self::TimedOut { .. } => {
                Some("raise `timeout_s` of the server in mcp.json if it needs longer".to_owned())
            }
            _ => None,
        }
    }
}
