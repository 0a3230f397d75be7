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
    match error {
        chat::Error::Model(model) => match model.hint() {
            Some(hint) => fault.hint(hint),
            None => fault,
        },
        chat::Error::NotFound {
            what: "character", ..
        } => fault.hint("`lorekeep character list` lists them"),
        _ => fault,
    }
}
