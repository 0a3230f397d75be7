//! `/api/session`: who asks, and sessions of browsers.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys::of_server;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{JsonResponse, from_json, read_body};
use crate::gate;
use crate::page::session_cookie;
use crate::principal::Principal;
use crate::state::AppState;

/// Bytes of a body with a key.
const MAX_KEY_BODY_BYTES: usize = 4096;

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionDoc {
    /// The owner's id.
    owner: String,
    /// What the owner is called.
    name: String,
    /// What may be done: `chat`, `memory`, `gateway`, `admin`.
    scopes: Vec<&'static str>,
    /// The id of the key that the request came with; `null` for a session.
    key: Option<String>,
}

/// Who asks, and what they may do.
#[utoipa::path(
    get, path = "/api/session", tag = "keys",
    responses((status = 200, description = "Whose credential it is.", body = SessionDoc), RequestFailures)
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    JsonResponse::of(&SessionDoc {
        owner: principal.owner.to_string(),
        name: person.owner.name.clone(),
        scopes: principal.scopes.names(),
        key: principal.key.map(|key| key.to_string()),
    })
}

/// A key that begins a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionBody {
    /// The key, with all scopes.
    key: String,
}

/// Begins a session of a browser with a key; the cookie can't be read by scripts.
#[utoipa::path(
    post, path = "/api/session", tag = "keys", security(()),
    request_body = SessionBody,
    responses((status = 204, description = "The session has begun; its cookie is set."), RequestFailures)
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    mut request: Request,
) -> Result<Response<Body>, ApiError> {
    gate::count_stranger(&state, gate::peer(&request))?;
    let address = gate::peer(&request);
    let body = std::mem::take(request.body_mut());
    let bytes = read_body(Request::new(body), MAX_KEY_BODY_BYTES, &state).await?;
    let SessionBody { key } = from_json(&bytes)?;
    let principal = gate::of_token(&state, &key, address)?;
    for scope in crate::keys::KeyScope::ALL {
        principal.check(scope)?;
    }
    let credentials = std::sync::Arc::clone(&state.credentials);
    let job = move || {
        credentials
            .begin_session(&principal.owner)
            .map_err(of_server)
    };
    let token = state.blocking(job).await?;
    Ok(with_cookie(&state, &token))
}

/// Ends the session that the request's cookie is of.
#[utoipa::path(
    delete, path = "/api/session", tag = "keys",
    responses((status = 204, description = "The session has ended; its cookie is taken away."), RequestFailures)
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    _: Principal,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    if let Some(token) = gate::session_token(request.headers(), &state.cookie) {
        let credentials = std::sync::Arc::clone(&state.credentials);
        let job = move || credentials.end_session(&token).map_err(of_server);
        state.blocking(job).await?;
    }
    Ok(with_cookie(&state, ""))
}

fn with_cookie(state: &AppState, token: &str) -> Response<Body> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = session_cookie(state, token) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}
