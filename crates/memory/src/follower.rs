//! Keeping up with logs that grow while this process answers: a thread that searches ask before
//! they look into the archive, and that nothing else wakes.

mod embedding;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recall::{Archive, ArchiveOpener, CatchUp, Caught, Lag, Look, Stop, Sweeper};

use self::embedding::IdleEmbedding;
use crate::clock::Clock;
use crate::model::SharedModel;
use crate::options::FollowOptions;

/// An import of more bytes than these gives way to a new look, which takes the newest first again; one
/// of fewer is soon done.
const MAX_UNDISTURBED_BYTES: u64 = 1 << 20;

/// How long the thread is waited for at the end: an import ends at its next safe point, and must
/// have got somewhere, even if all that ask for it are short of time.
const END_TIMEOUT: Duration = Duration::from_millis(150);

/// Catches up with the logs when asked to.
pub(crate) struct LogFollower {
    shared: Arc<FollowerShared>,
}

/// A question to a [`LogFollower`] whose answer can be waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CatchUpTicket {
    number: u64,
    asked: Instant,
}

/// What a follower needs.
#[derive(Clone)]
pub(crate) struct LogFollowerOptions {
    /// Opens the archive that it writes to.
    pub(crate) opener: ArchiveOpener,
    /// Which logs it reads.
    pub(crate) follow: FollowOptions,
    /// How long an import waits for another process's.
    pub(crate) import_timeout: Duration,
    /// What embeds what was just said, if it is loaded.
    pub(crate) model: Arc<SharedModel>,
    /// The clock.
    pub(crate) clock: Clock,
    /// Makes a thread give way to others.
    pub(crate) lower_priority: fn(),
}

struct FollowerShared {
    options: LogFollowerOptions,
    state: Mutex<FollowerState>,
    changed: Condvar,
}

#[derive(Default)]
struct FollowerState {
    /// The last question, by number.
    asked: u64,
    /// The last question that a look was done for, and the last that all is done for.
    looked: u64,
    done: u64,
    lag: Lag,
    /// Ends what the thread is at.
    stop: Arc<Stop>,
    is_over: bool,
    has_ended: bool,
}

impl LogFollower {
    /// Starts the thread; it opens an archive of its own when it is first asked.
    pub(crate) fn start(options: LogFollowerOptions) -> Self {
        let shared = Arc::new(FollowerShared {
            options,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let worker = Arc::clone(&shared);
        let started = std::thread::Builder::new()
            .name("fresh".into())
            .spawn(move || worker.run());
        if let Err(error) = started {
            let mut state = shared.state();
            state.has_ended = true;
            state.lag.problem = Some(error.to_string());
        }
        Self { shared }
    }

    /// Asks for a catch-up, and doesn't wait.
    pub(crate) fn ask(&self) -> CatchUpTicket {
        let mut state = self.shared.state();
        state.asked += 1;
        if state.lag.bytes > MAX_UNDISTURBED_BYTES {
            state.stop.set();
        }
        self.shared.changed.notify_all();
        CatchUpTicket {
            number: state.asked,
            asked: Instant::now(),
        }
    }

    /// Waits for the answer until so much time has passed since it was asked; tells what the
    /// archive still lacks then.
    pub(crate) fn wait(&self, ticket: CatchUpTicket, timeout: Duration) -> Lag {
        let mut state = self.shared.state();
        while state.done < ticket.number && !state.has_ended {
            let Some(left) = timeout.checked_sub(ticket.asked.elapsed()) else {
                break;
            };
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Lag {
            unsure: state.looked < ticket.number,
            ..state.lag.clone()
        }
    }

    /// Catches up, and waits for it at most so long.
    pub(crate) fn catch_up(&self, timeout: Duration) -> Lag {
        self.wait(self.ask(), timeout)
    }
}

impl Drop for LogFollower {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_over = true;
        state.stop.set();
        self.shared.changed.notify_all();
        let began = Instant::now();
        while !state.has_ended
            && let Some(left) = END_TIMEOUT.checked_sub(began.elapsed())
        {
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// What is wanted of the thread.
struct FollowerTask {
    number: u64,
    stop: Arc<Stop>,
}

/// What the thread works with, once it was asked.
struct FollowerTools {
    archive: Archive,
    sweeper: Sweeper,
}

impl FollowerShared {
    fn state(&self) -> MutexGuard<'_, FollowerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let _end = FollowerEnd(self);
        let mut tools = None;
        let mut embedding = IdleEmbedding::default();
        let mut goes_on = false;
        while let Some(task) = self.next(goes_on) {
            let done = self.catch_up(&mut tools, &task);
            goes_on = self.tell(&task, &done);
            let is_done = self.options.follow.embeds && !goes_on;
            if let (Some(tools), true) = (&tools, is_done)
                && let Some(model) = self.options.model.if_loaded()
                && waits_for_embedding(&tools.archive)
            {
                let opener = self.options.opener.clone();
                embedding.start(opener, model, self.options.lower_priority);
            }
        }
    }

    /// Waits for a question, unless there is more to do anyway; `None` at the end.
    fn next(&self, goes_on: bool) -> Option<FollowerTask> {
        let mut state = self.state();
        loop {
            if state.is_over {
                return None;
            }
            if goes_on || state.asked > state.done {
                state.stop = Arc::default();
                return Some(FollowerTask {
                    number: state.asked,
                    stop: Arc::clone(&state.stop),
                });
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn catch_up(
        &self,
        tools: &mut Option<FollowerTools>,
        task: &FollowerTask,
    ) -> recall::Result<Caught> {
        let FollowerTools { archive, sweeper } = match tools {
            Some(tools) => tools,
            none => none.insert(FollowerTools {
                archive: self.options.opener.open()?,
                sweeper: Sweeper::new(),
            }),
        };
        let request = CatchUp {
            roots: self.options.follow.roots.clone(),
            look: Look::Within(self.options.follow.look_time),
            wait: self.options.import_timeout,
            now: self.options.clock.millis(),
        };
        archive.catch_up(sweeper, &request, &task.stop, &mut |found| {
            let mut state = self.state();
            state.looked = task.number;
            state.lag = Lag::from(&found);
        })
    }

    /// Lets those who wait know; returns whether there is more to do.
    fn tell(&self, task: &FollowerTask, done: &recall::Result<Caught>) -> bool {
        let mut state = self.state();
        // Who asked meanwhile is told after the next look.
        state.looked = task.number;
        state.lag = match done {
            Ok(caught) => Lag::from(caught),
            Err(error) => Lag {
                problem: Some(error.to_string()),
                ..Lag::default()
            },
        };
        let was_interrupted = task.stop.is_set();
        if !was_interrupted {
            state.done = task.number;
        }
        self.changed.notify_all();
        // What another process has in hand is left to it, until somebody asks again.
        let is_own = |caught: &Caught| caught.waiting_files > 0 && caught.added > 0;
        was_interrupted || done.as_ref().is_ok_and(is_own)
    }
}

/// Tells that the thread has ended, when all else that it had is dropped. Those who wait must hear of
/// it if a bug ended it: nothing would be said of what is missing from then on.
struct FollowerEnd<'a>(&'a FollowerShared);

impl Drop for FollowerEnd<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.has_ended = true;
        if std::thread::panicking() {
            state.lag.problem = Some("reading what is new has failed".to_owned());
        }
        self.0.changed.notify_all();
    }
}

fn waits_for_embedding(archive: &Archive) -> bool {
    archive
        .indexed()
        .is_ok_and(|indexed| indexed.embedded < indexed.embeddable)
}

#[cfg(test)]
mod tests;
