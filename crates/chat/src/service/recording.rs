//! Calls of programs through the gateway, kept as conversations. A program sends its whole conversation with every
//! call: what was recorded of it before is known again, and only what is new is added.

use std::collections::{HashMap, HashSet};

use memory::{
    ChatChange, ChatFilter, ChatMessageState, ChatPatch, ChatThread, NewChat, NewChatMessage, Role,
    TokenUsage, ToolCall, ToolResult,
};
use serde_json::{Value, json};

use super::core::{Chat, ChatEvent, ChatInner};
use crate::detail::{Detail, RunFigures};
use crate::guards::{FoundHere, GuardRefusal};
use crate::model::Usage;
use crate::said::{Beginning, beginnings, is_said, text_of, with};
use crate::settings::{ConversationSettings, MAX_SYSTEM_BYTES};
use crate::thread::title_of;
use crate::{Error, Result, id};

/// The tag of recorded conversations.
const GATEWAY_TAG: &str = "gateway";

/// Conversations whose ends are known again after a start.
const MAX_REREAD: usize = 200;

/// A call of a program, with what came of it.
#[derive(Clone, Debug, Default)]
pub struct RecordedCall {
    /// The conversation as the model was sent it, in the form of OpenAI's `messages`: masked, without what was
    /// recalled for it.
    pub messages: Vec<Value>,
    /// What guards found in it, with the place in `messages`.
    pub findings: Vec<(usize, FoundHere)>,
    /// The answers. The first one is gone on with.
    pub answers: Vec<RecordedAnswer>,
    /// The provider that answered.
    pub provider: String,
    /// The model, as the provider has it.
    pub model: String,
    /// Milliseconds until the answer stood.
    pub duration_ms: u64,
    /// What it took.
    pub usage: Option<Usage>,
}

/// An answer to a program.
#[derive(Clone, Debug, Default)]
pub struct RecordedAnswer {
    /// What was said, masked.
    pub text: String,
    /// The reasoning, masked.
    pub thinking: String,
    /// The calls of tools, as the model's server sent them.
    pub tool_calls: Vec<Value>,
    /// What guards found in it.
    pub findings: Vec<FoundHere>,
    /// Why it was stopped, if a guard did.
    pub refusal: Option<GuardRefusal>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// Whether the program left before it was done.
    pub is_left: bool,
    /// Why it ended, in the model's words.
    pub finish_reason: Option<String>,
}

impl Chat {
    /// Keeps a call of a program: what is new of its conversation, and the answers. Pictures aren't kept.
    ///
    /// # Errors
    /// If the archive can't be written.
    pub async fn record(&self, call: RecordedCall) -> Result<()> {
        let inner = &self.inner;
        inner.reread_ends().await?;
        let said: Vec<(usize, Value)> = call
            .messages
            .iter()
            .cloned()
            .enumerate()
            .filter(|(_, message)| is_said(message))
            .collect();
        let messages: Vec<Value> = said.iter().map(|(_, message)| message.clone()).collect();
        let known = inner.known_end(&messages);
        let done = inner.record_behind(&call, &said, known.clone()).await;
        match done {
            // It was deleted meanwhile.
            Err(Error::NotFound { .. }) if known.is_some() => {
                inner.record_behind(&call, &said, None).await
            }
            done => done,
        }
    }

    /// The conversation that was recorded of these messages, or of their beginning.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub async fn recorded(&self, messages: &[Value]) -> Result<Option<String>> {
        self.inner.reread_ends().await?;
        let said: Vec<Value> = messages
            .iter()
            .filter(|one| is_said(one))
            .cloned()
            .collect();
        let known = self.inner.known_end(&said);
        Ok(known.map(|(_, (conversation, _))| conversation))
    }
}

impl ChatInner {
    /// The end that was recorded of a conversation's beginning, and how many messages that has.
    fn known_end(&self, messages: &[Value]) -> Option<(usize, (String, String))> {
        let beginnings = beginnings(messages);
        let mut ends = beginnings.iter().enumerate().rev();
        ends.find_map(|(at, beginning)| Some((at + 1, self.recorded.find(beginning)?)))
    }

    async fn record_behind(
        &self,
        call: &RecordedCall,
        said: &[(usize, Value)],
        known: Option<(usize, (String, String))>,
    ) -> Result<()> {
        let mut changes = Vec::new();
        let (skipped, conversation, mut parent) = match known {
            Some((count, (conversation, end))) => (count, conversation, Some(end)),
            None => {
                let conversation = id::new_id();
                changes.push(ChatChange::Create(new_chat(&conversation, call)));
                (0, conversation, None)
            }
        };
        let append = |new: NewChatMessage| ChatChange::Append {
            chat: conversation.clone(),
            message: Box::new(new),
        };
        for (at, message) in &said[skipped..] {
            let found = call.findings.iter().filter(|(place, _)| place == at);
            let new = NewChatMessage {
                parent: parent.take(),
                ..self.message(message, found.map(|(_, found)| found))
            };
            parent = Some(new.id.clone());
            changes.push(append(new));
        }
        let messages: Vec<Value> = said.iter().map(|(_, message)| message.clone()).collect();
        let before = beginnings(&messages).last().copied();
        let mut ends = Vec::new();
        // The last one that is added is shown.
        for answer in call.answers.iter().rev() {
            let new = NewChatMessage {
                parent: parent.clone(),
                ..self.answer(call, answer)
            };
            ends.push((with(before.as_ref(), &message_of(answer)), new.id.clone()));
            changes.push(append(new));
        }
        if skipped == 0 {
            let title = title(&messages);
            changes.push(ChatChange::Patch {
                chat: conversation.clone(),
                patch: ChatPatch {
                    title: title.map(|title| (title, false)),
                    ..ChatPatch::default()
                },
            });
        }
        self.writer.write(changes).await?;
        for (beginning, end) in ends {
            self.recorded.add(beginning, (conversation.clone(), end));
        }
        self.tell(ChatEvent::ConversationChanged { id: conversation });
        Ok(())
    }

    /// A message of the program's conversation.
    fn message<'f>(
        &self,
        message: &Value,
        found: impl Iterator<Item = &'f FoundHere>,
    ) -> NewChatMessage {
        let detail = Detail {
            findings: found.map(|found| json!(found)).collect(),
            raw_tool_calls: message["tool_calls"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
            ..Detail::default()
        };
        let text = text_of(message);
        let (role, text, results) = match message["role"].as_str() {
            Some("user") => (Role::User, text, Vec::new()),
            Some("assistant") => (Role::Assistant, text, Vec::new()),
            _ => {
                let result = ToolResult {
                    call: named(&message["tool_call_id"]),
                    output: text,
                    ..ToolResult::default()
                };
                (Role::Tool, String::new(), vec![result])
            }
        };
        NewChatMessage {
            tools: calls(&detail.raw_tool_calls),
            results,
            detail: detail.to_json(),
            ..NewChatMessage::said(&id::new_id(), role, self.now(), &text)
        }
    }

    fn answer(&self, call: &RecordedCall, answer: &RecordedAnswer) -> NewChatMessage {
        let usage = call.usage;
        let detail = Detail {
            findings: answer.findings.iter().map(|found| json!(found)).collect(),
            refusal: answer.refusal.as_ref().map(|refusal| json!(refusal)),
            error: answer
                .error
                .as_ref()
                .map(|what| json!({"code": "model", "message": what})),
            raw_tool_calls: answer.tool_calls.clone(),
            run: Some(RunFigures {
                provider: call.provider.clone(),
                model: call.model.clone(),
                finish_reason: answer.finish_reason.clone(),
                duration_ms: call.duration_ms,
                usage: usage.map(|usage| {
                    json!({
                        "prompt_tokens": usage.prompt_tokens, "cached_tokens": usage.cached_tokens,
                        "completion_tokens": usage.completion_tokens,
                        "reasoning_tokens": usage.reasoning_tokens,
                    })
                }),
                cost: usage.and_then(|usage| usage.cost),
                ..RunFigures::default()
            }),
            ..Detail::default()
        };
        let state = match answer {
            RecordedAnswer {
                refusal: Some(_), ..
            } => ChatMessageState::Hidden,
            RecordedAnswer { error: Some(_), .. } => ChatMessageState::Failed,
            RecordedAnswer { is_left: true, .. } => ChatMessageState::Stopped,
            _ if answer.finish_reason.as_deref() == Some("length") => ChatMessageState::Cut,
            _ => ChatMessageState::Whole,
        };
        NewChatMessage {
            thinking: answer.thinking.clone(),
            tools: calls(&answer.tool_calls),
            model: Some(call.model.clone()).filter(|model| !model.is_empty()),
            usage: usage.map(|usage| TokenUsage {
                input: usage.prompt_tokens.saturating_sub(usage.cached_tokens),
                output: usage.completion_tokens,
                cache_creation: 0,
                cache_read: usage.cached_tokens,
            }),
            state,
            detail: detail.to_json(),
            ..NewChatMessage::said(&id::new_id(), Role::Assistant, self.now(), &answer.text)
        }
    }

    /// Reads where the conversations end that an earlier process recorded, once.
    async fn reread_ends(&self) -> Result<()> {
        if !self.recorded.begins() {
            return Ok(());
        }
        let memory = std::sync::Arc::clone(&self.options.memory);
        let read = move || {
            let archive = memory.archive()?;
            let filter = ChatFilter {
                tag: Some(GATEWAY_TAG.to_owned()),
                limit: MAX_REREAD,
                ..ChatFilter::default()
            };
            let heads = archive.chats(&filter)?;
            let threads = heads.iter().map(|head| archive.chat(&head.id));
            Ok::<_, memory::Error>(threads.filter_map(std::result::Result::ok).collect())
        };
        let threads: Vec<ChatThread> = tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| Error::Internal(error.to_string()))??;
        // The newest conversation of those that end alike is gone on with.
        for thread in threads.iter().rev() {
            for (beginning, end) in ends_of(thread) {
                self.recorded.add(beginning, (thread.head.id.clone(), end));
            }
        }
        Ok(())
    }
}

/// A title of what a person said first. Programs put what they know of the machine before it, as an element.
fn title(messages: &[Value]) -> Option<String> {
    let said = messages.iter().filter(|message| message["role"] == "user");
    let said: Vec<String> = said.map(text_of).collect();
    let own = said.iter().find(|text| !text.trim_start().starts_with('<'));
    title_of(own.or(said.first())?)
}

/// What stands for a recorded conversation up to each answer.
fn ends_of(thread: &ChatThread) -> Vec<(Beginning, String)> {
    let mut by_id: HashMap<&str, Beginning> = HashMap::new();
    let mut ends = Vec::new();
    let mut seen = HashSet::new();
    for message in &thread.messages {
        let said = &message.message;
        if !seen.insert(said.id.as_str()) {
            continue;
        }
        let before = message
            .parent
            .as_deref()
            .and_then(|id| by_id.get(id))
            .copied();
        let detail = Detail::parse(&message.detail);
        let results = said.results.first();
        let as_sent = json!({
            "role": said.role.name(),
            "content": results.map_or(&said.text, |result| &result.output),
            "tool_calls": detail.raw_tool_calls,
            "tool_call_id": results.map(|result| &result.call),
        });
        let beginning = with(before.as_ref(), &as_sent);
        by_id.insert(&said.id, beginning);
        if said.role == Role::Assistant {
            ends.push((beginning, said.id.clone()));
        }
    }
    ends
}

fn new_chat(id: &str, call: &RecordedCall) -> NewChat {
    let instructions = call.messages.iter().filter(|message| !is_said(message));
    let system: Vec<String> = instructions.map(text_of).collect();
    let system = Some(system.join("\n\n"));
    let settings = ConversationSettings {
        model: Some(format!("{}/{}", call.provider, call.model)),
        system: system.filter(|text| !text.is_empty() && text.len() <= MAX_SYSTEM_BYTES),
        ..ConversationSettings::default()
    };
    NewChat {
        id: id.to_owned(),
        tags: vec![GATEWAY_TAG.to_owned()],
        settings: settings.to_json(),
        ..NewChat::default()
    }
}

/// An answer as a program sends it back.
fn message_of(answer: &RecordedAnswer) -> Value {
    json!({ "role": "assistant", "content": answer.text, "tool_calls": answer.tool_calls })
}

fn calls(raw: &[Value]) -> Vec<ToolCall> {
    let call = |call: &Value| ToolCall {
        id: named(&call["id"]),
        name: named(&call["function"]["name"]),
        input: named(&call["function"]["arguments"]),
    };
    raw.iter().map(call).collect()
}

fn named(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
