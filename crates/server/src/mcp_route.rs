//! `/mcp`: the MCP server over the archive of whoever asks.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::IntoResponse;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::api_error::ApiError;
use crate::principal::Principal;
use crate::state::AppState;

/// A message of the Model Context Protocol; the first one, `initialize`, begins a session.
#[utoipa::path(post, path = "/mcp", responses((status = 200)))]
pub(crate) async fn send(
    state: State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    pass(&state, &principal, request).await
}

/// Messages of the server in a session, as events.
#[utoipa::path(get, path = "/mcp", responses((status = 200)))]
pub(crate) async fn listen(
    state: State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    pass(&state, &principal, request).await
}

/// Ends a session.
#[utoipa::path(delete, path = "/mcp", responses((status = 200)))]
pub(crate) async fn end(
    state: State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    pass(&state, &principal, request).await
}

async fn pass(
    state: &AppState,
    principal: &Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let person = state.people.of(principal)?;
    let answered = TowerToHyperService::new(person.mcp.clone())
        .call(request)
        .await;
    Ok(answered.into_response())
}
