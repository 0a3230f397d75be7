//! All providers and models that a process knows.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use memory::Clock;
use tokio::task::JoinSet;

use super::catalogue::{ListedModel, Listing, list};
use super::discover::{LOCAL_SERVERS, LocalServer, discover};
use super::error::ModelError;
use super::exchange::Target;
use super::handle::ModelHandle;
use super::notebook::Notebook;
use super::notes::Spent;
use super::options::ProviderOptions;
use super::provider::Provider;

/// How many models can take over one after the other.
const MAX_FALLBACKS: usize = 3;

/// All providers and models of a process. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct ModelRegistry {
    shared: Arc<RwLock<Shared>>,
    notebook: Arc<Notebook>,
    clock: Clock,
}

#[derive(Default)]
struct Shared {
    providers: Vec<Arc<Provider>>,
    default: Option<String>,
}

impl std::fmt::Debug for ModelRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelRegistry")
            .field("providers", &self.read().providers)
            .finish_non_exhaustive()
    }
}

impl ModelRegistry {
    /// A registry without providers. What is learnt and spent counts as long as it lives.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self::with(Notebook::new(clock), clock)
    }

    /// A registry without providers that remembers in a file what was spent today, what models refuse and how long
    /// their contexts are. The file is made when there is something to remember; one that isn't such a file counts
    /// as empty.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub fn open(clock: Clock, file: PathBuf) -> io::Result<Self> {
        Ok(Self::with(Notebook::open(clock, file)?, clock))
    }

    fn with(notebook: Notebook, clock: Clock) -> Self {
        Self {
            shared: Arc::default(),
            notebook: Arc::new(notebook),
            clock,
        }
    }

    /// Writes what was spent and learnt a moment ago. Blocks; to be called before the program ends.
    pub fn flush(&self) {
        self.notebook.flush();
    }

    /// Adds a provider, in the place of one of the same name.
    ///
    /// # Errors
    ///
    /// [`ModelError::BadAddress`] and [`ModelError::UnknownProfile`]. Nothing is sent; see [`Self::check`].
    pub fn add(&self, options: ProviderOptions) -> Result<(), ModelError> {
        let provider = Arc::new(Provider::new(options, Arc::clone(&self.notebook))?);
        provider.begin();
        let mut shared = self.write();
        match shared
            .providers
            .iter_mut()
            .find(|known| known.name() == provider.name())
        {
            Some(known) => *known = provider,
            None => shared.providers.push(provider),
        }
        Ok(())
    }

    /// Removes a provider; whether there was one of that name. Answers under way go on.
    pub fn remove(&self, name: &str) -> bool {
        let mut shared = self.write();
        let before = shared.providers.len();
        shared.providers.retain(|provider| provider.name() != name);
        shared.providers.len() < before
    }

    /// Sets the model that is meant where none is named, as `provider/model` or a model's bare name.
    pub fn set_default(&self, model: Option<&str>) {
        self.write().default = model.map(str::to_owned);
    }

    /// The providers, in the order in which they were added.
    #[must_use]
    pub fn providers(&self) -> Vec<ProviderOptions> {
        self.read()
            .providers
            .iter()
            .map(|provider| provider.options.clone())
            .collect()
    }

    /// Whether there is no provider at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().providers.is_empty()
    }

    /// Finds a model by `provider/model`, by a bare name, or the default one by `default` or an empty name. A bare
    /// name goes to the provider that has such a model, as far as that is known; to the only provider, or that of
    /// the default model, otherwise.
    ///
    /// # Errors
    ///
    /// [`ModelError::NoModel`] if none is named and there is no default; [`ModelError::UnknownModel`].
    pub fn resolve(&self, model: &str) -> Result<ModelHandle, ModelError> {
        let shared = self.read();
        let first = shared.find(model)?;
        let mut fallbacks: Vec<Target> = Vec::new();
        let mut last = first.clone();
        while let Some(name) = last.provider.options.fallback.clone() {
            let Ok(next) = shared.find(&name) else { break };
            let is_known = |known: &Target| {
                known.model == next.model && known.provider.name() == next.provider.name()
            };
            if is_known(&first)
                || fallbacks.iter().any(is_known)
                || fallbacks.len() >= MAX_FALLBACKS
            {
                break;
            }
            fallbacks.push(next.clone());
            last = next;
        }
        Ok(ModelHandle::new(first, fallbacks))
    }

    /// The models of all providers, which are asked at once. Each has its time-out, so that one that is dead delays
    /// the list by that and hides nobody else's.
    pub async fn list(&self) -> Listing {
        let providers = self.read().providers.clone();
        let mut asked = JoinSet::new();
        for (nth, provider) in providers.into_iter().enumerate() {
            asked.spawn(async move { (nth, provider.name().to_owned(), list(&provider).await) });
        }
        let mut answers = Vec::new();
        while let Some(answer) = asked.join_next().await {
            answers.extend(answer.ok());
        }
        answers.sort_by_key(|(nth, _, _)| *nth);
        let mut listing = Listing::default();
        for (_, name, (models, problem)) in answers {
            listing.models.extend(models);
            listing
                .problems
                .extend(problem.map(|problem| (name, problem)));
        }
        listing
    }

    /// Tries an address and a key before they are kept: the models that the provider lists.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`].
    pub async fn check(&self, options: ProviderOptions) -> Result<Vec<ListedModel>, ModelError> {
        let provider = Provider::new(options, Arc::new(Notebook::new(self.clock)))?;
        match list(&provider).await {
            (_, Some(error)) => Err(error),
            (models, None) => Ok(models),
        }
    }

    /// Model servers on this machine, at the ports that they have unless told otherwise. They aren't added.
    pub async fn discover_local(&self) -> Vec<LocalServer> {
        self.discover_at(&LOCAL_SERVERS).await
    }

    /// Model servers on other ports of the loopback device; see [`Self::discover_local`].
    pub async fn discover_at(&self, places: &[(&str, u16)]) -> Vec<LocalServer> {
        discover(places, self.clock).await
    }

    /// What a provider was used for today; `None` if there is none of that name.
    #[must_use]
    pub fn spent(&self, provider: &str) -> Option<Spent> {
        Some(self.read().provider(provider)?.spent())
    }

    fn read(&self) -> RwLockReadGuard<'_, Shared> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shared> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn provider(&self, name: &str) -> Option<&Arc<Provider>> {
        self.providers
            .iter()
            .find(|provider| provider.name() == name)
    }

    fn find(&self, model: &str) -> Result<Target, ModelError> {
        if model.is_empty() || model == "default" {
            return self.find_default();
        }
        self.find_named(model)
            .ok_or_else(|| match self.providers.is_empty() {
                true => ModelError::NoModel,
                false => ModelError::UnknownModel(model.to_owned()),
            })
    }

    fn find_default(&self) -> Result<Target, ModelError> {
        if let Some(default) = self
            .default
            .as_deref()
            .filter(|name| !name.is_empty() && *name != "default")
        {
            return self
                .find_named(default)
                .ok_or_else(|| ModelError::UnknownModel(default.to_owned()));
        }
        let first = self
            .providers
            .iter()
            .find_map(|provider| Some(target(provider, &provider.first_model()?)));
        first.ok_or(ModelError::NoModel)
    }

    fn find_named(&self, model: &str) -> Option<Target> {
        if let Some((name, rest)) = model.split_once('/')
            && let Some(provider) = self.provider(name)
            && !rest.is_empty()
        {
            return Some(target(provider, rest));
        }
        let has_it = self
            .providers
            .iter()
            .find(|provider| provider.has_model(model));
        let only = || self.providers.first().filter(|_| self.providers.len() == 1);
        let of_default = || {
            let (name, _) = self.default.as_deref()?.split_once('/')?;
            self.provider(name)
        };
        Some(target(has_it.or_else(only).or_else(of_default)?, model))
    }
}

fn target(provider: &Arc<Provider>, model: &str) -> Target {
    Target {
        provider: Arc::clone(provider),
        model: model.to_owned(),
    }
}
