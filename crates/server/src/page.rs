//! `/`: what a person sees in a browser who comes here, and the one-time link that begins their session.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Method, Response, StatusCode};

use crate::api_error::ApiError;
use crate::gate::{count_stranger, peer};
use crate::query::QueryValues;
use crate::state::AppState;

/// What the page may load: nothing but itself.
const PAGE_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Seconds that a browser keeps the session's cookie.
const COOKIE_SECONDS: u64 = 30 * 86_400;

const WELCOME_PAGE: &str = include_str!("page/welcome.html");

/// The page.
#[utoipa::path(
    get, path = "/", tag = "server", security(()),
    responses((status = 200, description = "A page that says what this is.", content_type = "text/html", body = String))
)]
pub(crate) async fn welcome() -> Response<Body> {
    html(WELCOME_PAGE)
}

fn html(text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    response
}

/// Uses up a one-time link: begins a session and goes on to the page.
#[utoipa::path(
    get, path = "/login", tag = "server", security(()),
    params(("code" = String, Query, min_length = 1, description = "The code of a link that `serve` or `lorekeep key link` made.")),
    responses(
        (status = 303, description = "A session has begun; its cookie is set."),
        (status = 400, description = "There is no code.", body = crate::ApiErrorDoc),
        (status = 401, description = "The link was used already, or is too old.", body = crate::ApiErrorDoc),
        (status = 429, description = "Too many requests.", body = crate::ApiErrorDoc),
    )
)]
pub(crate) async fn login(
    State(state): State<AppState>,
    mut query: QueryValues,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let code = query.required("code")?;
    query.finish()?;
    count_stranger(&state, peer(&request))?;
    // Looking isn't using: some programs ask for the head of a link before a person follows it.
    if request.method() == Method::HEAD {
        return Ok(see_other(&state, None));
    }
    let credentials = std::sync::Arc::clone(&state.credentials);
    let token = state
        .blocking(move || credentials.use_link(&code).map_err(ApiError::internal))
        .await?;
    let token = token.ok_or_else(|| {
        ApiError::unauthorized("the link was used already, or is too old")
            .hint("`lorekeep key link` makes a new one")
    })?;
    Ok(see_other(&state, Some(&token)))
}

fn see_other(state: &AppState, token: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Relative, for proxies that show the server below a path.
    response
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_static("./"));
    if let Some(cookie) = token.and_then(|token| session_cookie(state, token)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The cookie of a session; an empty token takes it away.
pub(crate) fn session_cookie(state: &AppState, token: &str) -> Option<HeaderValue> {
    let seconds = if token.is_empty() { 0 } else { COOKIE_SECONDS };
    let cookie = format!(
        "{}={token}; Path={}/; Max-Age={seconds}; HttpOnly; SameSite=Lax",
        state.cookie, state.options.base_path
    );
    HeaderValue::from_str(&cookie).ok()
}
