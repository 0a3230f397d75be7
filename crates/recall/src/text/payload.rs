//! What is searched of a message beside its text: tool calls, their output, thoughts.

use serde_json::Value;
use transcript::{Message, MessageKind, Role};

/// The searchable text of a message's payload; the same each time, so that places in it hold.
pub(crate) fn payload_text(message: &Message) -> String {
    let mut text = String::new();
    if message.kind == MessageKind::Injected {
        return text;
    }
    if message.role == Role::Tool {
        push(&mut text, &message.text);
    }
    for call in &message.tools {
        push(&mut text, &call.name);
        match serde_json::from_str(&call.input) {
            Ok(input) => flatten(&input, &mut text, 0),
            Err(_) => push(&mut text, &call.input),
        }
    }
    for result in &message.results {
        push(&mut text, &result.output);
    }
    push(&mut text, &message.thinking);
    text
}

fn push(text: &mut String, part: &str) {
    if !part.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(part);
    }
}

/// Deeper values than this aren't searched; no tool nests so deep on purpose.
const MAX_DEPTH: usize = 16;

/// The strings and numbers of a JSON value, a line each.
fn flatten(value: &Value, text: &mut String, depth: usize) {
    match value {
        Value::String(string) => push(text, string),
        Value::Number(number) => push(text, &number.to_string()),
        Value::Array(values) if depth < MAX_DEPTH => {
            values
                .iter()
                .for_each(|value| flatten(value, text, depth + 1));
        }
        Value::Object(entries) if depth < MAX_DEPTH => {
            entries
                .values()
                .for_each(|value| flatten(value, text, depth + 1));
        }
        _ => {}
    }
}
