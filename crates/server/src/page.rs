//! What a person sees in a browser: the page at its places, its files, and the one-time link that begins their session.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use site::{ContentCoding, SiteFile};

use crate::api_error::ApiError;
use crate::gate::{count_stranger, peer};
use crate::query::QueryValues;
use crate::state::AppState;

/// What the page that stands in for one may load: nothing.
const WELCOME_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page may load: its own files, and what it makes itself. Markup can't be made from text, except by
/// Svelte from its own templates.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; \
     base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types lorekeep svelte-trusted-html";

/// What a worker of the page may load: its own parts. A worker goes by the policy of its own file.
const SCRIPT_POLICY: &str =
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/// Where the page shows markup of others in a frame.
const PREVIEW_PATH: &str = "/preview.html";

/// What markup of others may do there: run its own scripts, in an origin that is nobody's. It reaches no server, no
/// storage and not the page around it; the page's `frame-src` keeps it from leading the frame elsewhere.
const PREVIEW_POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; \
     style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; font-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// The first part of the paths at which the page shows something.
const PLACES: [&str; 5] = ["chat", "characters", "memory", "guards", "settings"];

/// How the page's file names its root; it stands there once.
const BASE_ELEMENT: &str = "<base href=\"./\">";

/// A file whose name stands for its content may be kept for a year, the longest that browsers take.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Any other may be kept, but is asked about each time.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// Seconds that a browser keeps the session's cookie.
const COOKIE_SECONDS: u64 = 30 * 86_400;

const WELCOME_PAGE: &str = include_str!("page/welcome.html");

const PREVIEW_PAGE: &str = include_str!("page/preview.html");

/// The page.
#[utoipa::path(
    get, path = "/", tag = "server", security(()),
    responses(
        (status = 200, description = "The page, or where it isn't built one that says so.", content_type = "text/html", body = String),
        (status = 304, description = "The page is the one that the client has."),
    )
)]
pub(crate) async fn shell_at_root(request: Request) -> Response<Body> {
    shell(request.headers(), "./").unwrap_or_else(welcome)
}

/// What stands at a path that no route is for: a place of the page, a file of it, or nothing. `received` is the path
/// as it was sent: a proxy that strips the base path may leave one that begins with the same word as a place.
pub(crate) fn at_path(path: &str, received: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let name = path.strip_prefix('/')?;
    if path == PREVIEW_PATH {
        return Some(document(PREVIEW_PAGE, PREVIEW_POLICY));
    }
    if name != site::SHELL_NAME
        && let Some(file) = site::file(name, |coding| accepts(headers, coding))
    {
        return Some(answer(file, headers));
    }
    let place = [path, received].into_iter().find(|path| is_place(path))?;
    let below = place.matches('/').count() - 1;
    let root = match below {
        0 => "./".to_owned(),
        _ => "../".repeat(below),
    };
    shell(headers, &root)
}

fn is_place(path: &str) -> bool {
    let first = path.split('/').nth(1);
    first.is_some_and(|first| PLACES.contains(&first))
}

/// The file that every place begins with, with the way to the root in it: addresses are relative, since only the browser
/// knows below which path a proxy shows the server.
fn shell(headers: &HeaderMap, root: &str) -> Option<Response<Body>> {
    let file = site::file(site::SHELL_NAME, |_| false)?;
    let html = String::from_utf8_lossy(&file.bytes);
    let base = format!("<base href=\"{root}\">");
    let html = html.replacen(BASE_ELEMENT, &base, 1).into_bytes();
    let file = SiteFile {
        bytes: html.into(),
        ..file
    };
    let mut response = answer(file, headers);
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    Some(response)
}

fn accepts(headers: &HeaderMap, coding: ContentCoding) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).into_iter();
    let accepted = accepted.filter_map(|value| value.to_str().ok());
    let mut choices = accepted.flat_map(|value| value.split(','));
    choices.any(|choice| {
        let mut parts = choice.split(';').map(str::trim);
        let is_named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding.name()));
        let is_refused = |part: &str| {
            let weight = part
                .strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok());
            weight.is_some_and(|weight| weight <= 0.0)
        };
        is_named && !parts.any(is_refused)
    })
}

/// A file as a response, or that the client has it already.
fn answer(file: SiteFile, headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let tag = match file.is_hashed {
        true => None,
        false => entity_tag(&file.bytes),
    };
    let known = headers.get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let is_known = tag
        .as_ref()
        .and_then(|tag| tag.to_str().ok())
        .is_some_and(|tag| {
            known.is_some_and(|known| {
                known
                    .split(',')
                    .any(|one| one.trim().trim_start_matches("W/") == tag)
            })
        });
    let kind = HeaderValue::from_static(file.media_type);
    if file.media_type.starts_with("text/javascript") {
        let policy = HeaderValue::from_static(SCRIPT_POLICY);
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    let length = file.bytes.len();
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(match file.bytes {
            Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        });
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    let headers = response.headers_mut();
    if let Some(coding) = file.coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        CACHE_CONTROL,
        if file.is_hashed {
            IMMUTABLE
        } else {
            REVALIDATED
        },
    );
    if let Some(tag) = tag {
        headers.insert(ETAG, tag);
    }
    response
}

fn entity_tag(bytes: &[u8]) -> Option<HeaderValue> {
    let digest = Sha256::digest(bytes);
    let text: String = digest
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("\"{text}\"")).ok()
}

fn welcome() -> Response<Body> {
    document(WELCOME_PAGE, WELCOME_POLICY)
}

/// A document that is part of the program, with its policy.
fn document(html: &'static str, policy: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CACHE_CONTROL, REVALIDATED);
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
