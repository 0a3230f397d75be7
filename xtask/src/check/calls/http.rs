//! The server over HTTP on the loopback device, as somebody with the token and as somebody without it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use super::bounds::{ANSWER_TIMEOUT, CallPlan, memory_is_bounded};
use super::mutate::message;
use super::stdio::nothing_is_hidden;
use crate::logs::Rng;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome};

/// How long to listen to what nonsense is answered with.
const LISTEN_TIME: Duration = Duration::from_millis(30);

struct ServerUnderTest {
    running: RunningProcess,
    address: String,
    token: String,
}

pub(super) fn check(program: &Program, home: &ProgramHome, plan: &CallPlan) -> anyhow::Result<u64> {
    let mut command = program.command();
    command
        .args(["mcp", "--http", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut running = RunningProcess::start(&mut command)?;
    let stderr = running.child.stderr.take().context("no standard error")?;
    let mut said = BufReader::new(stderr).lines();
    let first = said.next().context("it says nothing")??;
    let address = first.split("http://").nth(1).context("no address")?;
    let server = ServerUnderTest {
        running,
        address: address.trim_end_matches("/mcp").to_owned(),
        token: fs_err::read_to_string(home.lorekeep().join("data/mcp-token"))?
            .trim()
            .to_owned(),
    };
    std::thread::spawn(move || said.for_each(drop));
    let done = rounds(&server, plan);
    let mut running = server.running;
    running.child.kill()?;
    running.child.wait()?;
    done
}

fn rounds(server: &ServerUnderTest, plan: &CallPlan) -> anyhow::Result<u64> {
    let mut session = server.session()?;
    let mut left_open = Vec::new();
    let mut round = 0;
    while plan.goes_on(round) {
        let mut chance = Rng::new(plan.seed, round);
        if chance.chance(0.1) {
            session = server.session()?;
        }
        let bytes = server.request(&session, round, &mut chance);
        let mut stream = TcpStream::connect(&server.address)?;
        stream.set_read_timeout(Some(LISTEN_TIME))?;
        // It may be refused before it is read.
        let _ = stream.write_all(&bytes);
        let mut answer = Vec::new();
        let _ = (&mut stream).take(1 << 20).read_to_end(&mut answer);
        let context = || format!("round {round}: {}", String::from_utf8_lossy(&bytes));
        is_visible(&answer).with_context(context)?;
        if chance.chance(0.3) {
            left_open.push(stream);
        }
        if round % 50 == 0 {
            left_open.truncate(200);
            server.is_sound().with_context(context)?;
        }
        round += 1;
    }
    server.is_sound()?;
    Ok(round)
}

impl ServerUnderTest {
    fn head(&self, session: Option<&str>) -> String {
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: \
             application/json\r\nAccept: application/json, text/event-stream\r\n",
            self.address, self.token
        );
        if let Some(session) = session {
            head.push_str(&format!("Mcp-Session-Id: {session}\r\n"));
        }
        head
    }

    /// A request, sound or not.
    fn request(&self, session: &str, id: u64, chance: &mut Rng) -> Vec<u8> {
        let session = chance.chance(0.9).then_some(session);
        let (body, _) = message(id, chance);
        let mut head = self.head(session);
        match chance.below(8) {
            0 => head.push_str("Transfer-Encoding: chunked\r\n"),
            1 => head.push_str(&format!("Content-Length: {}\r\n", body.len() + 1_000)),
            2 => head.push_str("Content-Length: 1\r\nContent-Length: 2\r\n"),
            _ => head.push_str(&format!("Content-Length: {}\r\n", body.len())),
        }
        if chance.chance(0.3) {
            let methods = ["GET", "DELETE", "PUT", "OPTIONS", "\0", ""];
            head = head.replacen("POST", methods[chance.below(methods.len())], 1);
        }
        if chance.chance(0.2) {
            head = head.replace("Bearer ", "Bearer x");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&body);
        if chance.chance(0.3) {
            for _ in 0..=chance.below(4) {
                let at = chance.below(bytes.len());
                bytes[at] = u8::try_from(chance.below(256)).unwrap_or_default();
            }
        }
        if chance.chance(0.2) {
            bytes.truncate(chance.below(bytes.len()));
        }
        bytes
    }

    /// Sends a message and reads all of its answer.
    fn post(&self, session: Option<&str>, body: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let length = body.len();
        let head = self.head(session);
        write!(
            stream,
            "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        is_visible(&answer)?;
        Ok(String::from_utf8(answer)?)
    }

    fn session(&self) -> anyhow::Result<String> {
        let answer = self.post(
            None,
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\
             \"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"xtask\",\"version\":\"1\"}}}",
        )?;
        let lower = answer.to_lowercase();
        let session = lower
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "));
        let session = session
            .with_context(|| format!("no session: {answer}"))?
            .to_owned();
        let initialized = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
        self.post(Some(&session), initialized)?;
        Ok(session)
    }

    /// Whether a sound client is served, and memory is as it should be.
    fn is_sound(&self) -> anyhow::Result<()> {
        let session = self.session()?;
        let call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\
                    \"get_status\",\"arguments\":{}}}";
        let answer = self.post(Some(&session), call)?;
        ensure!(answer.contains("\"messages\""), "no status: {answer}");
        memory_is_bounded(self.running.child.id())
    }
}

/// Fails where a document in an answer, or the answer itself, holds what no reader sees.
fn is_visible(answer: &[u8]) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(answer).replace("\r\n", "\n");
    if let Some(hidden) = guard::hidden_ranges(&text).next() {
        bail!("hidden at {hidden:?}: {text:?}");
    }
    let documents = text
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line));
    for document in documents.filter(|line| line.starts_with('{')) {
        if let Ok(value) = serde_json::from_str(document) {
            nothing_is_hidden(&value)?;
        }
    }
    Ok(())
}
