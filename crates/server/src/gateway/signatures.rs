//! Fields of tools' calls that a provider wants back and most clients drop: Gemini refuses a conversation whose
//! calls come back without their `thought_signature`. They are remembered for a while, by the call's id.

use std::collections::{HashMap, VecDeque};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Map, Value};

/// How many calls are remembered.
const MAX_CALLS: usize = 5_000;

/// How long the fields of one call may be, in bytes.
const MAX_FIELDS_BYTES: usize = 16 << 10;

/// Fields of a call by the provider's name and the call's id.
#[derive(Default)]
struct Signatures {
    fields: HashMap<(String, String), Map<String, Value>>,
    order: VecDeque<(String, String)>,
}

static SIGNATURES: LazyLock<Mutex<Signatures>> = LazyLock::new(Mutex::default);

/// Remembers what the calls of an answer have beside what every client keeps.
pub(super) fn remember(owner: &str, provider: &str, calls: &[Value]) {
    for call in calls.iter().filter_map(Value::as_object) {
        let known = |key: &String| matches!(&**key, "id" | "type" | "function" | "index");
        let fields: Map<_, _> = call
            .iter()
            .filter(|(key, _)| !known(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
        let length = Value::Object(fields.clone()).to_string().len();
        if fields.is_empty() || id.is_empty() || length > MAX_FIELDS_BYTES {
            continue;
        }
        let key = (format!("{owner}/{provider}"), id.to_owned());
        let mut all = SIGNATURES.lock().unwrap_or_else(PoisonError::into_inner);
        if all.fields.insert(key.clone(), fields).is_none() {
            all.order.push_back(key);
        }
        if all.order.len() > MAX_CALLS
            && let Some(oldest) = all.order.pop_front()
        {
            all.fields.remove(&oldest);
        }
    }
}

/// Puts back what a client dropped of the calls in its history.
pub(super) fn restore(owner: &str, provider: &str, messages: &mut [Value]) {
    let calls = messages
        .iter_mut()
        .filter_map(|message| message.get_mut("tool_calls")?.as_array_mut());
    for call in calls.flatten().filter_map(Value::as_object_mut) {
        let Some(id) = call.get("id").and_then(Value::as_str) else {
            continue;
        };
        let key = (format!("{owner}/{provider}"), id.to_owned());
        let all = SIGNATURES.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in all.fields.get(&key).into_iter().flatten() {
            call.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}
