//! Exit codes, and the one table from a class of errors to exit code, HTTP status and JSON-RPC code (MCP).
//!
//! Surfaces ask an error for its class and look the class up here, so that the command line, assistants
//! and servers never disagree about the same error.

use recall::ErrorClass;

/// Exit code of a command that did what was asked.
pub const EXIT_DONE: u8 = 0;
/// Exit code of a command that failed, or whose check found something wrong.
pub const EXIT_FAILED: u8 = 1;
/// Exit code for arguments or settings that can't be used as they are, such as an ambiguous name.
pub const EXIT_USAGE: u8 = 2;
/// Exit code of a command that found nothing, or that was given an id that isn't there.
pub const EXIT_NOTHING_FOUND: u8 = 3;
/// Exit code of `scan` if a finding's action is at least that of `--fail-on` (`flag` unless it is given).
pub const EXIT_SCAN_FOUND: u8 = 4;
/// Exit code of a command that was interrupted (Ctrl-C): 128 + 2, the number of `SIGINT`, as in shells.
pub const EXIT_INTERRUPTED: u8 = 130;

/// JSON-RPC error code for a message that is no valid request, and for a request that was cancelled.
pub const RPC_INVALID_REQUEST: i32 = -32_600;
/// JSON-RPC error code for arguments that can't be used; in MCP also for unknown names and ids.
pub const RPC_INVALID_PARAMS: i32 = -32_602;
/// JSON-RPC error code for a failure that isn't the caller's fault.
pub const RPC_INTERNAL_ERROR: i32 = -32_603;

/// The three codes by which one class of errors is reported; see [`error_codes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCodes {
    /// Exit code of a command that ends with such an error: 1, 2, 3 or 130.
    pub exit: u8,
    /// HTTP status, 400–599.
    pub http: u16,
    /// JSON-RPC error code, which MCP uses: one of the `RPC_…` constants.
    pub rpc: i32,
}

/// The codes of a class of errors. Ask an error for its class (`Error::class`), then this; every class has
/// codes.
#[must_use]
pub const fn error_codes(class: ErrorClass) -> ErrorCodes {
    let (exit, http, rpc) = match class {
        ErrorClass::Invalid => (EXIT_USAGE, 400, RPC_INVALID_PARAMS),
        ErrorClass::Ambiguous => (EXIT_USAGE, 409, RPC_INVALID_PARAMS),
        ErrorClass::NotFound => (EXIT_NOTHING_FOUND, 404, RPC_INVALID_PARAMS),
        ErrorClass::Busy | ErrorClass::Unavailable => (EXIT_FAILED, 503, RPC_INTERNAL_ERROR),
        ErrorClass::Forbidden => (EXIT_FAILED, 403, RPC_INTERNAL_ERROR),
        ErrorClass::NoSpace => (EXIT_FAILED, 507, RPC_INTERNAL_ERROR),
        ErrorClass::Cancelled => (EXIT_INTERRUPTED, 499, RPC_INVALID_REQUEST),
        ErrorClass::Unsupported | ErrorClass::Damaged | ErrorClass::Internal => {
            (EXIT_FAILED, 500, RPC_INTERNAL_ERROR)
        }
    };
    ErrorCodes { exit, http, rpc }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use recall::Error;

    use super::*;

    fn check(error: &Error, exit: u8, http: u16, rpc: i32) {
        let codes = error_codes(error.class());
        assert_eq!(codes, ErrorCodes { exit, http, rpc }, "{error}");
    }

    #[test]
    fn the_same_error_is_the_same_to_every_surface() {
        let file = || PathBuf::from("a.rs");
        check(&Error::Query("too long".into()), 2, 400, -32602);
        check(&Error::NoConversation("x".into()), 3, 404, -32602);
        check(&Error::NoReflection("x".into()), 3, 404, -32602);
        let (id, candidates) = ("x".to_owned(), vec![]);
        let ambiguous = Error::AmbiguousConversation { id, candidates };
        check(&ambiguous, 2, 409, -32602);
        check(&Error::Locked, 1, 503, -32603);
        check(&Error::Full, 1, 507, -32603);
        check(&Error::NoModel, 1, 503, -32603);
        check(&Error::Damaged("page 7".into()), 1, 500, -32603);
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        check(&denied.into(), 1, 403, -32603);
        // A file that lines are asked of is an argument, whatever is wrong with it.
        check(&Error::NoFile(file()), 2, 400, -32602);
        check(&Error::NoText(file()), 2, 400, -32602);
        check(&Error::NoCommit("x".into()), 2, 400, -32602);
        let too_long = Error::FileTooLong {
            file: file(),
            lines: 9,
        };
        check(&too_long, 2, 400, -32602);
    }

    #[test]
    fn every_class_has_codes_that_its_receivers_know() {
        for class in ErrorClass::ALL {
            let codes = error_codes(class);
            assert!(matches!(codes.exit, 1..=3 | 130), "{class:?}");
            assert!((400..600).contains(&codes.http), "{class:?}");
            assert!((-32_603..=-32_600).contains(&codes.rpc), "{class:?}");
        }
    }
}
