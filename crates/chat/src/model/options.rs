//! What a provider and its models are set up with: values, never read from a file or the environment here.

use std::time::Duration;

use super::secret::ProviderKey;
use super::usage::Usage;

/// A provider of models: an address that speaks the OpenAI protocol.
#[derive(Clone, Debug)]
pub struct ProviderOptions {
    /// The name, without `/`: what stands before the model in `provider/model`.
    pub name: String,
    /// The base address, with or without `/v1`.
    pub base_url: String,
    /// The key, which goes into the header `Authorization`; none for servers that want none.
    pub key: Option<ProviderKey>,
    /// The name of a [`Profile`](super::Profile); if there is none, it is recognised by the address and by what
    /// the server says of itself.
    pub profile: Option<String>,
    /// Models that are set up one by one; others of the provider can be used all the same.
    pub models: Vec<ModelOptions>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How much at once and a day.
    pub limits: Limits,
    /// What tokens cost, for models without prices of their own.
    pub prices: Option<Prices>,
    /// The model that takes over when this provider can't be had, as `provider/model`.
    pub fallback: Option<String>,
    /// The temperature of requests that name none. By default none is sent: some models refuse any.
    pub default_temperature: Option<f64>,
}

impl ProviderOptions {
    /// A provider with the defaults, without a key.
    #[must_use]
    pub fn new(name: &str, base_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            key: None,
            profile: None,
            models: Vec::new(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            prices: None,
            fallback: None,
            default_temperature: None,
        }
    }

    /// This provider with a key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(ProviderKey::new(key)).filter(|key| !key.is_empty());
        self
    }

    /// This provider with one more model.
    #[must_use]
    pub fn with_model(mut self, model: ModelOptions) -> Self {
        self.models.push(model);
        self
    }

    /// What is set up for a model of that name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelOptions> {
        self.models.iter().find(|model| model.name == name)
    }
}

/// What is set up for one model. What is `None` is found out or left open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOptions {
    /// The name, as the provider has it.
    pub name: String,
    /// How many tokens a request and its answer may have together.
    pub context_length: Option<u32>,
    /// Whether it sees images.
    pub vision: Option<bool>,
    /// Whether it calls tools.
    pub tools: Option<bool>,
    /// Whether it reasons before it answers.
    pub reasoning: Option<bool>,
    /// What its tokens cost.
    pub prices: Option<Prices>,
}

impl ModelOptions {
    /// A model of which only the name is set up.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// How long to wait for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included; 10 s by default.
    pub connect: Duration,
    /// From the request to the first byte of its answer; 300 s by default, since local servers load models and
    /// read long prompts first.
    pub first_byte: Duration,
    /// Between two bytes of an answer; 120 s by default.
    pub idle: Duration,
    /// For lists of models and context lengths; 3 s by default.
    pub lookup: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(120),
            lookup: Duration::from_secs(3),
        }
    }
}

/// How much a provider is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Requests under way at once; those that come in addition wait. `None` for any number, the default.
    pub concurrency: Option<usize>,
    /// How often a request is tried again that failed before its first token; 2 by default.
    pub retries: u32,
    /// How long to wait at most before a request is tried again, in whatever the provider asks for; 30 s by
    /// default. If it asks for more, the error is told at once.
    pub longest_wait: Duration,
    /// Tokens a day (UTC), question and answer together.
    pub daily_tokens: Option<u64>,
    /// Cost a day (UTC), in the unit of the prices.
    pub daily_cost: Option<f64>,
    /// Bytes of text in one answer, reasoning and arguments included; 8 MiB by default.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: None,
            retries: 2,
            longest_wait: Duration::from_secs(30),
            daily_tokens: None,
            daily_cost: None,
            answer_bytes: 8 << 20,
        }
    }
}

/// What a million tokens cost, in any currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Tokens of the request.
    pub input: f64,
    /// Tokens of the request that the provider had in its cache; as `input` where there is no price for them.
    pub cached_input: Option<f64>,
    /// Tokens of the answer, reasoning included.
    pub output: f64,
}

impl Prices {
    /// What a use of tokens costs.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "tokens of one answer are far below 2^52"
    )]
    pub fn cost(&self, usage: &Usage) -> f64 {
        let cached = usage.cached_tokens.min(usage.prompt_tokens);
        let fresh = usage.prompt_tokens - cached;
        let cached_price = self.cached_input.unwrap_or(self.input);
        (fresh as f64 * self.input
            + cached as f64 * cached_price
            + usage.completion_tokens as f64 * self.output)
            / 1e6
    }
}
