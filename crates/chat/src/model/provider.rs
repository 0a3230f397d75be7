//! A provider as a process knows it: its connections, what was learnt of it, what it was used for today.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::address::ProviderAddress;
use super::error::ModelError;
use super::length::ContextLength;
use super::notebook::Notebook;
use super::notes::Spent;
use super::options::{Prices, ProviderOptions};
use super::profile::Profile;
use super::request::{Addressee, Adjustment, prepare};
use super::usage::Usage;

/// How long an unused connection is kept.
const KEPT_CONNECTION: Duration = Duration::from_secs(60);

/// A value with the time until which it is good.
type GoodUntil<T> = (Instant, T);

pub(super) struct Provider {
    pub(super) options: ProviderOptions,
    pub(super) address: ProviderAddress,
    notebook: Arc<Notebook>,
    chosen: Option<&'static Profile>,
    recognised: OnceLock<&'static Profile>,
    client: OnceLock<reqwest::Client>,
    gate: Option<Arc<Semaphore>>,
    /// Whether the endpoints are at the other one of two addresses.
    is_elsewhere: AtomicBool,
    /// The entries of its list of models, as they came.
    pub(super) entries: tokio::sync::Mutex<Option<GoodUntil<Arc<Vec<Value>>>>>,
    /// The names in that list, for whoever can't wait.
    names: Mutex<Vec<String>>,
    pub(super) contexts: Mutex<HashMap<String, GoodUntil<ContextLength>>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A lock whose value is whole after every change, so that a panic elsewhere leaves nothing half-done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// A provider of which the notebook may know something already.
    pub(super) fn new(
        options: ProviderOptions,
        notebook: Arc<Notebook>,
    ) -> Result<Self, ModelError> {
        let address = ProviderAddress::parse(&options.name, &options.base_url)?;
        let named = options.profile.as_deref().map(|name| {
            Profile::named(name).ok_or_else(|| ModelError::UnknownProfile(name.to_owned()))
        });
        let by_port = || Profile::of_port(address.port()).filter(|_| address.is_loopback());
        let chosen = named
            .transpose()?
            .or_else(|| Profile::of_host(address.host()));
        let recognised = OnceLock::new();
        if let Some(profile) = by_port() {
            let _ = recognised.set(profile);
        }
        let gate = options
            .limits
            .concurrency
            .map(|most| Arc::new(Semaphore::new(most.max(1))));
        Ok(Self {
            options,
            address,
            notebook,
            chosen,
            recognised,
            client: OnceLock::new(),
            gate,
            is_elsewhere: AtomicBool::new(false),
            entries: tokio::sync::Mutex::default(),
            names: Mutex::default(),
            contexts: Mutex::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.options.name
    }

    /// The profile: the one that is set, else that of the host, else what the server said of itself or the port
    /// tells, else the generic one.
    pub(super) fn profile(&self) -> &'static Profile {
        let recognised = || self.recognised.get().copied();
        self.chosen
            .or_else(recognised)
            .unwrap_or_else(Profile::generic)
    }

    /// Takes note of what the server says of itself.
    pub(super) fn recognise(&self, server: &str) {
        if let Some(profile) = Profile::of_server(server) {
            let _ = self.recognised.set(profile);
        }
    }

    /// The connections. Made when they are first needed: loading the system's certificates takes milliseconds.
    pub(super) fn client(&self) -> Result<&reqwest::Client, ModelError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // Of two that are made at once one is dropped, and of two that install a provider one fails.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(self.options.timeouts.connect)
            .redirect(Policy::none())
            .pool_idle_timeout(KEPT_CONNECTION)
            .tcp_nodelay(true)
            // A proxy is a setting, not whatever the environment says.
            .no_proxy()
            .user_agent(concat!("lorekeep/", env!("CARGO_PKG_VERSION")));
        let builder = match self.address.is_tls() {
            true => builder,
            // Works where there are no certificates at all.
            false => builder.tls_certs_only([]),
        };
        let client = builder.build().map_err(|error| ModelError::Unreachable {
            provider: self.name().to_owned(),
            what: format!("TLS can't be set up: {}", root_cause(&error)),
        })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Waits until one more request may be under way.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        match &self.gate {
            Some(gate) => Arc::clone(gate).acquire_owned().await.ok(),
            None => None,
        }
    }

    /// The address of an endpoint.
    pub(super) fn endpoint(&self, name: &str) -> reqwest::Url {
        self.address
            .endpoint(name, self.is_elsewhere.load(Ordering::Relaxed))
    }

    /// Tries the other one of two addresses from now on, if there is one and it wasn't tried yet.
    pub(super) fn try_elsewhere(&self) -> bool {
        self.address.has_alternative() && !self.is_elsewhere.swap(true, Ordering::Relaxed)
    }

    /// Goes back to the first address, since the other one was no better.
    pub(super) fn stay(&self) {
        self.is_elsewhere.store(false, Ordering::Relaxed);
    }

    /// The body as this provider's model takes it.
    pub(super) fn prepare(
        &self,
        model: &str,
        body: &Map<String, Value>,
        is_streaming: bool,
    ) -> Map<String, Value> {
        let to = Addressee {
            provider: self.name(),
            model,
            profile: self.profile(),
            default_temperature: self.options.default_temperature,
            is_streaming,
        };
        let learned = self.notebook.learned(self.name(), model);
        prepare(body, &to, &learned)
    }

    /// Remembers a change of requests; whether it is new.
    pub(super) fn learn(&self, model: &str, adjustment: &Adjustment) -> bool {
        self.notebook.learn(self.place(), model, adjustment)
    }

    /// Whether a model refused answers of a form.
    pub(super) fn refuses_form(&self, model: &str, form: &str) -> bool {
        self.notebook.learned(self.name(), model).refuses_form(form)
    }

    /// Remembers that a model refuses answers of a form.
    pub(super) fn learn_refused_form(&self, model: &str, form: &str) {
        self.learn(model, &Adjustment::Form(form.to_owned()));
    }

    /// The name and the address, by which it is remembered.
    fn place(&self) -> (&str, &str) {
        (self.name(), self.address.as_str())
    }

    /// Takes over what is remembered of it, and forgets what was learnt of another one of its name.
    pub(super) fn begin(&self) {
        self.notebook.begin(self.name(), self.address.as_str());
    }

    /// How long a model's context is, as the server told last.
    pub(super) fn told_length(&self, model: &str) -> Option<ContextLength> {
        self.notebook.told_length(self.name(), model)
    }

    /// Remembers how long a model's context is, as the server tells.
    pub(super) fn learn_length(&self, model: &str, length: &ContextLength) {
        self.notebook.learn_length(self.place(), model, length);
    }

    /// The length of a model's context that a refusal named, in tokens.
    pub(super) fn refused_length(&self, model: &str) -> Option<u32> {
        self.notebook.refused_length(self.name(), model)
    }

    /// Remembers the length of a model's context that a refusal named.
    pub(super) fn learn_refused_length(&self, model: &str, tokens: u32) {
        self.notebook
            .learn_refused_length(self.place(), model, tokens);
        lock(&self.contexts).remove(model);
    }

    pub(super) fn prices(&self, model: &str) -> Option<Prices> {
        let own = self.options.model(model).and_then(|model| model.prices);
        own.or(self.options.prices)
    }

    /// The time in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.notebook.now()
    }

    /// What it was used for today.
    pub(super) fn spent(&self) -> Spent {
        self.notebook.spent(self.name())
    }

    /// Counts an answer.
    pub(super) fn spend(&self, usage: &Usage) {
        self.notebook.spend(self.place(), usage);
    }

    /// Whether the budget of the day allows one more request.
    pub(super) fn check_budget(&self) -> Result<(), ModelError> {
        let today = self.spent();
        let limits = &self.options.limits;
        let is_spent = limits.daily_tokens.is_some_and(|most| today.tokens >= most)
            || limits.daily_cost.is_some_and(|most| today.cost >= most);
        match is_spent {
            true => Err(ModelError::BudgetSpent(self.name().to_owned())),
            false => Ok(()),
        }
    }

    /// A text of others without the key.
    pub(super) fn clean(&self, text: &str) -> String {
        self.options
            .key
            .as_ref()
            .map_or_else(|| text.to_owned(), |key| key.scrub(text))
    }

    pub(super) fn keep_names(&self, names: Vec<String>) {
        *lock(&self.names) = names;
    }

    /// Whether a model is set up here or was in the list of models.
    pub(super) fn has_model(&self, name: &str) -> bool {
        self.options.model(name).is_some() || lock(&self.names).iter().any(|known| known == name)
    }

    /// The first model that is set up here, else of the list.
    pub(super) fn first_model(&self) -> Option<String> {
        let own = self.options.models.first().map(|model| model.name.clone());
        own.or_else(|| lock(&self.names).first().cloned())
    }
}

/// What an error comes from, without the address that it happened at.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    super::error::one_line(&error.to_string())
}
