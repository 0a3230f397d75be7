//! Errors as OpenAI's clients read them.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use chat::GuardRefusal;
use chat::model::{ModelError, UpstreamError};
use serde_json::{Value, json};
use utoipa::{IntoResponses, ToSchema};

use crate::api_error::ApiError;

/// The document of an error, as OpenAI's API has it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is written elsewhere")]
pub(crate) struct OpenAiErrorDoc {
    /// What went wrong.
    error: OpenAiErrorBody,
}

/// What went wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is written elsewhere")]
struct OpenAiErrorBody {
    /// What is wrong, in words.
    message: String,
    /// The kind of error, such as `invalid_request_error` or `input_check_error`.
    r#type: String,
    /// Where in the request it is.
    param: Option<String>,
    /// A word for programs, such as `prompt_injection`.
    code: Option<String>,
}

/// What may go wrong on every route of the gateway.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes what is written elsewhere")]
pub(super) enum GatewayFailures {
    /// Something in the request can't be used as it is, a guard refused it, or the provider did.
    #[response(status = 400)]
    Invalid(OpenAiErrorDoc),
    /// There is no valid key, or the provider refused its own.
    #[response(status = 401)]
    Unauthorized(OpenAiErrorDoc),
    /// The key doesn't have the scope `gateway`, or the provider forbids it.
    #[response(status = 403)]
    Forbidden(OpenAiErrorDoc),
    /// There is no such model.
    #[response(status = 404)]
    NotFound(OpenAiErrorDoc),
    /// The body took too long to come in.
    #[response(status = 408)]
    Slow(OpenAiErrorDoc),
    /// The body is too long.
    #[response(status = 413)]
    TooLarge(OpenAiErrorDoc),
    /// Too many requests, here or at the provider; or the budget of the day is used up.
    #[response(status = 429)]
    TooMany(OpenAiErrorDoc),
    /// The server failed; its log says why.
    #[response(status = 500)]
    Internal(OpenAiErrorDoc),
    /// The provider failed or can't be reached.
    #[response(status = 502)]
    Provider(OpenAiErrorDoc),
    /// There is no model, or it can't be done now.
    #[response(status = 503)]
    Unavailable(OpenAiErrorDoc),
    /// The provider took too long.
    #[response(status = 504)]
    Late(OpenAiErrorDoc),
}

/// Tells OpenAI's clients not to try again what can't work.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Why a request of a program gets no answer.
pub(super) enum GatewayFailure {
    /// As any route has it; the front writes it in OpenAI's form.
    Api(ApiError),
    /// In OpenAI's form already.
    Own(Box<FailureParts>),
}

pub(super) struct FailureParts {
    status: StatusCode,
    /// The `error` object.
    error: Value,
    retry_after: Option<Duration>,
    is_final: bool,
}

impl From<ApiError> for GatewayFailure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<memory::Error> for GatewayFailure {
    fn from(error: memory::Error) -> Self {
        Self::Api(error.into())
    }
}

impl From<Box<GuardRefusal>> for GatewayFailure {
    fn from(refusal: Box<GuardRefusal>) -> Self {
        let param = (refusal.kind == "input_check_error").then_some("messages");
        let mut error = error_of(&refusal);
        error["param"] = json!(param);
        Self::own(StatusCode::BAD_REQUEST, error)
    }
}

/// The `error` object of a text that was refused: the contract's identifiers, and what was found where.
pub(super) fn error_of(refusal: &GuardRefusal) -> Value {
    json!({
        "message": refusal.message,
        "type": refusal.kind,
        "param": null,
        "code": refusal.trigger,
        "data": { "findings": refusal.findings },
    })
}

impl From<ModelError> for GatewayFailure {
    fn from(error: ModelError) -> Self {
        let mut parts = FailureParts {
            status: status_of(&error),
            error: error_of_model(&error),
            retry_after: None,
            is_final: matches!(error, ModelError::NoModel | ModelError::BudgetSpent(_)),
        };
        if let ModelError::RateLimited { retry_after, .. } = error {
            parts.retry_after = retry_after;
        }
        Self::Own(Box::new(parts))
    }
}

/// The `error` object of what went wrong with a model: the provider's own words and names where it said something.
pub(super) fn error_of_model(error: &ModelError) -> Value {
    let (kind, code) = match error {
        ModelError::NoModel => ("server_error", "no_model"),
        ModelError::UnknownModel(_) | ModelError::UnknownProfile(_) => {
            ("invalid_request_error", "model_not_found")
        }
        ModelError::KeyRefused { .. } => ("authentication_error", "provider_key_refused"),
        ModelError::RateLimited { .. } | ModelError::BudgetSpent(_) => {
            ("rate_limit_error", "rate_limit_exceeded")
        }
        ModelError::TooLong(_) => ("invalid_request_error", "context_length_exceeded"),
        ModelError::Refused(_) => ("invalid_request_error", "refused_by_provider"),
        ModelError::Unreachable { .. } => ("server_error", "provider_unreachable"),
        ModelError::TimedOut { .. } => ("server_error", "timeout"),
        _ => ("server_error", "provider_failed"),
    };
    let given = |own: &str, other: &str| match own.is_empty() {
        true => other.to_owned(),
        false => own.to_owned(),
    };
    let silent = UpstreamError::default();
    let said = error.upstream().unwrap_or(&silent);
    let message = match (said.message.is_empty(), error.hint()) {
        (false, _) => said.message.clone(),
        (true, Some(hint)) => format!("{error} ({hint})"),
        (true, None) => error.to_string(),
    };
    let param = (!said.param.is_empty()).then_some(&said.param);
    // A length has one name for all clients, whatever the provider calls it.
    let own_code = if matches!(error, ModelError::TooLong(_)) {
        ""
    } else {
        &said.code
    };
    json!({
        "message": message,
        "type": given(&said.kind, kind),
        "param": param,
        "code": given(own_code, code),
    })
}

fn status_of(error: &ModelError) -> StatusCode {
    let told = error
        .upstream()
        .and_then(|said| StatusCode::from_u16(said.status).ok());
    let own = match error {
        ModelError::NoModel => StatusCode::SERVICE_UNAVAILABLE,
        ModelError::UnknownModel(_) | ModelError::UnknownProfile(_) => StatusCode::NOT_FOUND,
        ModelError::KeyRefused { status, .. } => {
            StatusCode::from_u16(*status).unwrap_or(StatusCode::UNAUTHORIZED)
        }
        ModelError::BudgetSpent(_) => StatusCode::TOO_MANY_REQUESTS,
        ModelError::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
        ModelError::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    };
    told.filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or(own)
}

impl GatewayFailure {
    fn own(status: StatusCode, error: Value) -> Self {
        Self::Own(Box::new(FailureParts {
            status,
            error,
            retry_after: None,
            is_final: false,
        }))
    }

    /// 400: a field can't be used as it is.
    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::invalid_as("invalid_value", param, message)
    }

    /// 400: a field that isn't offered here.
    pub(super) fn unsupported(param: &str, message: impl Into<String>) -> Self {
        Self::invalid_as("unsupported_parameter", param, message)
    }

    fn invalid_as(code: &str, param: &str, message: impl Into<String>) -> Self {
        let error = json!({
            "message": message.into(), "type": "invalid_request_error", "param": param, "code": code,
        });
        Self::own(StatusCode::BAD_REQUEST, error)
    }
}

impl IntoResponse for GatewayFailure {
    fn into_response(self) -> Response<Body> {
        let parts = match self {
            Self::Api(error) => return error.into_response(),
            Self::Own(parts) => parts,
        };
        let mut response = Response::new(Body::from(json!({ "error": parts.error }).to_string()));
        *response.status_mut() = parts.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(after) = parts.retry_after {
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from(after.as_secs().saturating_add(1)),
            );
        }
        if parts.is_final {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }
}
