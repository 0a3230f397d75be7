//! Starting a registered server as its client would, to see whether it answers.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::launch::LaunchCommand;
use crate::clock;

/// How long a server may take to answer, in all.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may take to end once nobody talks to it.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProbeAnswer {
    /// Milliseconds from the start to the answer of `initialize`.
    pub(crate) ms: u128,
    /// The name that it gives itself.
    pub(crate) server: String,
    /// How many tools it lists.
    pub(crate) tools: usize,
}

/// Where a server is started, and with which variables besides its own.
pub(crate) struct Surroundings<'a> {
    /// The working directory: not the one that the person happens to be in, which may be anybody's.
    pub(crate) directory: &'a Path,
    /// The only variables that it gets from this process.
    pub(crate) variables: Vec<(&'static str, OsString)>,
}

/// Starts the program, asks for its tools and lets it end. What is wrong comes as words.
pub(crate) fn probe(
    launch: &LaunchCommand,
    surroundings: &Surroundings<'_>,
) -> Result<ProbeAnswer, String> {
    let started = clock::instant();
    let variables = surroundings.variables.iter();
    let mut child = Command::new(&launch.program)
        .args(&launch.args)
        .current_dir(surroundings.directory)
        .env_clear()
        .envs(variables.map(|(name, value)| (name, value)))
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{}` can't be started: {error}", launch.program))?;
    let errors = child.stderr.take().map(last_line);
    let result = talk(&mut child, started);
    // Talking is over: standard input is closed.
    let ended = end(&mut child);
    let words = errors.and_then(|errors| errors.recv_timeout(END_TIMEOUT).ok());
    let words = words.filter(|words| !words.is_empty());
    match (result, ended) {
        (Ok(answer), true) => Ok(answer),
        (Ok(_), false) => Err("it goes on running when its client is gone".to_owned()),
        (Err(what), _) => Err(match words {
            Some(words) => format!("{what}; it says: {words}"),
            None => what,
        }),
    }
}

fn talk(child: &mut Child, started: Instant) -> Result<ProbeAnswer, String> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("it has no standard input or output".to_owned());
    };
    let lines = lines(output);
    let initialize = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "lorekeep doctor", "version": env!("CARGO_PKG_VERSION")},
        },
    });
    send(&mut input, &initialize);
    let answer = answer(&lines, 1, started)?;
    let ms = started.elapsed().as_millis();
    let server = answer["serverInfo"]["name"].as_str();
    let server = server.ok_or("it answers `initialize` without its name")?;
    send(
        &mut input,
        &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    );
    send(
        &mut input,
        &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}),
    );
    let tools = self::answer(&lines, 2, started)?;
    let tools = tools["tools"].as_array().map_or(0, Vec::len);
    if tools == 0 {
        return Err("it lists no tools".to_owned());
    }
    Ok(ProbeAnswer {
        ms,
        server: server.to_owned(),
        tools,
    })
}

fn send(input: &mut impl Write, message: &Value) {
    // A server that is gone is found out when its answer is missing.
    let _ = writeln!(input, "{message}").and_then(|()| input.flush());
}

/// The result of the call of this number; notifications and calls of the server's pass by.
fn answer(lines: &Receiver<String>, id: u64, started: Instant) -> Result<Value, String> {
    loop {
        let left = ANSWER_TIMEOUT.saturating_sub(started.elapsed());
        let line = lines.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                format!("no answer within {} seconds", ANSWER_TIMEOUT.as_secs())
            }
            RecvTimeoutError::Disconnected => "it ends without an answer".to_owned(),
        })?;
        let message: Value = serde_json::from_str(&line).map_err(|_| {
            let start: String = line.chars().take(60).collect();
            format!("it prints what is no message: {start}")
        })?;
        if message["id"] != id {
            continue;
        }
        if let Some(error) = message.get("error") {
            return Err(format!("it answers with an error: {}", error["message"]));
        }
        return Ok(message["result"].clone());
    }
}

fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// The last line that was printed, once all is.
fn last_line(output: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let last = lines.filter(|line| !line.trim().is_empty()).last();
        // Nobody may be waiting for it any more.
        let _ = send.send(last.unwrap_or_default());
    });
    receive
}

/// Whether it ends by itself; it is ended if not.
fn end(child: &mut Child) -> bool {
    let since = clock::instant();
    while since.elapsed() < END_TIMEOUT {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Ok(Some(_)) | Err(_) => return true,
        }
    }
    // It is ours, and gone if this fails.
    let _ = child.kill();
    let _ = child.wait();
    false
}
