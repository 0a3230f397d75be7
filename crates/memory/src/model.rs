//! The embedding model of a process: loaded when a search first needs it, and shared by all threads.
//! Searches go without it where it isn't there or of no use yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embed::{Embedder, MiniLm, MiniLmOptions, ModelId, ModelState, ModelStore, Verification};
use recall::{Archive, Mode};

use crate::Result;
use crate::clock::Clock;

/// Whether there is a model, and if not, why.
#[derive(Clone)]
pub enum ModelAvailability {
    /// It is loaded.
    Ready(Arc<dyn Embedder>),
    /// It was never fetched.
    Missing,
    /// It isn't needed for what was asked: the search goes by words, or nothing is embedded yet.
    Unneeded,
    /// It is there, but can't be used.
    Broken(Arc<embed::Error>),
}

impl ModelAvailability {
    /// The model, if it is loaded.
    pub fn embedder(&self) -> Option<&dyn Embedder> {
        match self {
            Self::Ready(model) => Some(&**model),
            Self::Missing | Self::Unneeded | Self::Broken(_) => None,
        }
    }

    /// What to say of a search that should have gone by meaning too and had to go by words alone;
    /// nothing where it didn't have to.
    pub fn fallback_note(&self) -> Option<String> {
        match self {
            Self::Ready(_) | Self::Unneeded => None,
            Self::Missing => Some("searched by words only: there is no embedding model".to_owned()),
            Self::Broken(error) => Some(format!("searched by words only: {error}")),
        }
    }
}

/// The local model's files, and how they are loaded.
#[derive(Clone, Debug)]
pub struct LocalModel {
    /// Where the files are.
    pub store: ModelStore,
    /// When their checksums are read again before they are loaded.
    pub verification: Verification,
    /// How many threads embed, and whether loading or embedding is to be quick.
    pub loading: MiniLmOptions,
    /// The clock, which tells how old a verification is.
    pub clock: Clock,
}

/// Which model it is, and whether it can be loaded.
#[derive(Clone, Debug)]
pub struct ModelDescription {
    /// The name that its vectors bear.
    pub id: ModelId,
    /// The number of components of every vector.
    pub dimensions: usize,
    /// Whether its files are there.
    pub state: ModelState,
}

/// A model that is loaded when it is first needed, once for all threads and memories that share it.
/// Others wait while it loads, and not while it embeds.
pub struct SharedModel {
    source: ModelSource,
    loaded: Mutex<Option<Arc<dyn Embedder>>>,
}

enum ModelSource {
    Local(Box<LocalModel>),
    Given(Arc<dyn Embedder>),
}

impl SharedModel {
    /// The local model, not loaded yet.
    pub fn local(model: LocalModel) -> Self {
        Self {
            source: ModelSource::Local(Box::new(model)),
            loaded: Mutex::default(),
        }
    }

    /// A model that the caller has loaded.
    pub fn given(model: Arc<dyn Embedder>) -> Self {
        Self {
            loaded: Mutex::new(Some(Arc::clone(&model))),
            source: ModelSource::Given(model),
        }
    }

    /// The model if it is loaded already: for work that isn't worth loading it.
    pub fn if_loaded(&self) -> Option<Arc<dyn Embedder>> {
        self.slot().clone()
    }

    /// The model, loaded if it isn't yet. What failed is tried again by the next call, since a person
    /// may fetch the model meanwhile.
    pub fn load(&self) -> ModelAvailability {
        let mut slot = self.slot();
        let local = match (&*slot, &self.source) {
            (Some(model), _) | (None, ModelSource::Given(model)) => {
                return ModelAvailability::Ready(Arc::clone(model));
            }
            (None, ModelSource::Local(local)) => local,
        };
        let checked = local.store.check(local.verification, local.clock.now());
        match checked.and_then(|_| MiniLm::load(&local.store, &local.loading)) {
            Ok(model) => {
                let model: Arc<dyn Embedder> = Arc::new(model);
                *slot = Some(Arc::clone(&model));
                ModelAvailability::Ready(model)
            }
            Err(embed::Error::NotFetched { .. }) => ModelAvailability::Missing,
            Err(error) => ModelAvailability::Broken(Arc::new(error)),
        }
    }

    /// The model for a search, loaded only if its mode needs it and something can be found with it.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn for_search(&self, archive: &Archive, mode: Mode) -> Result<ModelAvailability> {
        if mode == Mode::Lexical {
            return Ok(ModelAvailability::Unneeded);
        }
        if let Some(model) = self.if_loaded() {
            return Ok(ModelAvailability::Ready(model));
        }
        if self.describe().state == ModelState::Missing {
            return Ok(ModelAvailability::Missing);
        }
        if mode == Mode::Hybrid && archive.indexed()?.embedded == 0 {
            return Ok(ModelAvailability::Unneeded);
        }
        Ok(self.load())
    }

    /// Which model it is, and whether its files are there. Nothing is loaded for that.
    pub fn describe(&self) -> ModelDescription {
        match &self.source {
            ModelSource::Local(local) => ModelDescription {
                id: local.store.spec().model_id.clone(),
                dimensions: local.store.spec().config.hidden,
                state: local.store.status().state,
            },
            ModelSource::Given(model) => ModelDescription {
                id: model.model_id().clone(),
                dimensions: model.dimensions(),
                state: ModelState::Ready,
            },
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<dyn Embedder>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
