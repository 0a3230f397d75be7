//! What every request goes through first, and every response last: its id, `Host` and `Origin`, the base
//! path, the number of requests at a time, security headers, errors as JSON, the access log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::IntoResponse;
use mcp::PeerAddress;

use crate::api_error::{ApiError, PendingError};
use crate::gate::AdmittedAs;
use crate::metrics::Metric;
use crate::origin::{self, RequestOrigin};
use crate::state::AppState;
use crate::token::random_text;

const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of a request's id.
const MAX_REQUEST_ID_CHARACTERS: usize = 64;

/// Letters and digits of an id that is made here.
const OWN_REQUEST_ID_CHARACTERS: usize = 16;

/// What a page may load unless it says otherwise: nothing.
const DEFAULT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The id of a request; an extension of each, for whoever writes it elsewhere.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The path of a request as it was sent, before the base path was taken off; an extension of each.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedPath(pub(crate) String);

/// The route that answered, for log and metrics; an extension of each response.
#[derive(Clone)]
struct AnsweringRoute(MatchedPath);

/// Goes around all routes, before one is chosen.
pub(crate) async fn receive(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let began = Instant::now();
    let id = request_id(request.headers());
    let peer = request.extensions().get::<PeerAddress>().copied();
    let method = request.method().clone();
    let speaks_openai = is_openai_path(request.uri().path(), &state.options.base_path);
    let received = ReceivedPath(request.uri().path().to_owned());
    request.extensions_mut().insert(received);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (mut response, from) = answer(&state, request, next).await;
    let pending = response.extensions_mut().remove::<PendingError>();
    let pending = pending.or_else(|| of_library(&response));
    if let Some(PendingError(error)) = &pending {
        let body = match speaks_openai {
            true => error.respond_as_openai(),
            false => error.respond(&id),
        };
        response = with_body_of(response, body);
    }
    finish(response.headers_mut(), &id, &from);
    let answered = Answered {
        id: &id,
        peer,
        method: &method,
        took: began.elapsed(),
        error: pending.map(|PendingError(error)| error),
    };
    answered.note(&state, &response);
    response
}

/// The error that a refusal of the router's library stands for, which is plain text.
fn of_library(response: &Response<Body>) -> Option<PendingError> {
    let status = response.status();
    let is_plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !is_plain {
        return None;
    }
    let error = match status.is_server_error() {
        true => ApiError::internal(status),
        false => ApiError::new(status, "invalid", "the request can't be read as it is"),
    };
    Some(PendingError(Arc::new(error)))
}

async fn answer(state: &AppState, request: Request, next: Next) -> (Response<Body>, RequestOrigin) {
    let own = RequestOrigin::Own;
    let (headers, uri) = (request.headers(), request.uri());
    if let Err(error) = origin::check_host(headers, uri, &state.options) {
        return (error.into_response(), own);
    }
    let from = match origin::check_origin(headers, &state.options) {
        Ok(from) => from,
        Err(error) => return (error.into_response(), own),
    };
    if origin::is_preflight(request.method(), headers) {
        return (origin::preflight_response(), from);
    }
    let request = match without_base(request, &state.options.base_path) {
        Ok(request) => request,
        Err(to_base) => return (*to_base, from),
    };
    let Ok(_held) = Arc::clone(&state.requests).try_acquire_owned() else {
        let what = "too many requests are being worked on";
        let error = ApiError::unavailable(what, Duration::from_secs(1));
        return (error.into_response(), from);
    };
    state.metrics.add(Metric::RequestsInFlight, &[], 1.0);
    let _counted = InFlight(state);
    (next.run(request).await, from)
}

struct InFlight<'a>(&'a AppState);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.add(Metric::RequestsInFlight, &[], -1.0);
    }
}

/// Notes which route answers; goes around the routes, after one is chosen.
pub(crate) async fn name_route(request: Request, next: Next) -> Response<Body> {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(AnsweringRoute(route));
    }
    response
}

fn is_openai_path(path: &str, base: &str) -> bool {
    let path = path.strip_prefix(base).unwrap_or(path);
    path == "/v1" || path.starts_with("/v1/")
}

/// The client's id of a request, if it can be written anywhere as it is, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let sent = headers
        .get(REQUEST_ID_HEADER)
        .and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !id.is_empty() && id.len() <= MAX_REQUEST_ID_CHARACTERS && id.bytes().all(is_character)
    };
    match sent.filter(is_plain) {
        Some(id) => id.to_owned(),
        None => random_text("", OWN_REQUEST_ID_CHARACTERS).unwrap_or_else(|_| "none".to_owned()),
    }
}

/// A request without the base path, which a proxy may have taken off already; or a redirection from the
/// base path to the page below it.
fn without_base(mut request: Request, base: &str) -> Result<Request, Box<Response<Body>>> {
    let uri = request.uri();
    if base.is_empty() {
        return Ok(request);
    }
    let Some(rest) = uri.path().strip_prefix(base) else {
        return Ok(request);
    };
    if rest.is_empty() {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        if let Ok(to) = HeaderValue::from_str(&format!("{base}/")) {
            response
                .headers_mut()
                .insert(axum::http::header::LOCATION, to);
        }
        return Err(Box::new(response));
    }
    if !rest.starts_with('/') {
        return Ok(request);
    }
    let query = uri
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let mut parts = uri.clone().into_parts();
    if let Ok(path) = PathAndQuery::try_from(format!("{rest}{query}")) {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    Ok(request)
}

/// A response with the body of another, and with both one's headers.
fn with_body_of(mut response: Response<Body>, body: Response<Body>) -> Response<Body> {
    let (parts, body) = body.into_parts();
    *response.body_mut() = body;
    *response.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
        .headers_mut()
        .remove(axum::http::header::CONTENT_LENGTH);
    response
}

/// The headers of every response.
fn finish(headers: &mut HeaderMap, id: &str, from: &RequestOrigin) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID_HEADER, id);
    }
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, DEFAULT_POLICY),
        (CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    origin::allow(from, headers);
}

/// A request that was answered.
struct Answered<'a> {
    id: &'a str,
    peer: Option<PeerAddress>,
    method: &'a Method,
    took: Duration,
    error: Option<Arc<ApiError>>,
}

impl Answered<'_> {
    /// Writes the logs and counts. The route is the pattern, not the path: a path can hold anything.
    fn note(&self, state: &AppState, response: &Response<Body>) {
        let route = response.extensions().get::<AnsweringRoute>();
        let route = route.map_or("-", |AnsweringRoute(path)| path.as_str());
        let key = response.extensions().get::<AdmittedAs>();
        let key = key.and_then(|AdmittedAs(principal)| principal.key.as_ref());
        let status = response.status();
        let method = known_method(self.method);
        let labels = [route, method, status.as_str()];
        state.metrics.add(Metric::Requests, &labels, 1.0);
        state
            .metrics
            .took(Metric::RequestSeconds, &[route], self.took);
        let line = serde_json::json!({
            "time": wire::when::rfc3339(state.options.clock.millis()),
            "id": self.id,
            "peer": self.peer.map(|PeerAddress(address)| address.ip().to_string()),
            "method": method,
            "route": route,
            "status": status.as_u16(),
            "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "key": key.map(crate::keys::KeyId::as_str),
        });
        state.access_log.line(&line.to_string());
        let error = self.error.as_ref().filter(|_| status.is_server_error());
        if let Some(error) = error {
            let why = error.internal_text().unwrap_or(error.message());
            let id = self.id;
            state.log_line(&format!(
                "error {id} {route} {status} {}: {why}",
                error.code()
            ));
        }
    }
}

/// A method's name; those that HTTP doesn't define count as one, since anybody can make up more.
fn known_method(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    match KNOWN.contains(method) {
        true => method.as_str(),
        false => "other",
    }
}
