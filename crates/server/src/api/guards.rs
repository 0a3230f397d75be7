//! `/api/guards/scan`: what a text holds that should not be stored, shown or obeyed.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use wire::JudgedDoc;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::state::AppState;

/// A text to be judged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanBody {
    /// The text. It is not stored.
    text: String,
}

/// Judges a text by the policy for scans.
#[utoipa::path(
    post, path = "/api/guards/scan", tag = "guards",
    request_body = ScanBody,
    responses(
        (status = 200, description = "`verdict` and `findings`, as `lorekeep scan --batch` prints them.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn scan(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<ScanBody>,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let judgement = person.engine.judge(&body.text, &person.scan_policy);
            JsonResponse::of(&JudgedDoc::new(None, &judgement))
        })
        .await
}
