//! Log-ins at servers that want one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tools::{TokenStore, ToolError, ToolServerState, ToolServers};

use crate::support::{LONG, WebServer, call, options, said, servers_with};

const BACK: &str = "http://127.0.0.1:7860/api/mcp-servers/w/login?from=here";

/// Tokens as a test can see them.
#[derive(Default)]
struct Kept(Mutex<BTreeMap<String, String>>);

impl TokenStore for Kept {
    fn load(&self, key: &str) -> Option<String> {
        self.0.lock().expect("no panic").get(key).cloned()
    }

    fn store(&self, key: &str, value: Option<&str>) {
        let mut kept = self.0.lock().expect("no panic");
        match value {
            Some(value) => drop(kept.insert(key.to_owned(), value.to_owned())),
            None => drop(kept.remove(key)),
        }
    }
}

fn client(server: &WebServer, kept: &Arc<Kept>) -> ToolServers {
    let mut options = options();
    options.tokens = Some(Arc::clone(kept) as Arc<dyn TokenStore>);
    let entry = json!([{"type": "url", "name": "w", "url": server.url("/guarded"), "transport": "streamable-http"}]);
    servers_with(entry, options)
}

/// Opens the address as a person's browser would; the code and state that come back.
async fn agree(server: &WebServer, address: &str) -> (String, String) {
    let path = address
        .strip_prefix(&server.url(""))
        .expect("the same server");
    let back = server.get(path).await;
    let query = back.strip_prefix(BACK).expect("back where we said");
    let value = |name: &str| {
        let pairs = query.split(['?', '&']);
        let mut values = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        values.next().expect("a value").to_owned()
    };
    (value("code"), value("state"))
}

async fn log_in(server: &WebServer, servers: &ToolServers) {
    let address = servers.begin_login("w", BACK).await.expect("an address");
    let (code, state) = agree(server, &address).await;
    servers
        .finish_login("w", &code, &state)
        .await
        .expect("logged in");
}

#[tokio::test]
async fn a_server_that_wants_a_login_says_so_and_works_after_it() {
    let server = WebServer::start();
    let kept = Arc::default();
    let servers = client(&server, &kept);
    servers.settle(LONG).await;
    let status = servers.servers().remove(0);
    assert!(status.needs_login);
    assert!(matches!(status.state, ToolServerState::Failed { .. }));
    let error = call(&servers, "w", "echo", json!({}))
        .await
        .expect_err("not yet");
    assert_eq!(error, ToolError::NeedsLogin { server: "w".into() });
    let address = servers.begin_login("w", BACK).await.expect("an address");
    let error = servers
        .finish_login("w", "the-code", "another-state")
        .await
        .expect_err("not ours");
    assert!(matches!(error, ToolError::LoginFailed { .. }), "{error}");
    let (code, state) = agree(&server, &address).await;
    servers
        .finish_login("w", &code, &state)
        .await
        .expect("logged in");
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "in"})).await,
        "in"
    );
    assert!(!servers.servers()[0].needs_login);
    assert!(
        servers.finish_login("w", &code, &state).await.is_err(),
        "only once"
    );
    let log = server.get("/log").await;
    let resource = server.url("/guarded");
    assert!(
        log.contains(&format!("authorize 1 use client-1 S256 {resource}")),
        "{log}"
    );
    servers.close().await;
    // After a restart.
    let servers = client(&server, &kept);
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "still in"})).await,
        "still in"
    );
    servers.log_out("w").await.expect("a server");
    assert!(kept.0.lock().expect("no panic").is_empty());
    servers.close().await;
}

#[tokio::test]
async fn a_token_is_renewed_once_for_all_who_wait() {
    let server = WebServer::start();
    let kept = Arc::default();
    let servers = client(&server, &kept);
    log_in(&server, &servers).await;
    assert_eq!(said(&servers, "w", "echo", json!({"text": "1"})).await, "1");
    server.get("/expire").await;
    let calls = (0..8).map(|n| {
        let servers = servers.clone();
        tokio::spawn(
            async move { said(&servers, "w", "echo", json!({"text": n.to_string()})).await },
        )
    });
    for (n, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(call.await.expect("no panic"), n.to_string());
    }
    assert_eq!(
        server.get("/given").await,
        "2",
        "one for the log-in, one for all"
    );
    // Another process with the same store: it takes what the first one was given.
    let other = client(&server, &kept);
    assert_eq!(
        said(&other, "w", "echo", json!({"text": "other"})).await,
        "other"
    );
    server.get("/expire").await;
    assert_eq!(
        said(&other, "w", "echo", json!({"text": "renewed"})).await,
        "renewed"
    );
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "too"})).await,
        "too"
    );
    assert_eq!(server.get("/given").await, "3");
    servers.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_login_that_was_taken_back_is_wanted_again() {
    let server = WebServer::start();
    let kept = Arc::default();
    let servers = client(&server, &kept);
    log_in(&server, &servers).await;
    assert_eq!(said(&servers, "w", "echo", json!({"text": "1"})).await, "1");
    let forged = "grant_type=refresh_token&refresh_token=stolen";
    server.post("/token", forged).await;
    let error = call(&servers, "w", "echo", json!({}))
        .await
        .expect_err("taken back");
    assert_eq!(error, ToolError::NeedsLogin { server: "w".into() });
    assert!(servers.servers()[0].needs_login);
    log_in(&server, &servers).await;
    assert_eq!(said(&servers, "w", "echo", json!({"text": "2"})).await, "2");
    servers.close().await;
}

#[tokio::test]
async fn a_program_that_is_registered_by_hand_says_who_it_is() {
    let server = WebServer::start();
    let entry = json!([{
        "type": "url", "name": "w", "url": server.url("/guarded"), "transport": "streamable-http",
        "oauth": {"client_id": "by hand", "client_secret": "${SESAME}", "scope": "little"},
    }]);
    let servers = servers_with(entry, options());
    let address = servers.begin_login("w", BACK).await.expect("an address");
    let (code, state) = agree(&server, &address).await;
    servers
        .finish_login("w", &code, &state)
        .await
        .expect("logged in");
    assert_eq!(
        said(&servers, "w", "echo", json!({"text": "in"})).await,
        "in"
    );
    let log = server.get("/log").await;
    assert!(log.contains("authorize 1 little by+hand S256"), "{log}");
    assert!(!log.contains("register"), "{log}");
    servers.close().await;
}

#[tokio::test]
async fn no_token_is_in_any_error_or_status() {
    let server = WebServer::start();
    let kept = Arc::default();
    let servers = client(&server, &kept);
    log_in(&server, &servers).await;
    let shown = format!("{:?} {:?}", servers.servers(), servers.listed());
    assert!(
        !shown.contains("access-") && !shown.contains("refresh-"),
        "{shown}"
    );
    let texts = format!("{:?}", kept.0.lock().expect("no panic"));
    assert!(
        texts.contains("access-1") && texts.contains("mcp:"),
        "{texts}"
    );
    servers.close().await;
}
