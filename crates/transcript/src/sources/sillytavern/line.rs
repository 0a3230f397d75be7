//! A line of a chat: its header, or a message with the answers that weren't taken.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::date;
use crate::fingerprint::fingerprint;
use crate::json::{JsonArray, JsonCount, JsonFlag, JsonObject, JsonText, arguments_text};
use crate::{Attachment, Message, MessageKind, Role, ToolCall, ToolResult, bounds};

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct TavernHeader<'a> {
    pub(super) character_name: JsonText<'a>,
    pub(super) chat_metadata: JsonObject<TavernMetadata<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct TavernMetadata<'a> {
    /// The chat that this one was branched from.
    pub(super) main_chat: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct TavernLine<'a> {
    name: JsonText<'a>,
    is_user: JsonFlag,
    is_system: JsonFlag,
    send_date: JsonText<'a>,
    mes: JsonText<'a>,
    swipes: JsonArray<JsonText<'a>>,
    swipe_id: JsonCount,
    swipe_info: JsonArray<JsonObject<TavernSwipe<'a>>>,
    extra: JsonObject<TavernExtra<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct TavernSwipe<'a> {
    send_date: JsonText<'a>,
    extra: JsonObject<TavernExtra<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct TavernExtra<'a> {
    #[serde(rename = "type")]
    kind: JsonText<'a>,
    model: JsonText<'a>,
    reasoning: JsonText<'a>,
    image: JsonText<'a>,
    file: JsonObject<TavernFile>,
    tool_invocations: JsonArray<JsonObject<TavernCall<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TavernFile {
    size: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct TavernCall<'a> {
    id: JsonText<'a>,
    name: JsonText<'a>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    result: JsonText<'a>,
}

impl TavernLine<'_> {
    /// What makes it the same message in a file that was written anew, and in a branch: who said what, and when.
    pub(super) fn identity(&self) -> String {
        [&self.name, &self.send_date, &self.mes]
            .map(JsonText::as_str)
            .join("\0")
    }

    pub(super) fn has_exact_time(&self) -> bool {
        date::is_exact(self.send_date.as_str())
    }

    /// The message, and behind it the other answers, if they are wanted: those of a chat's first message are
    /// greetings that nobody said.
    pub(super) fn read(self, id: &str, has_alternatives: bool) -> Vec<Message> {
        let extra = self.extra.0.unwrap_or_default();
        let role = match (
            self.is_user.0,
            self.is_system.0 && extra.kind.get().is_some(),
        ) {
            (_, true) => Role::System,
            (true, false) => Role::User,
            (false, false) => Role::Assistant,
        };
        let kind = match role {
            Role::System => MessageKind::Injected,
            _ => MessageKind::Said,
        };
        let base = Message {
            role,
            kind,
            speaker: self.name.get().map(|name| bounds::name(name).into()),
            ..Message::default()
        };
        let mut said = Message {
            id: id.to_owned(),
            time: date::millis(self.send_date.as_str()),
            text: self.mes.as_str().to_owned(),
            ..base.clone()
        };
        extra.add_to(&mut said);
        let mut all = vec![said];
        let mut infos = self.swipe_info.0.into_iter();
        for (nth, swipe) in self.swipes.0.iter().enumerate() {
            let info = infos.next().and_then(|info| info.0).unwrap_or_default();
            let is_taken = nth as u64 == self.swipe_id.0 || swipe.as_str() == self.mes.as_str();
            if is_taken || !has_alternatives || swipe.get().is_none() {
                continue;
            }
            let mut other = Message {
                id: format!("{id}/{:016x}", fingerprint(swipe.as_str())),
                time: date::millis(info.send_date.as_str()),
                text: swipe.as_str().to_owned(),
                ..base.clone()
            };
            info.extra.0.unwrap_or_default().add_to(&mut other);
            all.push(other);
        }
        all
    }
}

impl TavernExtra<'_> {
    fn add_to(self, message: &mut Message) {
        message.model = self.model.get().map(|name| bounds::name(name).into());
        message.thinking = self.reasoning.as_str().to_owned();
        if self.image.get().is_some() {
            message.attachments.push(attachment("image/*", 0));
        }
        if let Some(file) = self.file.0 {
            let media_type = "application/octet-stream";
            message
                .attachments
                .push(attachment(media_type, file.size.0));
        }
        for call in self
            .tool_invocations
            .0
            .into_iter()
            .filter_map(|call| call.0)
        {
            message.tools.push(ToolCall {
                id: call.id.as_str().to_owned(),
                name: bounds::name(call.name.as_str()).into_owned(),
                input: call.parameters.map(arguments_text).unwrap_or_default(),
            });
            if let Some(output) = call.result.get() {
                message.results.push(ToolResult {
                    call: call.id.as_str().to_owned(),
                    output: output.to_owned(),
                    ..ToolResult::default()
                });
            }
        }
    }
}

fn attachment(media_type: &str, bytes: u64) -> Attachment {
    Attachment {
        media_type: media_type.to_owned(),
        bytes,
    }
}
