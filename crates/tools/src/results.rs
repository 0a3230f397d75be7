//! What servers answer, read leniently: a tool that is broken costs itself and not the list, and a part of a result
//! that isn't understood becomes text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::options::ToolLimits;
use crate::tool::{
    ListedPrompt, ListedResource, MediaKind, PromptArgument, PromptMessage, ResourceBody,
    ResourceContent, ToolContent, ToolHints, ToolResult,
};

/// How long a name of a tool may be, in bytes.
const MAX_TOOL_NAME: usize = 256;

/// How long a title or a description of a prompt or resource may be, in bytes; the rest is cut off.
const MAX_SHORT_BYTES: usize = 4 << 10;

/// A tool as its server lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ServerTool {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) description: String,
    pub(crate) input_schema: Arc<Map<String, Value>>,
    #[serde(default)]
    pub(crate) hints: [Option<bool>; 4],
}

impl ServerTool {
    pub(crate) fn hints(&self) -> ToolHints {
        let [read_only, destructive, idempotent, open_world] = self.hints;
        ToolHints {
            read_only,
            destructive,
            idempotent,
            open_world,
        }
    }
}

fn text(value: &Value, field: &str) -> Option<String> {
    Some(value.get(field)?.as_str()?.to_owned())
}

/// The same, cut where it gets long, for names and descriptions.
fn short(value: &Value, field: &str) -> Option<String> {
    let mut text = text(value, field)?;
    text.truncate(text.floor_char_boundary(MAX_SHORT_BYTES));
    Some(text)
}

/// The entries of a list and where it goes on.
pub(crate) fn page<'a>(value: &'a Value, field: &str) -> (&'a [Value], Option<String>) {
    let entries = value.get(field).and_then(Value::as_array);
    let cursor = text(value, "nextCursor").filter(|cursor| !cursor.is_empty());
    (entries.map_or(&[], Vec::as_slice), cursor)
}

/// A tool; `None` if it has no name or a schema that is none.
pub(crate) fn read_tool(value: &Value, limits: &ToolLimits) -> Option<ServerTool> {
    let name = text(value, "name")?;
    if name.is_empty() || name.len() > MAX_TOOL_NAME || name.contains(char::is_control) {
        return None;
    }
    let input_schema = match value.get("inputSchema") {
        Some(Value::Object(schema)) => schema.clone(),
        // What takes nothing often has no schema.
        None | Some(Value::Null) => Map::new(),
        Some(_) => return None,
    };
    let length = serde_json::to_string(&input_schema).map_or(usize::MAX, |json| json.len());
    if length > limits.schema_bytes {
        return None;
    }
    let mut description = text(value, "description").unwrap_or_default();
    description.truncate(description.floor_char_boundary(limits.description_bytes));
    let annotations = value.get("annotations").unwrap_or(&Value::Null);
    let hint = |name: &str| annotations.get(name).and_then(Value::as_bool);
    Some(ServerTool {
        title: short(value, "title").or_else(|| short(annotations, "title")),
        hints: [
            hint("readOnlyHint"),
            hint("destructiveHint"),
            hint("idempotentHint"),
            hint("openWorldHint"),
        ],
        name,
        description,
        input_schema: Arc::new(input_schema),
    })
}

/// The result of a call; `None` if it is none.
pub(crate) fn read_result(value: Value) -> Option<ToolResult> {
    let Value::Object(mut value) = value else {
        return None;
    };
    let content = match value.remove("content") {
        Some(Value::Array(parts)) => parts.into_iter().map(read_content).collect(),
        Some(Value::String(text)) => vec![ToolContent::Text(text)],
        Some(Value::Null) | None => Vec::new(),
        Some(one @ Value::Object(_)) => vec![read_content(one)],
        Some(_) => return None,
    };
    Some(ToolResult {
        is_error: value
            .get("isError")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        content,
        structured: value
            .remove("structuredContent")
            .filter(|value| !value.is_null()),
    })
}

/// A part of a result or of a prompt.
fn read_content(value: Value) -> ToolContent {
    if let Value::String(text) = value {
        return ToolContent::Text(text);
    }
    let kind = text(&value, "type").unwrap_or_default();
    let read = match &*kind {
        "text" => text(&value, "text").map(ToolContent::Text),
        "image" | "audio" | "video" => Some(read_data(&kind, &value)),
        "resource" => value
            .get("resource")
            .and_then(read_resource_content)
            .map(ToolContent::Resource),
        "resource_link" => text(&value, "uri").map(|uri| ToolContent::Link {
            name: text(&value, "name").unwrap_or_else(|| uri.clone()),
            media_type: text(&value, "mimeType"),
            uri,
        }),
        _ => None,
    };
    // What isn't understood may still mean something to the model.
    read.unwrap_or_else(|| ToolContent::Text(value.to_string()))
}

fn read_data(kind: &str, value: &Value) -> ToolContent {
    let media_type = text(value, "mimeType").unwrap_or_else(|| format!("{kind}/*"));
    let bytes = text(value, "data").and_then(|data| decode_base64(&data));
    match bytes {
        Some(bytes) => ToolContent::Data {
            kind: match kind {
                "image" => MediaKind::Image,
                "audio" => MediaKind::Audio,
                _ => MediaKind::Video,
            },
            media_type,
            bytes,
        },
        None => ToolContent::Text(format!(
            "({kind} of type {media_type} that can't be decoded)"
        )),
    }
}

/// What is in a resource; `None` if there is neither text nor bytes.
pub(crate) fn read_resource_content(value: &Value) -> Option<ResourceContent> {
    let body = match (text(value, "text"), text(value, "blob")) {
        (Some(text), _) => ResourceBody::Text(text),
        (None, Some(blob)) => ResourceBody::Bytes(decode_base64(&blob)?),
        (None, None) => return None,
    };
    Some(ResourceContent {
        uri: text(value, "uri").unwrap_or_default(),
        media_type: text(value, "mimeType"),
        body,
    })
}

/// Base64 with or without padding, of either alphabet, with line breaks.
fn decode_base64(data: &str) -> Option<Vec<u8>> {
    const EITHER: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // Some servers send the address of a picture as it would stand in a page.
    let data = match data.strip_prefix("data:") {
        Some(rest) => rest.split_once(',')?.1,
        None => data,
    };
    let has_spaces = data.bytes().any(|byte| byte.is_ascii_whitespace());
    let cleaned;
    let data = match has_spaces {
        true => {
            cleaned = data.split_ascii_whitespace().collect::<String>();
            &cleaned
        }
        false => data,
    };
    let alphabet = match data.contains(['-', '_']) {
        true => &base64::alphabet::URL_SAFE,
        false => &base64::alphabet::STANDARD,
    };
    general_purpose::GeneralPurpose::decode(&GeneralPurpose::new(alphabet, EITHER), data).ok()
}

/// A prompt; `None` if it has no name.
pub(crate) fn read_prompt(server: &str, value: &Value) -> Option<ListedPrompt> {
    let arguments = value.get("arguments").and_then(Value::as_array);
    let arguments = arguments.map_or(&[][..], Vec::as_slice).iter();
    Some(ListedPrompt {
        server: server.to_owned(),
        name: short(value, "name")?,
        title: short(value, "title"),
        description: short(value, "description").unwrap_or_default(),
        arguments: arguments
            .filter_map(|argument| {
                Some(PromptArgument {
                    name: short(argument, "name")?,
                    description: short(argument, "description").unwrap_or_default(),
                    is_required: argument
                        .get("required")
                        .and_then(Value::as_bool)
                        .unwrap_or(false),
                })
            })
            .collect(),
    })
}

/// The messages of a prompt; `None` if there are none.
pub(crate) fn read_prompt_messages(mut value: Value) -> Option<Vec<PromptMessage>> {
    let Value::Array(messages) = value.get_mut("messages")?.take() else {
        return None;
    };
    let messages = messages.into_iter().filter_map(|mut message| {
        Some(PromptMessage {
            is_assistant: text(&message, "role").as_deref() == Some("assistant"),
            content: read_content(message.get_mut("content")?.take()),
        })
    });
    Some(messages.collect())
}

/// A resource; `None` if it has no address.
pub(crate) fn read_resource(
    server: &str,
    value: &Value,
    is_template: bool,
) -> Option<ListedResource> {
    let uri = short(value, if is_template { "uriTemplate" } else { "uri" })?;
    Some(ListedResource {
        server: server.to_owned(),
        name: short(value, "name").unwrap_or_else(|| uri.clone()),
        title: short(value, "title"),
        description: short(value, "description").unwrap_or_default(),
        media_type: short(value, "mimeType"),
        bytes: value.get("size").and_then(Value::as_u64),
        uri,
        is_template,
    })
}
