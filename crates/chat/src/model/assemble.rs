//! One whole answer out of its chunks, for callers that want no stream.

use serde_json::{Map, Value, json};

/// Puts an answer together.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    whole: Map<String, Value>,
    choices: Vec<Map<String, Value>>,
}

impl Assembler {
    /// Adds a chunk.
    pub(super) fn take(&mut self, mut chunk: Map<String, Value>) {
        let choices = match chunk.remove("choices") {
            Some(Value::Array(choices)) => choices,
            _ => Vec::new(),
        };
        self.whole.extend(chunk);
        for choice in choices {
            let Value::Object(choice) = choice else {
                continue;
            };
            self.take_choice(choice);
        }
    }

    /// The answer, with the usage that the provider told.
    pub(super) fn finish(mut self, usage: Option<Value>) -> Map<String, Value> {
        for choice in &mut self.choices {
            if let Some(Value::Object(message)) = choice.get_mut("message") {
                let has_calls = message.contains_key("tool_calls");
                let is_empty = message
                    .get("content")
                    .and_then(Value::as_str)
                    .is_none_or(str::is_empty);
                if has_calls && is_empty {
                    message.insert("content".to_owned(), Value::Null);
                }
            }
        }
        self.choices
            .sort_by_key(|choice| choice.get("index").and_then(Value::as_u64));
        let choices = self.choices.into_iter().map(Value::Object).collect();
        self.whole
            .insert("object".to_owned(), json!("chat.completion"));
        self.whole
            .insert("choices".to_owned(), Value::Array(choices));
        self.whole
            .extend(usage.map(|usage| ("usage".to_owned(), usage)));
        self.whole
    }

    fn take_choice(&mut self, mut choice: Map<String, Value>) {
        let delta = match choice.remove("delta") {
            Some(Value::Object(delta)) => delta,
            _ => Map::new(),
        };
        let index = choice.get("index").cloned();
        let at = self
            .choices
            .iter()
            .position(|known| known.get("index") == index.as_ref());
        let at = at.unwrap_or_else(|| {
            let mut first = Map::new();
            first.insert(
                "message".to_owned(),
                json!({ "role": "assistant", "content": "" }),
            );
            self.choices.push(first);
            self.choices.len() - 1
        });
        let known = &mut self.choices[at];
        for (key, value) in choice {
            match (known.get_mut(&key), value) {
                // Log probabilities are lists, a part of them with each chunk.
                (Some(Value::Object(known)), Value::Object(more)) => merge_lists(known, more),
                (Some(_), Value::Null) => {}
                (_, value) => {
                    known.insert(key, value);
                }
            }
        }
        if let Some(Value::Object(message)) = known.get_mut("message") {
            for (key, value) in delta {
                merge_field(message, key, value);
            }
        }
    }
}

fn merge_lists(known: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (known.get_mut(&key), value) {
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
            (_, value) => {
                known.insert(key, value);
            }
        }
    }
}

fn merge_field(message: &mut Map<String, Value>, key: String, value: Value) {
    match (&*key, message.get_mut(&key), value) {
        ("role", _, _) => {}
        ("tool_calls", None, Value::Array(calls)) => {
            message.insert(key, json!([]));
            merge_field(message, "tool_calls".to_owned(), Value::Array(calls));
        }
        ("tool_calls", Some(Value::Array(known)), Value::Array(calls)) => {
            for call in calls {
                merge_call(known, call);
            }
        }
        (_, Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
        (_, Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
        (_, _, value) => {
            message.insert(key, value);
        }
    }
}

/// Adds a part of a call; indices are dense.
fn merge_call(known: &mut Vec<Value>, mut call: Value) {
    let index = call["index"]
        .as_u64()
        .and_then(|index| usize::try_from(index).ok())
        .unwrap_or(0);
    if let Value::Object(call) = &mut call {
        call.remove("index");
    }
    let Some(whole) = known.get_mut(index) else {
        known.push(call);
        return;
    };
    if let (Value::String(text), Some(more)) = (
        &mut whole["function"]["arguments"],
        call["function"]["arguments"].as_str(),
    ) {
        text.push_str(more);
    }
    if let (Value::Object(whole), Value::Object(more)) = (whole, call) {
        for (key, value) in more {
            whole.entry(key).or_insert(value);
        }
    }
}
