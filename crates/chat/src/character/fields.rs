//! Fields of cards, whose types are seldom what the formats say.

use serde_json::{Map, Value};

/// A text, or what passes for one; nothing for lists and objects.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number, also as a text, that isn't negative.
pub(super) fn count_of(value: &Value) -> Option<usize> {
    usize::try_from(whole_of(value)?).ok()
}

/// A whole number, also as a text or with a fraction, which is left out.
pub(super) fn whole_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(cut)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a fraction is left out; what is too large becomes the largest"
)]
fn cut(number: f64) -> i64 {
    number as i64
}

/// Whether a field is true, also as a text or a number.
pub(super) fn is_set(fields: &Map<String, Value>, name: &str) -> bool {
    match fields.get(name) {
        Some(Value::Bool(is)) => *is,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(other) => text_of(other).is_some_and(|text| text.eq_ignore_ascii_case("true")),
        None => false,
    }
}
