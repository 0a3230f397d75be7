//! The logs that the sessions of a play leave, in the shapes of Claude Code (with and without the
//! file before an edit) and of Codex.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

/// Records by file.
#[derive(Default)]
pub(crate) struct Logs {
    files: BTreeMap<String, Vec<Value>>,
    calls: u32,
}

/// A call, as the play knows it.
pub(super) struct LoggedCall<'a> {
    pub(super) session: &'a str,
    pub(super) cwd: &'a str,
    /// Seconds.
    pub(super) time: i64,
    pub(super) tool: &'a str,
    pub(super) input: Value,
    pub(super) output: &'a str,
    /// What the harness keeps beside the output.
    pub(super) detail: Option<Value>,
    pub(super) fails: bool,
}

impl Logs {
    /// Writes all of them below a directory.
    pub(super) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        fs_err::create_dir_all(dir)?;
        for (name, records) in &self.files {
            let text: String = records.iter().map(|record| format!("{record}\n")).collect();
            fs_err::write(dir.join(name), text)?;
        }
        Ok(())
    }

    /// A call of Claude Code; returns its id.
    pub(super) fn claude(&mut self, call: &LoggedCall<'_>) -> String {
        self.calls += 1;
        let (id, n) = (format!("toolu_{}", self.calls), self.calls);
        let record = |kind: &str, time: i64, message: Value| {
            json!({"type": kind, "uuid": format!("{}-{kind}-{n}", call.session), "sessionId": call.session,
                "cwd": call.cwd, "timestamp": stamp(time), "isSidechain": false, "version": "2.1.39",
                "message": message})
        };
        let block = json!({"type": "tool_use", "id": id, "name": call.tool, "input": call.input});
        let asked = json!({"id": format!("msg_{n}"), "role": "assistant", "model": "m", "content": [block]});
        let result = json!({"type": "tool_result", "tool_use_id": id, "content": call.output, "is_error": call.fails});
        let mut done = record(
            "user",
            call.time,
            json!({"role": "user", "content": [result]}),
        );
        if let Some(detail) = &call.detail {
            done["toolUseResult"] = detail.clone();
        }
        let log = self
            .files
            .entry(format!("{}.jsonl", call.session))
            .or_default();
        log.extend([record("assistant", call.time - 1, asked), done]);
        id
    }

    /// A call of Codex, with its input as a string; returns its id.
    pub(super) fn codex(&mut self, call: &LoggedCall<'_>, input: &str) -> String {
        self.calls += 1;
        let (id, time) = (format!("call_{}", self.calls), stamp(call.time));
        let at = |kind: &str, payload: Value| json!({"timestamp": time, "type": kind, "payload": payload});
        let asked = match call.tool {
            "apply_patch" => {
                json!({"type": "custom_tool_call", "call_id": id, "name": call.tool, "input": input})
            }
            _ => {
                json!({"type": "function_call", "call_id": id, "name": call.tool, "arguments": input})
            }
        };
        let output = json!({"type": "function_call_output", "call_id": id, "output": call.output});
        let log = self
            .files
            .entry(format!("rollout-{}.jsonl", call.session))
            .or_default();
        if log.is_empty() {
            let meta = json!({"id": call.session, "cwd": call.cwd, "cli_version": "0.98.0"});
            log.push(at("session_meta", meta));
        }
        log.extend([at("response_item", asked), at("response_item", output)]);
        id
    }
}

fn stamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|time| format!("{time:.3}"))
        .unwrap_or_default()
}
