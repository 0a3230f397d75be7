//! Reads the records of one rollout file.

use std::sync::Arc;

use super::memo::{Memo, Stream, uuid_time};
use super::tools;
use super::wire::{Envelope, Payload};
use crate::bounds;
use crate::content::Content;
use crate::lines::{self, Format};
use crate::memory::is_memory;
use crate::wire::{Last, describe, millis, stem};
use crate::{Batch, Fact, FactKind, Kind, Message, Role};

mod header;
mod speech;

use speech::{joined, texts};

/// The reader of a rollout file.
pub(super) struct Rollout {
    /// The session by the file's name, for files without a header.
    name: String,
    memo: Memo,
    conversation: Last,
    turn: Last,
    cwd: Last,
    branch: Last,
    remote: Last,
    model: Last,
    agent: Last,
    speaker: Last,
}

/// What is about to be said, and by which record.
struct Context<'a, 'b> {
    at: lines::Record<'a>,
    time: Option<i64>,
    batch: &'b mut Batch,
}

impl Format for Rollout {
    fn record(&mut self, at: lines::Record<'_>, batch: &mut Batch) -> Result<(), String> {
        let envelope: Envelope<'_> =
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
        let payload: Payload<'_> = serde_json::from_str(json).map_err(|error| describe(&error))?;
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
        let mut context = Context { at, time, batch };
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
        serde_json::from_str::<Envelope<'_>>(json)
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
fn is_known_bare(record: &Payload<'_>) -> bool {
    record.kind.get().is_some() || record.role.get().is_some() || record.id.get().is_some()
}

impl Rollout {
    pub(super) fn new(path: &str, state: &str) -> Self {
        let stem = stem(path);
        // `rollout-<time>-<id>`, the id being a UUID.
        let id = stem
            .strip_prefix("rollout-")
            .and_then(|rest| rest.get(rest.len().checked_sub(36)?..));
        Self {
            name: id.unwrap_or(stem).to_owned(),
            memo: Memo::of(state),
            conversation: Last::default(),
            turn: Last::default(),
            cwd: Last::default(),
            branch: Last::default(),
            remote: Last::default(),
            model: Last::default(),
            agent: Last::default(),
            speaker: Last::default(),
        }
    }

    fn other(&mut self, kind: &str, context: &mut Context<'_, '_>) {
        if self.memo.unknown.is_news(kind) {
            let what = format!("unknown record type `{}`, skipped", bounds::name(kind));
            context.batch.problems.push(context.at.problem(what));
        }
    }

    fn event(&mut self, event: &Payload<'_>, context: &mut Context<'_, '_>) {
        match event.kind.as_str() {
            "user_message" => self.typed(event.message.as_str(), Stream::Event, context),
            "agent_message" => self.spoken(event.message.as_str(), Stream::Event, context),
            "agent_reasoning" | "agent_reasoning_raw_content" => {
                self.thought([event.text.as_str()], Stream::Event, context);
            }
            "task_complete" => {
                self.spoken(
                    event.last_agent_message.as_str(),
                    Stream::Completion,
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

    fn item_event(&mut self, event: &Payload<'_>, context: &mut Context<'_, '_>) {
        let Some(item) = &event.item.0 else { return };
        match item.kind.as_str() {
            "UserMessage" => self.typed(&joined(&item.content), Stream::Item, context),
            "AgentMessage" => self.spoken(&joined(&item.content), Stream::Item, context),
            "Reasoning" => {
                let thoughts = item.summary_text.0.iter().chain(&item.raw_content.0);
                self.thought(
                    thoughts.map(crate::wire::Text::as_str),
                    Stream::Item,
                    context,
                );
            }
            _ => {}
        }
    }

    fn item(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
        match item.kind.as_str() {
            "message" | "" => self.message(item, context),
            "agent_message" => self.agent_message(item, context),
            "reasoning" => {
                let thoughts = [texts(&item.summary), texts(&item.content)].concat();
                self.thought(thoughts, Stream::Response, context);
            }
            "ghost_snapshot" | "compaction" | "compaction_summary" => {}
            kind if kind.ends_with("_call") => self.call(item, context),
            kind if kind.ends_with("_output") || kind.ends_with("_result") => {
                self.result(item, context);
            }
            kind => self.other(kind, context),
        }
    }

    fn message(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
        match item.role.as_str() {
            "user" => self.prompt(item, context),
            "assistant" => {
                let text = match item.content {
                    Content::Absent => item.message.as_str().to_owned(),
                    _ => joined(&item.content),
                };
                self.settings(None, item.model.get());
                self.spoken(&text, Stream::Response, context);
            }
            // Developer and system messages are settings that every session repeats.
            _ => {}
        }
    }

    fn compacted(&mut self, payload: &Payload<'_>, context: &mut Context<'_, '_>) {
        let text = payload.message.as_str().trim().to_owned();
        if !text.is_empty() {
            let message = Message {
                role: Role::System,
                kind: Kind::Summary,
                text,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    fn call(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
        let (call, files) = tools::call(item);
        if call.input.contains("*** Begin Patch") {
            self.memo.patched(&call.id);
        }
        if is_memory(&call.name) {
            self.memo.asked_memory(&call.id);
        }
        let message = Message {
            tools: vec![call],
            files,
            ..self.by_assistant(context)
        };
        self.emit(message, context);
    }

    fn result(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
        let (result, attachments) = tools::result(item);
        let kind = match self.memo.is_from_memory(&result.call) {
            true => Kind::Injected,
            false => Kind::Said,
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

    fn patch(&mut self, event: &Payload<'_>, context: &mut Context<'_, '_>) {
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
    fn tokens(&mut self, event: &Payload<'_>, context: &mut Context<'_, '_>) {
        if let Some(info) = &event.info.0 {
            self.memo.count_total(info);
        }
        if let Some(tokens) = event.usage.0 {
            self.memo.count_request(tokens);
        }
        if self.memo.is_spoken && self.memo.has_usage() {
            let (role, kind) = (Role::System, Kind::Injected);
            let message = Message {
                role,
                kind,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    /// A record from before envelopes, or a line of the session index.
    fn bare(&mut self, record: &Payload<'_>, context: &mut Context<'_, '_>) {
        if record.thread_name.get().is_some() {
            return self.title(record, 2, context);
        }
        let is_header = record.kind.get().is_none() && record.role.get().is_none();
        if is_header {
            return self.header(record, context);
        }
        self.item(record, context);
    }

    fn title(&mut self, record: &Payload<'_>, rank: u8, context: &mut Context<'_, '_>) {
        let Some(text) = record.thread_name.get() else {
            return;
        };
        let own = record.id.get().map(|id| bounds::name(id).into());
        let conversation: Arc<str> = own.unwrap_or_else(|| self.place());
        let what = FactKind::Title {
            text: text.to_owned(),
            rank,
        };
        context.batch.facts.push(Fact::new(conversation, what));
    }

    /// The conversation at hand: in a fork's copy of its parent, the parent.
    fn place(&mut self) -> Arc<str> {
        let own = self
            .memo
            .session
            .as_ref()
            .map_or(self.name.as_str(), |session| &session.id);
        self.conversation
            .share(self.memo.copied.as_deref().unwrap_or(own))
    }

    /// A message with what is known at this point of the file.
    fn base(&mut self, context: &Context<'_, '_>) -> Message {
        let is_copy = self.memo.copied.is_some();
        let agent = self
            .memo
            .session
            .as_ref()
            .filter(|_| !is_copy)
            .map(|own| own.agent.as_str());
        // A copy has the time of copying; that of the turn is in its id.
        let told = uuid_time(&self.memo.turn).filter(|_| is_copy);
        Message {
            offset: context.at.offset,
            agent: self.agent.share_some(agent),
            conversation: self.place(),
            time: told.or(context.time),
            cwd: self.cwd.share_some(Some(&self.memo.cwd)),
            branch: self.branch.share_some(Some(&self.memo.branch)),
            remote: self.remote.share_some(Some(&self.memo.remote)),
            ..Message::default()
        }
    }

    fn by_assistant(&mut self, context: &Context<'_, '_>) -> Message {
        let model = self.model.share_some(Some(&self.memo.model));
        let turn = self.turn.share_some(Some(&self.memo.turn));
        Message {
            role: Role::Assistant,
            model,
            turn,
            ..self.base(context)
        }
    }

    fn emit(&mut self, mut message: Message, context: &mut Context<'_, '_>) {
        message.id = self.memo.next_id(&message.conversation);
        message.usage = self.memo.take_usage();
        self.memo.is_spoken = false;
        context.batch.messages.push(message);
    }
}
