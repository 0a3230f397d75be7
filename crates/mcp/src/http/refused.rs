//! Why a request over HTTP isn't taken.

use axum::http::StatusCode;
use wire::{ErrorClass, error_codes};

/// Why a request isn't taken, before it comes to the protocol.
pub(super) struct HttpRefusal {
    /// The status of the response.
    pub(super) status: StatusCode,
    /// The reason, for whoever reads the client's log.
    pub(super) why: &'static str,
}

impl HttpRefusal {
    /// A refusal with the status that errors of this class have everywhere.
    pub(super) fn of(class: ErrorClass, why: &'static str) -> Self {
        let status = StatusCode::from_u16(error_codes(class).http);
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            why,
        }
    }
}
