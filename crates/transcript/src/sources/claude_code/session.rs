//! Reads the records of one session file.

use std::sync::Arc;

use super::detail::slim;
use super::parts::{self, MessageParts, SaidBy};
use super::record::{ClaudeAttachment, ClaudeRecord, RecordOrigin, Utterance};
use crate::bounds;
use crate::content::MessageContent;
use crate::fingerprint::fingerprint;
use crate::json;
use crate::lines::{LogRecord, RecordFormat};
use crate::time::millis;
use crate::{Fact, FactKind, Message, MessageKind, ReadBatch, Role};

/// Record types that say nothing of the conversation, or say again what other records say.
const BOOKKEEPING_TYPES: [&str; 13] = [
    "progress",
    "file-history-snapshot",
    "last-prompt",
    "mode",
    "permission-mode",
    "worktree-state",
    "relocated",
    "bridge-session",
    "started",
    "result",
    "atis-latch",
    "tool_use",
    "tool_result",
];

/// Subtypes of `system` records that only mark a place.
const MARK_SUBTYPES: [&str; 7] = [
    "compact_boundary",
    "microcompact_boundary",
    "turn_duration",
    "stop_hook_summary",
    "session_start",
    "api_error",
    "init",
];

/// The model that records name which Claude Code wrote in the assistant's place.
const SYNTHETIC_MODEL: &str = "<synthetic>";

mod reading;
mod place;
mod queue;

pub(super) use reading::SessionReader;

impl RecordFormat for SessionReader {
    fn record(&mut self, at: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        if self.file.is_compaction {
            return Ok(());
        }
        let record: ClaudeRecord<'_> =
            serde_json::from_str(at.json).map_err(|error| json::describe(&error))?;
        match record.kind.as_str() {
            "user" => self.user(&record, at, batch)?,
            "assistant" => self.assistant(&record, at, batch)?,
            "system" => self.system(&record, at, batch),
            "attachment" => self.attachment(&record, at, batch),
            "queue-operation" => self.queue(&record, at),
            "summary" => self.summary(&record, batch),
            "ai-title" => self.title(&record, record.ai_title.get(), 2, batch),
            "agent-name" => self.title(&record, record.agent_name.get(), 2, batch),
            "custom-title" => self.title(&record, record.custom_title.get(), 3, batch),
            "pr-link" => self.link(&record, record.pr_url.get(), batch),
            "frame-link" => self.link(&record, record.frame_url.get(), batch),
            "" => return Err("a record without `type`".to_owned()),
            kind => self.other(kind, at, batch),
        }
        Ok(())
    }

    fn is_record(&self, json: &str) -> bool {
        serde_json::from_str::<ClaudeRecord<'_>>(json).is_ok_and(|record| {
            let is_signed = record.uuid.get().is_some() || record.session_id.get().is_some();
            record.kind.get().is_some() && is_signed
        })
    }

    fn end(&mut self, batch: &mut ReadBatch) {
        self.tell_queued(batch);
    }

    fn state(&self) -> String {
        self.memo.state()
    }
}

impl SessionReader {
    fn other(&mut self, kind: &str, at: LogRecord<'_>, batch: &mut ReadBatch) {
        if !BOOKKEEPING_TYPES.contains(&kind) && self.memo.unknown.is_news(kind) {
            batch.tell(at.problem(format!(
                "unknown record type `{}`, skipped",
                bounds::name(kind)
            )));
        }
    }

    fn user(
        &mut self,
        record: &ClaudeRecord<'_>,
        at: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) -> Result<(), String> {
        let message = said_by("user", record)?;
        if record.is_compact_summary.0 {
            let text = parts::all_text(&message.content);
            let summary = Message {
                role: Role::System,
                kind: MessageKind::Summary,
                text,
                ..self.base(record, at, batch)
            };
            batch
                .messages
                .extend((!summary.text.is_empty()).then_some(summary));
            return Ok(());
        }
        let by_program = record.is_meta.0 || is_program(record.origin.0.as_ref());
        let mut parts = parts::sort(&mut self.memo, &message.content, by(by_program));
        if let (Some(detail), Some(result)) = (record.tool_use_result, parts.results.first_mut()) {
            result.detail = slim(detail, &result.output, &parts.arguments);
        }
        self.say(record, parts, by_program, at, batch);
        Ok(())
    }

    /// Emits what a user record or attachment holds: results of tools, words, or both.
    fn say(
        &mut self,
        record: &ClaudeRecord<'_>,
        mut parts: MessageParts,
        by_program: bool,
        at: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) {
        let mut base = self.base(record, at, batch);
        if !parts.results.is_empty() {
            batch.messages.push(Message {
                role: Role::Tool,
                kind: if parts.is_news {
                    MessageKind::Said
                } else {
                    MessageKind::Injected
                },
                results: std::mem::take(&mut parts.results),
                attachments: std::mem::take(&mut parts.attachments),
                ..base.clone()
            });
            if !base.id.is_empty() {
                base.id.push_str("#text");
            }
        }
        let (role, kind, texts) = if !parts.said.is_empty() {
            parts.said.extend(parts.commands);
            (Role::User, MessageKind::Said, parts.said)
        } else if !parts.commands.is_empty() {
            (Role::User, MessageKind::Command, parts.commands)
        } else if !parts.injected.is_empty() || by_program {
            (Role::System, MessageKind::Injected, parts.injected)
        } else {
            (Role::User, MessageKind::Said, Vec::new())
        };
        if !texts.is_empty() || !parts.attachments.is_empty() {
            let text = texts.join("\n\n");
            let replaces = match role {
                Role::User => self.memo.queue.delivered(&text),
                _ => None,
            };
            batch.messages.push(Message {
                replaces,
                role,
                kind,
                text,
                attachments: parts.attachments,
                ..base
            });
        }
    }

    fn assistant(
        &mut self,
        record: &ClaudeRecord<'_>,
        at: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) -> Result<(), String> {
        let message = said_by("assistant", record)?;
        let parts = parts::sort(&mut self.memo, &message.content, SaidBy::Assistant);
        if parts.is_empty() {
            return Ok(());
        }
        let reply = format!("{}/{}", message.id.as_str(), record.request_id.as_str());
        let is_reply = message.id.get().is_some() || record.request_id.get().is_some();
        let model = message
            .model
            .get()
            .filter(|model| *model != SYNTHETIC_MODEL);
        let counts = message.model.get() != Some(SYNTHETIC_MODEL);
        let usage = message.usage.0.filter(|_| counts).map(Into::into);
        let usage = usage.and_then(|usage| match is_reply {
            true => self.memo.count(fingerprint(&reply), usage),
            false => Some(usage),
        });
        let message = Message {
            role: Role::Assistant,
            kind: if record.is_api_error_message.0 {
                MessageKind::Injected
            } else {
                MessageKind::Said
            },
            turn: self.turn.share_some(message.id.get()),
            text: parts.said.join("\n\n"),
            thinking: parts.thinking.join("\n\n"),
            tools: parts.tools,
            results: parts.results,
            files: parts.files,
            attachments: parts.attachments,
            model: self.model.share_some(model),
            usage,
            ..self.base(record, at, batch)
        };
        batch.messages.push(message);
        Ok(())
    }

    fn system(&mut self, record: &ClaudeRecord<'_>, at: LogRecord<'_>, batch: &mut ReadBatch) {
        let subtype = record.subtype.as_str();
        if MARK_SUBTYPES.contains(&subtype) {
            return self.mark(record, batch);
        }
        let parts = parts::sort(
            &mut self.memo,
            &record.content,
            by(subtype != "local_command"),
        );
        self.say(record, parts, true, at, batch);
    }

    /// A record that may end a conversation with a title.
    fn mark(&mut self, record: &ClaudeRecord<'_>, batch: &mut ReadBatch) {
        if let (Some(id), conversation) = (record.uuid.get(), self.place(record).0) {
            self.leaf(id, &conversation, batch);
        }
    }

    fn attachment(&mut self, record: &ClaudeRecord<'_>, at: LogRecord<'_>, batch: &mut ReadBatch) {
        let Some(attached) = &record.attachment.0 else {
            return;
        };
        match attached.kind.as_str() {
            "queued_command" => self.queued(record, attached, at, batch),
            "hook_additional_context" | "hook_success" => {
                let parts = parts::sort(&mut self.memo, &attached.content, SaidBy::Program);
                self.say(record, parts, true, at, batch);
            }
            _ => self.mark(record, batch),
        }
    }

    /// A prompt that was typed while the assistant was at work.
    fn queued(
        &mut self,
        record: &ClaudeRecord<'_>,
        attached: &ClaudeAttachment<'_>,
        at: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) {
        let mode = attached.command_mode.as_str();
        let by_program = attached.is_meta.0
            || record.is_meta.0
            || mode == "task-notification"
            || is_program(attached.origin.0.as_ref());
        let mut parts = parts::sort(&mut self.memo, &attached.prompt, by(by_program));
        if mode == "bash" {
            parts
                .commands
                .extend(parts.said.drain(..).map(|text| format!("!{text}")));
        }
        self.say(record, parts, by_program, at, batch);
    }

    fn summary(&mut self, record: &ClaudeRecord<'_>, batch: &mut ReadBatch) {
        let Some(title) = record.summary.get() else {
            return;
        };
        let title = self.memo.summary(record.leaf_uuid.as_str(), title);
        self.title(record, title.as_deref(), 1, batch);
    }

    fn title(
        &mut self,
        record: &ClaudeRecord<'_>,
        text: Option<&str>,
        rank: u8,
        batch: &mut ReadBatch,
    ) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return;
        };
        let what = FactKind::Title {
            text: text.to_owned(),
            rank,
        };
        batch.facts.push(Fact::new(self.place(record).0, what));
    }

    fn link(&mut self, record: &ClaudeRecord<'_>, url: Option<&str>, batch: &mut ReadBatch) {
        let Some(url) = url else { return };
        let what = FactKind::Link(url.to_owned());
        batch.facts.push(Fact::new(self.place(record).0, what));
    }

    /// A message with what every record says: where and when it belongs.
    fn base(
        &mut self,
        record: &ClaudeRecord<'_>,
        at: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) -> Message {
        let (conversation, agent, parent) = self.place(record);
        if let Some((parent, relation)) = &parent {
            self.parent(&conversation, parent, *relation, batch);
        }
        self.follow_session(record, &conversation, parent.is_none(), batch);
        if let Some(id) = record.uuid.get() {
            self.leaf(id, &conversation, batch);
        }
        if let Some(cwd) = record.cwd.get()
            && self.memo.cwd != cwd
        {
            self.memo.cwd = bounds::name(cwd).into_owned();
        }
        Message {
            id: record.uuid.as_str().to_owned(),
            offset: at.offset,
            conversation,
            parent: record.parent_uuid.get().map(str::to_owned),
            time: millis(record.timestamp.as_str()),
            cwd: self.cwd.share_some(record.cwd.get()),
            branch: self
                .branch
                .share_some(record.git_branch.get().filter(|name| *name != "HEAD")),
            agent,
            ..Message::default()
        }
    }

    fn leaf(&mut self, id: &str, conversation: &Arc<str>, batch: &mut ReadBatch) {
        if let Some(text) = self.memo.leaf(id) {
            let what = FactKind::Title { text, rank: 1 };
            batch.facts.push(Fact::new(Arc::clone(conversation), what));
        }
    }
}

/// The message of a record that must have one.
fn said_by<'a, 'r>(who: &str, record: &'r ClaudeRecord<'a>) -> Result<&'r Utterance<'a>, String> {
    let message = record
        .message
        .0
        .as_ref()
        .filter(|said| !matches!(said.content, MessageContent::Absent));
    message.ok_or_else(|| format!("a record of type `{who}` without a message"))
}

/// Whether a record says that no person is behind it.
fn is_program(origin: Option<&RecordOrigin<'_>>) -> bool {
    origin
        .and_then(|origin| origin.kind.get())
        .is_some_and(|kind| kind != "human")
}

fn by(by_program: bool) -> SaidBy {
    if by_program {
        SaidBy::Program
    } else {
        SaidBy::Person
    }
}
