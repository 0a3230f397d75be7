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

/// Places that tell a length, by the names under which they are remembered.
const PLACES: [&str; 14] = [
    "loaded_context_length",
    "max_model_len",
    "context_window",
    "context_length",
    "max_context_length",
    "inputTokenLimit",
    "max_input_tokens",
    "top_provider.context_length",
    "/props",
    "/api/ps",
    "/api/show",
    OLLAMA_GUESS,
    DOCUMENTATION,
    REFUSAL,
];

/// Where Ollama's length comes from if it doesn't tell.
pub(super) const OLLAMA_GUESS: &str = "Ollama's default";

/// What the provider says to people.
pub(super) const DOCUMENTATION: &str = "the provider's documentation";

/// A refusal of a request that was too long.
pub(super) const REFUSAL: &str = "its refusal of a longer request";

/// The place of a name that was remembered.
pub(super) fn place_named(name: &str) -> &'static str {
    let known = PLACES.iter().find(|place| **place == name);
    known.copied().unwrap_or("an earlier answer of its server")
}

/// The length that the refusal of a request names, as OpenAI, vLLM, llama.cpp and those after them say it.
pub(super) fn length_in_refusal(message: &str) -> Option<u32> {
    const BEFORE: [&str; 6] = [
        "maximum context length is ",
        "maximum context length of ",
        "maximum context length (",
        "context window of ",
        "context size (",
        "context size of ",
    ];
    let message = message.to_ascii_lowercase();
    BEFORE.iter().find_map(|before| {
        let rest = &message[message.find(before)? + before.len()..];
        let digits: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '_'))
            .filter(char::is_ascii_digit)
            .collect();
        digits.parse().ok().filter(|tokens| *tokens >= 256)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_length() {
        for (message, tokens) in [
            (
                "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
                Some(4_096),
            ),
            (
                "The maximum context length is 131,072, your request has 200,000",
                Some(131_072),
            ),
            (
                "the request exceeds the available context size (2048 tokens), try increasing it",
                Some(2_048),
            ),
            ("the request is too long", None),
            ("maximum context length is reached", None),
        ] {
            assert_eq!(length_in_refusal(message), tokens, "{message}");
        }
    }
}
