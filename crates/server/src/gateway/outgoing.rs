//! An answer on its way to whoever asked: each piece judged, what is masked kept back, values put back.

use std::sync::{Arc, Mutex};

use chat::{ArgumentListener, GuardRefusal, HeardText, Listener, Screen};
use serde_json::{Map, Value, json};

use super::call_log::HeardAnswer;

/// The guards on all answers of one request.
pub(super) struct Outgoing<'s> {
    screen: &'s Screen,
    answers: Vec<OutgoingAnswer<'s>>,
}

/// The guards on one answer.
struct OutgoingAnswer<'s> {
    index: u64,
    heard: HeardAnswer,
    content: Option<Listener<'s>>,
    reasoning: Option<Listener<'s>>,
    /// By the index of the call.
    arguments: Vec<ArgumentListener>,
    /// Probabilities of tokens that are held back.
    logprobs: Vec<Value>,
}

impl<'s> Outgoing<'s> {
    pub(super) fn new(screen: &'s Screen) -> Self {
        Self {
            screen,
            answers: Vec::new(),
        }
    }

    /// What goes out for a chunk of the model: up to two chunks, the second one with the reason of the end.
    ///
    /// # Errors
    ///
    /// Why nothing more may go out.
    pub(super) fn take(
        &mut self,
        mut chunk: Map<String, Value>,
    ) -> Result<Vec<Map<String, Value>>, Box<GuardRefusal>> {
        let choices = match chunk.remove("choices") {
            Some(Value::Array(choices)) => choices,
            _ => Vec::new(),
        };
        let (mut rest, mut kept) = (Vec::new(), Vec::new());
        for choice in choices {
            let Value::Object(choice) = choice else {
                continue;
            };
            self.take_choice(choice, (&mut rest, &mut kept))?;
        }
        let mut out = Vec::new();
        if !rest.is_empty() {
            let mut held = chunk.clone();
            held.insert("choices".to_owned(), Value::Array(rest));
            out.push(held);
        }
        if !kept.is_empty() {
            chunk.insert("choices".to_owned(), Value::Array(kept));
            out.push(chunk);
        }
        Ok(out)
    }

    /// What was heard of all answers, the first one first.
    pub(super) fn heard(self) -> Vec<HeardAnswer> {
        let mut heard: Vec<_> = self
            .answers
            .into_iter()
            .map(|answer| answer.heard)
            .collect();
        heard.sort_by_key(|answer| answer.index);
        heard
    }

    fn answer(&mut self, index: u64) -> &mut OutgoingAnswer<'s> {
        let at = self.answers.iter().position(|answer| answer.index == index);
        let at = at.unwrap_or_else(|| {
            let heard = HeardAnswer::new(index);
            self.answers.push(OutgoingAnswer {
                index,
                content: Some(self.screen.listen(&heard.content)),
                reasoning: Some(self.screen.listen(&heard.reasoning)),
                heard,
                arguments: Vec::new(),
                logprobs: Vec::new(),
            });
            self.answers.len() - 1
        });
        &mut self.answers[at]
    }

    fn take_choice(
        &mut self,
        mut choice: Map<String, Value>,
        (rest, kept): (&mut Vec<Value>, &mut Vec<Value>),
    ) -> Result<(), Box<GuardRefusal>> {
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
        let screen = self.screen;
        let answer = self.answer(index);
        let mut delta = match choice.remove("delta") {
            Some(Value::Object(delta)) => delta,
            _ => Map::new(),
        };
        let is_first = delta.contains_key("role");
        answer.replace_text(screen, &mut delta)?;
        answer.replace_arguments(screen, &mut delta);
        answer.hold_logprobs(&mut choice);
        let is_end = choice
            .get("finish_reason")
            .is_some_and(|reason| !reason.is_null());
        if is_end {
            let reason = choice["finish_reason"].as_str();
            answer.heard.finish_reason = reason.map(str::to_owned);
            let held = answer.finish()?;
            let logprobs = answer.free_logprobs(true);
            if held.is_empty() {
                choice.extend(logprobs.map(|logprobs| ("logprobs".to_owned(), logprobs)));
            } else {
                rest.push(json!({
                    "index": index, "delta": held, "logprobs": logprobs, "finish_reason": null,
                }));
            }
        } else if let Some(logprobs) = answer.free_logprobs(false) {
            choice.insert("logprobs".to_owned(), logprobs);
        }
        if is_first || is_end || !delta.is_empty() {
            choice.insert("delta".to_owned(), Value::Object(delta));
            kept.push(Value::Object(choice));
        }
        Ok(())
    }
}

/// Puts what may be shown in the place of a text; takes the field away if that is nothing by now.
fn replace(
    delta: &mut Map<String, Value>,
    key: &str,
    listener: &mut Option<Listener<'_>>,
) -> Result<(), Box<GuardRefusal>> {
    let Some(Value::String(text)) = delta.get_mut(key) else {
        return Ok(());
    };
    if text.is_empty() {
        return Ok(());
    }
    let shown = listener
        .as_mut()
        .map_or(Ok(String::new()), |listener| listener.push(text))?;
    if shown.is_empty() {
        delta.remove(key);
    } else {
        *text = shown;
    }
    Ok(())
}

/// Ends a text in the midst of an answer: what was held back of it goes out, and what may follow is another text.
/// Whether all of it went out as it was.
fn append<'s>(
    delta: &mut Map<String, Value>,
    key: &str,
    listener: &mut Option<Listener<'s>>,
    (screen, heard): (&'s Screen, &Arc<Mutex<HeardText>>),
) -> Result<bool, Box<GuardRefusal>> {
    let Some(ended) = listener.take_if(|listener| !listener.is_fresh()) else {
        return Ok(true);
    };
    *listener = Some(screen.listen(heard));
    let (rest, is_even) = ended.finish()?;
    if !rest.is_empty() {
        let text = delta.entry(key).or_insert_with(|| json!(""));
        let before = text.as_str().unwrap_or_default();
        *text = json!(format!("{before}{rest}"));
    }
    Ok(is_even)
}

impl<'s> OutgoingAnswer<'s> {
    fn replace_text(
        &mut self,
        screen: &'s Screen,
        delta: &mut Map<String, Value>,
    ) -> Result<(), Box<GuardRefusal>> {
        let has = |key: &str| match delta.get(key) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            _ => false,
        };
        let (has_content, has_calls) = (has("content") || has("refusal"), has("tool_calls"));
        replace(delta, "content", &mut self.content)?;
        replace(delta, "refusal", &mut self.content)?;
        replace(delta, "reasoning_content", &mut self.reasoning)?;
        // What comes next must not overtake what is held back of the text before it.
        if has_content || has_calls {
            let to = (screen, &self.heard.reasoning);
            append(delta, "reasoning_content", &mut self.reasoning, to)?;
        }
        let to = (screen, &self.heard.content);
        if has_calls && !append(delta, "content", &mut self.content, to)? {
            self.logprobs.clear();
        }
        // The same text under the name that the provider has for it.
        if delta.contains_key("reasoning") {
            match delta.get("reasoning_content").cloned() {
                Some(shown) => delta.insert("reasoning".to_owned(), shown),
                None => delta.remove("reasoning"),
            };
        }
        // It holds the text of the reasoning once more, unjudged; what is signed in it goes back by itself.
        delta.remove("reasoning_details");
        Ok(())
    }

    fn replace_arguments(&mut self, screen: &'s Screen, delta: &mut Map<String, Value>) {
        let calls = delta.get_mut("tool_calls").and_then(Value::as_array_mut);
        for call in calls.into_iter().flatten() {
            let index = call["index"]
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .unwrap_or(0);
            while self.arguments.len() <= index.min(1_024) {
                self.arguments.push(screen.listen_to_arguments());
            }
            if let (Some(listener), Some(Value::String(text))) = (
                self.arguments.get_mut(index),
                call.pointer_mut("/function/arguments"),
            ) {
                *text = listener.push(text);
            }
        }
    }

    /// What was held back, at the end.
    fn finish(&mut self) -> Result<Map<String, Value>, Box<GuardRefusal>> {
        let mut delta = Map::new();
        let mut put = |key: &str, listener: &mut Option<Listener<'_>>| {
            let Some(listener) = listener.take() else {
                return Ok(true);
            };
            let (shown, is_even) = listener.finish()?;
            if !shown.is_empty() {
                delta.insert(key.to_owned(), Value::String(shown));
            }
            Ok::<_, Box<GuardRefusal>>(is_even)
        };
        put("reasoning_content", &mut self.reasoning)?;
        if !put("content", &mut self.content)? {
            self.logprobs.clear();
        }
        let mut calls = Vec::new();
        for (index, listener) in self.arguments.iter_mut().enumerate() {
            let rest = listener.finish();
            if !rest.is_empty() {
                calls.push(json!({ "index": index, "function": { "arguments": rest } }));
            }
        }
        if !calls.is_empty() {
            delta.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        Ok(delta)
    }

    /// Probabilities tell the tokens themselves: they wait for their text.
    fn hold_logprobs(&mut self, choice: &mut Map<String, Value>) {
        if let Some(logprobs) = choice
            .remove("logprobs")
            .filter(|logprobs| !logprobs.is_null())
        {
            self.logprobs.push(logprobs);
        }
    }

    /// Those whose text went out as it was.
    fn free_logprobs(&mut self, is_end: bool) -> Option<Value> {
        let is_even = self.content.as_ref().map_or(is_end, Listener::is_even);
        if !is_even || self.logprobs.is_empty() {
            return None;
        }
        let mut all = std::mem::take(&mut self.logprobs).into_iter();
        let mut first = all.next()?;
        for more in all {
            if let (Value::Object(first), Value::Object(more)) = (&mut first, more) {
                for (key, value) in more {
                    match (first.get_mut(&key), value) {
                        (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                        (_, value) => {
                            first.insert(key, value);
                        }
                    }
                }
            }
        }
        Some(first)
    }
}
