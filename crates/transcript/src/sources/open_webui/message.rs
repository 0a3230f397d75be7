//! A message of a chat. What a model did is in `output`, as the Responses API has it; older versions have
//! it in the content only, as `<details>`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::details;
use crate::content::append_line;
use crate::json::{JsonArray, JsonCount, JsonObject, JsonText, JsonTime, arguments_text};
use crate::{Attachment, Message, Role, TokenUsage, ToolCall, ToolResult, bounds};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct OpenWebUiMessage<'a> {
    id: JsonText<'a>,
    parent_id: JsonText<'a>,
    role: JsonText<'a>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    model: JsonText<'a>,
    timestamp: JsonTime,
    files: JsonArray<JsonObject<OpenWebUiFile<'a>>>,
    output: JsonArray<JsonObject<OpenWebUiOutput<'a>>>,
    usage: JsonObject<OpenWebUiUsage>,
    error: JsonObject<OpenWebUiError<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiFile<'a> {
    #[serde(rename = "type")]
    kind: JsonText<'a>,
    content_type: JsonText<'a>,
    size: JsonCount,
    file: JsonObject<OpenWebUiStoredFile<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiStoredFile<'a> {
    meta: JsonObject<OpenWebUiFileMeta<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiFileMeta<'a> {
    content_type: JsonText<'a>,
    size: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiOutput<'a> {
    #[serde(rename = "type")]
    kind: JsonText<'a>,
    call_id: JsonText<'a>,
    name: JsonText<'a>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    summary: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiPart<'a> {
    text: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenWebUiUsage {
    #[serde(alias = "prompt_tokens", alias = "prompt_eval_count")]
    input_tokens: JsonCount,
    #[serde(alias = "completion_tokens", alias = "eval_count")]
    output_tokens: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiError<'a> {
    content: JsonText<'a>,
}

impl OpenWebUiMessage<'_> {
    /// Its id within the chat.
    pub(super) fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The id of the message that it answers.
    pub(super) fn parent(&self) -> Option<&str> {
        self.parent_id.get()
    }

    /// The message without id; nothing for one that says nothing.
    pub(super) fn read(self) -> Option<Message> {
        let mut message = Message {
            role: match self.role.as_str() {
                "user" => Role::User,
                "assistant" => Role::Assistant,
                "tool" => Role::Tool,
                _ => Role::System,
            },
            time: self.timestamp.0,
            model: self.model.get().map(|name| bounds::name(name).into()),
            usage: self.usage.0.and_then(OpenWebUiUsage::read),
            ..Message::default()
        };
        let content = self.content.map(texts).unwrap_or_default();
        if message.role == Role::Assistant {
            let has_output = !self.output.0.is_empty();
            details::take_apart(&content, &mut message, !has_output);
            let outputs = self.output.0.iter().filter_map(|output| output.0.as_ref());
            for output in outputs {
                output.add_to(&mut message);
            }
        } else {
            message.text = content;
        }
        if let Some(error) = self.error.0.filter(|_| message.text.is_empty()) {
            message.text = error.content.as_str().to_owned();
        }
        let files = self.files.0.iter().filter_map(|file| file.0.as_ref());
        message
            .attachments
            .extend(files.map(OpenWebUiFile::described));
        (!message.says_nothing()).then_some(message)
    }
}

impl OpenWebUiOutput<'_> {
    /// Adds what isn't text: that stands in the content, too, where a person may have edited it.
    fn add_to(&self, message: &mut Message) {
        match self.kind.as_str() {
            "reasoning" => {
                let thought = self.content.map(texts).filter(|text| !text.is_empty());
                let thought = thought.or_else(|| self.summary.map(texts));
                append_line(&mut message.thinking, &thought.unwrap_or_default());
            }
            "function_call" => message.tools.push(ToolCall {
                id: self.call_id.as_str().to_owned(),
                name: bounds::name(self.name.as_str()).into_owned(),
                input: self.arguments.map(arguments_text).unwrap_or_default(),
            }),
            "function_call_output" => message.results.push(ToolResult {
                call: self.call_id.as_str().to_owned(),
                output: self.output.map(texts).unwrap_or_default(),
                ..ToolResult::default()
            }),
            _ => {}
        }
    }
}

impl OpenWebUiUsage {
    fn read(self) -> Option<TokenUsage> {
        let usage = TokenUsage {
            input: self.input_tokens.0,
            output: self.output_tokens.0,
            ..TokenUsage::default()
        };
        (usage != TokenUsage::default()).then_some(usage)
    }
}

impl OpenWebUiFile<'_> {
    fn described(&self) -> Attachment {
        let meta = self.file.0.as_ref().and_then(|file| file.meta.0.as_ref());
        let stored = meta.and_then(|meta| meta.content_type.get());
        let media_type = stored.or(self.content_type.get()).unwrap_or({
            match self.kind.as_str() {
                "image" => "image/*",
                _ => "application/octet-stream",
            }
        });
        Attachment {
            media_type: bounds::name(media_type).into_owned(),
            bytes: meta.map_or(self.size.0, |meta| meta.size.0),
        }
    }
}

/// The text of a value: a string, or a list of strings and of parts with a `text`.
fn texts(raw: &RawValue) -> String {
    if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return text;
    }
    let parts = serde_json::from_str::<JsonArray<&RawValue>>(raw.get());
    let mut text = String::new();
    for part in parts.unwrap_or_default().0 {
        if let Ok(part) = serde_json::from_str::<String>(part.get()) {
            append_line(&mut text, &part);
        } else if let Ok(part) = serde_json::from_str::<JsonObject<OpenWebUiPart<'_>>>(part.get()) {
            append_line(&mut text, part.0.unwrap_or_default().text.as_str());
        }
    }
    text
}
