//! Errors over HTTP, in one form for all routes.
//!
//! A handler returns an [`ApiError`]; its response carries the error itself, and the outermost layer writes
//! the body, since only that knows the request's id and whether the route speaks as OpenAI does.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use memory::ArchiveError;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};
use wire::{ErrorClass, error_codes};

/// Why a request gets no answer. It is shown to whoever asked, so none of its texts but
/// [`Self::with_internal`] may hold a key, a path of the machine or a message's text.
#[derive(Clone, Debug)]
pub struct ApiError(Box<ErrorParts>);

#[derive(Clone, Debug)]
struct ErrorParts {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<String>,
    field: Option<String>,
    retry_after: Option<Duration>,
    internal: Option<String>,
}

/// The document of an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiErrorDoc {
    /// What went wrong.
    error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorBody {
    /// A word for programs, such as `not_found`.
    code: &'static str,
    /// What is wrong, in words.
    message: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Where in the request it is: the path of a JSON field, or the name of a parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The request's id, which the server's logs have as well.
    request_id: String,
}

/// What may go wrong on every route that needs a key, for the document of the API.
#[derive(IntoResponses)]
pub enum RequestFailures {
    /// Something in the request can't be used as it is; `field` says where.
    #[response(status = 400)]
    Invalid(ApiErrorDoc),
    /// There is no valid key or session.
    #[response(status = 401)]
    Unauthorized(ApiErrorDoc),
    /// The key doesn't have the scope, or another site's page asks.
    #[response(status = 403)]
    Forbidden(ApiErrorDoc),
    /// What the request names isn't there, or is somebody else's.
    #[response(status = 404)]
    Missing(ApiErrorDoc),
    /// A name means several things, or it can't be done in the present state of things.
    #[response(status = 409)]
    Conflict(ApiErrorDoc),
    /// The body took too long to come in.
    #[response(status = 408)]
    Slow(ApiErrorDoc),
    /// The body is too long.
    #[response(status = 413)]
    TooLarge(ApiErrorDoc),
    /// The body isn't JSON.
    #[response(status = 415)]
    NotJson(ApiErrorDoc),
    /// Too many requests; `Retry-After` says when to come again.
    #[response(status = 429)]
    TooMany(ApiErrorDoc),
    /// The server failed; its log says why.
    #[response(status = 500)]
    Internal(ApiErrorDoc),
    /// It can't be done now; `Retry-After` says when to come again.
    #[response(status = 503)]
    Unavailable(ApiErrorDoc),
}

impl ApiError {
    /// An error of a status, with a word for programs and a sentence without a full stop.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorParts {
            status,
            code,
            message: message.into(),
            hint: None,
            field: None,
            retry_after: None,
            internal: None,
        }))
    }

    /// 400: a field, parameter or header can't be used as it is.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let field = field.into();
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid", message);
        match field.is_empty() {
            true => error,
            false => error.at(field),
        }
    }

    /// 404: it isn't there, or isn't there for whoever asks.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 409: it can't be done in the present state of things.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// 401: there is no valid credential.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message).hint(
            "send `Authorization: Bearer KEY`; `lorekeep key create` makes a key, and \
             `lorekeep key link` a link for the browser",
        )
    }

    /// 403: the credential doesn't allow it.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 413: the body has more than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body has more than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// 429: too many requests came.
    #[must_use]
    pub fn too_many(retry_after: Duration) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "too many requests",
        );
        error.0.retry_after = Some(retry_after);
        error
    }

    /// 503: it can't be done now.
    #[must_use]
    pub fn unavailable(message: impl Into<String>, retry_after: Duration) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        error.0.retry_after = Some(retry_after);
        error
    }

    /// 500: a failure that whoever asked can do nothing about. Its text goes to the server's log alone.
    #[must_use]
    pub fn internal(why: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server failed; its log says why, under this request's id",
        )
        .with_internal(why.to_string())
    }

    /// The error with what can be done about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The error at a place in the request.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// The error with a text for the server's log.
    #[must_use]
    pub fn with_internal(mut self, internal: String) -> Self {
        self.0.internal = Some(internal);
        self
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Its word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the server's log is told beside its code.
    pub(crate) fn internal_text(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }

    /// The response with a body in the form of the API.
    pub(crate) fn respond(&self, request_id: &str) -> Response<Body> {
        let document = ApiErrorDoc {
            error: ErrorBody {
                code: self.0.code,
                message: self.0.message.clone(),
                hint: self.0.hint.clone(),
                field: self.0.field.clone(),
                request_id: request_id.to_owned(),
            },
        };
        self.with_body(serde_json::to_string(&document).unwrap_or_default())
    }

    /// The response with a body as OpenAI's API has it.
    pub(crate) fn respond_as_openai(&self) -> Response<Body> {
        let kind = match self.0.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            400..500 => "invalid_request_error",
            _ => "server_error",
        };
        let message = match &self.0.hint {
            Some(hint) => format!("{} ({hint})", self.0.message),
            None => self.0.message.clone(),
        };
        let document = serde_json::json!({"error": {
            "message": message, "type": kind, "param": self.0.field, "code": self.0.code,
        }});
        self.with_body(document.to_string())
    }

    fn with_body(&self, body: String) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.0.retry_after {
            let seconds = after.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                headers.insert(RETRY_AFTER, value);
            }
        }
        response
    }
}

/// The error that a response stands for, until its body is written.
#[derive(Clone)]
pub(crate) struct PendingError(pub(crate) Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.status;
        response
            .extensions_mut()
            .insert(PendingError(Arc::new(self)));
        response
    }
}

impl From<memory::Error> for ApiError {
    fn from(error: memory::Error) -> Self {
        match error {
            memory::Error::Archive(error) => error.into(),
            other => of_class(other.class(), &other),
        }
    }
}

impl From<ArchiveError> for ApiError {
    fn from(error: ArchiveError) -> Self {
        // Whether a project is unknown or somebody else's isn't told apart.
        let class = match &error {
            ArchiveError::NoProject { .. } => ErrorClass::NotFound,
            other => other.class(),
        };
        let hint = match &error {
            ArchiveError::NoProject { near, .. } if !near.is_empty() => {
                Some(format!("did you mean {}?", near.join(", ")))
            }
            ArchiveError::AmbiguousProject { candidates, .. }
            | ArchiveError::AmbiguousConversation { candidates, .. }
            | ArchiveError::AmbiguousMessage { candidates, .. }
            | ArchiveError::AmbiguousReflection { candidates, .. }
            | ArchiveError::AmbiguousFact { candidates, .. } => {
                Some(format!("one of {}", candidates.join(", ")))
            }
            ArchiveError::NoModel => {
                return Self::conflict("there is no embedding model to search with by meaning")
                    .hint("`lorekeep model fetch` gets it; the mode `lexical` works without");
            }
            _ => None,
        };
        let api = of_class(class, &error);
        match hint {
            Some(hint) => api.hint(hint),
            None => api,
        }
    }
}

/// An error of a class, with its own words where whoever asked can use them.
fn of_class(class: ErrorClass, error: &dyn std::fmt::Display) -> ApiError {
    const RETRY_AFTER_BUSY: Duration = Duration::from_secs(1);
    let status = StatusCode::from_u16(error_codes(class).http);
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (code, message) = match class {
        ErrorClass::Invalid => ("invalid", error.to_string()),
        ErrorClass::Ambiguous => ("ambiguous", error.to_string()),
        ErrorClass::NotFound => ("not_found", error.to_string()),
        ErrorClass::Cancelled => ("cancelled", error.to_string()),
        ErrorClass::Unavailable => ("unavailable", "what it needs isn't there".to_owned()),
        ErrorClass::Busy => {
            let mut busy =
                ApiError::unavailable("the archive is busy; try again", RETRY_AFTER_BUSY);
            busy.0.internal = Some(error.to_string());
            return busy;
        }
        ErrorClass::NoSpace => (
            "no_space",
            "the disk is full; nothing was stored".to_owned(),
        ),
        ErrorClass::Forbidden => ("storage", "the server may not use its files".to_owned()),
        ErrorClass::Unsupported | ErrorClass::Damaged => (
            "storage",
            "the archive can't be used as it is; `lorekeep doctor` says more".to_owned(),
        ),
        ErrorClass::Internal => return ApiError::internal(error),
    };
    let api = ApiError::new(status, code, message);
    match status.is_server_error() {
        true => api.with_internal(error.to_string()),
        false => api,
    }
}
