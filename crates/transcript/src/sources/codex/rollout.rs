//! Reads the records of one rollout file.

use std::sync::Arc;

use super::record::{RolloutEnvelope, RolloutPayload};
use super::state::TextStream;
use super::tools;
use crate::bounds;
use crate::content::MessageContent;
use crate::json::describe;
use crate::lines::{LogRecord, RecordFormat};
use crate::memory::{is_memory_answer, is_memory_call};
use crate::time::millis;
use crate::{Fact, FactKind, Message, MessageKind, ReadBatch, Role};

mod reading;
mod header;
mod speech;
mod work;

use reading::RecordContext;
pub(super) use reading::RolloutReader;
use speech::{joined, texts};

impl RecordFormat for RolloutReader {
    fn record(&mut self, at: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let envelope: RolloutEnvelope<'_> =
            serde_json::from_str(at.json).map_err(|error| describe(&error))?;
        let json = envelope
            .payload
            .map_or(at.json, serde_json::value::RawValue::get);
        if !json.starts_with('{') {
            return Err("a record whose `payload` is not an object".to_owned());
        }
        let kind = envelope.kind.as_str();
        if is_bulk(kind) {
            return Ok(());
        }
        let payload: RolloutPayload<'_> =
            serde_json::from_str(json).map_err(|error| describe(&error))?;
        let stamp = envelope.timestamp.get().or(envelope.created_at.get());
        let time = stamp.and_then(millis);
        if payload.record_type.get().is_some() {
            // A mark of old versions.
            return Ok(());
        }
        if envelope.payload.is_none() && !is_known_bare(&payload) {
            return Err("a record without `payload`".to_owned());
        }
        self.clock(&payload, time);
        let mut context = RecordContext { at, time, batch };
        match kind {
            "session_meta" => self.header(&payload, &mut context),
            "turn_context" => self.settings(payload.cwd.get(), payload.model.get()),
            "event_msg" => self.event(&payload, &mut context),
            "response_item" => self.item(&payload, &mut context),
            "compacted" => self.compacted(&payload, &mut context),
            _ if envelope.payload.is_none() => self.bare(&payload, &mut context),
            _ => self.other(kind, &mut context),
        }
        Ok(())
    }

    fn is_record(&self, json: &str) -> bool {
        serde_json::from_str::<RolloutEnvelope<'_>>(json)
            .is_ok_and(|record| record.kind.get().is_some() && record.payload.is_some())
    }

    fn state(&self) -> String {
        self.memo.state()
    }
}

/// Record types that say nothing of the conversation and can be long.
fn is_bulk(kind: &str) -> bool {
    matches!(
        kind,
        "world_state" | "inter_agent_communication_metadata" | "ghost_snapshot"
    )
}

/// Whether a record without envelope is of a known form.
fn is_known_bare(record: &RolloutPayload<'_>) -> bool {
    record.kind.get().is_some() || record.role.get().is_some() || record.id.get().is_some()
}

impl RolloutReader {
    fn event(&mut self, event: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        match event.kind.as_str() {
            "user_message" => self.typed(event.message.as_str(), TextStream::Event, context),
            "agent_message" => self.spoken(event.message.as_str(), TextStream::Event, context),
            "agent_reasoning" | "agent_reasoning_raw_content" => {
                self.thought([event.text.as_str()], TextStream::Event, context);
            }
            "task_complete" => {
                self.spoken(
                    event.last_agent_message.as_str(),
                    TextStream::Completion,
                    context,
                );
            }
            "item_completed" => self.item_event(event, context),
            "token_count" | "turn.completed" => self.tokens(event, context),
            "patch_apply_end" => self.patch(event, context),
            "exited_review_mode" => self.review(event, context),
            "thread_settings_applied" => {
                if let Some(settings) = &event.thread_settings.0 {
                    self.settings(settings.cwd.get(), settings.model.get());
                }
            }
            "thread_name_updated" => self.title(event, 3, context),
            "error" => self.injected(event.message.as_str(), context),
            _ => {}
        }
    }

    fn item_event(&mut self, event: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        let Some(item) = &event.item.0 else { return };
        match item.kind.as_str() {
            "UserMessage" => self.typed(&joined(&item.content), TextStream::Item, context),
            "AgentMessage" => self.spoken(&joined(&item.content), TextStream::Item, context),
            "Reasoning" => {
                let thoughts = item.summary_text.0.iter().chain(&item.raw_content.0);
                self.thought(
                    thoughts.map(crate::json::JsonText::as_str),
                    TextStream::Item,
                    context,
                );
            }
            _ => self.work_item(item, context),
        }
    }

    fn item(&mut self, item: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        match item.kind.as_str() {
            "message" | "" => self.message(item, context),
            "agent_message" => self.agent_message(item, context),
            "reasoning" => {
                let thoughts = [texts(&item.summary), texts(&item.content)].concat();
                self.thought(thoughts, TextStream::Response, context);
            }
            "ghost_snapshot" | "compaction" | "compaction_summary" => {}
            kind if kind.ends_with("_call") => self.call(item, context),
            kind if kind.ends_with("_output") || kind.ends_with("_result") => {
                self.result(item, context);
            }
            kind => self.other(kind, context),
        }
    }

    fn message(&mut self, item: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        match item.role.as_str() {
            "user" => self.prompt(item, context),
            "assistant" => {
                let text = match item.content {
                    MessageContent::Absent => item.message.as_str().to_owned(),
                    _ => joined(&item.content),
                };
                self.settings(None, item.model.get());
                self.spoken(&text, TextStream::Response, context);
            }
            // Developer and system messages are settings that every session repeats.
            _ => {}
        }
    }

    fn compacted(&mut self, payload: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        let text = payload.message.as_str().trim().to_owned();
        if !text.is_empty() {
            let message = Message {
                role: Role::System,
                kind: MessageKind::Summary,
                text,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    fn call(&mut self, item: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        let (call, files) = tools::call(item, &self.memo.cwd);
        self.memo.called(&call.id);
        if call.input.contains("*** Begin Patch") {
            self.memo.patched(&call.id);
        }
        if is_memory_call(&call) {
            self.memo.asked_memory(&call.id);
        }
        let message = Message {
            tools: vec![call],
            files,
            ..self.by_assistant(context)
        };
        self.emit(message, context);
    }

    fn result(&mut self, item: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        let (result, attachments) = tools::result(item);
        let is_from_memory = self.memo.is_from_memory(&result.call);
        let kind = match is_from_memory || is_memory_answer(&result.output) {
            true => MessageKind::Injected,
            false => MessageKind::Said,
        };
        let results = vec![result];
        let message = Message {
            role: Role::Tool,
            kind,
            results,
            attachments,
            ..self.base(context)
        };
        self.emit(message, context);
    }

    fn patch(&mut self, event: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        if self.memo.is_patched(event.call_id.as_str()) {
            return;
        }
        if let Some((result, files)) = tools::patch(event) {
            let results = vec![result];
            let message = Message {
                role: Role::Tool,
                results,
                files,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    /// Tokens go to the next message, since the last one is out already; at the end of a turn, when
    /// none may follow, they get a message of their own.
    fn tokens(&mut self, event: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        if let Some(info) = &event.info.0 {
            self.memo.count_total(info);
        }
        if let Some(tokens) = event.usage.0 {
            self.memo.count_request(tokens);
        }
        if self.memo.is_spoken && self.memo.has_usage() {
            let (role, kind) = (Role::System, MessageKind::Injected);
            let message = Message {
                role,
                kind,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    /// A record from before envelopes, or a line of the session index.
    fn bare(&mut self, record: &RolloutPayload<'_>, context: &mut RecordContext<'_, '_>) {
        if record.thread_name.get().is_some() {
            return self.title(record, 2, context);
        }
        let is_header = record.kind.get().is_none() && record.role.get().is_none();
        if is_header {
            return self.header(record, context);
        }
        self.item(record, context);
    }

    fn title(
        &mut self,
        record: &RolloutPayload<'_>,
        rank: u8,
        context: &mut RecordContext<'_, '_>,
    ) {
        let Some(text) = record.thread_name.get() else {
            return;
        };
        let own = record.id.get().map(|id| bounds::name(id).into());
        let conversation: Arc<str> = own.unwrap_or_else(|| self.told_of().into());
        let what = FactKind::Title {
            text: text.to_owned(),
            rank,
        };
        context.batch.facts.push(Fact::new(conversation, what));
    }
}
