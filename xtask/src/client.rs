//! A client of `lorekeep mcp` that measures: one line out, one line in.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::process::RunningProcess;

/// A server with its pipes.
pub(crate) struct MeasuringClient {
    running: RunningProcess,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl MeasuringClient {
    /// Starts a server and shakes hands; how long that took from the start of the process.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<(Self, Duration)> {
        let began = Instant::now();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut running = RunningProcess::start(command)?;
        let to = running.child.stdin.take().context("no standard input")?;
        let from = running.child.stdout.take().context("no standard output")?;
        let mut client = Self {
            running,
            to,
            from: BufReader::new(from),
            next: 1,
        };
        client.ask(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "xtask", "version": "1"},
            }),
        )?;
        let took = began.elapsed();
        client.line(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok((client, took))
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// Sends a request and waits for the result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        let id = self.next;
        self.next += 1;
        self.line(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut line = String::new();
            ensure!(self.from.read_line(&mut line)? > 0, "the server went away");
            let mut message: Value = serde_json::from_str(&line)
                .with_context(|| format!("what the server printed is no message: {line}"))?;
            if message["id"] != json!(id) {
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(message["result"].take());
        }
    }

    /// Calls a tool; its values.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<Value> {
        let mut result = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}))?;
        ensure!(result["isError"] != json!(true), "{tool}: {result}");
        Ok(result["structuredContent"].take())
    }

    /// Calls a tool; how long that took, in milliseconds.
    pub(crate) fn time(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<f64> {
        let began = Instant::now();
        self.call(tool, arguments)?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// Closes the input and waits for the end.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        drop(self.to);
        let (code, _) = self.running.finish()?;
        ensure!(code == Some(0), "the server ended with {code:?}");
        Ok(())
    }

    fn line(&mut self, message: &Value) -> anyhow::Result<()> {
        writeln!(self.to, "{message}")?;
        Ok(self.to.flush()?)
    }
}

/// What a process has in memory, in bytes: its own part of what it shares with others, or, with
/// `Rss`, all that it shares counted in full.
pub(crate) fn memory(pid: u32, what: &str) -> anyhow::Result<f64> {
    let text = fs_err::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let kib = line
        .and_then(|line| line.strip_prefix(':'))
        .and_then(|line| line.trim().strip_suffix("kB"))
        .context("the system doesn't tell what a process has in memory")?;
    Ok(kib.trim().parse::<f64>()? * 1024.0)
}
