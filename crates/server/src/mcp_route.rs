//! `/mcp`: the MCP server over the archive of whoever asks.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::IntoResponse;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::api_error::{ApiError, RequestFailures};
use crate::principal::Principal;
use crate::state::AppState;

/// A message of the Model Context Protocol; the first one, `initialize`, begins a session.
#[utoipa::path(
    post, path = "/mcp", tag = "mcp",
    request_body(content = Object, description = "A JSON-RPC message."),
    responses(
        (status = 200, description = "The answer, as JSON or as events.", content_type = "text/event-stream", body = String),
        (status = 202, description = "The message needs no answer."),
        (status = 404, description = "The session isn't known."),
        (status = 406, description = "`Accept` doesn't name `application/json` and `text/event-stream`."),
        (status = 422, description = "The message isn't one of the protocol."),
        RequestFailures,
    )
)]
pub(crate) async fn send(
    state: State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    pass(&state, &principal, request).await
}

/// Messages of the server in a session, as events.
#[utoipa::path(
    get, path = "/mcp", tag = "mcp",
    params(("Mcp-Session-Id" = String, Header, description = "The session.")),
    responses(
        (status = 200, description = "Events until the session ends.", content_type = "text/event-stream", body = String),
        (status = 404, description = "The session isn't known."),
        (status = 406, description = "`Accept` doesn't name `text/event-stream`."),
        RequestFailures,
    )
)]
pub(crate) async fn listen(
    state: State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    pass(&state, &principal, request).await
}

/// Ends a session.
#[utoipa::path(
    delete, path = "/mcp", tag = "mcp",
    params(("Mcp-Session-Id" = String, Header, description = "The session.")),
    responses(
        (status = 202, description = "It has ended."),
        (status = 404, description = "The session isn't known."),
        RequestFailures,
    )
)]
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
