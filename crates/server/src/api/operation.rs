//! `/api/settings` and `/api/doctor`: what the program is set to, and what its checks find. Nothing is changed here: a
//! setting is changed where it stands.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::JsonResponse;
use crate::operation::{HealthCheck, SettingsInForce};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Every setting of the program, with its value, where that comes from, and what it does.
#[utoipa::path(
    get, path = "/api/settings", tag = "server",
    responses(
        (status = 200, description = "The settings that are in force since the server began. Secrets aren't told.", body = SettingsInForce),
        RequestFailures,
    )
)]
pub(crate) async fn settings(
    State(state): State<AppState>,
    _: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    JsonResponse::of(&*state.options.operation.settings)
}

/// What the checks found.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthChecksDoc {
    /// Whether nothing is wrong.
    well: bool,
    /// The checks.
    checks: Vec<HealthCheck>,
}

/// What `lorekeep doctor` finds, but for reading the whole archive.
#[utoipa::path(
    get, path = "/api/doctor", tag = "server",
    responses(
        (status = 200, description = "What was found.", body = HealthChecksDoc),
        RequestFailures,
    )
)]
pub(crate) async fn doctor(
    State(state): State<AppState>,
    _: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let checks = state.options.operation.checks.clone();
    state
        .blocking(move || {
            let checks = (checks.0)();
            let well = checks.iter().all(|check| check.state != "bad");
            JsonResponse::of(&HealthChecksDoc { well, checks })
        })
        .await
}
