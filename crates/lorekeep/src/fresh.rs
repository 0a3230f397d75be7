//! Keeping up with logs that grow while this process answers: a thread that searches ask before
//! they look into the archive, and that nothing else wakes.

mod beside;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recall::{Archive, CatchUp, Caught, Guards, Home, Lag, Look, Roots, Stop, Sweeper};

use crate::clock;
pub(crate) use beside::LendEmbedder;

/// How long a search waits for what is new.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// How long a look at what may have changed may take, and how long in a process that answers once,
/// which has to look for all that it knows.
const LOOK: Duration = Duration::from_millis(8);
const BRIEF_LOOK: Duration = Duration::from_millis(3);

/// An import of more bytes gives way to a new look, which takes the newest first again; one of fewer
/// is soon done.
const LONG: u64 = 1 << 20;

/// How long the thread is waited for at the end: an import ends at its next safe point, and must
/// have got somewhere, even if all that ask for it are short of time.
const FAREWELL: Duration = Duration::from_millis(150);

/// Catches up with the logs when asked to.
pub(crate) struct Freshener {
    shared: Arc<Shared>,
}

/// A question to a [`Freshener`] whose answer can be waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    number: u64,
    asked: Instant,
}

struct Shared {
    home: Home,
    guards: Guards,
    roots: Roots,
    look: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
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
    lend: Option<Arc<LendEmbedder>>,
}

impl Freshener {
    /// Starts the thread; it opens an archive of its own when it is first asked.
    pub(crate) fn start(home: &Home, guards: Guards, roots: Roots) -> Self {
        Self::start_with(home, guards, roots, LOOK)
    }

    /// The same in a process that ends when it has answered: it spends less time on looking.
    pub(crate) fn start_for_once(home: &Home, guards: Guards, roots: Roots) -> Self {
        Self::start_with(home, guards, roots, BRIEF_LOOK)
    }

    fn start_with(home: &Home, guards: Guards, roots: Roots, look: Duration) -> Self {
        let shared = Arc::new(Shared {
            home: home.clone(),
            guards,
            roots,
            look,
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

    /// Has what was just said embedded too, a little after each catch-up, with a model that this
    /// process has loaded.
    pub(crate) fn embed_when_idle(&self, lend: Arc<LendEmbedder>) {
        self.shared.state().lend = Some(lend);
    }

    /// Asks for a catch-up, and doesn't wait.
    pub(crate) fn ask(&self) -> Ticket {
        let mut state = self.shared.state();
        state.asked += 1;
        if state.lag.bytes > LONG {
            state.stop.set();
        }
        self.shared.changed.notify_all();
        Ticket {
            number: state.asked,
            asked: clock::instant(),
        }
    }

    /// Waits for the answer until so much time has passed since it was asked; tells what the
    /// archive still lacks then.
    pub(crate) fn wait(&self, ticket: Ticket, patience: Duration) -> Lag {
        let mut state = self.shared.state();
        while state.done < ticket.number && !state.has_ended {
            let Some(left) = patience.checked_sub(ticket.asked.elapsed()) else {
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
    pub(crate) fn catch_up(&self, patience: Duration) -> Lag {
        self.wait(self.ask(), patience)
    }
}

impl Drop for Freshener {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_over = true;
        state.stop.set();
        self.shared.changed.notify_all();
        let began = clock::instant();
        while !state.has_ended
            && let Some(left) = FAREWELL.checked_sub(began.elapsed())
        {
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// What is wanted of the thread.
struct Task {
    number: u64,
    stop: Arc<Stop>,
}

/// What the thread works with, once it was asked.
struct Tools {
    archive: Archive,
    sweeper: Sweeper,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let _ended = Ended(self);
        let mut tools = None;
        let mut embedding = beside::Embedding::default();
        let mut goes_on = false;
        while let Some(task) = self.next(goes_on) {
            let done = self.catch_up(&mut tools, &task);
            goes_on = self.tell(&task, &done);
            let lend = self.state().lend.clone();
            if let (Some(tools), Some(lend), false) = (&tools, lend, goes_on)
                && waits_for_embedding(&tools.archive)
            {
                embedding.start((&self.home, &self.guards), lend);
            }
        }
    }

    /// Waits for a question, unless there is more to do anyway; `None` at the end.
    fn next(&self, goes_on: bool) -> Option<Task> {
        let mut state = self.state();
        loop {
            if state.is_over {
                return None;
            }
            if goes_on || state.asked > state.done {
                state.stop = Arc::default();
                return Some(Task {
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

    fn catch_up(&self, tools: &mut Option<Tools>, task: &Task) -> recall::Result<Caught> {
        let Tools { archive, sweeper } = match tools {
            Some(tools) => tools,
            none => none.insert(Tools {
                archive: Archive::open(&self.home, &self.guards)?,
                sweeper: Sweeper::new(),
            }),
        };
        let request = CatchUp {
            roots: self.roots.clone(),
            look: Look::Within(self.look),
            wait: PATIENCE,
            now: clock::millis(),
        };
        archive.catch_up(sweeper, &request, &task.stop, &mut |found| {
            let mut state = self.state();
            state.looked = task.number;
            state.lag = Lag::from(&found);
        })
    }

    /// Lets those who wait know; returns whether there is more to do.
    fn tell(&self, task: &Task, done: &recall::Result<Caught>) -> bool {
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
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
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
