//! Why a request over HTTP isn't taken.

use axum::http::StatusCode;

/// Why a request isn't taken.
pub(super) struct HttpRefusal {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}
