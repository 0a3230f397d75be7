//! How long a model's context is: as set, else as the server tells, else a safe guess.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::catalogue::{entries, name_of};
use super::exchange::{Target, look_up};
use super::length::{
    ContextLength, ContextOrigin, DOCUMENTATION, OLLAMA_GUESS, REFUSAL, length_in_entry, tokens,
};
use super::profile::ContextSource;
use super::provider::{Provider, lock};

/// What is assumed where nobody tells, in tokens.
const ASSUMED_TOKENS: u32 = 8_192;

/// What Ollama gives a model unless told otherwise, in tokens. Requests that are longer are cut without a word.
const OLLAMA_DEFAULT: u32 = 4_096;

/// How long a length counts that the server told.
const KEPT_LENGTH: Duration = Duration::from_secs(300);

/// How long a guess counts before the server is asked again.
const GUESS_KEPT: Duration = Duration::from_secs(20);

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
    let (length, good) = found_length(provider, &target.model).await;
    let length = match provider.refused_length(&target.model) {
        Some(tokens) if tokens < length.tokens => ContextLength::found(tokens, REFUSAL),
        _ => length,
    };
    lock(&provider.contexts).insert(
        target.model.clone(),
        (Instant::now() + good, length.clone()),
    );
    length
}

/// The length that somebody tells, and for how long that counts. What a server told earlier counts while it
/// doesn't answer.
async fn found_length(provider: &Provider, model: &str) -> (ContextLength, Duration) {
    if let Some(length) = discover(provider, model).await {
        provider.learn_length(model, &length);
        let good = match length.origin == ContextOrigin::Discovered(OLLAMA_GUESS) {
            true => GUESS_KEPT,
            false => KEPT_LENGTH,
        };
        return (length, good);
    }
    let told = || provider.told_length(model).map(|told| (told, GUESS_KEPT));
    let known = known(provider, model).map(|known| (known, KEPT_LENGTH));
    known.or_else(told).unwrap_or((
        ContextLength {
            tokens: ASSUMED_TOKENS,
            origin: ContextOrigin::Assumed,
        },
        GUESS_KEPT,
    ))
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
    Some(ContextLength::found(known.1, DOCUMENTATION))
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
