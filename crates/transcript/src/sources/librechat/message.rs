//! A message of a conversation, with the parts of its content.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::append_line;
use crate::json::{JsonArray, JsonCount, JsonFlag, JsonObject, JsonText, JsonTime, arguments_text};
use crate::{Attachment, Message, Role, ToolCall, ToolResult, bounds};

/// What stands for the message that the first one answers.
const NO_PARENT: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LibreChatMessage<'a> {
    message_id: JsonText<'a>,
    parent_message_id: JsonText<'a>,
    sender: JsonText<'a>,
    text: JsonText<'a>,
    is_created_by_user: JsonFlag,
    model: JsonText<'a>,
    created_at: JsonTime,
    content: JsonArray<JsonObject<LibreChatPart<'a>>>,
    files: JsonArray<JsonObject<LibreChatFile<'a>>>,
    attachments: JsonArray<JsonObject<LibreChatFile<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LibreChatPart<'a> {
    #[serde(rename = "type")]
    kind: JsonText<'a>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    think: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    tool_call: JsonObject<LibreChatCall<'a>>,
    image_file: JsonObject<LibreChatFile<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LibreChatValue<'a> {
    value: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LibreChatCall<'a> {
    id: JsonText<'a>,
    name: JsonText<'a>,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    output: JsonText<'a>,
    function: JsonObject<LibreChatFunction<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LibreChatFunction<'a> {
    name: JsonText<'a>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    output: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LibreChatFile<'a> {
    #[serde(rename = "type")]
    kind: JsonText<'a>,
    bytes: JsonCount,
}

impl LibreChatMessage<'_> {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        self.message_id.as_str()
    }

    /// The id of the message that it answers.
    pub(super) fn parent(&self) -> Option<&str> {
        self.parent_message_id.get().filter(|id| *id != NO_PARENT)
    }

    /// The message without id; nothing for one that says nothing.
    pub(super) fn read(self) -> Option<Message> {
        let mut message = Message {
            role: match self.is_created_by_user.0 {
                true => Role::User,
                false => Role::Assistant,
            },
            time: self.created_at.0,
            model: self.model.get().map(|name| bounds::name(name).into()),
            speaker: self.sender.get().map(|name| bounds::name(name).into()),
            ..Message::default()
        };
        for part in self.content.0.iter().filter_map(|part| part.0.as_ref()) {
            part.add_to(&mut message);
        }
        if message.text.is_empty() {
            message.text = self.text.as_str().to_owned();
        }
        let files = self.files.0.iter().chain(&self.attachments.0);
        let files = files.filter_map(|file| file.0.as_ref());
        message
            .attachments
            .extend(files.map(LibreChatFile::described));
        (!message.says_nothing()).then_some(message)
    }
}

impl LibreChatPart<'_> {
    fn add_to(&self, message: &mut Message) {
        match self.kind.as_str() {
            "think" => append(&mut message.thinking, self.think),
            "error" => append(&mut message.text, self.error.or(self.text)),
            "tool_call" => {
                if let Some(call) = &self.tool_call.0 {
                    call.add_to(message);
                }
            }
            "image_file" => {
                let image = self.image_file.0.as_ref().map(LibreChatFile::described);
                message.attachments.extend(image);
            }
            _ => append(&mut message.text, self.text),
        }
    }
}

impl LibreChatCall<'_> {
    fn add_to(&self, message: &mut Message) {
        let function = self.function.0.as_ref();
        let name = self.name.get();
        let name = name.or(function.and_then(|function| function.name.get()));
        let input = self
            .args
            .or(function.and_then(|function| function.arguments));
        let output = self.output.get();
        let output = output.or(function.and_then(|function| function.output.get()));
        message.tools.push(ToolCall {
            id: self.id.as_str().to_owned(),
            name: bounds::name(name.unwrap_or_default()).into_owned(),
            input: input.map(arguments_text).unwrap_or_default(),
        });
        if let Some(output) = output {
            message.results.push(ToolResult {
                call: self.id.as_str().to_owned(),
                output: output.to_owned(),
                ..ToolResult::default()
            });
        }
    }
}

impl LibreChatFile<'_> {
    fn described(&self) -> Attachment {
        let media_type = self.kind.get().unwrap_or("application/octet-stream");
        Attachment {
            media_type: bounds::name(media_type).into_owned(),
            bytes: self.bytes.0,
        }
    }
}

/// Adds a text on a line of its own: a string, or an object with it in `value`.
fn append(text: &mut String, more: Option<&RawValue>) {
    let more = more.map_or("", RawValue::get);
    let plain = serde_json::from_str::<String>(more).ok();
    let plain = plain.or_else(|| {
        let value = serde_json::from_str::<JsonObject<LibreChatValue<'_>>>(more).ok()?;
        Some(value.0?.value.into_string())
    });
    append_line(text, &plain.unwrap_or_default());
}
