//! Providers of models that were added through the API: what is stored of each, and what the chat makes of it.

use std::time::Duration;

use chat::model::{Limits, ModelOptions, Prices, ProviderKey, ProviderOptions, Timeouts};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::seal::Sealer;
use crate::server_error::ServerError;

/// The name of the choice of a default model.
const DEFAULT_MODEL: &str = "default_model";

/// What a provider is set up with, without its key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSettings {
    /// The name, which stands before the model in `provider/model`: letters, digits and `._-`.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    pub(crate) name: String,
    /// The base address, with or without `/v1`.
    #[schema(
        max_length = 2000,
        pattern = "^https?://[a-z][a-z0-9]*(\\.[a-z][a-z0-9]*)*(:[1-9][0-9]{1,3})?(/[A-Za-z0-9/_.-]*)?$"
    )]
    pub(crate) base_url: String,
    /// Which kind of server it is; recognised by the address and the server's answers unless given.
    #[schema(
        pattern = "^(gemini|openai|groq|openrouter|ollama|llama\\.cpp|lm-studio|vllm|generic)$"
    )]
    pub(crate) profile: Option<String>,
    /// The temperature of requests that name none.
    #[schema(minimum = 0, maximum = 2)]
    pub(crate) temperature: Option<f64>,
    /// The model that takes over when this provider can't be had, as `provider/model`.
    pub(crate) fallback: Option<String>,
    /// Models of which something is known that the server doesn't tell.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub(crate) models: Vec<ModelSettings>,
    /// What tokens cost, for models without prices of their own.
    pub(crate) prices: Option<PriceSettings>,
    /// How much it is used.
    #[serde(default)]
    pub(crate) limits: LimitSettings,
    /// How long to wait for it.
    #[serde(default)]
    pub(crate) timeouts: TimeoutSettings,
}

/// What is known of a model.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSettings {
    /// Its name, as the provider has it.
    #[schema(min_length = 1, max_length = 256)]
    name: String,
    /// How many tokens a request and its answer may have together.
    #[serde(default, deserialize_with = "whole")]
    context_length: Option<u32>,
    /// Whether it sees images.
    vision: Option<bool>,
    /// Whether it calls tools.
    tools: Option<bool>,
    /// Whether it reasons before it answers.
    reasoning: Option<bool>,
    /// What its tokens cost.
    prices: Option<PriceSettings>,
}

/// What a million tokens cost, in any currency.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceSettings {
    /// Tokens of the request.
    input: f64,
    /// Tokens of the request that the provider had in its cache.
    cached_input: Option<f64>,
    /// Tokens of the answer.
    output: f64,
}

/// How much a provider is used.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitSettings {
    /// Requests under way at once.
    #[schema(minimum = 1)]
    #[serde(default, deserialize_with = "whole")]
    concurrency: Option<u32>,
    /// How often a request is tried again that failed before its first token; 2 unless given.
    #[schema(maximum = 10)]
    #[serde(default, deserialize_with = "whole")]
    retries: Option<u32>,
    /// Tokens a day.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    daily_tokens: Option<u64>,
    /// Cost a day, in the currency of the prices.
    daily_cost: Option<f64>,
}

/// How long to wait for a provider, in seconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeoutSettings {
    /// For a connection; 10 unless given.
    #[schema(minimum = 1, maximum = 3600)]
    #[serde(default, deserialize_with = "whole")]
    connect: Option<u32>,
    /// For the first byte of an answer; 300 unless given.
    #[schema(minimum = 1, maximum = 86400)]
    #[serde(default, deserialize_with = "whole")]
    first_byte: Option<u32>,
    /// Between two bytes of an answer; 120 unless given.
    #[schema(minimum = 1, maximum = 86400)]
    #[serde(default, deserialize_with = "whole")]
    idle: Option<u32>,
}

/// A whole number, which JSON may write as `3.0` as well.
fn whole<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let written = number.as_f64().filter(|float| float.fract() == 0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range"
    )]
    let whole = written
        .filter(|float| (0.0..=f64::from(u32::MAX)).contains(float))
        .map(|float| float as u32);
    let what = || serde::de::Error::custom("isn't a whole number that fits into 32 bits");
    whole.map(Some).ok_or_else(what)
}

impl PriceSettings {
    fn prices(self) -> Prices {
        Prices {
            input: self.input,
            cached_input: self.cached_input,
            output: self.output,
        }
    }
}

impl ProviderSettings {
    /// What the chat takes a provider from.
    pub(crate) fn options(&self, key: Option<&str>) -> ProviderOptions {
        let seconds = |set: Option<u32>, usual: Duration| {
            set.map_or(usual, |seconds| Duration::from_secs(seconds.into()))
        };
        let (timeouts, limits) = (Timeouts::default(), Limits::default());
        let models = self.models.iter().map(|model| ModelOptions {
            name: model.name.clone(),
            context_length: model.context_length,
            vision: model.vision,
            tools: model.tools,
            reasoning: model.reasoning,
            prices: model.prices.map(PriceSettings::prices),
        });
        ProviderOptions {
            key: key.map(ProviderKey::new).filter(|key| !key.is_empty()),
            profile: self.profile.clone(),
            models: models.collect(),
            timeouts: Timeouts {
                connect: seconds(self.timeouts.connect, timeouts.connect),
                first_byte: seconds(self.timeouts.first_byte, timeouts.first_byte),
                idle: seconds(self.timeouts.idle, timeouts.idle),
                lookup: timeouts.lookup,
            },
            limits: Limits {
                concurrency: self.limits.concurrency.map(|most| most as usize),
                retries: self.limits.retries.unwrap_or(limits.retries),
                daily_tokens: self.limits.daily_tokens,
                daily_cost: self.limits.daily_cost,
                ..limits
            },
            prices: self.prices.map(PriceSettings::prices),
            fallback: self.fallback.clone(),
            default_temperature: self.temperature,
            ..ProviderOptions::new(&self.name, &self.base_url)
        }
    }

    /// What a sealed key opens for: this provider at this address, so that a key can't be had sent elsewhere by
    /// changing the address in the database.
    fn purpose(&self) -> String {
        format!("provider {} at {}", self.name, self.base_url)
    }
}

/// A provider as it is stored, with its key opened.
pub(crate) struct StoredProvider {
    pub(crate) settings: ProviderSettings,
    /// Why the key can't be used, if it can't; nothing without a key.
    pub(crate) key: Result<Option<String>, ServerError>,
}

/// Stores a provider, in the place of one of the same name.
pub(crate) fn store(
    connection: &Connection,
    sealer: &Sealer,
    settings: &ProviderSettings,
    key: Option<&str>,
    now: i64,
) -> Result<(), ServerError> {
    let sealed = key
        .map(|key| sealer.seal(key, &settings.purpose()))
        .transpose()?;
    let options = serde_json::to_string(settings).map_err(std::io::Error::other)?;
    connection.execute(
        "INSERT OR REPLACE INTO provider (name, options, sealed_key, created) VALUES (?1, ?2, ?3, ?4)",
        (&settings.name, options, sealed, now),
    )?;
    Ok(())
}

/// The providers, in the order in which they were added. One that can't be read is left out.
pub(crate) fn list(
    connection: &Connection,
    sealer: &Sealer,
) -> Result<Vec<StoredProvider>, ServerError> {
    let query = "SELECT options, sealed_key FROM provider ORDER BY created, name";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
    })?;
    let mut providers = Vec::new();
    for row in rows {
        let (options, sealed) = row?;
        let Ok(settings) = serde_json::from_str::<ProviderSettings>(&options) else {
            continue;
        };
        let key = sealed.map(|sealed| sealer.open(&sealed, &settings.purpose()));
        providers.push(StoredProvider {
            key: key.transpose(),
            settings,
        });
    }
    Ok(providers)
}

/// Removes a provider; whether there was one.
pub(crate) fn remove(connection: &Connection, name: &str) -> Result<bool, ServerError> {
    Ok(connection.execute("DELETE FROM provider WHERE name = ?1", [name])? > 0)
}

/// The model that was chosen as the default.
pub(crate) fn default_model(connection: &Connection) -> Result<Option<String>, ServerError> {
    let query = "SELECT value FROM choice WHERE name = ?1";
    let chosen = connection.query_row(query, [DEFAULT_MODEL], |row| row.get(0));
    Ok(chosen.optional()?)
}

/// Chooses the default model; nothing takes the choice back.
pub(crate) fn choose_default(
    connection: &Connection,
    model: Option<&str>,
) -> Result<(), ServerError> {
    match model {
        Some(model) => connection.execute(
            "INSERT OR REPLACE INTO choice (name, value) VALUES (?1, ?2)",
            (DEFAULT_MODEL, model),
        )?,
        None => connection.execute("DELETE FROM choice WHERE name = ?1", [DEFAULT_MODEL])?,
    };
    Ok(())
}
