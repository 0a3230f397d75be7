//! The server over HTTP under who means no good: connections that never say anything, never end or never
//! listen, and sessions without number. Whoever has the token is served all the same, and memory stays
//! bounded.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::mcp_http::{Server, call, initialize, message};
use crate::support::Home;

/// More than the files that a process may have open as a rule.
const CROWD: usize = 1_300;

/// Opens a connection and says something.
fn say(server: &Server, words: &[u8]) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(&server.address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a timeout");
    // It may have had to give way already.
    let _ = stream.write_all(words);
    Some(stream)
}

/// This process needs a file for each connection too.
#[cfg(unix)]
fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = CROWD as u64 + 200;
    if now.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit {
            current: now
                .maximum
                .map_or(Some(wanted), |most| Some(most.min(wanted))),
            ..now
        };
        setrlimit(Resource::Nofile, raised).expect("files");
    }
}

#[test]
#[cfg(unix)]
fn idle_connections_without_a_token_shut_nobody_out() {
    allow_many_files();
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let heads: [&[u8]; 4] = [
        b"",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000000\r\n\r\n{",
        b"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ",
    ];
    let crowd: Vec<TcpStream> = (0..CROWD)
        .filter_map(|nth| say(&server, heads[nth % heads.len()]))
        .collect();
    assert_eq!(crowd.len(), CROWD);
    let session = server.session();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let search = call(2, "reflect_on_past", &json!({"query": "retry policy"}));
    let found = message(&server.authorized(&headers, &search));
    assert!(found.to_string().contains("Exponential backoff"), "{found}");
    #[cfg(target_os = "linux")]
    {
        let files = fs_err::read_dir(format!("/proc/{}/fd", server.child.id()));
        let files = files.expect("its files").count();
        assert!(files < 200, "{files} files are open");
    }
}

#[test]
fn a_connection_that_says_nothing_more_is_ended() {
    let home = Home::new();
    let server = Server::start(&home);
    for head in [
        &b""[..],
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
    ] {
        let mut stream = say(&server, head).expect("a connection");
        let mut answer = Vec::new();
        // Ends only when the server closes it: an error is its way of doing so, but for a time-out.
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
}

/// Resident memory of a process, in bytes.
#[cfg(target_os = "linux")]
fn memory(process: u32) -> u64 {
    let status = fs_err::read_to_string(format!("/proc/{process}/status")).expect("its state");
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.expect("a number") << 10
}

#[test]
#[cfg(target_os = "linux")]
fn sessions_without_number_take_no_more_memory_than_a_few() {
    const SESSIONS: usize = 3_000;
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let kept = server.session();
    let headers = [("Mcp-Session-Id", kept.as_str())];
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.authorized(&headers, &initialized).status, 202);
    let first = server.session();
    for _ in 0..200 {
        server.session();
    }
    let before = memory(server.child.id());
    for _ in 0..SESSIONS {
        server.session();
    }
    let grown = memory(server.child.id()).saturating_sub(before);
    // A session takes about 55 kB; they would take 165 MB.
    assert!(grown < 20 << 20, "{grown} bytes more");
    // Who began a session and used it has it still; who only began it begins anew.
    let status = call(2, "get_status", &json!({}));
    let found = message(&server.authorized(&headers, &status));
    assert!(found["result"].is_object(), "{found}");
    let gone = [("Mcp-Session-Id", first.as_str())];
    assert_eq!(server.authorized(&gone, &status).status, 404);
}

#[test]
fn what_a_client_tells_of_itself_is_bounded() {
    let home = Home::new();
    let server = Server::start(&home);
    let mut long = initialize();
    long["params"]["capabilities"]["experimental"] = json!({"x": {"y": "z".repeat(100_000)}});
    let answer = message(&server.authorized(&[], &long));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    server.session();
}

#[test]
fn long_bodies_are_not_read_without_a_token() {
    let home = Home::new();
    let server = Server::start(&home);
    let head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000000\r\n\r\n";
    let mut stream = say(&server, head).expect("a connection");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[test]
#[cfg(target_os = "linux")]
fn answers_that_nobody_takes_take_no_memory() {
    const REQUESTS: usize = 2_000;
    let home = Home::with_conversations();
    let server = Server::start(&home);
    let session = server.session();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    server.authorized(&headers, &initialized);
    let given_up = |id: usize| {
        let body = call(id as u64, "get_status", &json!({})).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nMcp-Session-Id: {session}\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: {}\r\n\r\n{body}",
            server.address,
            server.token,
            body.len()
        );
        drop(say(&server, head.as_bytes()));
    };
    (0..400).for_each(given_up);
    let before = memory(server.child.id());
    (0..REQUESTS).for_each(|nth| given_up(nth % 7));
    let grown = memory(server.child.id()).saturating_sub(before);
    assert!(grown < 1 << 20, "{grown} bytes more");
    // Who has the token is served in another session.
    let session = server.session();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let found = message(&server.authorized(&headers, &call(1, "get_status", &json!({}))));
    assert!(found["result"].is_object(), "{found}");
}
