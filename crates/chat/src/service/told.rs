//! What events say of errors.

use serde_json::{Value, json};

use crate::Error;
use crate::guards::GuardRefusal;

/// What an event says of an error.
pub(super) fn error_data(error: &Error) -> Value {
    if let Error::Refused(refusal) = error {
        return json!({"error": refusal_data(refusal)});
    }
    let mut data = json!({"code": error.code(), "message": error.to_string()});
    if let Error::Model(error) = error
        && let Some(hint) = error.hint()
    {
        data["hint"] = hint.into();
    }
    json!({ "error": data })
}

pub(super) fn refusal_data(refusal: &GuardRefusal) -> Value {
    let mut data = json!(refusal);
    data["code"] = refusal.trigger.into();
    data
}
