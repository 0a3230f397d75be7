//! From the chunks that servers send to chunks as OpenAI has them: one id, the role once, reasoning apart from
//! content, calls of tools with a dense index, the reason of the end once and at the end, usage apart. Fields that
//! nobody here knows stay.

use serde_json::{Map, Value, json};

use super::calls::Calls;
use super::error::{ModelError, UpstreamError};
use super::payload::Payload;
use super::repeat::RepeatWatch;
use super::think::{Parts, ThinkSplitter};
use super::usage::Usage;

/// How many unreadable pieces at the beginning of a stream show that it is none.
const MAX_UNREADABLE: u32 = 3;

/// The highest index of an answer that is taken: what OpenAI allows for `n`.
const MAX_CHOICES: u64 = 128;

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

/// Makes chunks normal, one answer long.
#[derive(Debug, Default)]
pub struct Normalizer {
    /// The provider, for errors inside of the stream.
    provider: String,
    /// What every chunk of this answer has: `id`, `object`, `created`, `model`.
    head: Map<String, Value>,
    choices: Vec<Choice>,
    /// Fields of chunks that are left out as empty; the last chunk has them.
    rest: Map<String, Value>,
    usage: Option<(Usage, Value)>,
    text_bytes: usize,
    max_text_bytes: usize,
    /// Whether the end was told by `[DONE]` or by an answer that came whole.
    is_done: bool,
    readable: u32,
    unreadable: u32,
}

#[derive(Debug, Default)]
struct Choice {
    index: u64,
    has_role: bool,
    think: ThinkSplitter,
    calls: Calls,
    finish: Option<FinishReason>,
    /// Fields that came beside the reason of the end.
    end_fields: Map<String, Value>,
    /// Fields of the message that a provider may want back.
    message_fields: Map<String, Value>,
    repeat: RepeatWatch,
}

impl Normalizer {
    /// For an answer of a provider's model.
    ///
    /// `now` is the time in seconds since 1970, for servers that tell none; `max_text_bytes` is how much text the
    /// answer may have.
    #[must_use]
    pub fn new(provider: &str, model: &str, now: i64, max_text_bytes: usize) -> Self {
        let mut head = Map::new();
        head.insert("id".to_owned(), Value::Null);
        head.insert("object".to_owned(), json!("chat.completion.chunk"));
        head.insert("created".to_owned(), json!(now));
        head.insert("model".to_owned(), json!(model));
        Self {
            provider: provider.to_owned(),
            head,
            max_text_bytes,
            ..Self::default()
        }
    }

    /// Takes a piece of the answer and adds the chunks that it makes, at most one by now.
    ///
    /// # Errors
    ///
    /// What an error inside of the stream says; [`ModelError::Garbage`] if the stream is none;
    /// [`ModelError::Runaway`] if the answer is too long or repeats itself.
    pub fn take(
        &mut self,
        piece: Payload,
        out: &mut Vec<Map<String, Value>>,
    ) -> Result<(), ModelError> {
        match piece {
            Payload::Done => self.is_done = true,
            Payload::Error(value) => return Err(self.upstream(&value)),
            Payload::Unreadable => {
                self.unreadable += 1;
                if self.readable == 0 && self.unreadable >= MAX_UNREADABLE {
                    return Err(ModelError::Garbage(
                        "it is no stream of chat completions".to_owned(),
                    ));
                }
            }
            Payload::Json(Value::Object(chunk)) => return self.take_chunk(chunk, out),
            Payload::Json(_) => self.unreadable += 1,
        }
        Ok(())
    }

    /// Whether the server said that this is the end.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether every answer has the reason of its end, so that nothing but usage can follow.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| choice.finish.is_some())
    }

    /// Whether text or a call came.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.text_bytes > 0 || self.choices.iter().any(|choice| !choice.calls.is_empty())
    }

    /// How many pieces of the stream were no JSON and are lost.
    #[must_use]
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// The last usage that the server told.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.usage.as_ref().map(|(usage, _)| *usage)
    }

    /// The chunk that tells the usage, with no answers in it, as OpenAI sends it at the end.
    #[must_use]
    pub fn usage_chunk(&self) -> Option<Map<String, Value>> {
        let (usage, raw) = self.usage.as_ref()?;
        let mut raw = raw.clone();
        if let Value::Object(raw) = &mut raw {
            for (key, tokens) in [
                ("prompt_tokens", usage.prompt_tokens),
                ("completion_tokens", usage.completion_tokens),
                ("total_tokens", usage.total()),
            ] {
                raw.entry(key).or_insert_with(|| json!(tokens));
            }
        }
        let mut chunk = self.head.clone();
        chunk.insert("choices".to_owned(), json!([]));
        chunk.insert("usage".to_owned(), raw);
        Some(chunk)
    }

    /// Calls of tools of the first answer as the provider wants them back in the history.
    #[must_use]
    pub fn raw_tool_calls(&self) -> Vec<Value> {
        self.choices
            .first()
            .map(|choice| choice.calls.raw())
            .unwrap_or_default()
    }

    /// Fields of the first answer's message that the provider may want back, such as `extra_content`.
    #[must_use]
    pub fn message_fields(&self) -> Map<String, Value> {
        self.choices
            .first()
            .map(|choice| choice.message_fields.clone())
            .unwrap_or_default()
    }

    /// Adds what is left at the end of the stream, and the reasons of the end.
    ///
    /// # Errors
    ///
    /// [`ModelError::CutOff`] if the server never said that this is the end; what was left is added all the same.
    /// [`ModelError::Garbage`] if nothing could be read.
    pub fn finish(&mut self, out: &mut Vec<Map<String, Value>>) -> Result<(), ModelError> {
        if self.readable == 0 {
            return Err(match self.unreadable {
                0 => ModelError::CutOff("nothing came".to_owned()),
                _ => ModelError::Garbage("it is no stream of chat completions".to_owned()),
            });
        }
        let mut choices = std::mem::take(&mut self.choices);
        for choice in &mut choices {
            let delta = choice.finish_delta();
            if !delta.is_empty() {
                out.push(self.chunk(vec![choice.entry(delta, Map::new())]));
            }
        }
        let is_cut_off = choices.is_empty() || choices.iter().any(|choice| choice.finish.is_none());
        if is_cut_off && !self.is_done {
            self.choices = choices;
            return Err(ModelError::CutOff(
                "the server closed the stream before its end".to_owned(),
            ));
        }
        let end = |choice: &mut Choice| {
            let mut fields = std::mem::take(&mut choice.end_fields);
            fields.insert("finish_reason".to_owned(), json!(choice.reason().name()));
            choice.entry(Map::new(), fields)
        };
        let ends: Vec<_> = choices.iter_mut().map(end).collect();
        self.choices = choices;
        if !ends.is_empty() {
            let mut chunk = self.chunk(ends);
            for (key, value) in std::mem::take(&mut self.rest) {
                chunk.entry(key).or_insert(value);
            }
            out.push(chunk);
        }
        Ok(())
    }

    /// Why the first answer ended.
    #[must_use]
    pub fn reason(&self) -> FinishReason {
        self.choices
            .first()
            .map_or(FinishReason::Stop, Choice::reason)
    }

    fn upstream(&self, value: &Value) -> ModelError {
        ModelError::of_upstream(&self.provider, UpstreamError::of(200, value), None)
    }

    fn chunk(&self, choices: Vec<Value>) -> Map<String, Value> {
        let mut chunk = self.head.clone();
        chunk.insert("choices".to_owned(), Value::Array(choices));
        chunk
    }

    fn take_chunk(
        &mut self,
        mut chunk: Map<String, Value>,
        out: &mut Vec<Map<String, Value>>,
    ) -> Result<(), ModelError> {
        let is_error = |value: &Value| {
            value.is_object() || value.as_str().is_some_and(|text| !text.is_empty())
        };
        if chunk.get("error").is_some_and(is_error)
            || (!chunk.contains_key("choices") && chunk.get("object") == Some(&json!("error")))
        {
            return Err(self.upstream(&Value::Object(chunk)));
        }
        let choices = match chunk.remove("choices") {
            Some(Value::Array(choices)) => choices,
            _ => Vec::new(),
        };
        let mut whole = Value::Object(chunk);
        if let Some(usage) = Usage::of(&whole) {
            let raw = [&whole["usage"], &whole["x_groq"]["usage"]];
            let raw = raw.into_iter().find(|raw| Usage::read(raw).is_some());
            self.usage = Some((usage, raw.cloned().unwrap_or_else(|| json!({}))));
        }
        let Value::Object(mut chunk) = std::mem::take(&mut whole) else {
            return Ok(());
        };
        chunk.remove("usage");
        if choices.is_empty() && !is_chunk(&chunk) {
            // Something else, such as a ping of the server's own.
            self.unreadable += u32::from(self.readable == 0);
            return Ok(());
        }
        self.readable += 1;
        self.keep_head(&mut chunk);
        let mut kept = Vec::new();
        let mut result = Ok(());
        for choice in choices {
            let Value::Object(choice) = choice else {
                continue;
            };
            result = result.and_then(|()| self.take_choice(choice, &mut kept));
        }
        if kept.is_empty() {
            self.rest.extend(chunk);
        } else {
            let mut whole = self.chunk(kept);
            whole.extend(chunk);
            out.push(whole);
        }
        result
    }

    /// The first chunk's id, time and model count for all.
    fn keep_head(&mut self, chunk: &mut Map<String, Value>) {
        for key in ["id", "created", "model"] {
            let Some(value) = chunk.remove(key) else {
                continue;
            };
            let is_given = match &value {
                Value::String(text) => !text.is_empty(),
                Value::Number(number) => number.as_i64().is_some_and(|number| number > 0),
                _ => false,
            };
            let is_first = self.readable == 1 || self.head[key].is_null();
            if is_given && is_first {
                self.head.insert(key.to_owned(), value);
            }
        }
        if let Some(Value::String(object)) = chunk.remove("object") {
            self.is_done |= object == "chat.completion";
        }
        if self.head["id"].is_null() {
            let mut bytes = [0; 12];
            let _ = getrandom::fill(&mut bytes);
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            self.head
                .insert("id".to_owned(), json!(format!("chatcmpl-{hex}")));
        }
    }

    fn take_choice(
        &mut self,
        mut fields: Map<String, Value>,
        kept: &mut Vec<Value>,
    ) -> Result<(), ModelError> {
        let index = fields
            .remove("index")
            .and_then(|index| index.as_u64())
            .unwrap_or(0);
        if index >= MAX_CHOICES {
            return Ok(());
        }
        if fields.get("finish_reason") == Some(&json!("error")) {
            let error = fields
                .remove("error")
                .unwrap_or_else(|| json!("the provider failed in its answer"));
            return Err(self.upstream(&json!({ "error": error })));
        }
        let at = self
            .choices
            .iter()
            .position(|choice| choice.index == index)
            .unwrap_or_else(|| {
                self.choices.push(Choice {
                    index,
                    ..Choice::default()
                });
                self.choices.len() - 1
            });
        let choice = &mut self.choices[at];
        let (delta, taken) = choice.take(&mut fields);
        self.text_bytes += taken.bytes;
        fields.retain(|_, value| !value.is_null());
        if delta.is_empty() {
            choice.end_fields.extend(fields);
        } else {
            kept.push(choice.entry(delta, fields));
        }
        if taken.is_repeating {
            return Err(ModelError::Runaway(
                "it repeats itself without end".to_owned(),
            ));
        }
        if self.text_bytes > self.max_text_bytes {
            let limit = self.max_text_bytes >> 10;
            return Err(ModelError::Runaway(format!(
                "it is longer than {limit} KiB"
            )));
        }
        Ok(())
    }
}

/// Whether a chunk without answers belongs to the stream.
fn is_chunk(chunk: &Map<String, Value>) -> bool {
    let object = chunk.get("object").and_then(Value::as_str);
    object.is_some_and(|object| object.starts_with("chat.completion"))
        || chunk.contains_key("model")
}

/// What a delta brought.
#[derive(Default)]
struct Taken {
    bytes: usize,
    is_repeating: bool,
}

impl Choice {
    fn reason(&self) -> FinishReason {
        match self.finish {
            None | Some(FinishReason::Stop) if !self.calls.is_empty() => FinishReason::ToolCalls,
            finish => finish.unwrap_or(FinishReason::Stop),
        }
    }

    /// An entry of `choices`, with the role if it is the first.
    fn entry(&mut self, mut delta: Map<String, Value>, mut fields: Map<String, Value>) -> Value {
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
    fn take(&mut self, fields: &mut Map<String, Value>) -> (Map<String, Value>, Taken) {
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
    fn finish_delta(&mut self) -> Map<String, Value> {
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
