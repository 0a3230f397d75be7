//! A session of Claude Code being written: its state, and the records that every part of it shares.

use super::project::Project;
use super::record::{LogClock, RecordLines, opaque, uuid};
use super::rng::Rng;
use super::words::WordTable;

/// A session being written.
pub(super) struct ClaudeSession<'a> {
    /// The records so far.
    pub(super) lines: RecordLines,
    /// Chance.
    pub(super) rng: Rng,
    /// Words.
    pub(super) words: &'a WordTable,
    /// Where it works.
    pub(super) project: &'a mut Project,
    /// Files that it keeps going back to.
    pub(super) focus: Vec<usize>,
    pub(super) clock: LogClock,
    pub(super) id: String,
    agent: Option<String>,
    pub(super) parent: Option<String>,
    branch: String,
    pub(super) hooks: usize,
    message: String,
    request: String,
    usage: String,
    model: &'static str,
    pub(super) topic: Vec<String>,
}

const CLAUDE_MODELS: &[&str] = &[
    "claude-opus-4-6",
    "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5-20251001",
];
const CLAUDE_CODE_VERSIONS: &[&str] = &["2.1.39", "2.1.62", "2.0.28"];

impl<'a> ClaudeSession<'a> {
    pub(super) fn new(
        words: &'a WordTable,
        project: &'a mut Project,
        mut rng: Rng,
        id: String,
        start: i64,
        agent: Option<String>,
    ) -> Self {
        let focus = (0..8).map(|_| rng.below(project.files.len())).collect();
        let mut topic: Vec<String> = (0..12)
            .map(|_| rng.favour(&project.topic).clone())
            .collect();
        topic.extend((0..12).map(|_| words.content(&mut rng).to_owned()));
        topic.extend((0..8).map(|_| rng.favour(&project.names).clone()));
        Self {
            lines: RecordLines::default(),
            branch: rng.favour(&project.branches).clone(),
            hooks: if rng.chance(0.7) { rng.range(4, 11) } else { 0 },
            model: *rng.pick(CLAUDE_MODELS),
            words,
            project,
            focus,
            clock: LogClock::at(start),
            id,
            agent,
            parent: None,
            message: String::new(),
            request: String::new(),
            usage: String::new(),
            topic,
            rng,
        }
    }

    /// Opens a record that has a place in the thread.
    pub(super) fn envelope(&mut self) {
        let lines = &mut self.lines;
        lines.raw("{\"parentUuid\":");
        match &self.parent {
            Some(parent) => lines.raw("\"").raw(parent).raw("\""),
            None => lines.raw("null"),
        };
        lines.raw(if self.agent.is_some() {
            ",\"isSidechain\":true"
        } else {
            ",\"isSidechain\":false"
        });
        lines
            .raw(",\"userType\":\"external\",\"cwd\":")
            .text(&self.project.cwd);
        lines.raw(",\"sessionId\":\"").raw(&self.id);
        lines
            .raw("\",\"version\":\"")
            .raw(CLAUDE_CODE_VERSIONS[self.id.len() % 2]);
        lines.raw("\",\"gitBranch\":").text(&self.branch);
        if let Some(agent) = &self.agent {
            lines.raw(",\"agentId\":\"").raw(agent).raw("\"");
        }
    }

    /// Closes it: its id and time.
    pub(super) fn close(&mut self, pause: usize) {
        let id = uuid(&mut self.rng);
        self.clock.tick(&mut self.rng, pause);
        let now = self.clock.now();
        self.lines
            .raw(",\"uuid\":\"")
            .raw(&id)
            .raw("\",\"timestamp\":\"")
            .raw(&now)
            .raw("\"")
            .end();
        self.parent = Some(id);
    }

    /// A reply begins: its records share these.
    pub(super) fn new_message(&mut self) {
        self.message = format!("msg_01{}", opaque(&mut self.rng, 22));
        self.request = format!("req_011C{}", opaque(&mut self.rng, 20));
        self.usage = format!(
            "{{\"input_tokens\":{},\"cache_creation_input_tokens\":{},\"cache_read_input_tokens\":{},\
             \"cache_creation\":{{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}},\
             \"output_tokens\":{},\"service_tier\":\"standard\",\"inference_geo\":\"global\"}}",
            self.rng.below(12),
            self.rng.below(9000),
            self.rng.below(160_000),
            self.rng.below(900)
        );
    }

    /// Opens a record of the assistant, up to its one block.
    pub(super) fn assistant(&mut self) {
        self.envelope();
        let lines = &mut self.lines;
        lines
            .raw(",\"type\":\"assistant\",\"message\":{\"model\":\"")
            .raw(self.model);
        lines.raw("\",\"id\":\"").raw(&self.message);
        lines.raw("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[");
    }

    /// Closes it.
    pub(super) fn assistant_end(&mut self) {
        let lines = &mut self.lines;
        lines
            .raw("],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":")
            .raw(&self.usage);
        lines.raw("},\"requestId\":\"").raw(&self.request).raw("\"");
        self.close(9000);
    }

    /// Opens the record that brings a tool's result, up to the text that the model sees.
    pub(super) fn result(&mut self, call: &str) {
        self.envelope();
        self.lines.raw(
            ",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"",
        );
        self.lines
            .raw(call)
            .raw("\",\"type\":\"tool_result\",\"content\":\"");
    }

    /// Closes that text and opens what the harness keeps beside it.
    pub(super) fn result_detail(&mut self) {
        self.lines
            .raw("\",\"is_error\":false}]},\"toolUseResult\":");
    }

    /// Closes the record.
    pub(super) fn result_end(&mut self) {
        self.close(20_000);
    }

    /// What hooks report while a tool runs.
    pub(super) fn hooks_around(&mut self, tool: &str, call: &str) {
        for at in 0..self.hooks {
            let event = if at % 2 == 0 {
                "PreToolUse"
            } else {
                "PostToolUse"
            };
            self.progress(event, &format!("{event}:{tool}"), call);
        }
    }

    pub(super) fn hook(&mut self, event: &str, times: usize) {
        for _ in 0..times {
            let call = uuid(&mut self.rng);
            self.progress(event.split(':').next().unwrap_or(event), event, &call);
        }
    }

    fn progress(&mut self, event: &str, name: &str, call: &str) {
        self.envelope();
        let lines = &mut self.lines;
        lines.raw(",\"type\":\"progress\",\"data\":{\"type\":\"hook_progress\",\"hookEvent\":\"");
        lines.raw(event).raw("\",\"hookName\":\"").raw(name);
        lines
            .raw("\",\"command\":\"${CLAUDE_PLUGIN_ROOT}/hooks/notify.sh ")
            .raw(event);
        lines
            .raw("\"},\"parentToolUseID\":\"")
            .raw(call)
            .raw("\",\"toolUseID\":\"")
            .raw(call)
            .raw("\"");
        self.close(400);
    }
}
