//! The embedding model of a process, which turns texts into vectors, so that they are found by meaning. It is
//! loaded when a search first needs it, and shared by all threads. Searches go by words alone where it isn't
//! there or nothing is embedded yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embed::{Embedder, MiniLm, MiniLmOptions, ModelId, ModelState, ModelStore, Verification};
use recall::{Archive, Mode};

use crate::Result;
use crate::clock::Clock;

/// The embedding model for a search, or why the search goes without one. Cheap to clone.
#[derive(Clone)]
pub enum ModelAvailability {
    /// It is loaded and can be used.
    Ready(Arc<dyn Embedder>),
    /// Its files were never fetched (`lorekeep model fetch` does it).
    Missing,
    /// It was not loaded because the search has no use for it: it goes by words only, or nothing in the
    /// archive is embedded yet.
    Unneeded,
    /// Its files are there, but it can't be loaded: they are damaged or unreadable, for instance.
    Broken(Arc<embed::Error>),
}

impl ModelAvailability {
    /// The model, if it is [`Self::Ready`].
    pub fn embedder(&self) -> Option<&dyn Embedder> {
        match self {
            Self::Ready(model) => Some(&**model),
            Self::Missing | Self::Unneeded | Self::Broken(_) => None,
        }
    }

    /// A sentence for the person that the search went by words only, and why; `None` unless the model is
    /// [`Self::Missing`] or [`Self::Broken`].
    pub fn fallback_note(&self) -> Option<String> {
        match self {
            Self::Ready(_) | Self::Unneeded => None,
            Self::Missing => Some("searched by words only: there is no embedding model".to_owned()),
            Self::Broken(error) => Some(format!("searched by words only: {error}")),
        }
    }
}

/// The files of the model on this machine, and how they are checked and loaded; see [`SharedModel::local`].
#[derive(Clone, Debug)]
pub struct LocalModel {
    /// The directory of the model's files.
    pub store: ModelStore,
    /// Whether their checksums are computed before each loading, or only if the last time is too long ago.
    pub verification: Verification,
    /// How many threads embed, and whether quick loading or quick embedding is preferred.
    pub loading: MiniLmOptions,
    /// The clock, for how long ago the checksums were last computed.
    pub clock: Clock,
}

/// Which model it is, and whether it can be loaded.
#[derive(Clone, Debug)]
pub struct ModelDescription {
    /// The model's id, which is stored with every vector that it made.
    pub id: ModelId,
    /// The number of components of every vector.
    pub dimensions: usize,
    /// Whether its files are missing, ready or damaged, told without hashing them.
    pub state: ModelState,
}

/// An embedding model that is loaded when it is first needed, once for all threads and all
/// [`Memory`](crate::Memory) values that share it. Other threads that need it wait while it loads, and not
/// while it embeds.
pub struct SharedModel {
    /// Where the model comes from: files on this machine, or the caller.
    source: ModelSource,
    /// The model, once it is loaded; locked while it loads.
    loaded: Mutex<Option<Arc<dyn Embedder>>>,
}

enum ModelSource {
    Local(Box<LocalModel>),
    Given(Arc<dyn Embedder>),
}

impl SharedModel {
    /// The model in these files. Nothing is read yet: that a model is missing or broken shows when it is
    /// loaded.
    pub fn local(model: LocalModel) -> Self {
        Self {
            source: ModelSource::Local(Box::new(model)),
            loaded: Mutex::default(),
        }
    }

    /// A model that the caller has loaded; it is always [`ModelAvailability::Ready`] where it is needed.
    pub fn given(model: Arc<dyn Embedder>) -> Self {
        Self {
            loaded: Mutex::new(Some(Arc::clone(&model))),
            source: ModelSource::Given(model),
        }
    }

    /// The model if it is loaded already, else `None`: for work that isn't worth loading it. Waits while
    /// another thread loads it.
    pub fn if_loaded(&self) -> Option<Arc<dyn Embedder>> {
        self.slot().clone()
    }

    /// The model, loaded now if it isn't yet: never [`ModelAvailability::Unneeded`]. If it can't be loaded,
    /// the next call tries again, since a person may fetch the model meanwhile.
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

    /// The model for a search of `archive` in this mode, loaded only if it is of use. It is
    /// [`ModelAvailability::Unneeded`] for a lexical search, and for a hybrid one if it isn't loaded yet and
    /// nothing in the archive is embedded. A model that is missing or broken is a result and no error; if it
    /// couldn't be loaded, the next call tries again.
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

    /// Which model it is, and whether its files are there. The model isn't loaded for that.
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
