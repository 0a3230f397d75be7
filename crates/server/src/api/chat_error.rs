//! Errors of the chat over HTTP.

use axum::http::StatusCode;
use chat::Error;
use chat::model::ModelError;

use crate::api_error::ApiError;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let code = error.code();
        let (message, hint) = (error.to_string(), error.hint());
        match error {
            Error::Invalid { field, .. } => {
                Self::new(StatusCode::BAD_REQUEST, code, message).at(field)
            }
            Error::TooLong { field, .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, message).at(field)
            }
            Error::Unreadable { .. } => {
                let api = Self::new(StatusCode::BAD_REQUEST, code, message).at("document");
                match hint {
                    Some(hint) => api.hint(hint),
                    None => api,
                }
            }
            Error::Refused(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
                .at("text")
                .hint("change what it found and send it again"),
            Error::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, code, message),
            Error::Changed { .. } => Self::new(StatusCode::CONFLICT, code, message)
                .hint("load the conversation anew and make the change again"),
            Error::Conflict(_) => Self::new(StatusCode::CONFLICT, code, message),
            Error::Busy { retry_after, .. } => Self::unavailable(message, retry_after),
            Error::Ending => Self::unavailable(message, std::time::Duration::from_secs(5)),
            Error::Model(error) => of_model(&error),
            Error::Memory(error) => error.into(),
            Error::Internal(why) => Self::internal(why),
        }
    }
}

/// What went wrong with a model's server.
pub(crate) fn of_model(error: &ModelError) -> ApiError {
    let status = match error {
        ModelError::UnknownModel(_) | ModelError::UnknownProfile(_) => StatusCode::NOT_FOUND,
        ModelError::BadAddress { .. } => StatusCode::BAD_REQUEST,
        ModelError::NoModel => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    };
    let api = ApiError::new(status, "model_error", error.to_string());
    match error.hint() {
        Some(hint) => api.hint(hint),
        None => api,
    }
}
