//! From the chunks that servers send to chunks as OpenAI has them: one id, the role once, reasoning apart from
//! content, calls of tools with a dense index, the reason of the end once and at the end, usage apart. Fields that
//! nobody here knows stay.

use serde_json::{Map, Value, json};

use super::choice::{AnswerChoice, FinishReason};
use super::error::{ModelError, UpstreamError};
use super::payload::Payload;
use super::usage::Usage;

/// How many unreadable pieces at the beginning of a stream show that it is none.
const MAX_UNREADABLE: u32 = 3;

/// The highest index of an answer that is taken: what OpenAI allows for `n`.
const MAX_CHOICES: u64 = 128;

/// Makes chunks normal, one answer long.
#[derive(Debug, Default)]
pub struct ChunkNormalizer {
    /// The provider, for errors inside of the stream.
    provider: String,
    /// What every chunk of this answer has: `id`, `object`, `created`, `model`.
    head: Map<String, Value>,
    choices: Vec<AnswerChoice>,
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

impl ChunkNormalizer {
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
        let end = |choice: &mut AnswerChoice| {
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
            .map_or(FinishReason::Stop, AnswerChoice::reason)
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
                self.choices.push(AnswerChoice::new(index));
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
