//! One answer of a stream: its deltas made normal, and what is kept of it until its end.

use serde_json::{Map, Value, json};

use super::calls::Calls;
use super::repeat::RepeatWatch;
use super::think::{Parts, ThinkSplitter};

/// The names that servers have for reasoning.
const REASONING_FIELDS: [&str; 4] = [
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
];

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// It is complete.
    Stop,
    /// It reached the limit of tokens, of the request or of the model.
    Length,
    /// Tools are to be called.
    ToolCalls,
    /// The provider withheld the rest.
    ContentFilter,
}

impl FinishReason {
    /// The name that OpenAI has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
        }
    }

    /// Reads what servers write; an unknown word is a plain end.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "" | "null" | "error" => return None,
            "length" | "max_tokens" | "model_length" | "max_output_tokens" => Self::Length,
            "tool_calls" | "tool_use" | "function_call" | "tool_call" => Self::ToolCalls,
            "content_filter" | "safety" | "recitation" | "blocklist" | "prohibited_content"
            | "spii" => Self::ContentFilter,
            _ => Self::Stop,
        })
    }
}

/// One answer.
#[derive(Debug, Default)]
pub(super) struct AnswerChoice {
    pub(super) index: u64,
    has_role: bool,
    think: ThinkSplitter,
    pub(super) calls: Calls,
    pub(super) finish: Option<FinishReason>,
    /// Fields that came beside the reason of the end.
    pub(super) end_fields: Map<String, Value>,
    /// Fields of the message that a provider may want back.
    pub(super) message_fields: Map<String, Value>,
    repeat: RepeatWatch,
}

/// What a delta brought.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) bytes: usize,
    pub(super) is_repeating: bool,
}

impl AnswerChoice {
    pub(super) fn new(index: u64) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }

    pub(super) fn reason(&self) -> FinishReason {
        match self.finish {
            None | Some(FinishReason::Stop) if !self.calls.is_empty() => FinishReason::ToolCalls,
            finish => finish.unwrap_or(FinishReason::Stop),
        }
    }

    /// An entry of `choices`, with the role if it is the first.
    pub(super) fn entry(
        &mut self,
        mut delta: Map<String, Value>,
        mut fields: Map<String, Value>,
    ) -> Value {
        if !std::mem::replace(&mut self.has_role, true) {
            delta.insert("role".to_owned(), json!("assistant"));
            delta.entry("content").or_insert_with(|| json!(""));
        }
        fields.insert("index".to_owned(), json!(self.index));
        fields.insert("delta".to_owned(), Value::Object(delta));
        fields.entry("finish_reason").or_insert(Value::Null);
        Value::Object(fields)
    }

    /// Takes the delta out of the fields of an answer, or the message of one that came whole.
    pub(super) fn take(&mut self, fields: &mut Map<String, Value>) -> (Map<String, Value>, Taken) {
        if let Some(Value::String(reason)) = fields.remove("finish_reason")
            && let Some(reason) = FinishReason::from_name(&reason)
        {
            // A server that says `stop` with every chunk may still say something better.
            if !matches!(self.finish, Some(known) if known != FinishReason::Stop) {
                self.finish = Some(reason);
            }
        }
        let delta = ["delta", "message"]
            .iter()
            .find_map(|key| fields.remove(*key));
        let mut delta = match delta {
            Some(Value::Object(delta)) => delta,
            _ => Map::new(),
        };
        if let Some(Value::String(text)) = fields.remove("text") {
            delta.entry("content").or_insert(Value::String(text));
        }
        let has_role = delta.remove("role").is_some();
        let mut parts = Parts::default();
        let names_reasoning = self.take_text(&mut delta, &mut parts);
        let calls = delta.remove("tool_calls");
        self.keep_fields(&delta);
        delta.retain(|_, value| !value.is_null());
        let taken = Taken {
            bytes: parts.content.len() + parts.reasoning.len(),
            is_repeating: self.repeat.take(&parts.reasoning) | self.repeat.take(&parts.content),
        };
        let taken = self.take_calls(calls, &mut delta, taken);
        put_text(&mut delta, parts, names_reasoning);
        if has_role && delta.is_empty() && !self.has_role {
            delta.insert("content".to_owned(), json!(""));
        }
        (delta, taken)
    }

    /// Takes text and reasoning out of a delta; whether the server calls it `reasoning`.
    fn take_text(&mut self, delta: &mut Map<String, Value>, parts: &mut Parts) -> bool {
        let is_thought = delta
            .get("extra_content")
            .is_some_and(|extra| extra["google"]["thought"] == json!(true))
            || delta.get("thought") == Some(&json!(true));
        let names_reasoning = delta.contains_key("reasoning");
        // Some servers send the same text under two names.
        let mut reasoning = None;
        for field in REASONING_FIELDS {
            if let Some(Value::String(text)) = delta.remove(field) {
                reasoning = reasoning.or(Some(text).filter(|text| !text.is_empty()));
            }
        }
        let details = || delta.get("reasoning_details").map(texts_of_details);
        parts
            .reasoning
            .push_str(&reasoning.or_else(details).unwrap_or_default());
        match delta.remove("content") {
            Some(Value::String(text)) => self.think.take(&text, is_thought, parts),
            Some(Value::Array(list)) => {
                for part in list {
                    let is_reasoning =
                        matches!(part["type"].as_str(), Some("thinking" | "reasoning"));
                    match is_reasoning {
                        true => parts.reasoning.push_str(&texts(&part["thinking"])),
                        false => self.think.take(&texts(&part), is_thought, parts),
                    }
                }
            }
            _ => {}
        }
        names_reasoning
    }

    fn take_calls(
        &mut self,
        calls: Option<Value>,
        delta: &mut Map<String, Value>,
        mut taken: Taken,
    ) -> Taken {
        let Some(Value::Array(entries)) = calls else {
            return taken;
        };
        let mut out = Vec::new();
        self.calls.take(entries, &mut out);
        for call in &out {
            taken.bytes += call["function"]["arguments"].as_str().map_or(0, str::len);
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            taken.is_repeating |= self.repeat.take(arguments);
        }
        if !out.is_empty() {
            delta.insert("tool_calls".to_owned(), Value::Array(out));
        }
        taken
    }

    /// Keeps what a provider wants back: Gemini's signature of an answer, OpenRouter's signed reasoning.
    fn keep_fields(&mut self, delta: &Map<String, Value>) {
        if let Some(extra) = delta.get("extra_content").filter(|extra| extra.is_object())
            && extra["google"].get("thought") != Some(&json!(true))
        {
            self.message_fields
                .insert("extra_content".to_owned(), extra.clone());
        }
        if let Some(Value::Array(details)) = delta.get("reasoning_details") {
            let kept = self
                .message_fields
                .entry("reasoning_details")
                .or_insert_with(|| json!([]));
            if let Value::Array(kept) = kept {
                kept.extend(details.iter().cloned());
            }
        }
    }

    /// What is held back, at the end.
    pub(super) fn finish_delta(&mut self) -> Map<String, Value> {
        let mut delta = Map::new();
        let mut parts = Parts::default();
        self.think.finish(&mut parts);
        put_text(&mut delta, parts, false);
        let mut calls = Vec::new();
        self.calls.finish(&mut calls);
        if !calls.is_empty() {
            delta.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        delta
    }
}

/// Puts text into a delta, reasoning under the name that most clients know and under that which the server has.
fn put_text(delta: &mut Map<String, Value>, parts: Parts, names_reasoning: bool) {
    if !parts.reasoning.is_empty() {
        if names_reasoning {
            delta.insert("reasoning".to_owned(), json!(parts.reasoning));
        }
        delta.insert(
            "reasoning_content".to_owned(),
            Value::String(parts.reasoning),
        );
    }
    if !parts.content.is_empty() {
        delta.insert("content".to_owned(), Value::String(parts.content));
    }
}

/// The text of a part of a content list: a string, an object with `text`, or a list of those.
fn texts(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(texts).collect(),
        Value::Object(part) => part.get("text").map(texts).unwrap_or_default(),
        _ => String::new(),
    }
}

fn texts_of_details(details: &Value) -> String {
    let texts = details.as_array().into_iter().flatten();
    texts
        .filter_map(|detail| {
            [&detail["text"], &detail["summary"]]
                .into_iter()
                .find_map(Value::as_str)
        })
        .collect()
}
