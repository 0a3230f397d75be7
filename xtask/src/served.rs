//! `lorekeep serve` as a process, a model server for it, and requests to its API.

mod model;

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::process::RunningProcess;
use crate::program::Program;

pub(crate) use model::{ModelServer, read_head, streamed_text};

/// What `serve` listens on says so within this time.
const START: Duration = Duration::from_secs(60);

/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A server of the chat.
pub(crate) struct ServedChat {
    /// Its process.
    pub(crate) running: RunningProcess,
    /// Where it listens: host and port.
    pub(crate) address: String,
}

impl ServedChat {
    /// Starts one at a port, or any with 0, that asks the model server at another port.
    pub(crate) fn start(program: &Program, port: u16, model_port: u16) -> anyhow::Result<Self> {
        Self::start_with(program, (port, model_port), &[])
    }

    /// As [`Self::start`], with settings in the environment.
    pub(crate) fn start_with(
        program: &Program,
        (port, model_port): (u16, u16),
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut command: Command = program.command();
        command.envs(settings.iter().copied());
        command
            .args(["serve", "--addr", &format!("127.0.0.1:{port}")])
            .env("MODEL__URL", format!("http://127.0.0.1:{model_port}/v1"))
            .env("MODEL__NAME", "bench")
            .env("MODEL__API_KEY", "sk-bench-0123456789")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut running = RunningProcess::start(&mut command)?;
        let lines = BufReader::new(running.child.stderr.take().context("no standard error")?);
        let (sender, found) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("serving on http://") {
                    let _ = sender.send(rest.split('/').next().unwrap_or_default().to_owned());
                }
            }
        });
        match found.recv_timeout(START) {
            Ok(address) => Ok(Self { running, address }),
            Err(_) => bail!("`serve` doesn't say where it listens"),
        }
    }
}

/// Who calls the API.
#[derive(Clone)]
pub(crate) struct ApiCaller {
    address: String,
    key: String,
}

/// An answer that goes on.
pub(crate) struct OpenAnswer {
    status: u16,
    body: BufReader<TcpStream>,
}

impl ApiCaller {
    /// A caller with a key.
    pub(crate) fn new(address: &str, key: &str) -> Self {
        Self {
            address: address.to_owned(),
            key: key.trim().to_owned(),
        }
    }

    /// Sends a request and reads the head of the answer. As HTTP/1.0, so that the body is as it is and ends with the
    /// connection.
    pub(crate) fn open(
        &self,
        (method, path): (&str, &str),
        body: Option<&Value>,
        accept: &str,
    ) -> std::io::Result<OpenAnswer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: {accept}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes())?;
        let mut input = BufReader::new(stream);
        let head = read_head(&mut input).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = head
            .first_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok());
        Ok(OpenAnswer {
            status: status.ok_or(std::io::ErrorKind::InvalidData)?,
            body: input,
        })
    }

    /// Sends a request and reads the answer, which must be one of success in JSON.
    pub(crate) fn json(
        &self,
        (method, path): (&str, &str),
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let mut answer = self.open((method, path), body, "application/json")?;
        let mut text = String::new();
        answer.body.read_to_string(&mut text)?;
        ensure!(
            answer.status < 300,
            "{method} {path}: {} {text}",
            answer.status
        );
        Ok(serde_json::from_str(&text)?)
    }
}

impl OpenAnswer {
    /// The next event of a stream: its name and data; nothing at its end.
    pub(crate) fn event(&mut self) -> std::io::Result<Option<(String, Value)>> {
        let mut name = String::new();
        let mut line = String::new();
        loop {
            line.clear();
            if self.body.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_end_matches(['\r', '\n']);
            if let Some(given) = line.strip_prefix("event: ") {
                given.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data = serde_json::from_str(data).map_err(std::io::Error::other)?;
                return Ok(Some((name, data)));
            }
        }
    }
}
