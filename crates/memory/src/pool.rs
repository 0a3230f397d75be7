//! Open archives for many threads: a bounded number, each used by one thread at a time.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use recall::{Archive, ArchiveOpener};

use crate::{Error, Result};

/// Opens archives on demand, up to a limit, and hands them out again and again.
pub(crate) struct ArchivePool {
    opener: ArchiveOpener,
    limits: PoolLimits,
    state: Mutex<PoolState>,
    given_back: Condvar,
}

/// How many archives are open, and how long one is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolLimits {
    /// Open ones, used or not.
    pub(crate) open: usize,
    /// Those that stay open while nobody uses them.
    pub(crate) idle: usize,
    /// How long to wait for one.
    pub(crate) timeout: Duration,
}

#[derive(Default)]
struct PoolState {
    idle: Vec<Archive>,
    /// Those that are open or being opened.
    open: usize,
}

impl ArchivePool {
    /// An empty pool.
    pub(crate) fn new(opener: ArchiveOpener, limits: PoolLimits) -> Self {
        Self {
            opener: opener.with_shared_vectors(),
            limits,
            state: Mutex::default(),
            given_back: Condvar::new(),
        }
    }

    /// How its archives are opened.
    pub(crate) fn opener(&self) -> &ArchiveOpener {
        &self.opener
    }

    /// An archive that nobody else uses meanwhile; waits for one where all are taken.
    pub(crate) fn take(&self) -> Result<PooledArchive<'_>> {
        if let Some(archive) = self.idle_or_room()? {
            return Ok(PooledArchive::new(self, archive));
        }
        // Opening takes a while: others can take and give back meanwhile.
        match self.opener.open() {
            Ok(archive) => Ok(PooledArchive::new(self, archive)),
            Err(error) => {
                self.close_one();
                Err(error.into())
            }
        }
    }

    /// An archive that was given back, or none where another may be opened, which counts from then on.
    fn idle_or_room(&self) -> Result<Option<Archive>> {
        let limit = self.limits.open.max(1);
        let is_full = |state: &mut PoolState| state.idle.is_empty() && state.open >= limit;
        let waited = self
            .given_back
            .wait_timeout_while(self.state(), self.limits.timeout, is_full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_full(&mut state) {
            return Err(Error::Busy {
                connections: limit,
                waited: self.limits.timeout,
            });
        }
        let idle = state.idle.pop();
        if idle.is_none() {
            state.open += 1;
        }
        Ok(idle)
    }

    fn give_back(&self, archive: Archive) {
        let mut state = self.state();
        if state.idle.len() < self.limits.idle {
            state.idle.push(archive);
            drop(state);
            self.given_back.notify_one();
        } else {
            drop(state);
            // Closing may write what is left of a log: not while others wait.
            drop(archive);
            self.close_one();
        }
    }

    fn close_one(&self) {
        self.state().open -= 1;
        self.given_back.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open archive for the thread that has this value, from [`Memory::archive`](crate::Memory::archive). It
/// is used like an [`Archive`], which it dereferences to. Dropping it gives the connection back for other
/// threads; after a panic it is closed instead.
pub struct PooledArchive<'a> {
    pool: &'a ArchivePool,
    /// Always `Some` until it is dropped.
    archive: Option<Archive>,
}

impl<'a> PooledArchive<'a> {
    fn new(pool: &'a ArchivePool, archive: Archive) -> Self {
        Self {
            pool,
            archive: Some(archive),
        }
    }
}

const IS_THERE: &str = "the archive is there until this value is dropped";

impl Deref for PooledArchive<'_> {
    type Target = Archive;

    fn deref(&self) -> &Archive {
        self.archive.as_ref().expect(IS_THERE)
    }
}

impl DerefMut for PooledArchive<'_> {
    fn deref_mut(&mut self) -> &mut Archive {
        self.archive.as_mut().expect(IS_THERE)
    }
}

impl Drop for PooledArchive<'_> {
    fn drop(&mut self) {
        let Some(archive) = self.archive.take() else {
            return;
        };
        // Whoever panicked may have left it within a transaction: the next one gets another.
        if std::thread::panicking() {
            drop(archive);
            self.pool.close_one();
        } else {
            self.pool.give_back(archive);
        }
    }
}
