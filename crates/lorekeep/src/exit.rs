//! How the program ends: one table from what happened to an exit code, and how a failure is said.

use std::process::ExitCode;

use crate::output::{Closed, Output};
use crate::settings::Fault;
use crate::setup;

/// How a command ended that didn't fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Something is not as it should be, and the command has said what.
    Failed,
    /// The settings are wrong, and the command has said what.
    Usage,
    /// Nothing was found.
    Nothing,
    /// Something was found that should not be there.
    Found,
    /// Ended early because the person asked.
    Interrupted,
}

impl Outcome {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => USAGE,
            Self::Nothing => 3,
            Self::Found => 4,
            Self::Interrupted => 130,
        }
    }
}

/// The arguments can't be used as they are.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Usage {
    what: String,
    hint: Option<String>,
}

impl Usage {
    /// What is wrong with them.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
        }
    }

    /// The same with a remedy.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Something beyond this program failed.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
}

impl Failure {
    /// What failed.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
        }
    }

    /// The same with a remedy.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// The code of arguments that can't be used.
const USAGE: u8 = 2;

/// The table from errors to exit codes.
fn code(error: &anyhow::Error) -> u8 {
    use recall::Error as Recall;
    if error.is::<Closed>() {
        return 0;
    }
    if error.is::<Usage>() || error.is::<Fault>() {
        return USAGE;
    }
    match error.downcast_ref::<Recall>() {
        Some(
            Recall::NoProject { .. }
            | Recall::AmbiguousProject { .. }
            | Recall::AmbiguousConversation { .. }
            | Recall::AmbiguousReflection { .. }
            | Recall::AmbiguousMessage { .. }
            | Recall::Empty(_)
            | Recall::TooLong { .. }
            | Recall::NotSelfReflect(_)
            | Recall::StoreTooLarge(_)
            | Recall::NoLine { .. }
            | Recall::NoCommit(_)
            | Recall::NotCommitted(_)
            | Recall::Query(_),
        ) => USAGE,
        Some(
            Recall::NoConversation(_)
            | Recall::NoMessage(_)
            | Recall::NoMessages(_)
            | Recall::NoReflection(_),
        ) => 3,
        _ => 1,
    }
}

fn hint(error: &anyhow::Error) -> Option<String> {
    for cause in error.chain() {
        let hint = if let Some(error) = cause.downcast_ref::<recall::Error>() {
            error.hint()
        } else if let Some(error) = cause.downcast_ref::<embed::Error>() {
            error.hint().map(str::to_owned)
        } else if let Some(usage) = cause.downcast_ref::<Usage>() {
            usage.hint.clone()
        } else if let Some(failure) = cause.downcast_ref::<Failure>() {
            failure.hint.clone()
        } else if let Some(fault) = cause.downcast_ref::<Fault>() {
            fault.hint.clone()
        } else if let Some(fault) = cause.downcast_ref::<setup::Fault>() {
            fault.hint.clone()
        } else {
            None
        };
        if hint.is_some() {
            return hint;
        }
    }
    None
}

/// Prints what the argument parser answers instead of arguments: help, version, or a complaint.
pub(crate) fn answer(answer: &clap::Error, out: &mut Output) -> ExitCode {
    let text = answer.render();
    if answer.use_stderr() {
        out.complain(&text);
        return USAGE.into();
    }
    finish(out.help(&text).map(|()| Outcome::Done), out)
}

/// Says what failed, if anything did, and turns it into an exit code.
pub(crate) fn finish(result: anyhow::Result<Outcome>, out: &mut Output) -> ExitCode {
    let result = result.and_then(|outcome| out.flush().map(|()| outcome));
    match result {
        Ok(outcome) => outcome.code().into(),
        Err(error) => {
            if !error.is::<Closed>() {
                say(&error, out);
            }
            code(&error).into()
        }
    }
}

/// Says what failed and what to do about it.
fn say(error: &anyhow::Error, out: &mut Output) {
    out.error(&chain(error));
    if let Some(hint) = hint(error) {
        out.hint(&hint);
    }
}

/// The error and its causes, each once: transparent errors repeat their cause.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.ends_with(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}
