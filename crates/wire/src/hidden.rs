//! JSON without invisible characters, in which instructions to a model could be hidden from a person who
//! reads along.

use std::borrow::Cow;

use serde_json::Value;

/// Removes invisible characters, such as control characters and zero-width letters, from every string in a
/// JSON value, the names of members included. Which characters these are: see [`guard::without_hidden`].
pub fn without_hidden(value: &mut Value) {
    let clean = |text: &mut String| {
        if let Cow::Owned(clean) = guard::without_hidden(text) {
            *text = clean;
        }
    };
    match value {
        Value::String(text) => clean(text),
        Value::Array(items) => items.iter_mut().for_each(without_hidden),
        Value::Object(members) => {
            let all = std::mem::take(members).into_iter();
            *members = all
                .map(|(mut name, mut member)| {
                    clean(&mut name);
                    without_hidden(&mut member);
                    (name, member)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A JSON document without invisible characters in any of its strings, whether they are escaped (`\u200b`)
/// or not; see [`without_hidden`]. A document that can't have any is returned as it is;
/// any other is written anew, without white space between values. Text that isn't JSON is cleaned as plain
/// text.
pub fn json_without_hidden(json: String) -> String {
    /// How what is hidden is escaped. Without them nothing is hidden in printable ASCII.
    const ESCAPES: [&str; 4] = ["\\u", "\\r", "\\b", "\\f"];
    let is_plain = json.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && !ESCAPES.iter().any(|escape| json.contains(escape)) {
        return json;
    }
    match serde_json::from_str(&json) {
        Ok(mut value) => {
            without_hidden(&mut value);
            value.to_string()
        }
        // No JSON, then.
        Err(_) => guard::without_hidden(&json).into_owned(),
    }
}
