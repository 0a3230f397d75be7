//! Which models a provider has, and what they can take.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::error::ModelError;
use super::exchange::look_up;
use super::length::{ContextLength, length_in_entry};
use super::provider::Provider;

/// How long a list of models counts.
const KEPT_LIST: Duration = Duration::from_secs(300);

/// How many models of one provider are listed; OpenRouter has some hundreds.
const MAX_MODELS: usize = 5_000;

/// What a model can take; `None` where nobody tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Images in a request.
    pub vision: Option<bool>,
    /// Calls of tools.
    pub tools: Option<bool>,
    /// Reasoning before the answer.
    pub reasoning: Option<bool>,
}

/// A model in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedModel {
    /// The provider.
    pub provider: String,
    /// The name, as the provider has it.
    pub name: String,
    /// How long its context is, where that is set or the list tells.
    pub context: Option<ContextLength>,
    /// What it can take.
    pub capabilities: Capabilities,
}

impl ListedModel {
    /// The name by which [`ModelRegistry::resolve`](super::ModelRegistry::resolve) finds it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.provider, self.name)
    }
}

/// The models of all providers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The models, by provider in the order in which they are set up.
    pub models: Vec<ListedModel>,
    /// Providers that gave no list, and why. Models that are set up are listed all the same.
    pub problems: Vec<(String, ModelError)>,
}

/// The entries of a provider's list of models, from its answer of the last minutes or a new one.
pub(super) async fn entries(provider: &Provider) -> Result<Arc<Vec<Value>>, ModelError> {
    let mut kept = provider.entries.lock().await;
    if let Some((until, entries)) = &*kept
        && Instant::now() < *until
    {
        return Ok(Arc::clone(entries));
    }
    let document = look_up(provider, provider.endpoint("models"), None).await;
    let document = match document {
        Err(ModelError::Refused(error)) if error.status == 404 && provider.try_elsewhere() => {
            let other = look_up(provider, provider.endpoint("models"), None).await;
            if other.is_err() {
                provider.stay();
            }
            other?
        }
        document => document?,
    };
    let list = [&document["data"], &document["models"], &document];
    let list = list.into_iter().find_map(Value::as_array);
    let Some(list) = list else {
        return Err(ModelError::Garbage("it is no list of models".to_owned()));
    };
    let named = list.iter().filter(|entry| name_of(entry).is_some());
    let entries = Arc::new(named.take(MAX_MODELS).cloned().collect::<Vec<_>>());
    provider.keep_names(entries.iter().filter_map(name_of).collect());
    *kept = Some((Instant::now() + KEPT_LIST, Arc::clone(&entries)));
    Ok(entries)
}

/// The name in an entry, without Gemini's `models/`.
pub(super) fn name_of(entry: &Value) -> Option<String> {
    let name = ["id", "name", "model"]
        .iter()
        .find_map(|key| entry[*key].as_str());
    let name = name.or_else(|| entry.as_str())?;
    let name = name.strip_prefix("models/").unwrap_or(name).trim();
    (!name.is_empty() && name.len() <= 256).then(|| name.to_owned())
}

/// The models of one provider: those that are set up, then those of its list.
pub(super) async fn list(provider: &Provider) -> (Vec<ListedModel>, Option<ModelError>) {
    let (entries, problem) = match entries(provider).await {
        Ok(entries) => (entries, None),
        Err(error) => (Arc::default(), Some(error)),
    };
    let own = provider
        .options
        .models
        .iter()
        .map(|model| model.name.clone());
    let others = entries
        .iter()
        .filter_map(name_of)
        .filter(|name| provider.options.model(name).is_none());
    let models = own.chain(others).map(|name| {
        let entry = entries
            .iter()
            .find(|entry| name_of(entry).as_deref() == Some(&name));
        ListedModel {
            provider: provider.name().to_owned(),
            context: set_context(provider, &name).or_else(|| entry.and_then(length_in_entry)),
            capabilities: capabilities(provider, &name, entry),
            name,
        }
    });
    (models.collect(), problem)
}

fn set_context(provider: &Provider, name: &str) -> Option<ContextLength> {
    let tokens = provider.options.model(name)?.context_length?;
    Some(ContextLength::set(tokens))
}

/// What a model can take: as set up, else as its entry tells.
pub(super) fn capabilities(provider: &Provider, name: &str, entry: Option<&Value>) -> Capabilities {
    let told = entry.map(told_capabilities).unwrap_or_default();
    let set = provider.options.model(name);
    Capabilities {
        vision: set.and_then(|set| set.vision).or(told.vision),
        tools: set.and_then(|set| set.tools).or(told.tools),
        reasoning: set.and_then(|set| set.reasoning).or(told.reasoning),
    }
}

/// What an entry tells: OpenRouter's `architecture` and `supported_parameters`, Mistral's `capabilities`, the lists
/// of Ollama and LM Studio.
pub(super) fn told_capabilities(entry: &Value) -> Capabilities {
    let in_list = |list: &Value, words: &[&str]| {
        let list = list.as_array()?;
        Some(
            list.iter()
                .filter_map(Value::as_str)
                .any(|word| words.contains(&word)),
        )
    };
    let own = &entry["capabilities"];
    let parameters = &entry["supported_parameters"];
    let is_vision_type = entry["type"].as_str().map(|kind| kind == "vlm");
    Capabilities {
        vision: in_list(&entry["architecture"]["input_modalities"], &["image"])
            .or_else(|| own["vision"].as_bool())
            .or_else(|| in_list(own, &["vision", "multimodal"]))
            .or(is_vision_type),
        tools: in_list(parameters, &["tools"])
            .or_else(|| own["function_calling"].as_bool())
            .or_else(|| in_list(own, &["tools", "tool_use"])),
        reasoning: in_list(parameters, &["reasoning", "include_reasoning"])
            .or_else(|| own["reasoning"].as_bool())
            .or_else(|| in_list(own, &["thinking", "reasoning"])),
    }
}
