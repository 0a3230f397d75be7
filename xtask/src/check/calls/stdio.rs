//! The server as a client's child, a line a message.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::bounds::{ANSWER_TIMEOUT, CallPlan, memory_is_bounded};
use super::mutate::message;
use crate::logs::Rng;
use crate::process::RunningProcess;
use crate::program::{Program, ProgramHome};

/// Messages that are sent before their answers are awaited.
const AT_ONCE: u64 = 20;

pub(super) fn check(program: &Program, _: &ProgramHome, plan: &CallPlan) -> anyhow::Result<u64> {
    let mut command = program.command();
    command
        .arg("mcp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = RunningProcess::start(&mut command)?;
    let mut to = running.child.stdin.take().context("no standard input")?;
    let from = running.child.stdout.take().context("no standard output")?;
    let (sender, answers) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let hello = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {"roots": {}},
                   "clientInfo": {"name": "xtask", "version": "1"}},
    });
    writeln!(to, "{hello}")?;
    await_answer(&answers, 0)?;
    writeln!(
        to,
        "{}",
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
    )?;
    let mut round = 0;
    while plan.goes_on(round) {
        let mut chance = Rng::new(plan.seed, round);
        let first = 10 + round * AT_ONCE;
        let mut sent = Vec::new();
        for id in first..first + AT_ONCE - 1 {
            let (bytes, _) = message(id, &mut chance);
            sent.push(String::from_utf8_lossy(&bytes).into_owned());
            to.write_all(&bytes)?;
            to.write_all(b"\n")?;
        }
        // Sound whatever came before it.
        let last = first + AT_ONCE - 1;
        writeln!(
            to,
            "{}",
            json!({"jsonrpc": "2.0", "id": last, "method": "tools/call",
            "params": {"name": "get_status", "arguments": {}}})
        )?;
        await_answer(&answers, last)
            .with_context(|| format!("round {round}, after {}", sent.join("\n")))?;
        memory_is_bounded(running.child.id())?;
        round += 1;
    }
    drop(to);
    let status = running.child.wait()?;
    ensure!(status.success(), "the server ended with {status}");
    Ok(round)
}

/// Reads up to the answer to a request; every line on the way must be a message without anything hidden.
fn await_answer(answers: &Receiver<String>, id: u64) -> anyhow::Result<()> {
    loop {
        let line = answers.recv_timeout(ANSWER_TIMEOUT).context("no answer")?;
        let message: Value = serde_json::from_str(&line).context("no message")?;
        nothing_is_hidden(&message)?;
        if message["id"] == json!(id) && message.get("method").is_none() {
            return Ok(());
        }
    }
}

/// Fails where a text in a value holds what no reader sees.
pub(super) fn nothing_is_hidden(value: &Value) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            ensure!(
                guard::hidden_ranges(text).next().is_none(),
                "hidden: {text:?}"
            );
        }
        Value::Array(items) => items.iter().try_for_each(nothing_is_hidden)?,
        Value::Object(members) => members.values().try_for_each(nothing_is_hidden)?,
        _ => {}
    }
    Ok(())
}
