//! The scripted server over HTTP, in the ways that real servers have it. It prints its port once it listens.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::script::{Reply, answer};

#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) oauth: crate::oauth::Oauth,
    sessions: u64,
    /// The session that is known.
    session: Option<String>,
    calls: u64,
    /// Of the older transport: where answers go.
    streams: HashMap<String, mpsc::UnboundedSender<String>>,
    /// What was asked for, for tests to see.
    pub(crate) log: Vec<String>,
}

pub(crate) type Shared = Arc<Mutex<Parts>>;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn serve(address: &str) {
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    std::io::stdout().flush().unwrap();
    let routes = Router::new()
        .route("/mcp", any(streamable))
        .route("/mcp/", any(streamable))
        .route("/sse", any(sse))
        .route("/messages", any(messages))
        .route("/log", any(log))
        .route("/forget", any(forget))
        .route("/moved", any(moved))
        .route("/away", any(away))
        .route("/key", any(key))
        .route("/html", any(html))
        .route("/endless", any(endless))
        .route("/guarded", any(guarded))
        .merge(crate::oauth::routes())
        .with_state(Shared::default());
    axum::serve(listener, routes).await.unwrap();
}

pub(crate) fn status(status: u16, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

pub(crate) fn pairs(query: Option<String>) -> HashMap<String, String> {
    let query = query.unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn log(State(shared): State<Shared>) -> String {
    shared.lock().unwrap().log.join("\n")
}

async fn forget(State(shared): State<Shared>) {
    shared.lock().unwrap().session = None;
}

async fn moved() -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/mcp")]).into_response()
}

async fn away() -> Response {
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, "http://127.0.0.1:9/mcp")],
    )
        .into_response()
}

async fn key(headers: HeaderMap, State(shared): State<Shared>, body: Bytes) -> Response {
    match headers.get("x-key").is_some_and(|key| key == "sesame-1234") {
        true => streamable(State(shared), Method::POST, RawQuery(None), headers, body).await,
        false => status(401, "no key"),
    }
}

/// The server behind a log-in.
async fn guarded(
    headers: HeaderMap,
    method: Method,
    State(shared): State<Shared>,
    body: Bytes,
) -> Response {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let is_allowed = shared.lock().unwrap().oauth.allows(sent);
    match is_allowed {
        true => streamable(State(shared), method, RawQuery(None), headers, body).await,
        false => {
            let host = headers.get(header::HOST).unwrap().to_str().unwrap();
            let challenge = format!(
                "Bearer error=\"invalid_token\", resource_metadata=\"http://{host}/meta\", scope=\"use\""
            );
            (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, challenge)],
                "",
            )
                .into_response()
        }
    }
}

async fn html() -> Response {
    ([(header::CONTENT_TYPE, "text/html")], "<html>hello</html>").into_response()
}

/// A stream of events that never has one.
async fn endless() -> Response {
    let (sender, receiver) = mpsc::unbounded_channel::<String>();
    std::mem::forget(sender);
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(Lines(receiver)),
    )
        .into_response()
}

async fn streamable(
    State(shared): State<Shared>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = pairs(query);
    let session = headers
        .get("mcp-session-id")
        .map(|id| id.to_str().unwrap().to_owned());
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let name = message["method"].as_str().unwrap_or_default().to_owned();
    {
        let mut parts = shared.lock().unwrap();
        let query = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("&");
        parts.log.push(format!(
            "{method} {name} {query} {}",
            headers.get("x-key").map_or("", |key| key.to_str().unwrap())
        ));
    }
    if query.contains_key("old") && method == Method::POST {
        return status(405, "");
    }
    if method == Method::GET && query.contains_key("old") {
        return sse(State(shared), method).await;
    }
    if method != Method::POST {
        return status(405, "");
    }
    if name == "initialize" {
        let mut parts = shared.lock().unwrap();
        parts.sessions += 1;
        parts.session = Some(format!("session-{}", parts.sessions));
    } else {
        let known = shared.lock().unwrap().session.clone();
        if session.is_none() || session != known {
            return status(404, "Session not found");
        }
    }
    if message["id"].is_null() {
        return status(202, "");
    }
    let is_stream = query.contains_key("stream");
    let reply = {
        let mut parts = shared.lock().unwrap();
        parts.calls += u64::from(name == "tools/call");
        answer(&name, &message["params"], parts.calls, false)
    };
    let id = &message["id"];
    let answer = match reply {
        Reply::Result(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Reply::Error(code, text) => {
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": text}})
        }
        Reply::Act("wrong_id", _) => {
            json!({"jsonrpc": "2.0", "id": 987_654, "result": {"content": []}})
        }
        Reply::Act("hang", _) => std::future::pending().await,
        Reply::Act("die", _) => std::process::exit(7),
        Reply::Act("flood", arguments) => {
            let text = "x"
                .repeat(usize::try_from(arguments["megabytes"].as_u64().unwrap()).unwrap() << 20);
            json!({"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": text}]}})
        }
        Reply::Act(..) => return status(400, "not over HTTP"),
    };
    let known = shared.lock().unwrap().session.clone().unwrap_or_default();
    let (media_type, body) = match is_stream {
        true => (
            "text/event-stream",
            format!(": hello\r\n\r\nevent: message\r\nid: 1\r\ndata: {answer}\r\n\r\n"),
        ),
        false => ("application/json", answer.to_string()),
    };
    (
        [
            ("content-type", media_type.to_owned()),
            ("mcp-session-id", known),
        ],
        body,
    )
        .into_response()
}

async fn sse(State(shared): State<Shared>, method: Method) -> Response {
    if method != Method::GET {
        return status(405, "");
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut parts = shared.lock().unwrap();
    parts.sessions += 1;
    let session = parts.sessions.to_string();
    let _ = sender.send(format!(
        "event: endpoint\ndata: /messages?session_id={session}\n\n"
    ));
    parts.streams.insert(session, sender);
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(Lines(receiver)),
    )
        .into_response()
}

async fn messages(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = pairs(query);
    let message: Value = serde_json::from_slice(&body).unwrap();
    let name = message["method"].as_str().unwrap_or_default().to_owned();
    let mut parts = shared.lock().unwrap();
    parts.log.push(format!("SSE {name}"));
    parts.calls += u64::from(name == "tools/call");
    let calls = parts.calls;
    let Some(stream) = query.get("session_id").and_then(|id| parts.streams.get(id)) else {
        return status(404, "Could not find session");
    };
    if !message["id"].is_null() {
        let id = &message["id"];
        let answer = match answer(&name, &message["params"], calls, false) {
            Reply::Result(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Reply::Error(code, text) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": text}})
            }
            Reply::Act(..) => return status(202, ""),
        };
        let _ = stream.send(format!("event: message\ndata: {answer}\n\n"));
    }
    status(202, "Accepted")
}

/// Texts as the stream of a body.
struct Lines(mpsc::UnboundedReceiver<String>);

impl futures_core::Stream for Lines {
    type Item = Result<String, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|line| line.map(Ok))
    }
}
