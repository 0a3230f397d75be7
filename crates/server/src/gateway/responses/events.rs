//! The events of a response, in their order, out of the chunks of a chat completion.

use chat::model::Usage;
use serde_json::{Map, Value, json};

use super::output::{ItemKind, OutputItem, new_id};

/// Parameters that the response repeats, with what stands there if they weren't given.
fn echoed() -> [(&'static str, Value); 15] {
    [
        ("instructions", Value::Null),
        ("max_output_tokens", Value::Null),
        ("max_tool_calls", Value::Null),
        ("metadata", json!({})),
        ("parallel_tool_calls", json!(true)),
        ("reasoning", json!({ "effort": null, "summary": null })),
        ("service_tier", json!("default")),
        ("temperature", Value::Null),
        ("text", json!({ "format": { "type": "text" } })),
        ("tool_choice", json!("auto")),
        ("tools", json!([])),
        ("top_logprobs", json!(0)),
        ("top_p", Value::Null),
        ("truncation", json!("disabled")),
        ("user", Value::Null),
    ]
}

/// Makes the events of one response.
pub(super) struct ResponseEvents {
    /// Everything that stays as it is from the beginning to the end.
    head: Map<String, Value>,
    items: Vec<OutputItem>,
    sequence: u64,
    reason: Option<String>,
    status: &'static str,
    error: Value,
    usage: Value,
}

impl ResponseEvents {
    /// For a request to a model; `now` is in seconds since 1970.
    pub(super) fn new(asked: &Map<String, Value>, model: &str, now: i64) -> Self {
        let mut head = Map::new();
        head.insert("id".to_owned(), json!(new_id("resp")));
        head.insert("object".to_owned(), json!("response"));
        head.insert("created_at".to_owned(), json!(now));
        for (key, default) in echoed() {
            let given = asked.get(key).filter(|value| !value.is_null());
            head.insert(key.to_owned(), given.cloned().unwrap_or(default));
        }
        let named = asked
            .get("model")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty());
        head.insert("model".to_owned(), json!(named.unwrap_or(model)));
        head.insert("store".to_owned(), json!(false));
        head.insert("background".to_owned(), json!(false));
        head.insert("previous_response_id".to_owned(), Value::Null);
        Self {
            head,
            items: Vec::new(),
            sequence: 0,
            reason: None,
            status: "in_progress",
            error: Value::Null,
            usage: Value::Null,
        }
    }

    /// The response as it is now.
    pub(super) fn response(&self) -> Value {
        let mut response = self.head.clone();
        let state = if self.status == "incomplete" {
            "incomplete"
        } else {
            "completed"
        };
        let output: Vec<_> = self.items.iter().map(|item| item.document(state)).collect();
        let details = (self.status == "incomplete").then(|| match self.reason.as_deref() {
            Some("content_filter") => json!({ "reason": "content_filter" }),
            _ => json!({ "reason": "max_output_tokens" }),
        });
        response.insert("status".to_owned(), json!(self.status));
        response.insert("error".to_owned(), self.error.clone());
        response.insert("incomplete_details".to_owned(), json!(details));
        response.insert("output".to_owned(), Value::Array(output));
        response.insert("usage".to_owned(), self.usage.clone());
        Value::Object(response)
    }

    /// The events before anything came.
    pub(super) fn begin(&mut self, out: &mut Vec<Map<String, Value>>) {
        for kind in ["response.created", "response.in_progress"] {
            let response = self.response();
            self.tell(kind, json!({ "response": response }), out);
        }
    }

    /// Takes a chunk of the first answer.
    pub(super) fn take(&mut self, chunk: &Map<String, Value>, out: &mut Vec<Map<String, Value>>) {
        let choices = chunk.get("choices").and_then(Value::as_array);
        for choice in choices
            .into_iter()
            .flatten()
            .filter(|choice| choice["index"] == 0)
        {
            let delta = &choice["delta"];
            if let Some(text) = delta["reasoning_content"]
                .as_str()
                .filter(|text| !text.is_empty())
            {
                self.add_text(ItemKind::Reasoning, text, out);
            }
            for key in ["content", "refusal"] {
                if let Some(text) = delta[key].as_str().filter(|text| !text.is_empty()) {
                    self.add_text(ItemKind::Message, text, out);
                }
            }
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                self.add_call(call, out);
            }
            if let Some(reason) = choice["finish_reason"].as_str() {
                self.reason = Some(reason.to_owned());
            }
        }
    }

    /// The events of the end.
    pub(super) fn finish(&mut self, usage: Option<&Usage>, out: &mut Vec<Map<String, Value>>) {
        for at in 0..self.items.len() {
            self.close(at, out);
        }
        if let Some(usage) = usage {
            self.usage = json!({
                "input_tokens": usage.prompt_tokens,
                "input_tokens_details": { "cached_tokens": usage.cached_tokens },
                "output_tokens": usage.completion_tokens,
                "output_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
                "total_tokens": usage.total(),
            });
        }
        let is_cut = matches!(self.reason.as_deref(), Some("length" | "content_filter"));
        self.status = if is_cut { "incomplete" } else { "completed" };
        let kind = if is_cut {
            "response.incomplete"
        } else {
            "response.completed"
        };
        let response = self.response();
        self.tell(kind, json!({ "response": response }), out);
    }

    /// The event of an end that went wrong.
    pub(super) fn fail(&mut self, error: &Value, out: &mut Vec<Map<String, Value>>) {
        self.status = "failed";
        self.error = json!({ "code": error["code"], "message": error["message"] });
        let response = self.response();
        self.tell("response.failed", json!({ "response": response }), out);
    }

    fn tell(&mut self, kind: &str, data: Value, out: &mut Vec<Map<String, Value>>) {
        let mut event = Map::new();
        event.insert("type".to_owned(), json!(kind));
        event.insert("sequence_number".to_owned(), json!(self.sequence));
        self.sequence += 1;
        if let Value::Object(data) = data {
            event.extend(data);
        }
        out.push(event);
    }

    /// Adds text to the item of this kind that is open, or opens one.
    fn add_text(&mut self, kind: ItemKind, text: &str, out: &mut Vec<Map<String, Value>>) {
        let is_reasoning = kind == ItemKind::Reasoning;
        let at = match self.items.last() {
            Some(last) if !last.is_done && last.kind == kind => self.items.len() - 1,
            _ => self.open(kind, out),
        };
        self.items[at].text.push_str(text);
        let item_id = self.items[at].id.clone();
        let mut data =
            json!({ "item_id": item_id, "output_index": at, "content_index": 0, "delta": text });
        if !is_reasoning {
            data["logprobs"] = json!([]);
        }
        let name = if is_reasoning {
            "response.reasoning_text.delta"
        } else {
            "response.output_text.delta"
        };
        self.tell(name, data, out);
    }

    fn add_call(&mut self, call: &Value, out: &mut Vec<Map<String, Value>>) {
        let index = call["index"].as_u64().unwrap_or(0);
        let is_it = |item: &OutputItem| matches!(item.kind, ItemKind::Call { index: known, .. } if known == index);
        let at = match self.items.iter().position(is_it) {
            Some(at) => at,
            None => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (call_id, name) = (text(&call["id"]), text(&call["function"]["name"]));
                self.open(
                    ItemKind::Call {
                        call_id,
                        name,
                        index,
                    },
                    out,
                )
            }
        };
        let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
        if arguments.is_empty() {
            return;
        }
        self.items[at].text.push_str(arguments);
        let item_id = self.items[at].id.clone();
        let data = json!({ "item_id": item_id, "output_index": at, "delta": arguments });
        self.tell("response.function_call_arguments.delta", data, out);
    }

    /// Opens an item; text before it is complete then. Calls may go on side by side.
    fn open(&mut self, kind: ItemKind, out: &mut Vec<Map<String, Value>>) -> usize {
        for at in 0..self.items.len() {
            if !matches!(self.items[at].kind, ItemKind::Call { .. }) {
                self.close(at, out);
            }
        }
        let item = OutputItem::new(kind);
        let at = self.items.len();
        let document = item.document("in_progress");
        let (id, part, is_message) = (item.id.clone(), item.part(), item.kind == ItemKind::Message);
        self.items.push(item);
        self.tell(
            "response.output_item.added",
            json!({ "output_index": at, "item": document }),
            out,
        );
        if is_message {
            let data =
                json!({ "item_id": id, "output_index": at, "content_index": 0, "part": part });
            self.tell("response.content_part.added", data, out);
        }
        at
    }

    fn close(&mut self, at: usize, out: &mut Vec<Map<String, Value>>) {
        if std::mem::replace(&mut self.items[at].is_done, true) {
            return;
        }
        let item = self.items[at].clone();
        let place = |data: Value| {
            let mut place = json!({ "item_id": item.id, "output_index": at });
            if let (Value::Object(place), Value::Object(data)) = (&mut place, data) {
                place.extend(data);
            }
            place
        };
        match &item.kind {
            ItemKind::Message => {
                let text = json!({ "content_index": 0, "text": item.text, "logprobs": [] });
                self.tell("response.output_text.done", place(text), out);
                let part = json!({ "content_index": 0, "part": item.part() });
                self.tell("response.content_part.done", place(part), out);
            }
            ItemKind::Reasoning => {
                let text = json!({ "content_index": 0, "text": item.text });
                self.tell("response.reasoning_text.done", place(text), out);
            }
            ItemKind::Call { name, .. } => {
                let arguments = json!({ "name": name, "arguments": item.text });
                self.tell(
                    "response.function_call_arguments.done",
                    place(arguments),
                    out,
                );
            }
        }
        let document = item.document("completed");
        self.tell(
            "response.output_item.done",
            json!({ "output_index": at, "item": document }),
            out,
        );
    }
}
