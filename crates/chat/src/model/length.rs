//! How long a context is, and who says so.

use serde_json::Value;

/// How many tokens a request and its answer may have together, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextLength {
    /// The number of tokens.
    pub tokens: u32,
    /// Who says so.
    pub origin: ContextOrigin,
}

/// Who says how long a context is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextOrigin {
    /// A setting.
    Setting,
    /// The server, or what is known of the provider; the field or place that tells it.
    Discovered(&'static str),
    /// Nobody: a guess that most models can take.
    Assumed,
}

impl ContextLength {
    pub(super) fn set(tokens: u32) -> Self {
        Self {
            tokens,
            origin: ContextOrigin::Setting,
        }
    }

    pub(super) fn found(tokens: u32, place: &'static str) -> Self {
        Self {
            tokens,
            origin: ContextOrigin::Discovered(place),
        }
    }
}

/// A number of tokens, written as a number or a text.
pub(super) fn tokens(value: &Value) -> Option<u32> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    };
    u32::try_from(number?).ok().filter(|tokens| *tokens > 0)
}

/// The length in an entry of a list of models, by the name that vLLM, Groq, OpenRouter, Mistral, LM Studio or
/// others have for it.
pub(super) fn length_in_entry(entry: &Value) -> Option<ContextLength> {
    const FIELDS: [&str; 7] = [
        "loaded_context_length",
        "max_model_len",
        "context_window",
        "context_length",
        "max_context_length",
        "inputTokenLimit",
        "max_input_tokens",
    ];
    let own = FIELDS
        .iter()
        .find_map(|field| Some(ContextLength::found(tokens(&entry[*field])?, field)));
    own.or_else(|| {
        let served = tokens(&entry["top_provider"]["context_length"])?;
        Some(ContextLength::found(served, "top_provider.context_length"))
    })
}
