//! Servers over HTTP, of both kinds.

use std::time::Duration;

use serde_json::json;
use tools::{ToolError, ToolServerState};

use crate::support::{LONG, WebServer, call, options, said, servers_with};

#[tokio::test]
async fn streamable_http_works_with_json_and_with_events() {
    let server = WebServer::start();
    for path in [
        "/mcp",
        "/mcp?stream=1",
        "/mcp/?tools=generate_video_mcp",
        "/moved",
    ] {
        let servers = server.client(path, "streamable-http");
        servers.settle(LONG).await;
        assert_eq!(servers.listed().len(), 4, "{path}");
        assert_eq!(
            said(&servers, "w", "echo", json!({"text": path})).await,
            path
        );
        let status = servers.servers().remove(0);
        assert_eq!(status.origin, Some(server.url("")));
        servers.close().await;
    }
    let log = server.get("/log").await;
    assert!(
        log.contains("POST tools/call tools=generate_video_mcp"),
        "{log}"
    );
}

#[tokio::test]
async fn the_older_transport_works_by_name_and_by_fall_back() {
    let server = WebServer::start();
    for (path, transport) in [
        ("/sse", "sse"),
        ("/mcp?old=1", "streamable-http"),
        ("/sse", "streamable-http"),
    ] {
        let servers = server.client(path, transport);
        servers.settle(LONG).await;
        let state = servers.servers().remove(0).state;
        assert_eq!(state, ToolServerState::Ready, "{path} {transport}");
        assert_eq!(
            said(&servers, "w", "echo", json!({"text": path})).await,
            path
        );
        servers.close().await;
    }
    let log = server.get("/log").await;
    assert_eq!(log.matches("SSE initialize").count(), 3, "{log}");
}

#[tokio::test]
async fn floods_and_answers_to_others_are_refused() {
    let server = WebServer::start();
    for path in ["/mcp", "/mcp?stream=1"] {
        let servers = server.client(path, "streamable-http");
        let error = call(&servers, "w", "flood", json!({"megabytes": 40}))
            .await
            .expect_err("too large");
        let limit = options().limits.message_bytes;
        assert_eq!(
            error,
            ToolError::TooLarge {
                server: "w".into(),
                limit
            },
            "{path}"
        );
        let error = call(&servers, "w", "wrong_id", json!({}))
            .await
            .expect_err("another id");
        assert!(
            error.to_string().contains("answered another request"),
            "{path}: {error}"
        );
        assert_eq!(
            said(&servers, "w", "echo", json!({"text": "still"})).await,
            "still"
        );
        servers.close().await;
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_forgets_the_session_is_dealt_with() {
    let server = WebServer::start();
    let entry = json!([{"type": "url", "name": "w", "url": server.url("/mcp"), "transport": "streamable-http", "timeout_s": 0.5}]);
    let servers = servers_with(entry, options());
    let error = call(&servers, "w", "hang", json!({}))
        .await
        .expect_err("late");
    assert!(
        matches!(error, ToolError::TimedOut { after, .. } if after == Duration::from_millis(500)),
        "{error}"
    );
    server.get("/forget").await;
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "again"})).await,
        "again"
    );
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_was_started_again_is_reached_again() {
    for (path, transport) in [("/mcp", "streamable-http"), ("/sse", "sse")] {
        let mut server = WebServer::start();
        let servers = server.client(path, transport);
        assert_eq!(said(&servers, "w", "echo", json!({"text": "1"})).await, "1");
        let port = server.port;
        server.kill();
        // The client notices the end of its connections meanwhile.
        let started = tokio::task::spawn_blocking(move || WebServer::start_at(port));
        let _server = started.await.expect("a server");
        assert_eq!(
            said(&servers, "w", "echo", json!({"text": "2"})).await,
            "2",
            "{path}"
        );
        servers.close().await;
    }
}

#[tokio::test]
async fn failures_say_what_to_do_and_show_no_key() {
    let server = WebServer::start();
    let nobody = {
        let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        unused.local_addr().expect("a port").port()
    };
    for (url, expected, hint) in [
        (server.url("/nothing"), "HTTP status 404", "path"),
        (server.url("/key"), "HTTP status 401: no key", "headers"),
        (server.url("/away"), "HTTP status 307", ""),
        (server.url("/html"), "no MCP message", ""),
        (
            format!("http://127.0.0.1:{nobody}/mcp?key=sesame-1234"),
            "refused",
            "runs",
        ),
    ] {
        let entry = json!([{"type": "url", "name": "w", "url": url, "transport": "streamable-http", "headers": {"X-Key": "wrong-sesame"}}]);
        let servers = servers_with(entry, options());
        servers.settle(LONG).await;
        let ToolServerState::Failed { why, hint: told } = servers.servers().remove(0).state else {
            panic!("{url} is no failure");
        };
        assert!(why.contains(expected), "{url}: {why}");
        assert!(told.unwrap_or_default().contains(hint), "{url}");
        assert!(!why.contains("sesame"), "{why}");
    }
    let entry = json!([{"type": "url", "name": "w", "url": server.url("/key"), "transport": "streamable-http", "headers": {"X-Key": "${SESAME}"}}]);
    let servers = servers_with(entry, options());
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "in"})).await,
        "in"
    );
    let shown = format!(
        "{:?}",
        crate::support::config(
            &json!({"mcp_servers": [{"type": "url", "name": "w", "url": "http://h/?key=sesame-1234", "transport": "sse", "headers": {"X-Key": "sesame-1234", "Y": "${SESAME}"}}]})
        )
    );
    assert!(
        !shown.contains("sesame-1234") && shown.contains("${SESAME}"),
        "{shown}"
    );
    servers.close().await;
}

#[tokio::test]
async fn a_stream_that_names_no_address_is_given_up() {
    let server = WebServer::start();
    let mut options = options();
    options.timeouts.connect = Duration::from_millis(500);
    let entry =
        json!([{"type": "url", "name": "w", "url": server.url("/endless"), "transport": "sse"}]);
    let servers = servers_with(entry, options);
    servers.settle(LONG).await;
    let state = servers.servers().remove(0).state;
    assert!(
        matches!(&state, ToolServerState::Failed { why, .. } if why.contains("in time")),
        "{state:?}"
    );
    servers.close().await;
}
