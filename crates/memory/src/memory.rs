//! The archive as every surface uses it: one value for all threads.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::Result;
use crate::clock::Clock;
use crate::follower::{LogFollower, LogFollowerOptions};
use crate::model::{ModelAvailability, SharedModel};
use crate::options::MemoryOptions;
use crate::pool::{ArchivePool, PoolLimits, PooledArchive};
use embed::{Embedder, Embedding, ModelId};
use recall::{ConceptReport, ConceptRequest, Home, Lag, Mode, SearchRequest, SearchResponse};

/// How long a search waits for what is new in the logs.
const CATCH_UP_TIMEOUT: Duration = Duration::from_millis(100);

/// The archive as every surface uses it: connections for many threads, the model, and the logs that are
/// followed.
///
/// Making one costs nothing: connections are opened, the thread that follows logs is started, and the
/// model is loaded when they are first needed.
pub struct Memory {
    // Dropped first: what it is reading comes to a safe point.
    follower: OnceLock<Option<LogFollower>>,
    follow: Option<LogFollowerOptions>,
    archives: ArchivePool,
    model: Arc<SharedModel>,
    clock: Clock,
}

/// The response to a search, and what it went by: whether the model took part, whether logs were looked
/// at, and how long that took.
pub struct Searched {
    /// Hits, best first, with a verdict on whether they answer the query.
    pub response: SearchResponse,
    /// Whether the model took part.
    pub model: ModelAvailability,
    /// How far the archive was behind the logs; `None` where they aren't followed or weren't looked at.
    pub lag: Option<Lag>,
    /// Time to embed the query; `None` where it went by words alone.
    pub embedding: Option<Duration>,
    /// Time for all of it, in which loading the model is included.
    pub took: Duration,
}

/// What a search stands on, once the logs were looked at and the model was loaded.
pub struct SearchReadiness {
    /// How far the archive is behind the logs; `None` where they aren't followed.
    pub lag: Option<Lag>,
    /// Whether there is a model.
    pub model: ModelAvailability,
}

impl Memory {
    /// A memory over the archive that the options name.
    pub fn new(options: MemoryOptions) -> Self {
        let model = options.model;
        let follow = options.follow.map(|follow| LogFollowerOptions {
            opener: options.opener.clone(),
            follow,
            import_timeout: CATCH_UP_TIMEOUT,
            model: Arc::clone(&model),
            clock: options.clock,
            lower_priority: options.lower_priority,
        });
        let limits = PoolLimits {
            open: options.max_connections,
            idle: options.idle_connections,
            timeout: options.connection_timeout,
        };
        Self {
            follower: OnceLock::new(),
            follow,
            archives: ArchivePool::new(options.opener, limits),
            model,
            clock: options.clock,
        }
    }

    /// An open archive, for the calling thread alone until it is dropped. Waits for one where all are
    /// taken; a thread that has one must not ask for another, since it could wait for itself.
    ///
    /// # Errors
    /// If the archive can't be opened, or [`Error::Busy`](crate::Error::Busy).
    pub fn archive(&self) -> Result<PooledArchive<'_>> {
        self.archives.take()
    }

    /// Takes in what assistants wrote to their logs a moment ago, as far as that is done within a tenth
    /// of a second. Returns what is missing then; nothing where logs aren't followed. What was taken in
    /// is also embedded soon after, if the model is loaded anyway.
    pub fn catch_up(&self) -> Lag {
        self.follower()
            .map(|follower| follower.catch_up(CATCH_UP_TIMEOUT))
            .unwrap_or_default()
    }

    /// Looks at the logs and loads the model, both at the same time, for searches in this mode.
    ///
    /// # Errors
    /// As [`Self::archive`].
    pub fn prepare(&self, mode: Mode) -> Result<SearchReadiness> {
        let follower = self.follower();
        let ticket = follower.map(LogFollower::ask);
        let model = self.model.for_search(&*self.archive()?, mode)?;
        let lag = follower.zip(ticket);
        Ok(SearchReadiness {
            lag: lag.map(|(follower, ticket)| follower.wait(ticket, CATCH_UP_TIMEOUT)),
            model,
        })
    }

    /// Searches, after a look at the logs: by meaning too where there is a model, else by words alone.
    ///
    /// # Errors
    /// As [`Self::archive`], or if the request names what isn't there.
    pub fn search(&self, request: &SearchRequest) -> Result<Searched> {
        let began = Instant::now();
        let ready = self.prepare(request.mode)?;
        let found = self.search_with(request, &ready.model)?;
        Ok(Searched {
            lag: ready.lag,
            took: began.elapsed(),
            ..found
        })
    }

    /// Searches as [`Self::search`] does, but only in what is archived already.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn search_archived(&self, request: &SearchRequest) -> Result<Searched> {
        let began = Instant::now();
        let model = self.model.for_search(&*self.archive()?, request.mode)?;
        let found = self.search_with(request, &model)?;
        Ok(Searched {
            took: began.elapsed(),
            ..found
        })
    }

    /// Searches in what is archived already, with what [`Self::prepare`] found of the model: for many
    /// queries one after the other.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn search_with(
        &self,
        request: &SearchRequest,
        model: &ModelAvailability,
    ) -> Result<Searched> {
        let began = Instant::now();
        let timed = model.embedder().map(TimedEmbedder::new);
        let embedder = timed.as_ref().map(|timed| timed as &dyn Embedder);
        let response = self.archive()?.search(request, embedder)?;
        let embedding = timed.and_then(|timed| timed.took.get().copied());
        Ok(Searched {
            response,
            model: model.clone(),
            lag: None,
            embedding,
            took: began.elapsed(),
        })
    }

    /// What was said about a concept, in what is archived already. `mode` says whether meaning counts.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn concept(&self, request: &ConceptRequest, mode: Mode) -> Result<ConceptReport> {
        let mut archive = self.archive()?;
        let model = self.model.for_search(&archive, mode)?;
        Ok(archive.concept(request, model.embedder())?)
    }

    /// The model that all searches share.
    pub fn model(&self) -> &SharedModel {
        &self.model
    }

    /// Where the archive is.
    pub fn home(&self) -> &Home {
        &self.archives.opener().home
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    fn follower(&self) -> Option<&LogFollower> {
        let start = || self.follow.clone().map(LogFollower::start);
        self.follower.get_or_init(start).as_ref()
    }
}

/// A model that notes how long it took.
struct TimedEmbedder<'a> {
    model: &'a dyn Embedder,
    /// Of the first call: a search embeds its query once.
    took: OnceLock<Duration>,
}

impl<'a> TimedEmbedder<'a> {
    fn new(model: &'a dyn Embedder) -> Self {
        Self {
            model,
            took: OnceLock::new(),
        }
    }
}

impl Embedder for TimedEmbedder<'_> {
    fn model_id(&self) -> &ModelId {
        self.model.model_id()
    }

    fn dimensions(&self) -> usize {
        self.model.dimensions()
    }

    fn embed(&self, texts: &[&str]) -> embed::Result<Vec<Embedding>> {
        let began = Instant::now();
        let embedded = self.model.embed(texts);
        let _ = self.took.set(began.elapsed());
        embedded
    }
}
