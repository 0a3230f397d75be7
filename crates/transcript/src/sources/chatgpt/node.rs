//! A node of a conversation, and the message in it.

use serde::Deserialize;

use super::content::{ChatGptContent, ReadContent};
use crate::branches::message_id;
use crate::json::{JsonArray, JsonCount, JsonFlag, JsonObject, JsonText, JsonTime};
use crate::{Attachment, Message, MessageKind, Role, ToolCall, ToolResult, bounds};

/// Who a message goes to unless it calls a tool.
const TO_ALL: &str = "all";

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ChatGptNode<'a> {
    parent: JsonText<'a>,
    message: JsonObject<ChatGptMessage<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptMessage<'a> {
    author: JsonObject<ChatGptAuthor<'a>>,
    create_time: JsonTime,
    content: JsonObject<ChatGptContent<'a>>,
    recipient: JsonText<'a>,
    metadata: JsonObject<ChatGptMetadata<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptAuthor<'a> {
    role: JsonText<'a>,
    name: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptMetadata<'a> {
    model_slug: JsonText<'a>,
    turn_exchange_id: JsonText<'a>,
    is_visually_hidden_from_conversation: JsonFlag,
    is_user_system_message: JsonFlag,
    attachments: JsonArray<JsonObject<ChatGptUpload<'a>>>,
    aggregate_result: JsonObject<ChatGptRun<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptUpload<'a> {
    #[serde(alias = "mimeType")]
    mime_type: JsonText<'a>,
    size: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptRun<'a> {
    status: JsonText<'a>,
}

impl ChatGptNode<'_> {
    /// The id of the node that this one answers, and its message; nothing for one that says nothing. `unknown` is
    /// told the kinds of content that aren't known.
    pub(super) fn read(
        self,
        (conversation, node): (&str, &str),
        unknown: &mut dyn FnMut(&str),
    ) -> (Option<String>, Option<Message>) {
        let parent = self.parent.get().map(str::to_owned);
        let message = self.message.0.and_then(|message| {
            let id = message_id(conversation, node);
            let call = parent.as_deref();
            let call = call.map(|parent| message_id(conversation, parent));
            message.read(id, call, unknown)
        });
        (parent, message)
    }
}

impl ChatGptMessage<'_> {
    /// `call` is the id of the call that this answers, if it is what a tool gave back.
    fn read(
        self,
        id: String,
        call: Option<String>,
        unknown: &mut dyn FnMut(&str),
    ) -> Option<Message> {
        let author = self.author.0.unwrap_or_default();
        let metadata = self.metadata.0.unwrap_or_default();
        let content = self.content.0.unwrap_or_default().read(unknown);
        let role = match author.role.as_str() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            _ => Role::System,
        };
        let is_hidden = metadata.is_visually_hidden_from_conversation.0
            || metadata.is_user_system_message.0
            || content.is_context;
        let mut message = Message {
            role: match content.is_context {
                true => Role::System,
                false => role,
            },
            kind: match is_hidden && matches!(role, Role::User | Role::System) {
                true => MessageKind::Injected,
                false => MessageKind::Said,
            },
            time: self.create_time.0,
            model: metadata
                .model_slug
                .get()
                .map(|name| bounds::name(name).into()),
            turn: metadata
                .turn_exchange_id
                .get()
                .map(|turn| bounds::name(turn).into()),
            thinking: content.thinking.clone(),
            attachments: content.attachments.clone(),
            ..Message::default()
        };
        let attached = metadata.attachments.0.iter();
        message.attachments.extend(
            attached
                .filter_map(|attached| attached.0.as_ref())
                .map(described),
        );
        let recipient = self.recipient.get().filter(|name| *name != TO_ALL);
        match (role, recipient) {
            (Role::Assistant, Some(tool)) => message.tools.push(ToolCall {
                id: id.clone(),
                name: bounds::name(tool).into_owned(),
                input: content.arguments(),
            }),
            (Role::Tool, _) => {
                let status = metadata.aggregate_result.0.unwrap_or_default().status;
                message.speaker = author.name.get().map(|name| bounds::name(name).into());
                message
                    .results
                    .extend(result(content, call, status.as_str()));
            }
            _ => message.text = content.text,
        }
        message.id = id;
        (!message.says_nothing()).then_some(message)
    }
}

fn described(attached: &ChatGptUpload<'_>) -> Attachment {
    Attachment {
        media_type: bounds::name(attached.mime_type.as_str()).into_owned(),
        bytes: attached.size.0,
    }
}

fn result(content: ReadContent, call: Option<String>, status: &str) -> Option<ToolResult> {
    let is_empty = content.text.trim().is_empty();
    (!is_empty).then(|| ToolResult {
        call: call.unwrap_or_default(),
        is_error: content.is_error || status.starts_with("failed"),
        output: content.text,
        detail: None,
    })
}
