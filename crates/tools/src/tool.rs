//! Tools, calls and results, as the chat has them.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::config::Approval;

/// A tool that can be called.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedTool {
    /// The name of its server, as the configuration has it.
    pub server: String,
    /// Its name, as the server has it.
    pub name: String,
    /// The name for a model: `server__tool`, of `[A-Za-z0-9_-]`, 1 to 64 long, and unique.
    pub wire_name: String,
    /// A name for people, if the server gives one.
    pub title: Option<String>,
    /// What it does, in the server's words: foreign text.
    pub description: String,
    /// A JSON Schema of its arguments, as the server has it; always an object.
    pub input_schema: Arc<Map<String, Value>>,
    /// When a person is asked before a call.
    pub approval: Approval,
    /// SHA-256 of name, description and schema, in hexadecimal: another one is another tool.
    pub fingerprint: String,
    /// What the server says of it; nothing may rely on that.
    pub hints: ToolHints,
    /// Whether its server could be reached the last time.
    pub is_available: bool,
}

/// What a server says that its tool does; claims, not promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToolHints {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy something.
    pub destructive: Option<bool>,
    /// A second call with the same arguments does nothing more.
    pub idempotent: Option<bool>,
    /// It reaches beyond this machine.
    pub open_world: Option<bool>,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The server's name.
    pub server: String,
    /// The tool's name, as the server has it.
    pub name: String,
    /// The arguments.
    pub arguments: Map<String, Value>,
}

/// What a call gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolResult {
    /// Whether the tool says that it failed; then the content says why.
    pub is_error: bool,
    /// What it says, in its order.
    pub content: Vec<ToolContent>,
    /// The result as values, if the tool gives them.
    pub structured: Option<Value>,
}

/// One part of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolContent {
    /// Text.
    Text(String),
    /// A picture, a sound or a film in the result itself.
    Data {
        /// Which, as the server says.
        kind: MediaKind,
        /// The media type, as the server says.
        media_type: String,
        /// The decoded bytes.
        bytes: Vec<u8>,
    },
    /// A resource in the result itself.
    Resource(ResourceContent),
    /// A resource that can be read.
    Link {
        /// Where.
        uri: String,
        /// Its name.
        name: String,
        /// Its media type, if it is said.
        media_type: Option<String>,
    },
}

/// What is in a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceContent {
    /// Where it is.
    pub uri: String,
    /// Its media type, if it is said.
    pub media_type: Option<String>,
    /// What it holds.
    pub body: ResourceBody,
}

/// The body of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

/// What kind of thing bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// Anything else.
    File,
}

impl MediaKind {
    /// The kind of a media type.
    #[must_use]
    pub fn of(media_type: &str) -> Self {
        let top = media_type.split('/').next().unwrap_or_default();
        match &*top.trim().to_ascii_lowercase() {
            "image" => Self::Image,
            "audio" => Self::Audio,
            "video" => Self::Video,
            _ => Self::File,
        }
    }
}

/// How far a call is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// How much is done, in a unit of the server's.
    pub done: f64,
    /// How much there is, if that is known.
    pub total: Option<f64>,
    /// What is being done.
    pub message: Option<String>,
}

/// A prompt that a server offers to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPrompt {
    /// The name of its server.
    pub server: String,
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: String,
    /// What it takes.
    pub arguments: Vec<PromptArgument>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Whether there is no prompt without it.
    pub is_required: bool,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptMessage {
    /// Whether it is put into the mouth of the assistant rather than the person.
    pub is_assistant: bool,
    /// What it says.
    pub content: ToolContent,
}

/// A resource that a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedResource {
    /// The name of its server.
    pub server: String,
    /// Where it is; a URI template if `is_template`.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: String,
    /// Its media type, if it is said.
    pub media_type: Option<String>,
    /// How large it is in bytes, if it is said.
    pub bytes: Option<u64>,
    /// Whether the address has variables.
    pub is_template: bool,
}
