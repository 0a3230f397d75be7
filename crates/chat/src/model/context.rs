//! How long a model's context is: as set, else as the server tells, else a safe guess.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::catalogue::{entries, name_of};
use super::exchange::{Target, look_up};
use super::profile::ContextSource;
use super::provider::{Provider, lock};

/// What is assumed where nobody tells, in tokens.
const ASSUMED: u32 = 8_192;

/// What Ollama gives a model unless told otherwise, in tokens. Requests that are longer are cut without a word.
const OLLAMA_DEFAULT: u32 = 4_096;

/// How long a length counts that the server told.
const KEPT: Duration = Duration::from_secs(300);

/// How long a guess counts before the server is asked again.
const GUESS_KEPT: Duration = Duration::from_secs(20);

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

    fn found(tokens: u32, place: &'static str) -> Self {
        Self {
            tokens,
            origin: ContextOrigin::Discovered(place),
        }
    }
}

/// The context length of a model. Asks the server at most once in some minutes, and no longer than the provider's
/// time-out for that.
pub(super) async fn context_length(target: &Target) -> ContextLength {
    let provider = &target.provider;
    if let Some(tokens) = provider
        .options
        .model(&target.model)
        .and_then(|model| model.context_length)
    {
        return ContextLength::set(tokens);
    }
    let kept = lock(&provider.contexts).get(&target.model).cloned();
    if let Some((until, length)) = kept
        && Instant::now() < until
    {
        return length;
    }
    let found = discover(provider, &target.model)
        .await
        .or_else(|| known(provider, &target.model));
    let (length, good) = match found {
        Some(length) if length.origin != ContextOrigin::Discovered(OLLAMA_GUESS) => (length, KEPT),
        Some(length) => (length, GUESS_KEPT),
        None => (
            ContextLength {
                tokens: ASSUMED,
                origin: ContextOrigin::Assumed,
            },
            GUESS_KEPT,
        ),
    };
    lock(&provider.contexts).insert(
        target.model.clone(),
        (Instant::now() + good, length.clone()),
    );
    length
}

async fn discover(provider: &Provider, model: &str) -> Option<ContextLength> {
    match provider.profile().context {
        ContextSource::Models => in_list(provider, model).await,
        ContextSource::Props => props(provider).await,
        ContextSource::Ollama => ollama(provider, model).await,
        ContextSource::LmStudio => lm_studio(provider, model).await,
        ContextSource::Gemini => gemini(provider, model).await,
    }
}

fn known(provider: &Provider, model: &str) -> Option<ContextLength> {
    let known = provider
        .profile()
        .known_contexts
        .iter()
        .find(|(start, _)| model.starts_with(start))?;
    Some(ContextLength::found(
        known.1,
        "the provider's documentation",
    ))
}

fn tokens(value: &Value) -> Option<u32> {
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

async fn in_list(provider: &Provider, model: &str) -> Option<ContextLength> {
    let entries = entries(provider).await.ok()?;
    let entry = entries
        .iter()
        .find(|entry| name_of(entry).as_deref() == Some(model));
    // A server with one model answers to any name.
    let only = || entries.first().filter(|_| entries.len() == 1);
    length_in_entry(entry.or_else(only)?)
}

/// llama.cpp: what one conversation may have, whatever the model was trained for.
async fn props(provider: &Provider) -> Option<ContextLength> {
    let props = look_up(provider, provider.address.at_root("/props"), None)
        .await
        .ok()?;
    let fields = [
        &props["default_generation_settings"]["n_ctx"],
        &props["n_ctx"],
    ];
    let tokens = fields.into_iter().find_map(tokens)?;
    Some(ContextLength::found(tokens, "/props"))
}

const OLLAMA_GUESS: &str = "Ollama's default";

/// Ollama: what the loaded model has; else what its file sets; else the default, unless the model can take less.
async fn ollama(provider: &Provider, model: &str) -> Option<ContextLength> {
    let is_model = |entry: &&Value| {
        ["name", "model"].iter().any(|key| {
            let name = entry[*key].as_str().unwrap_or_default();
            name == model || name.strip_suffix(":latest") == Some(model)
        })
    };
    if let Ok(running) = look_up(provider, provider.address.at_root("/api/ps"), None).await {
        let loaded = running["models"]
            .as_array()
            .and_then(|list| list.iter().find(is_model));
        if let Some(tokens) = loaded.and_then(|loaded| tokens(&loaded["context_length"])) {
            return Some(ContextLength::found(tokens, "/api/ps"));
        }
    }
    let body = json!({ "model": model });
    let shown = look_up(provider, provider.address.at_root("/api/show"), Some(&body))
        .await
        .ok()?;
    let parameters = shown["parameters"].as_str().unwrap_or_default();
    let set = parameters
        .lines()
        .find_map(|line| line.trim().strip_prefix("num_ctx"));
    if let Some(tokens) = set.and_then(|set| set.trim().parse().ok()) {
        return Some(ContextLength::found(tokens, "/api/show"));
    }
    let info = shown["model_info"].as_object();
    let trained = info
        .into_iter()
        .flatten()
        .find(|(key, _)| key.ends_with(".context_length"));
    let most = trained
        .and_then(|(_, value)| tokens(value))
        .unwrap_or(OLLAMA_DEFAULT);
    Some(ContextLength::found(most.min(OLLAMA_DEFAULT), OLLAMA_GUESS))
}

async fn lm_studio(provider: &Provider, model: &str) -> Option<ContextLength> {
    let list = look_up(provider, provider.address.at_root("/api/v0/models"), None)
        .await
        .ok()?;
    let entries = list["data"].as_array()?;
    length_in_entry(
        entries
            .iter()
            .find(|entry| name_of(entry).as_deref() == Some(model))?,
    )
}

/// Gemini tells it beside its OpenAI protocol.
async fn gemini(provider: &Provider, model: &str) -> Option<ContextLength> {
    let url = provider
        .address
        .endpoint(&format!("../models/{model}"), false);
    let entry = look_up(provider, url, None).await.ok()?;
    length_in_entry(&entry)
}
