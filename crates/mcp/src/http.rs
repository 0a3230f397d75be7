//! The protocol over HTTP: the service of the library `rmcp`, behind a token that every request must send.
//! There is no TLS.

mod refused;
mod sessions;
mod body;
mod connections;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::{self, Next};
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::scope::Whereabouts;
use super::server::McpServer;
use super::session::McpSession;
use crate::limits::MAX_MESSAGE_BYTES;
use body::{BodyReader, VisibleBody};
use sessions::HttpSessions;

pub use connections::{ConnectionLimits, PeerAddress, RequestConnection, serve_connections};

/// The path of the URL under which the protocol is served.
pub const HTTP_PATH: &str = "/mcp";

/// Which requests a server over HTTP accepts.
#[derive(Clone)]
pub struct HttpOptions {
    /// The secret that clients send in every request as `Authorization: Bearer TOKEN`; without it they get
    /// status 401. With an empty one nobody gets in.
    pub token: String,
    /// Host names that a request's `Host` may have, beside `localhost`, `127.0.0.1` and `::1`; any other gets
    /// status 403.
    pub hosts: Vec<String>,
    /// Web origins that a request's `Origin` may have, such as `https://tools.example.org`; any other gets
    /// status 403. A request without `Origin`, as programs other than browsers send it, is accepted.
    pub origins: Vec<String>,
}

/// Opens the TCP socket for [`serve_http`]. Port 0 lets the system choose one.
///
/// # Errors
/// If the address isn't one of this machine, isn't permitted, or is in use.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// How long the head of an answer may take: a session that is stuck must not keep a connection.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Serves clients over HTTP until `ended` is cancelled, and then until answers under way are sent. Each
/// client has a session of its own, at most 64 at a time; one that nobody used for 30 minutes ends.
// Boxed for the reason of `serve_stdio`.
pub fn serve_http(
    listener: TcpListener,
    server: Arc<McpServer>,
    options: HttpOptions,
    ended: CancellationToken,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let router = http_router(server, options, &ended);
    let limits = ConnectionLimits::default();
    Box::pin(serve_connections(listener, router, limits, ended))
}

/// The router that serves the protocol at [`HTTP_PATH`], with the checks of token, host and origin;
/// [`serve_http`] uses it, with limits on connections beside it. Sessions end when `ended` is cancelled.
pub fn http_router(
    server: Arc<McpServer>,
    options: HttpOptions,
    ended: &CancellationToken,
) -> Router {
    let mut config = StreamableHttpServerConfig::default();
    config.allowed_hosts.extend(options.hosts);
    config.allowed_origins = options.origins;
    let config = config.enforce_origin_validation();
    router(server, config, Some(options.token), ended)
}

/// The router that serves the protocol at [`HTTP_PATH`] in a larger server, which has checked credential,
/// `Host` and `Origin` before: nothing of these is checked here. Sessions end when `ended` is cancelled.
pub fn embedded_router(server: Arc<McpServer>, ended: &CancellationToken) -> Router {
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins();
    router(server, config, None, ended)
}

fn router(
    server: Arc<McpServer>,
    mut config: StreamableHttpServerConfig,
    token: Option<String>,
    ended: &CancellationToken,
) -> Router {
    config.cancellation_token = ended.child_token();
    config.max_request_body_bytes = MAX_MESSAGE_BYTES;
    let session = move || {
        let whereabouts = Whereabouts::elsewhere(server.options.user_home.clone());
        Ok(McpSession::new(Arc::clone(&server), whereabouts))
    };
    let door = HttpGate {
        token,
        bodies: BodyReader::new(),
        sessions: HttpSessions::new(),
    };
    let service = StreamableHttpService::new(session, door.sessions.manager(), config);
    Router::new()
        .route_service(HTTP_PATH, service)
        .layer(middleware::from_fn_with_state(Arc::new(door), admit))
}

/// What stands before the service.
struct HttpGate {
    /// What clients have to send; nothing where somebody else has checked who they are.
    token: Option<String>,
    bodies: BodyReader,
    sessions: HttpSessions,
}

/// Lets those through who know the token. Of all others nothing is read but the head, and nothing is
/// kept.
async fn admit(State(door): State<Arc<HttpGate>>, request: Request, next: Next) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    // What goes on with the request may outlive the connection, which must not be kept by it.
    let caller = parts.extensions.remove::<RequestConnection>();
    let token = door.token.as_deref();
    if token.is_some_and(|token| !is_authorized(&parts.headers, token)) {
        return unauthorized();
    }
    if let Some(caller) = caller {
        caller.has_shown_token();
    }
    // Of two the service would check the first, and somebody before it may have gone by the second.
    if [HOST, ORIGIN]
        .iter()
        .any(|name| parts.headers.get_all(name).iter().count() > 1)
    {
        let why = "a request has at most one `Host` and one `Origin`";
        return last(refusal(StatusCode::BAD_REQUEST, -32600, why));
    }
    let body = match door.bodies.read(body).await {
        Ok(body) => body,
        Err(refused) => return last(refusal(refused.status, -32600, refused.why)),
    };
    let under_way = match door.sessions.used(&parts.headers, &body) {
        Ok(under_way) => under_way,
        Err(refused) => return last(refusal(refused.status, -32600, refused.why)),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let Ok(response) = tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await else {
        let why = "the session doesn't answer; begin another";
        return last(refusal(StatusCode::GATEWAY_TIMEOUT, -32603, why));
    };
    door.sessions.begun(response.headers()).await;
    let response = explained(response).await;
    response.map(|body| Body::new(VisibleBody::new(body, under_way)))
}

fn unauthorized() -> Response<Body> {
    let reason = "this server wants its token: `Authorization: Bearer TOKEN`";
    let mut response = last(refusal(StatusCode::UNAUTHORIZED, -32001, reason));
    let bearer = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    response
}

/// The same, after which the connection is closed: the rest of the request may never come.
fn last(mut response: Response<Body>) -> Response<Body> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// A refusal as the protocol has it.
fn refusal(status: StatusCode, code: i32, reason: &str) -> Response<Body> {
    let error = json!({
        "jsonrpc": "2.0", "id": null, "error": {"code": code, "message": reason},
    });
    let mut response = Response::new(Body::from(error.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The refusals of rmcp, which are plain text, in the form of all others.
async fn explained(response: Response<Body>) -> Response<Body> {
    const MAX_REASON_BYTES: usize = 64 << 10;
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !response.status().is_client_error() || is_json {
        return response;
    }
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), MAX_REASON_BYTES).await;
    let reason = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    // Its words for what isn't JSON, or is no message.
    let is_unreadable =
        status == StatusCode::UNSUPPORTED_MEDIA_TYPE && reason.contains("deserialize");
    match is_unreadable {
        true => refusal(StatusCode::BAD_REQUEST, -32700, &reason),
        false => refusal(status, -32600, &reason),
    }
}

fn is_authorized(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, given)| given.trim());
    given.is_some_and(|given| !token.is_empty() && is_same(given.as_bytes(), token.as_bytes()))
}

/// Compares in a time that doesn't tell how much is right.
fn is_same(given: &[u8], token: &[u8]) -> bool {
    let differs = given
        .iter()
        .zip(token)
        .fold(0, |differs, (one, other)| differs | (one ^ other));
    given.len() == token.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_token_lets_nobody_in() {
        let given = |value: &'static str| {
            HeaderMap::from_iter([(AUTHORIZATION, axum::http::HeaderValue::from_static(value))])
        };
        for value in ["Bearer ", "Bearer", "", "bearer  "] {
            assert!(!is_authorized(&given(value), ""), "{value:?}");
        }
        assert!(!is_authorized(&HeaderMap::new(), ""));
        assert!(is_authorized(&given("bearer secret"), "secret"));
        assert!(!is_authorized(&given("Bearer secre"), "secret"));
    }
}
