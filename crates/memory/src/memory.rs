//! Searching the archive, together with the model and the logs that are followed: one value for all threads.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::Result;
use crate::clock::Clock;
use crate::follower::{LogFollower, LogFollowerOptions};
use crate::model::{ModelAvailability, SharedModel};
use crate::options::MemoryOptions;
use crate::pool::{ArchivePool, PoolLimits, PooledArchive};
use embed::{Embedder, Embedding, ModelId};
use recall::{
    ConceptReport, ConceptRequest, FoundFact, Home, Lag, Mode, SearchRequest, SearchResponse, Stop,
};

/// Passages that are embedded while somebody waits: some tenths of a second.
const EMBEDDED_AT_ONCE: usize = 16;

/// Passages that are embedded at a time while nobody waits.
const EMBEDDED_AT_A_TIME: usize = 64;

/// How long a search waits for what is new in the logs.
const CATCH_UP_TIMEOUT: Duration = Duration::from_millis(100);

/// The archive as every surface (command line, MCP server, hooks) uses it: connections to it for many
/// threads, the embedding model, and a thread that imports what is new in the logs of assistants.
///
/// Making one costs nothing: connections are opened, the thread that follows logs is started, and the
/// model is loaded when they are first needed.
pub struct Memory {
    /// The thread that imports what is new, once it is started; `None` in it where logs aren't followed.
    // Dropped first: what it is reading comes to a safe point.
    follower: OnceLock<Option<LogFollower>>,
    /// What that thread is started with.
    follow: Option<LogFollowerOptions>,
    /// The connections to the archive.
    archives: ArchivePool,
    model: Arc<SharedModel>,
    clock: Clock,
}

/// The response to a search, and how it came about: whether the model took part, how far the archive was
/// behind the logs, and how long it took.
pub struct Searched {
    /// Hits, best first, with a verdict on whether they answer the query.
    pub response: SearchResponse,
    /// Whether the model took part, and if not, why.
    pub model: ModelAvailability,
    /// How far the archive was behind the logs; `None` where they aren't followed
    /// ([`MemoryOptions::follow`]) or weren't looked at for this search.
    pub lag: Option<Lag>,
    /// Time to embed the query; `None` if it was not embedded.
    pub embedding: Option<Duration>,
    /// Time for the whole call, with looking at the logs and loading the model where it did so.
    pub took: Duration,
}

/// What a search needs beforehand, as [`Memory::prepare`] returns it: the model, and how far the archive is
/// behind the logs.
pub struct SearchReadiness {
    /// How far the archive is behind the logs; `None` where they aren't followed ([`MemoryOptions::follow`]).
    pub lag: Option<Lag>,
    /// The model, or why searches go without it.
    pub model: ModelAvailability,
}

impl Memory {
    /// A memory over the archive that the options name. It can't fail: nothing is opened yet.
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

    /// An open archive, for the calling thread alone until it is dropped. If all connections are in use,
    /// waits for one, at most [`MemoryOptions::connection_timeout`]. A thread that has one must not ask for
    /// another, nor call a method of this type that searches: with all in use it would wait for itself.
    ///
    /// # Errors
    /// If the archive can't be opened, or [`Error::Busy`](crate::Error::Busy) if none was free in time.
    pub fn archive(&self) -> Result<PooledArchive<'_>> {
        self.archives.take()
    }

    /// Has what assistants wrote to their logs a moment ago imported, and waits for that at most 100 ms; the
    /// rest goes on in the background. Returns what the archive lacks then, or why new messages can't be
    /// read ([`Lag::problem`]); all zero where logs aren't followed. What was imported is embedded soon
    /// after, if the model is loaded already and
    /// [`FollowOptions::embeds`](crate::FollowOptions::embeds) says so.
    pub fn catch_up(&self) -> Lag {
        self.follower()
            .map(|follower| follower.catch_up(CATCH_UP_TIMEOUT))
            .unwrap_or_default()
    }

    /// Does what [`Self::catch_up`] does and meanwhile loads the model, if searches in this mode need it (see
    /// [`SharedModel::for_search`]). [`Self::search`] does this itself; call it before [`Self::search_with`].
    /// A model that is missing or broken is no error.
    ///
    /// # Errors
    /// As [`Self::archive`], and if the archive can't be read.
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

    /// Searches after [`Self::prepare`]: in hybrid mode by words and by meaning, or by words alone where
    /// there is no model.
    ///
    /// # Errors
    /// As [`Self::archive`]; if the query has no words; if the scope's project is unknown or ambiguous; if a
    /// semantic search has no model or nothing is embedded; if the archive can't be read.
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

    /// Searches as [`Self::search`] does, but doesn't look at the logs first: what isn't archived isn't
    /// found, and [`Searched::lag`] is `None`.
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

    /// Searches in what is archived already, with the model that [`Self::prepare`] returned: for many queries
    /// one after the other. [`Searched::lag`] is `None`.
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

    /// Embeds the newest of the messages that have no vectors yet, about as many as fill 16 passages, so that
    /// what was stored a moment ago is found by meaning at once. Loads the model if need be; does nothing
    /// where it is missing or broken, or while another process embeds.
    ///
    /// # Errors
    /// As [`Self::archive`]; if the model fails, or the archive can't be written. What was stored stays.
    pub fn embed_newest(&self) -> Result<()> {
        if let Some(model) = self.model.load().embedder() {
            self.archive()?
                .embed_some(model, EMBEDDED_AT_ONCE, &Stop::new())?;
        }
        Ok(())
    }

    /// All facts about the person that hold, each with how near it is to a text, the nearest first: by meaning
    /// if there is a model, and by words.
    ///
    /// # Errors
    /// As [`Self::archive`]; if the model fails, or the archive can't be read.
    pub fn search_facts(&self, text: &str) -> Result<Vec<FoundFact>> {
        let archive = self.archive()?;
        let model = self.model.for_search(&archive, Mode::Hybrid)?;
        Ok(archive.search_facts(text, model.embedder())?)
    }

    /// Embeds some of the messages that have no vectors yet, newest first: about as many as fill 64 passages.
    /// Returns how many messages; 0 if there is none left, the model is missing or broken, or another process
    /// embeds.
    ///
    /// # Errors
    /// As [`Self::embed_newest`].
    pub fn embed_more(&self) -> Result<u64> {
        match self.model.load().embedder() {
            Some(model) => {
                Ok(self
                    .archive()?
                    .embed_some(model, EMBEDDED_AT_A_TIME, &Stop::new())?)
            }
            None => Ok(0),
        }
    }

    /// What was said about a concept (a topic in words), in what is archived already. It is looked for by
    /// words and by meaning; by words alone if `mode` is [`Mode::Lexical`] or there is no model.
    ///
    /// # Errors
    /// As [`Self::archive`]; if the concept has no words; if the scope's project is unknown or ambiguous; if
    /// the archive can't be read.
    pub fn concept(&self, request: &ConceptRequest, mode: Mode) -> Result<ConceptReport> {
        let mut archive = self.archive()?;
        let model = self.model.for_search(&archive, mode)?;
        Ok(archive.concept(request, model.embedder())?)
    }

    /// The model that all searches share.
    pub fn model(&self) -> &SharedModel {
        &self.model
    }

    /// The directories of the archive and of what belongs to it.
    pub fn home(&self) -> &Home {
        &self.archives.opener().home
    }

    /// The clock that it was made with.
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
