//! A server that runs for a test, and requests to it, byte by byte as they are sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::Home;

/// How long an answer may take before a test fails.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A server that listens somewhere on this machine.
pub(crate) struct HttpServer {
    pub(crate) child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// The path and query of the link that it printed; nothing without authentication.
    pub(crate) link: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    /// Everything before the body, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl HttpServer {
    /// Starts one for a home.
    pub(crate) fn start(home: &Home) -> Self {
        Self::with(home, &[])
    }

    /// Starts one with more arguments.
    pub(crate) fn with(home: &Home, arguments: &[&str]) -> Self {
        Self::spawn(
            home.command()
                .args(["serve", "--addr", "127.0.0.1:0"])
                .args(arguments),
        )
    }

    /// Starts one by a command.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        let mut lines = BufReader::new(stderr).lines();
        let (mut address, mut link) = (None, None);
        for line in lines.by_ref() {
            let line = line.expect("text");
            if let Some((_, rest)) = line.split_once("serving on http://") {
                let end = rest.find('/').expect("a path");
                address = Some(rest[..end].to_owned());
            }
            if let Some(at) = line.find("login?code=") {
                let code = line[at..].split(' ').next().expect("a code");
                link = Some(format!("/{code}"));
                break;
            }
            if line.contains("nobody is asked for a key") {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address: address.expect("the server says where it is"),
            link,
        }
    }

    /// Sends a request with these headers and a body, `Host` and `Connection` added where they aren't given.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> HttpAnswer {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        let has = |name: &str| {
            headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        };
        if !has("host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        head.push_str("Connection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() && !has("content-length") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut stream = self.connect();
        stream.write_all(head.as_bytes()).expect("the server reads");
        // A body that is too long is not read to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        HttpAnswer::of(&answer)
    }

    /// Opens a connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream
            .set_read_timeout(Some(ANSWER_TIMEOUT))
            .expect("a timeout");
        stream
    }

    pub(crate) fn get(&self, path: &str, key: Option<&str>) -> HttpAnswer {
        self.request("GET", path, key, None)
    }

    /// A request with a key and a body of JSON.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> HttpAnswer {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let mut headers = Vec::new();
        headers.extend(
            bearer
                .iter()
                .map(|bearer| ("Authorization", bearer.as_str())),
        );
        let body = body.map(ToString::to_string);
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        self.send(method, path, &headers, body.unwrap_or_default().as_bytes())
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl HttpAnswer {
    fn of(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|at| at == b"\r\n\r\n");
        let end = end.unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let body = answer.get(end + 4..).unwrap_or_default().to_vec();
        let is_chunked = head.contains("transfer-encoding: chunked");
        Self {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0),
            body: if is_chunked { unchunked(&body) } else { body },
            head,
        }
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{}\n{}", self.head, self.text()))
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.text());
        self
    }

    /// The code and the field of an error of the API.
    #[track_caller]
    pub(crate) fn error(&self) -> (String, String) {
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("message").is_empty(), "{error}");
        assert_eq!(
            Some(text("request_id").to_lowercase().as_str()),
            self.header("x-request-id")
        );
        (text("code"), text("field"))
    }
}

fn unchunked(body: &[u8]) -> Vec<u8> {
    let (mut whole, mut rest) = (Vec::new(), body);
    while let Some(end) = rest.windows(2).position(|at| at == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            break;
        };
        let start = end + 2;
        whole.extend_from_slice(rest.get(start..start + size).unwrap_or_default());
        rest = rest.get(start + size + 2..).unwrap_or_default();
        if size == 0 {
            break;
        }
    }
    whole
}

/// A key of the first owner of a home, with these scopes.
pub(crate) fn new_key(home: &Home, scopes: &[&str]) -> String {
    let mut arguments = vec!["key", "create", "a test"];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    home.run(&arguments).expect(0).stdout.trim().to_owned()
}
