//! Sessions as Codex writes them: every text twice, as an event and as an item.

use std::path::Path;

use super::outputs;
use super::place::{SessionShape, put, session_id};
use super::project::Project;
use super::record::{LogClock, RecordLines, opaque};
use super::rng::Rng;
use super::words::WordTable;

struct CodexRollout<'a> {
    lines: RecordLines,
    rng: &'a mut Rng,
    words: &'a WordTable,
    project: &'a mut Project,
    clock: LogClock,
}

/// Writes a rollout file; returns its bytes.
pub(super) fn write(
    out: &Path,
    words: &WordTable,
    project: &mut Project,
    shape: &SessionShape,
    rng: &mut Rng,
) -> anyhow::Result<u64> {
    let id = session_id(rng);
    let clock = LogClock::at(shape.start);
    let mut rollout = CodexRollout {
        lines: RecordLines::default(),
        rng,
        words,
        project,
        clock,
    };
    let started = rollout.clock.now();
    rollout.opening(&id);
    while rollout.lines.bytes.len() < shape.bytes {
        rollout.turn();
    }
    let day = started[..10].replace('-', "/");
    let stamp = started[..19].replace(':', "-");
    let path = out
        .join("codex/sessions")
        .join(day)
        .join(format!("rollout-{stamp}-{id}.jsonl"));
    put(&path, &rollout.lines.bytes)
}

impl CodexRollout<'_> {
    /// Opens a line, up to the members of its payload.
    fn open(&mut self, kind: &str) {
        self.clock.tick(self.rng, 8000);
        let now = self.clock.now();
        self.lines
            .raw("{\"timestamp\":\"")
            .raw(&now)
            .raw("\",\"type\":\"")
            .raw(kind);
        self.lines.raw("\",\"payload\":{");
    }

    fn end(&mut self) {
        self.lines.raw("}").end();
    }

    fn opening(&mut self, id: &str) {
        let now = self.clock.now();
        self.open("session_meta");
        self.lines
            .raw("\"id\":\"")
            .raw(id)
            .raw("\",\"timestamp\":\"")
            .raw(&now);
        self.lines.raw("\",\"cwd\":").text(&self.project.cwd);
        self.lines.raw(",\"originator\":\"codex_cli_rs\",\"cli_version\":\"0.40.0\",\"git\":{\"commit_hash\":\"");
        let hash = format!(
            "{:016x}{:016x}{:08x}",
            self.rng.next(),
            self.rng.next(),
            self.rng.below(1 << 32)
        );
        self.lines
            .raw(&hash)
            .raw("\",\"branch\":")
            .text(&self.project.branches[0])
            .raw("}");
        self.end();
    }

    fn turn(&mut self) {
        self.open("turn_context");
        self.lines.raw("\"cwd\":").text(&self.project.cwd);
        self.lines.raw(",\"approval_policy\":\"on-request\",\"sandbox_policy\":{\"mode\":\"workspace-write\",\"network_access\":false},\"model\":\"gpt-5-codex\",\"summary\":\"auto\"");
        self.end();
        let length = self.rng.range(20, 120) + self.rng.below(40) * self.rng.below(40);
        let asked = self.paragraph(length);
        self.item("user", "input_text", &asked);
        self.event("user_message", &asked);
        for _ in 0..self.rng.range(2, 14) {
            self.reasoning();
            self.command();
        }
        let length = self.rng.range(150, 1500);
        let answer = self.paragraph(length);
        self.event("agent_message", &answer);
        self.item("assistant", "output_text", &answer);
    }

    fn paragraph(&mut self, length: usize) -> String {
        let mut text = String::new();
        self.words
            .paragraph(self.rng, &self.project.topic, length, &mut text);
        text
    }

    fn item(&mut self, role: &str, kind: &str, text: &str) {
        self.open("response_item");
        self.lines.raw("\"type\":\"message\",\"role\":\"").raw(role);
        self.lines
            .raw("\",\"content\":[{\"type\":\"")
            .raw(kind)
            .raw("\",\"text\":")
            .text(text)
            .raw("}]");
        self.end();
    }

    fn event(&mut self, kind: &str, text: &str) {
        self.open("event_msg");
        self.lines
            .raw("\"type\":\"")
            .raw(kind)
            .raw("\",\"message\":")
            .text(text);
        self.end();
    }

    fn reasoning(&mut self) {
        let text = self.paragraph(120);
        self.open("event_msg");
        self.lines
            .raw("\"type\":\"agent_reasoning\",\"text\":")
            .text(&text);
        self.end();
        // What the provider encrypts can't be compressed.
        let length = self.rng.range(600, 1600);
        let opaque = opaque(self.rng, length);
        self.open("response_item");
        self.lines
            .raw("\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":")
            .text(&text);
        self.lines
            .raw("}],\"content\":null,\"encrypted_content\":\"gAAAAABo")
            .raw(&opaque)
            .raw("\"");
        self.end();
    }

    fn command(&mut self) {
        let (command, _) = outputs::command(self.project, self.rng);
        let call = format!("call_{}", opaque(self.rng, 24));
        let mut arguments = RecordLines::default();
        arguments
            .raw("{\"command\":[\"bash\",\"-lc\",")
            .text(&command)
            .raw("]}");
        self.open("response_item");
        self.lines
            .raw("\"type\":\"function_call\",\"name\":\"shell\",\"arguments\":");
        self.lines.text(&String::from_utf8_lossy(&arguments.bytes));
        self.lines.raw(",\"call_id\":\"").raw(&call).raw("\"");
        self.end();
        let count = self.rng.range(2, 30) + self.rng.below(10) * self.rng.below(12);
        let mut output = String::new();
        outputs::output(self.project, self.rng, count, &mut output);
        let mut wrapped = RecordLines::default();
        wrapped
            .raw("{\"output\":")
            .text(&output)
            .raw(",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.1}}");
        self.open("response_item");
        self.lines
            .raw("\"type\":\"function_call_output\",\"call_id\":\"")
            .raw(&call)
            .raw("\",\"output\":");
        self.lines.text(&String::from_utf8_lossy(&wrapped.bytes));
        self.end();
        self.tokens();
    }

    fn tokens(&mut self) {
        let (input, output) = (self.rng.below(90_000), self.rng.below(900));
        self.open("event_msg");
        self.lines
            .raw("\"type\":\"token_count\",\"info\":{\"last_token_usage\":{\"input_tokens\":")
            .number(input);
        self.lines
            .raw(",\"cached_input_tokens\":0,\"output_tokens\":")
            .number(output);
        self.lines
            .raw(",\"reasoning_output_tokens\":0,\"total_tokens\":")
            .number(input + output);
        self.lines
            .raw("},\"model_context_window\":272000},\"rate_limits\":null");
        self.end();
    }
}
