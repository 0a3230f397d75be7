//! The server over HTTP: who gets in, and what comes back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Home;

/// A server that listens somewhere on this machine.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    pub(crate) fn start(home: &Home) -> Self {
        Self::spawn(&mut home.command(), home)
    }

    /// Starts one by a command of a home.
    pub(crate) fn spawn(command: &mut Command, home: &Home) -> Self {
        let mut child = command
            .args(["mcp", "--http", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        let mut lines = BufReader::new(stderr).lines();
        let said = lines.next().expect("a line").expect("text");
        let address = said.split("http://").nth(1).expect("an address");
        let address = address.trim_end_matches("/mcp").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        let token = fs_err::read_to_string(home.lorekeep().join("data/mcp-token"));
        Self {
            child,
            address,
            token: token.expect("a token").trim().to_owned(),
        }
    }

    fn post(&self, headers: &[(&str, &str)], body: &str) -> Response {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let timeout = Some(Duration::from_secs(60));
        stream.set_read_timeout(timeout).expect("a timeout");
        let mut request = String::from("POST /mcp HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in [
            ("Host", self.address.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ] {
            if !headers.iter().any(|(own, _)| *own == name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        stream
            .write_all(request.as_bytes())
            .expect("the server reads");
        // A body that is too long is not read to its end.
        let _ = stream.write_all(body.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Response {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn authorized(&self, headers: &[(&str, &str)], body: &Value) -> Response {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.post(&all, &body.to_string())
    }

    /// Shakes hands; returns the session.
    pub(crate) fn session(&self) -> String {
        let response = self.authorized(&[], &initialize());
        assert_eq!(response.status, 200, "{response:?}");
        let session = response
            .head
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "));
        session.expect("a session").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn initialize() -> Value {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "a test", "version": "1"},
        },
    })
}

pub(crate) fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({
        "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    })
}

/// The message in an answer, whether it comes as JSON or as an event.
pub(crate) fn message(response: &Response) -> Value {
    let json = response
        .body
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line))
        .find(|line| line.starts_with("{\"jsonrpc\""));
    serde_json::from_str(json.unwrap_or_default()).unwrap_or_else(|_| panic!("{response:?}"))
}

#[test]
fn a_session_searches() {
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let session = server.session();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.authorized(&headers, &initialized).status, 202);
    let search = call(2, "reflect_on_past", &json!({"query": "retry policy"}));
    let found = message(&server.authorized(&headers, &search));
    assert!(found.to_string().contains("Exponential backoff"), "{found}");
    let wrong = message(&server.authorized(&headers, &call(3, "reflect_on_past", &json!({}))));
    assert_eq!(wrong["error"]["code"], -32602, "{wrong}");
}

#[test]
fn who_lacks_the_token_or_comes_from_elsewhere_is_refused() {
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let body = initialize().to_string();
    for headers in [
        vec![],
        vec![("Authorization", "Bearer wrong")],
        vec![("Authorization", "Basic abc")],
    ] {
        let response = server.post(&headers, &body);
        assert_eq!(response.status, 401, "{response:?}");
        assert!(
            response.head.contains("www-authenticate: bearer"),
            "{response:?}"
        );
        assert!(
            response.body.contains("Authorization: Bearer"),
            "{response:?}"
        );
        assert!(!response.body.contains(&server.token));
    }
    for (headers, why) in [
        ([("Host", "evil.example")], "host"),
        ([("Host", "evil.example:80")], "host"),
        ([("Origin", "https://evil.example")], "origin"),
        ([("Origin", "null")], "origin"),
    ] {
        let response = server.authorized(&headers, &initialize());
        assert_eq!(response.status, 403, "{headers:?} {response:?}");
        assert!(response.body.to_lowercase().contains(why), "{response:?}");
    }
}

#[test]
fn what_is_no_message_or_too_long_is_refused() {
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let bearer = format!("Bearer {}", server.token);
    let headers = [("Authorization", bearer.as_str())];
    let long = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"x\":\"{}\"}}",
        "x".repeat(10 << 20)
    );
    assert_eq!(server.post(&headers, &long).status, 413);
    // Two hundred times as much once it is parsed.
    let tiny = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"x\":[{}0]}}",
        "{},".repeat(20_000)
    );
    assert_eq!(server.post(&headers, &tiny).status, 413);
    for body in ["{", "not json", "[]", "17"] {
        let response = server.post(&headers, body);
        assert!(
            (400..500).contains(&response.status),
            "{body}: {response:?}"
        );
        assert!(!response.body.is_empty(), "{body}");
    }
    let gone = [("Mcp-Session-Id", "00000000-0000-0000-0000-000000000000")];
    let response = server.authorized(&gone, &call(2, "get_status", &json!({})));
    assert_eq!(response.status, 404, "{response:?}");
    // It serves on.
    server.session();
}

#[test]
fn the_token_is_made_once_and_for_its_owner_alone() {
    let home = Home::with_conversations();
    let first = Server::start(&home).token.clone();
    let second = Server::start(&home).token.clone();
    assert_eq!(first, second);
    assert!(first.len() >= 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = home.lorekeep().join("data/mcp-token");
        let mode = fs_err::metadata(file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn unsafe_ways_to_listen_are_refused_with_the_reason() {
    let home = Home::new();
    let run = home.run(&["mcp", "--http", "0.0.0.0:0"]).expect(2);
    assert!(run.stderr.contains("other machines") && run.stderr.contains("mcp.token_file"));
    let token = home.write("token", "a-token-that-is-long-enough\n");
    let mut command = home.command();
    command
        .args(["mcp", "--http", "127.0.0.1:0"])
        .env("MCP__TOKEN_FILE", &token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::Permissions::from_mode(0o644);
        fs_err::set_permissions(&token, open).expect("rights");
        let run = crate::support::Run::of(&mut command).expect(2);
        assert!(run.stderr.contains("can be read by others"), "{run:?}");
        let closed = std::fs::Permissions::from_mode(0o600);
        fs_err::set_permissions(&token, closed).expect("rights");
    }
    fs_err::write(&token, "short").expect("a file");
    let run = crate::support::Run::of(&mut command).expect(2);
    assert!(run.stderr.contains("holds no token"), "{run:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let run = home.run(&["mcp", "--http", &address]).expect(1);
    assert!(run.stderr.contains(&address), "{run:?}");
}
