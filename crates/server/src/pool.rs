//! Work on the archive, off the threads that answer requests: a bounded number of jobs at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::api_error::ApiError;
use crate::metrics::{Metric, ServerMetrics};

/// Jobs that wait for each that is worked on; more are refused.
const MAX_WAITING_PER_JOB: usize = 64;

/// When a client that was refused may come again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Where work on archives is done.
pub(crate) struct JobPool {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    metrics: Arc<ServerMetrics>,
}

impl JobPool {
    pub(crate) fn new(jobs: usize, metrics: Arc<ServerMetrics>) -> Self {
        let jobs = jobs.max(1);
        Self {
            working: Arc::new(Semaphore::new(jobs)),
            waiting: Arc::new(Semaphore::new(jobs * (1 + MAX_WAITING_PER_JOB))),
            metrics,
        }
    }

    /// Does a job; it goes on to its end even if whoever asked is gone.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let busy = || ApiError::unavailable("too many requests wait for the archive", RETRY_AFTER);
        let waits = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let counted = CountedJob::begin(&self.metrics);
        let works = Arc::clone(&self.working)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (waits, works, counted);
            job()
        });
        done.await
            .unwrap_or_else(|error| Err(ApiError::internal(error)))
    }
}

struct CountedJob(Arc<ServerMetrics>);

impl CountedJob {
    fn begin(metrics: &Arc<ServerMetrics>) -> Self {
        metrics.add(Metric::ArchiveJobs, &[], 1.0);
        Self(Arc::clone(metrics))
    }
}

impl Drop for CountedJob {
    fn drop(&mut self) {
        self.0.add(Metric::ArchiveJobs, &[], -1.0);
    }
}
