//! Conversations as programs send them, whole with every request: what a message says, and a number that stands
//! for all up to it, by which the same beginning is known again.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Stands for a message and all before it.
pub(crate) type Beginning = [u8; 16];

/// The text of a message: of its content, which is a text or a list of parts.
pub(crate) fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// Whether a message is a part of the conversation, and no instruction of a program.
pub(crate) fn is_said(message: &Value) -> bool {
    matches!(
        message["role"].as_str(),
        Some("user" | "assistant" | "tool" | "function")
    )
}

/// What stands for a conversation with one more message. Instructions don't count, which may tell the time; nor
/// does what clients write in their own way: white space around a text, arguments of calls, fields of their own.
pub(crate) fn with(before: Option<&Beginning>, message: &Value) -> Beginning {
    let mut hash = Sha256::new();
    hash.update(before.map_or(&[][..], |before| &before[..]));
    hash.update(message["role"].as_str().unwrap_or_default());
    hash.update([0]);
    hash.update(text_of(message).trim());
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        hash.update([0]);
        hash.update(call["id"].as_str().unwrap_or_default());
    }
    hash.update([0]);
    hash.update(message["tool_call_id"].as_str().unwrap_or_default());
    let mut number = Beginning::default();
    number.copy_from_slice(&hash.finalize()[..16]);
    number
}

/// What stands for the conversation up to each message.
pub(crate) fn beginnings(messages: &[Value]) -> Vec<Beginning> {
    let mut all: Vec<Beginning> = Vec::with_capacity(messages.len());
    for message in messages {
        let next = match (is_said(message), all.last()) {
            (false, Some(last)) => *last,
            (false, None) => Beginning::default(),
            (true, before) => with(before.filter(|last| **last != [0; 16]), message),
        };
        all.push(next);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_beginning_is_known_again_however_a_client_writes_it() {
        let one = json!([
            { "role": "system", "content": "It is noon." },
            { "role": "user", "content": "hello" },
            { "role": "assistant", "content": "Hi! ", "annotations": [] },
        ]);
        let other = json!([
            { "role": "developer", "content": "It is one." },
            { "role": "user", "content": [{ "type": "text", "text": "hello" }] },
            { "role": "assistant", "content": "Hi!" },
        ]);
        let (one, other) = (
            one.as_array().expect("a list"),
            other.as_array().expect("a list"),
        );
        assert_eq!(beginnings(one), beginnings(other));
        assert_ne!(beginnings(one)[1], beginnings(one)[2]);
        assert_eq!(beginnings(&one[1..]), beginnings(one)[1..]);
    }
}
