//! Errors of the chat at the command line.

use crate::fault::Fault;

/// An error of the chat as the command line says it.
pub(super) fn fault(error: &chat::Error) -> Fault {
    let fault = match error {
        chat::Error::NotFound { .. } => Fault::missing(error.to_string()),
        chat::Error::Invalid { .. } | chat::Error::TooLong { .. } => {
            Fault::usage(error.to_string())
        }
        _ => Fault::failure(error.to_string()),
    };
    match (error, error.hint()) {
        (_, Some(hint)) => fault.hint(hint),
        (
            chat::Error::NotFound {
                what: "character", ..
            },
            None,
        ) => fault.hint("`lorekeep character list` lists them"),
        _ => fault,
    }
}
