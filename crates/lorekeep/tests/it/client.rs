//! An MCP client at the level of lines, for what a well-behaved client never does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Home;

/// How long a server may take for anything; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its pipes.
pub(crate) struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    next: u64,
}

/// What a request came to.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) Value);

impl Client {
    /// Starts the server of a home and shakes hands.
    pub(crate) fn start(home: &Home) -> Self {
        let mut client = Self::spawn(home.command().arg("mcp"));
        client.initialize("2025-06-18", &json!({}));
        client
    }

    /// Starts a server and says nothing.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            next: 1,
        }
    }

    /// Shakes hands; returns what the server says of itself.
    pub(crate) fn initialize(&mut self, version: &str, capabilities: &Value) -> Value {
        let reply = self.ask(
            "initialize",
            json!({
                "protocolVersion": version, "capabilities": capabilities,
                "clientInfo": {"name": "a test", "version": "1"},
            }),
        );
        self.line(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        reply.result()
    }

    /// Sends a line as it is.
    pub(crate) fn line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("an open pipe");
        stdin.write_all(line.as_bytes()).expect("the server reads");
        stdin.write_all(b"\n").expect("the server reads");
    }

    /// Sends a request; returns its id.
    pub(crate) fn send(&mut self, method: &str, params: impl Into<Value>) -> u64 {
        let id = self.next;
        self.next += 1;
        let params: Value = params.into();
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.line(&request.to_string());
        id
    }

    /// The next message. Whatever comes is one: nothing else may be printed.
    pub(crate) fn receive(&self) -> Value {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .expect("the server says something");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Sends a request and waits for its reply; what comes in between is left out.
    pub(crate) fn ask(&mut self, method: &str, params: impl Into<Value>) -> Reply {
        let id = self.send(method, params);
        self.reply(id)
    }

    /// The reply to a request.
    pub(crate) fn reply(&self, id: u64) -> Reply {
        loop {
            let message = self.receive();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return Reply(message);
            }
        }
    }

    /// Calls a tool.
    pub(crate) fn call(&mut self, tool: &str, arguments: impl Into<Value>) -> Reply {
        self.ask(
            "tools/call",
            json!({"name": tool, "arguments": arguments.into()}),
        )
    }

    /// Closes the input and waits for the end.
    pub(crate) fn close(mut self) -> (ExitStatus, Vec<String>) {
        drop(self.stdin.take());
        let status = self.wait();
        (status, self.lines.iter().collect())
    }

    /// Waits for the server to end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "the server doesn't end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Reply {
    /// The result.
    #[track_caller]
    pub(crate) fn result(self) -> Value {
        assert!(self.0.get("error").is_none(), "{}", self.0);
        self.0["result"].clone()
    }

    /// Code and message of the error.
    #[track_caller]
    pub(crate) fn error(self) -> (i64, String) {
        let error = &self.0["error"];
        let message = error["message"].as_str().expect("an error");
        (error["code"].as_i64().expect("a code"), message.to_owned())
    }

    /// The text of a tool's answer.
    #[track_caller]
    pub(crate) fn text(self) -> String {
        let result = self.result();
        assert_eq!(result["isError"], json!(false), "{result}");
        result["content"][0]["text"]
            .as_str()
            .expect("text")
            .to_owned()
    }

    /// The values of a tool's answer.
    #[track_caller]
    pub(crate) fn values(self) -> Value {
        self.result()["structuredContent"].clone()
    }
}
