//! How the program ends: with which exit code, and how a failure is said.

use std::process::ExitCode;

use recall::ErrorClass;
use wire::{
    EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_NOTHING_FOUND, EXIT_SCAN_FOUND, EXIT_USAGE,
    error_codes,
};

use crate::fault::Fault;
use crate::hint;
use crate::output::{Output, StdoutClosed};

/// How a command ended that returned no error; each ending has an exit code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// What was asked for is done.
    Done,
    /// Something is not as it should be, and the command has said what.
    Failed,
    /// The settings are wrong, and the command has said what.
    Usage,
    /// Nothing was found that fits.
    Nothing,
    /// A scan found something that should not be there.
    Found,
    /// Ended early because the person asked.
    Interrupted,
}

impl CommandOutcome {
    fn code(self) -> u8 {
        match self {
            Self::Done => EXIT_DONE,
            Self::Failed => EXIT_FAILED,
            Self::Usage => EXIT_USAGE,
            Self::Nothing => EXIT_NOTHING_FOUND,
            Self::Found => EXIT_SCAN_FOUND,
            Self::Interrupted => EXIT_INTERRUPTED,
        }
    }
}

/// The exit code of an error, by its class.
fn code(error: &anyhow::Error) -> u8 {
    if error.is::<StdoutClosed>() {
        return EXIT_DONE;
    }
    error_codes(class(error)).exit
}

/// What an error means to whoever ran the command.
fn class(error: &anyhow::Error) -> ErrorClass {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        fault.class
    } else if let Some(error) = error.downcast_ref::<memory::Error>() {
        error.class()
    } else if let Some(error) = error.downcast_ref::<recall::Error>() {
        error.class()
    } else if let Some(error) = error.downcast_ref::<embed::Error>() {
        error.into()
    } else if let Some(error) = error.downcast_ref::<std::io::Error>() {
        error.into()
    } else {
        ErrorClass::Internal
    }
}

/// Prints what the argument parser answers instead of arguments: help, version, or a complaint.
pub(crate) fn answer(answer: &clap::Error, out: &mut Output) -> ExitCode {
    let text = answer.render();
    if answer.use_stderr() {
        out.complain(&text);
        let is_unknown = answer.kind() == clap::error::ErrorKind::UnknownArgument;
        if is_unknown && text.to_string().contains("lorekeep search") {
            out.hint("words that begin with `-` stand behind `--`: `lorekeep search -- -WORD`");
        }
        return EXIT_USAGE.into();
    }
    finish(out.help(&text).map(|()| CommandOutcome::Done), out)
}

/// Says what failed, if anything did, and turns it into an exit code.
pub(crate) fn finish(result: anyhow::Result<CommandOutcome>, out: &mut Output) -> ExitCode {
    let result = result.and_then(|outcome| out.flush().map(|()| outcome));
    out.end_pager();
    match result {
        Ok(outcome) => outcome.code().into(),
        Err(error) => {
            if !error.is::<StdoutClosed>() {
                say(&error, out);
            }
            code(&error).into()
        }
    }
}

/// Says what failed and what to do about it.
fn say(error: &anyhow::Error, out: &mut Output) {
    out.error(&chain(error));
    if let Some(hint) = hint::of(error) {
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
