//! The items of a response: what the model said, thought, and wants to call.

use serde_json::{Value, json};

/// One item, as far as it came.
#[derive(Clone, Debug)]
pub(super) struct OutputItem {
    pub(super) id: String,
    pub(super) kind: ItemKind,
    /// Text of a message, reasoning, or arguments.
    pub(super) text: String,
    pub(super) is_done: bool,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    Message,
    Reasoning,
    Call {
        call_id: String,
        name: String,
        index: u64,
    },
}

impl OutputItem {
    pub(super) fn new(kind: ItemKind) -> Self {
        let start = match kind {
            ItemKind::Message => "msg",
            ItemKind::Reasoning => "rs",
            ItemKind::Call { .. } => "fc",
        };
        Self {
            id: new_id(start),
            kind,
            text: String::new(),
            is_done: false,
        }
    }

    /// The item as the protocol has it; `status` is `in_progress`, `completed` or `incomplete`.
    pub(super) fn document(&self, status: &str) -> Value {
        match &self.kind {
            ItemKind::Message => {
                let content = if status == "in_progress" {
                    json!([])
                } else {
                    json!([self.part()])
                };
                json!({
                    "id": self.id, "type": "message", "status": status, "role": "assistant", "content": content,
                })
            }
            ItemKind::Reasoning => {
                let content = if status == "in_progress" {
                    json!([])
                } else {
                    json!([self.part()])
                };
                json!({ "id": self.id, "type": "reasoning", "status": status, "summary": [], "content": content })
            }
            ItemKind::Call { call_id, name, .. } => json!({
                "id": self.id, "type": "function_call", "status": status, "call_id": call_id, "name": name,
                "arguments": if status == "in_progress" { "" } else { &self.text },
            }),
        }
    }

    /// The one part of a message or of reasoning.
    pub(super) fn part(&self) -> Value {
        match self.kind {
            ItemKind::Reasoning => json!({ "type": "reasoning_text", "text": self.text }),
            _ => {
                json!({ "type": "output_text", "text": self.text, "annotations": [], "logprobs": [] })
            }
        }
    }
}

/// A random id behind a word.
pub(super) fn new_id(start: &str) -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{start}_{hex}")
}
