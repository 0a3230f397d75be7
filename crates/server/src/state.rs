//! What all requests share.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use futures_core::Stream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api_error::ApiError;
use crate::credentials::Credentials;
use crate::feed::Feed;
use crate::keys::KeyId;
use crate::log_file::LogFile;
use crate::metrics::ServerMetrics;
use crate::models::ServerModels;
use crate::options::ServerOptions;
use crate::people::{People, PersonMaker};
use crate::pool::JobPool;
use crate::rate::{AddressLimiter, RateLimiter, RequestRate};
use crate::server_error::ServerError;
use crate::sse::{AtShutdown, SseEvent, SseStreams};

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<SharedState>);

/// What is in an [`AppState`].
pub struct SharedState {
    /// What the server was set up with; [`ServerOptions::base_path`] is without a slash at its end.
    pub options: ServerOptions,
    /// The people whose archives are served.
    pub people: People,
    /// Keys, sessions and owners.
    pub credentials: Arc<Credentials>,
    /// The models that can be asked.
    pub models: ServerModels,
    /// Counters.
    pub metrics: Arc<ServerMetrics>,
    /// The feed that open pages listen to.
    pub feed: Feed,
    /// Cancelled when the server ends.
    pub shutdown: CancellationToken,
    pub(crate) streams: SseStreams,
    pub(crate) jobs: JobPool,
    pub(crate) requests: Arc<Semaphore>,
    pub(crate) by_key: Option<RateLimiter<KeyId>>,
    pub(crate) by_address: Option<AddressLimiter>,
    pub(crate) wrong_keys: AddressLimiter,
    pub(crate) access_log: LogFile,
    pub(crate) log: LogFile,
    /// What the session cookie is called: cookies don't tell ports apart, so the name does.
    pub(crate) cookie: String,
}

/// How often wrong credentials may come from one address. Whoever has a right one isn't held up.
const WRONG_KEY_RATE: RequestRate = RequestRate {
    per_minute: 60,
    burst: 50,
};

impl Deref for AppState {
    type Target = SharedState;

    fn deref(&self) -> &SharedState {
        &self.0
    }
}

impl AppState {
    /// The state of a server that listens on `port`.
    pub(crate) fn new(
        options: ServerOptions,
        port: u16,
        credentials: Arc<Credentials>,
        models: ServerModels,
        make: PersonMaker,
    ) -> Result<Self, ServerError> {
        let shutdown = CancellationToken::new();
        let metrics = Arc::<ServerMetrics>::default();
        let limits = options.limits;
        let log = |name| LogFile::open(&options.log, name, limits.log_bytes, limits.log_files);
        let (access_log, log) = (log("access.log")?, log("server.log")?);
        let directories = (options.data.as_path(), options.cache.as_path());
        Ok(Self(Arc::new(SharedState {
            people: People::new(
                directories,
                make,
                Arc::clone(&credentials),
                shutdown.clone(),
            ),
            credentials,
            models,
            feed: Feed::default(),
            streams: SseStreams::new(Arc::clone(&metrics), shutdown.clone()),
            jobs: JobPool::new(limits.archive_jobs, Arc::clone(&metrics)),
            requests: Arc::new(Semaphore::new(limits.requests.max(1))),
            by_key: limits.per_key.map(RateLimiter::new),
            by_address: limits.per_address.map(AddressLimiter::new),
            wrong_keys: AddressLimiter::new(WRONG_KEY_RATE),
            access_log,
            log,
            cookie: format!("lorekeep-session-{port}"),
            metrics,
            shutdown,
            options,
        })))
    }

    /// Does work that waits for the archive, off the threads that answer requests.
    ///
    /// # Errors
    /// The job's own; 503 if too many others wait.
    pub async fn blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.jobs.run(job).await
    }

    /// A response that sends these events; it says `shutdown` when the server ends.
    pub fn sse(&self, events: impl Stream<Item = SseEvent> + Send + 'static) -> Response<Body> {
        self.streams.respond(events, AtShutdown::Say)
    }

    /// As [`Self::sse`], for clients that know no other events than those of their protocol.
    pub fn plain_sse(
        &self,
        events: impl Stream<Item = SseEvent> + Send + 'static,
    ) -> Response<Body> {
        self.streams.respond(events, AtShutdown::End)
    }

    /// Adds a line to the server's log; no text of messages, no key.
    pub fn log_line(&self, line: &str) {
        let time = wire::when::rfc3339(self.options.clock.millis()).unwrap_or_default();
        self.log.line(&format!("{time} {line}"));
    }
}
