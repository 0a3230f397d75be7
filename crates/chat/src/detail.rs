//! What the chat keeps beside a message.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::steps::AnswerStep;

/// What the chat keeps beside a message, as a JSON object in the archive. Unknown keys are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    /// Of a person's message: what stood before it when it was put before the model, such as the time and
    /// what was recalled. It is put there again each time, so that the model's server needn't read it anew.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) context: String,
    /// What was said before it, in short, where the messages before it don't fit any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<HistorySummary>,
    /// What was recalled for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) recalled: Vec<RecalledPlace>,
    /// Sections of documents that were quoted for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) knowledge: Vec<RecalledKnowledge>,
    /// Pictures that were sent with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<AttachmentPlace>,
    /// What guards found in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<Value>,
    /// Why it may not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<Value>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Value>,
    /// Of an answer: what it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<RunFigures>,
    /// Of an answer: the rounds in which tools were called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<AnswerStep>,
    /// Calls of tools that a program made, as the model's server sent them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) raw_tool_calls: Vec<Value>,
    /// When its text was changed by a person, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited: Option<i64>,
    /// What other versions of the program keep.
    #[serde(flatten)]
    pub(crate) other: serde_json::Map<String, Value>,
}

/// What was said in older messages, in short, as a model put it. It is made of messages' texts alone, and gone
/// when one of them changes or goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HistorySummary {
    pub(crate) text: String,
    /// How many messages it stands for.
    pub(crate) messages: usize,
    /// The model that made it.
    pub(crate) model: String,
}

/// Where something stands that was recalled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecalledPlace {
    pub(crate) conversation: String,
    pub(crate) message: String,
    pub(crate) source: String,
}

/// A section as it was put before a model, for those who look on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecalledKnowledge {
    pub(crate) document: String,
    pub(crate) name: String,
    pub(crate) section: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) heading: String,
    /// The place in words, such as `page 12`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) place: String,
    /// What a link to it ends with, such as `page=12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fragment: Option<String>,
    #[serde(default)]
    pub(crate) score: f64,
}

/// A picture that was sent with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttachmentPlace {
    /// Its id among the assets.
    pub(crate) id: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
}

/// What an answer took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RunFigures {
    pub(crate) provider: String,
    pub(crate) model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finish_reason: Option<String>,
    /// Milliseconds until the first piece of text or reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_ms: Option<u64>,
    pub(crate) duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Value>,
    /// In the currency of the prices that are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<f64>,
}

impl Detail {
    /// What is kept of a message. What can't be read counts as not there.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is kept.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}
