//! Servers as processes, and a client of them.

use std::ffi::OsString;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tools::{
    McpConfig, ToolCall, ToolContent, ToolError, ToolResult, ToolServerOptions, ToolServers,
};

/// Long enough that only a bug takes so long.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The scripted server, an example of this crate: built with all tests, but not by `cargo test --test it`.
pub(crate) fn scripted() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let target = test
        .parent()
        .and_then(Path::parent)
        .expect("a target directory");
    let program = target.join("examples").join("scripted");
    assert!(
        program.exists(),
        "`cargo build -p lorekeep-tools --example scripted` makes it"
    );
    program
}

pub(crate) fn options() -> ToolServerOptions {
    let mut options = ToolServerOptions::new(vec![scripted().into(), OsString::from("supervise")]);
    options.environment = ToolServerOptions::inherited(std::env::vars_os());
    options.timeouts.connect = LONG;
    options
}

pub(crate) fn config(value: &Value) -> McpConfig {
    let read = |name: &str| (name == "SESAME").then(|| "sesame-1234".to_owned());
    let (config, problems) = McpConfig::parse(&value.to_string(), Path::new("mcp.json"), &read);
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// An entry of the scripted server over standard input and output.
pub(crate) fn command(name: &str, flags: &[&str]) -> Value {
    let mut args = vec!["server"];
    args.extend(flags);
    json!({"type": "command", "name": name, "command": scripted(), "args": args})
}

pub(crate) fn servers_with(entries: Value, options: ToolServerOptions) -> ToolServers {
    ToolServers::new(config(&json!({"mcp_servers": entries})), options)
}

/// One scripted server `s`.
pub(crate) fn one() -> ToolServers {
    servers_with(json!([command("s", &[])]), options())
}

pub(crate) fn request(server: &str, name: &str, arguments: &Value) -> ToolCall {
    ToolCall {
        server: server.to_owned(),
        name: name.to_owned(),
        arguments: arguments.as_object().cloned().unwrap_or_default(),
    }
}

pub(crate) async fn call(
    servers: &ToolServers,
    server: &str,
    name: &str,
    arguments: Value,
) -> Result<ToolResult, ToolError> {
    let call = request(server, name, &arguments);
    servers
        .call(call, &mut |_| {}, CancellationToken::new())
        .await
}

pub(crate) async fn said(
    servers: &ToolServers,
    server: &str,
    name: &str,
    arguments: Value,
) -> String {
    let result = call(servers, server, name, arguments)
        .await
        .expect("a result");
    text(&result)
}

pub(crate) fn text(result: &ToolResult) -> String {
    let texts = result.content.iter().map(|part| match part {
        ToolContent::Text(text) => text.clone(),
        other => format!("{other:?}"),
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Waits until something is so; fails if that takes absurdly long.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited too long until {what}");
}

/// The scripted server over HTTP.
pub(crate) struct WebServer {
    child: Child,
    pub(crate) port: u16,
}

impl WebServer {
    pub(crate) fn start() -> Self {
        Self::start_at(0)
    }

    pub(crate) fn start_at(port: u16) -> Self {
        let mut child = Command::new(scripted())
            .args(["web", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        let output = child.stdout.take().expect("a pipe");
        std::io::BufReader::new(output)
            .read_line(&mut line)
            .expect("a port");
        Self {
            child,
            port: line.trim().parse().expect("a port"),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A client of one path of it, under the name `w`.
    pub(crate) fn client(&self, path: &str, transport: &str) -> ToolServers {
        let entry =
            json!({"type": "url", "name": "w", "url": self.url(path), "transport": transport});
        servers_with(json!([entry]), options())
    }

    /// Asks the server itself, beside the protocol.
    pub(crate) async fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n\r\n",
            self.port
        ))
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> String {
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.0\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    async fn ask(&self, request: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = ("127.0.0.1", self.port);
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        let body = answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned());
        body.unwrap_or_default()
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.kill();
    }
}
