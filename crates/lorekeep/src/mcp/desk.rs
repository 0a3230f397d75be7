//! What all calls of a server share: the archive, the model, the settings. Each call has a thread of
//! its own, takes an open archive from here and puts it back.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use embed::{Embedder, Embedding, MiniLmOptions, ModelId};
use recall::{Archive, Guards, Lag, Mode, SearchRequest, SearchResponse};

use tokio::sync::Semaphore;

use super::refusal::Refusal;
use crate::clock;
use crate::command::App;
use crate::fresh::{Freshener, PATIENCE};
use crate::model::{self, Loaded};

/// Archives kept open between calls; of more, the rest is closed after its call.
const OPEN: usize = 2;

/// Calls of all clients that are worked on or wait for it; more are refused.
const MAX_CALLS: usize = 64;

/// How long a call waits for another process that writes. An import's steps are far shorter, and a
/// client gives up on a call some time.
const LOCKED: Duration = Duration::from_secs(5);

/// Threads that embed a query: it is short, and others want to work too.
const QUERY_THREADS: usize = 2;

/// What calls share.
pub(crate) struct Desk {
    pub(crate) app: App,
    guards: Guards,
    open: Mutex<Vec<Archive>>,
    model: Arc<Mutex<Loaded>>,
    fresh: OnceLock<Freshener>,
    /// Places for calls that are worked on or wait for it.
    pub(crate) calls: Arc<Semaphore>,
}

/// A search's answer, and what it took.
pub(crate) struct Searched {
    pub(crate) response: SearchResponse,
    /// Time to embed the query; nothing where it went by terms alone.
    pub(crate) embedding: Option<Duration>,
    pub(crate) took: Duration,
    /// How many projects were searched.
    pub(crate) projects: u64,
}

impl Desk {
    /// Opens nothing yet: a client may never ask for anything.
    pub(crate) fn new(app: App) -> Self {
        Self {
            guards: app.guards(),
            app,
            open: Mutex::default(),
            model: Arc::new(Mutex::new(Loaded::Unneeded)),
            fresh: OnceLock::new(),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
        }
    }

    /// Takes in what was written to logs a moment ago, as far as that is quick. What was said is
    /// also embedded then, if the model is loaded anyway.
    pub(crate) fn catch_up(&self) -> Lag {
        if !self.app.settings().import.on_search.0 {
            return Lag::default();
        }
        let fresh = self.fresh.get_or_init(|| {
            let fresh = Freshener::start(
                self.app.home(),
                self.guards.clone(),
                self.app.loaded.roots(),
            );
            let model = Arc::clone(&self.model);
            fresh.embed_when_idle(Arc::new(move |work| match &*lock(&model) {
                Loaded::Ready(model) => {
                    work(&**model);
                    true
                }
                _ => false,
            }));
            fresh
        });
        fresh.catch_up(PATIENCE)
    }

    /// Does something with an archive.
    pub(crate) fn archive<T>(
        &self,
        work: impl FnOnce(&mut Archive) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut archive = match lock(&self.open).pop() {
            Some(archive) => archive,
            None => Archive::open_within(self.app.home(), &self.guards, LOCKED)?,
        };
        let done = work(&mut archive);
        let mut open = lock(&self.open);
        if open.len() < OPEN {
            open.push(archive);
        }
        done
    }

    /// Searches, with the model where that is of use. A broken model is said in the notes: terms
    /// still find things.
    pub(crate) fn search(
        &self,
        archive: &mut Archive,
        request: &SearchRequest,
    ) -> Result<Searched, Refusal> {
        let began = clock::instant();
        let note = self.load_model(archive, request.mode)?;
        let shared = self.shared_model();
        let embedder = shared.as_ref().map(|shared| shared as &dyn Embedder);
        let mut response = archive.search(request, embedder)?;
        response.notes.extend(note);
        let embedding = shared.and_then(|shared| shared.took.get().copied());
        let projects = match &response.project {
            Some(_) => 1,
            None => archive.project_count()?,
        };
        Ok(Searched {
            projects,
            response,
            embedding,
            took: began.elapsed(),
        })
    }

    /// Does something that may use the model.
    pub(crate) fn with_embedder<T>(
        &self,
        archive: &mut Archive,
        work: impl FnOnce(&mut Archive, Option<&dyn Embedder>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.load_model(archive, self.app.settings().search.mode.0)?;
        let shared = self.shared_model();
        let embedder = shared.as_ref().map(|shared| shared as &dyn Embedder);
        work(archive, embedder)
    }

    /// Loads the model if a search needs it and it isn't there; says what is wrong with it.
    fn load_model(&self, archive: &Archive, mode: Mode) -> Result<Option<String>, Refusal> {
        let mut slot = lock(&self.model);
        if !matches!(*slot, Loaded::Ready(_)) {
            // For as long as the process lives: what rearranging the weights takes once, every query
            // after it saves.
            let threads = model::threads(self.app.settings()).min(QUERY_THREADS);
            let options = MiniLmOptions::many_texts(threads);
            *slot = model::for_search(&self.app, archive, mode, &options)
                .map_err(|error| Refusal::Failed(format!("{error:#}")))?;
        }
        Ok(match &*slot {
            Loaded::Broken(error) => Some(format!("searched by words only: {error}")),
            Loaded::Missing => Some("searched by words only: there is no embedding model".into()),
            Loaded::Ready(_) | Loaded::Unneeded => None,
        })
    }

    fn shared_model(&self) -> Option<SharedModel<'_>> {
        let slot = lock(&self.model);
        let Loaded::Ready(model) = &*slot else {
            return None;
        };
        Some(SharedModel {
            id: model.model_id().clone(),
            dimensions: model.dimensions(),
            model: &self.model,
            took: OnceLock::new(),
        })
    }
}

/// Locks; whoever panicked while holding the lock has left a value that can still be used.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The model of all calls, taken only while a text is embedded: the rest of a search needs it not.
struct SharedModel<'a> {
    id: ModelId,
    dimensions: usize,
    model: &'a Mutex<Loaded>,
    /// Time that embedding the query took.
    took: OnceLock<Duration>,
}

impl Embedder for SharedModel<'_> {
    fn model_id(&self) -> &ModelId {
        &self.id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: &[&str]) -> embed::Result<Vec<Embedding>> {
        let began: Instant = clock::instant();
        let slot = lock(self.model);
        let embeddings = match &*slot {
            Loaded::Ready(model) => model.embed(texts),
            // Nobody unloads it; if somebody did, a search by terms alone is the answer.
            _ => Ok(vec![Embedding::empty(self.dimensions); texts.len()]),
        };
        // A search embeds its query once; of several calls the first counts.
        let _ = self.took.set(began.elapsed());
        embeddings
    }
}
