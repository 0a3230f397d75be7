//! The models that can be asked: those of the settings, and of providers that were added through the API.

use std::collections::HashSet;
use std::sync::Arc;

use chat::model::ModelRegistry;

use crate::credentials::Credentials;
use crate::providers::ProviderSettings;
use crate::seal::Sealer;
use crate::server_error::ServerError;

/// The models that the settings set up.
pub struct ConfiguredModels {
    /// The registry, with their providers.
    pub registry: ModelRegistry,
    /// The model that they name as the default, as `provider/model`.
    pub default: Option<String>,
}

/// The models of a server.
pub struct ServerModels {
    /// All providers and models; what is changed here counts for every person's chat at once.
    pub registry: ModelRegistry,
    credentials: Arc<Credentials>,
    sealer: Sealer,
    /// Names of providers that the settings set up.
    of_settings: HashSet<String>,
    default_of_settings: Option<String>,
}

impl ServerModels {
    /// The models of a registry that has the providers of the settings, and those that are stored. Returns what
    /// is wrong with any of these beside it, a line each.
    pub(crate) fn open(
        registry: ModelRegistry,
        default_of_settings: Option<String>,
        credentials: Arc<Credentials>,
        sealer: Sealer,
    ) -> Result<(Self, Vec<String>), ServerError> {
        let providers = registry.providers().into_iter();
        let of_settings: HashSet<String> = providers.map(|provider| provider.name).collect();
        let mut problems = Vec::new();
        for stored in credentials.providers(&sealer)? {
            let name = &stored.settings.name;
            let key = stored.key.unwrap_or_else(|error| {
                problems.push(format!("provider {name}: {error}"));
                None
            });
            if of_settings.contains(name) {
                continue;
            }
            if let Err(error) = registry.add(stored.settings.options(key.as_deref())) {
                problems.push(format!("provider {name}: {error}"));
            }
        }
        if let Some(model) = credentials.default_model()? {
            registry.set_default(Some(&model));
        }
        let models = Self {
            registry,
            credentials,
            sealer,
            of_settings,
            default_of_settings,
        };
        Ok((models, problems))
    }

    /// Whether the settings set up the provider of this name, so that it can't be changed here.
    pub(crate) fn is_of_settings(&self, name: &str) -> bool {
        self.of_settings.contains(name)
    }

    /// Stores a provider and begins to use it.
    pub(crate) fn add(
        &self,
        settings: &ProviderSettings,
        key: Option<&str>,
    ) -> Result<(), ServerError> {
        self.credentials
            .store_provider(&self.sealer, settings, key)?;
        let added = self.registry.add(settings.options(key));
        added.map_err(|error| ServerError::BadOption(error.to_string()))
    }

    /// Removes a provider that was added here; whether there was one.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, ServerError> {
        let was_there = self.credentials.remove_provider(name)?;
        if was_there {
            self.registry.remove(name);
        }
        Ok(was_there)
    }

    /// Chooses the model that is meant where none is named; nothing means that of the settings.
    pub(crate) fn choose_default(&self, model: Option<&str>) -> Result<(), ServerError> {
        self.credentials.choose_default_model(model)?;
        let model = model.or(self.default_of_settings.as_deref());
        self.registry.set_default(model);
        Ok(())
    }
}
