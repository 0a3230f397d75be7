//! What a refused request says about the model: which parameter to leave out or to rename.

use serde_json::{Map, Value};

use super::error::UpstreamError;
use super::request::Adjustment;

/// Parameters that a request can do without: the answer is the same kind of answer. What changes its meaning is
/// never left out by itself: `messages`, `tools`, `tool_choice`, `response_format`, `n`, `logprobs`, `stop`.
const DROPPABLE_PARAMETERS: [&str; 28] = [
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "repetition_penalty",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "seed",
    "stream_options",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "verbosity",
    "parallel_tool_calls",
    "user",
    "store",
    "metadata",
    "service_tier",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "chat_template_kwargs",
    "max_tokens",
    "max_completion_tokens",
];

/// Fields of messages that a request can do without.
const DROPPABLE_FIELDS: [&str; 8] = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking",
    "extra_content",
    "refusal",
    "annotations",
    "name",
];

/// Words of a refusal, in small letters: OpenAI's, Groq's, Gemini's, Ollama's, and those of validators such as
/// vLLM's and Mistral's.
const REFUSING_PHRASES: [&str; 25] = [
    "unsupported",
    "not supported",
    "isn't supported",
    "does not support",
    "doesn't support",
    "do not support",
    "unknown name",
    "unknown parameter",
    "unknown field",
    "unrecognized",
    "extra inputs",
    "extra fields",
    "not permitted",
    "not allowed",
    "is allowed",
    "unexpected",
    "cannot find field",
    "invalid parameter",
    "only the default",
    "deprecated",
    "not available",
    "invalid value",
    "is not one of",
    "unknown variant",
    "unknown role",
];

/// Parameters whose names are words of everyday language: they count only in quotes, or behind a dot.
const EVERYDAY_WORDS: [&str; 9] = [
    "name",
    "user",
    "store",
    "seed",
    "refusal",
    "annotations",
    "prediction",
    "thinking",
    "reasoning",
];

/// What switches reasoning on, which servers refuse in other words than by its name.
const REASONING_SWITCHES: [&str; 3] = ["reasoning_effort", "reasoning", "thinking"];

/// What to change so that the request may be taken; nothing if the refusal is about something else.
pub(super) fn adjustments(error: &UpstreamError, sent: &Map<String, Value>) -> Vec<Adjustment> {
    if !matches!(error.status, 400 | 404 | 422) || !is_refusal(error) {
        return Vec::new();
    }
    let message = error.message.to_ascii_lowercase();
    let is_about_reasoning = ["support thinking", "support reasoning"]
        .iter()
        .any(|words| message.contains(words));
    let is_named = |name: &str| {
        (is_about_reasoning && REASONING_SWITCHES.contains(&name))
            || has_word(&message, name, EVERYDAY_WORDS.contains(&name))
            || error.param == name
            || error.param.ends_with(&format!(".{name}"))
    };
    if let Some(adjustment) = role(&message, &error.param, sent) {
        return vec![adjustment];
    }
    let in_messages = |field: &str| {
        let messages = sent.get("messages").and_then(Value::as_array);
        messages.into_iter().flatten().any(|message| {
            let calls = message["tool_calls"].as_array();
            message.get(field).is_some()
                || calls
                    .into_iter()
                    .flatten()
                    .any(|call| call.get(field).is_some())
        })
    };
    let fields = DROPPABLE_FIELDS
        .into_iter()
        .filter(|field| is_named(field) && in_messages(field))
        .map(|field| Adjustment::DropField(field.to_owned()));
    let parameters = DROPPABLE_PARAMETERS
        .into_iter()
        .filter(|name| is_named(name) && sent.contains_key(*name))
        .map(|name| match name {
            "max_tokens" => Adjustment::Rename(name.to_owned(), "max_completion_tokens".to_owned()),
            "max_completion_tokens" => Adjustment::Rename(name.to_owned(), "max_tokens".to_owned()),
            _ => Adjustment::Drop(name.to_owned()),
        });
    fields.chain(parameters).collect()
}

fn is_refusal(error: &UpstreamError) -> bool {
    let message = error.message.to_ascii_lowercase();
    matches!(
        &*error.code,
        "unsupported_parameter" | "unsupported_value" | "unknown_parameter"
    ) || REFUSING_PHRASES.iter().any(|words| message.contains(words))
}

/// A role that the model doesn't take.
fn role(message: &str, param: &str, sent: &Map<String, Value>) -> Option<Adjustment> {
    if !has_word(message, "role", false)
        && !has_word(message, "roles", false)
        && !param.ends_with(".role")
    {
        return None;
    }
    let messages = sent.get("messages").and_then(Value::as_array)?;
    let is_sent = |role: &str| messages.iter().any(|message| message["role"] == role);
    // A role that a later sentence offers instead isn't the one that is refused.
    let refused = ["developer", "system"]
        .into_iter()
        .filter(|role| is_sent(role));
    let first = refused
        .filter_map(|role| Some((message.find(role)?, role)))
        .min()?;
    let instead = if first.1 == "developer" {
        "system"
    } else {
        "user"
    };
    Some(Adjustment::Role(first.1.to_owned(), instead.to_owned()))
}

/// Whether a text names a word, perhaps only in quotes or behind a dot.
fn has_word(text: &str, word: &str, is_quoted: bool) -> bool {
    let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !is_inside(before)
            && !is_inside(text[at + word.len()..].chars().next())
            && (!is_quoted || before.is_some_and(|c| "'\"`.".contains(c)))
    })
}
