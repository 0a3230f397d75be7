//! What a person sets for one conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The largest system prompt, in bytes.
pub(crate) const MAX_SYSTEM_BYTES: usize = 256 << 10;

/// What a person sets for one conversation; what isn't set is as the chat's options say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationSettings {
    /// The model that answers, as `provider/model` or by its name alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The character that the chat speaks as, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub character: Option<String>,
    /// Instructions that stand before everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Parameters of the model's API, such as `temperature`, passed on as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// Whether the person's memory is searched for each message; `None` is what the chat's options say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<bool>,
    /// The tools that may be called, by their names or their servers'; an empty list is none, `None` all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// Whether facts about the person are drawn from what they say here, and recalled; `None` is what the chat's
    /// options say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<bool>,
    /// The first message that is put before the model: those before it didn't fit any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_start: Option<String>,
}

impl ConversationSettings {
    /// What is kept of a conversation. What can't be read counts as not set.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is kept.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}
