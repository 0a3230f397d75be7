//! The one writer of a person's conversations: whatever is to be kept goes through one thread, which puts what
//! waits together into one transaction. So writers never wait for each other's locks, and a thousand turns
//! under way cost no more commits than one.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use memory::{ChatChange, Memory};
use tokio::sync::oneshot;

use crate::{Error, Result};

/// How often what has come of answers is written, while they come.
const DRAFT_INTERVAL: Duration = Duration::from_millis(250);

/// Changes that are written together at most.
const MAX_BATCH: usize = 256;

/// How often a write is tried again while another process has the archive locked, and how long is waited
/// before each time.
const LOCKED_RETRIES: u32 = 5;
const LOCKED_PAUSE: Duration = Duration::from_millis(200);

/// What is to be written, and who waits for it.
struct Job {
    changes: Vec<ChatChange>,
    done: oneshot::Sender<Result<()>>,
}

/// What the thread is told.
enum Order {
    Write(Job),
    /// There is a draft.
    Draft,
    End,
}

/// What has come of an answer, to be written with the next batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct AnswerDraft {
    pub(crate) text: String,
    pub(crate) thinking: String,
}

/// The writer. Dropping it writes what waits, and ends its thread.
pub(crate) struct ChatWriter {
    orders: Sender<Order>,
    drafts: Arc<Mutex<HashMap<String, AnswerDraft>>>,
    thread: Option<JoinHandle<()>>,
}

impl ChatWriter {
    /// Starts the thread, which opens the archive when there is something to write.
    pub(crate) fn start(memory: Arc<Memory>) -> std::io::Result<Self> {
        let (orders, receiver) = channel();
        let drafts = Arc::<Mutex<HashMap<String, AnswerDraft>>>::default();
        let work = Work {
            memory,
            orders: receiver,
            drafts: Arc::clone(&drafts),
        };
        let thread = std::thread::Builder::new()
            .name("chat-writer".to_owned())
            .spawn(move || work.run())?;
        Ok(Self {
            orders,
            drafts,
            thread: Some(thread),
        })
    }

    /// Writes changes, all or none, and returns once they are kept.
    pub(crate) async fn write(&self, changes: Vec<ChatChange>) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.orders
            .send(Order::Write(Job { changes, done }))
            .map_err(|_| Error::Ending)?;
        written.await.map_err(|_| Error::Ending)?
    }

    /// Has the latest of an answer written soon. What is newer takes the place of what still waits.
    pub(crate) fn draft(&self, turn: &str, draft: AnswerDraft) {
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = drafts.is_empty();
        drafts.insert(turn.to_owned(), draft);
        drop(drafts);
        if was_empty {
            // Nobody is there to be told once the thread has ended.
            let _ = self.orders.send(Order::Draft);
        }
    }

    /// Forgets what waits to be written of an answer, which stands whole now.
    pub(crate) fn forget_draft(&self, turn: &str) {
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.remove(turn);
    }
}

impl Drop for ChatWriter {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take() {
            // It has said why if it panicked.
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Work {
    memory: Arc<Memory>,
    orders: Receiver<Order>,
    drafts: Arc<Mutex<HashMap<String, AnswerDraft>>>,
}

impl Work {
    fn run(self) {
        let mut drafted = Instant::now();
        let mut goes_on = true;
        while goes_on {
            let waits = !self.drafts().is_empty();
            let first = match waits {
                true => {
                    let left = DRAFT_INTERVAL.saturating_sub(drafted.elapsed());
                    self.orders.recv_timeout(left)
                }
                false => self
                    .orders
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
            };
            let mut jobs = Vec::new();
            match first {
                Ok(Order::Write(job)) => jobs.push(job),
                Ok(Order::Draft) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => goes_on = false,
            }
            while goes_on && jobs.len() < MAX_BATCH {
                match self.orders.try_recv() {
                    Ok(Order::Write(job)) => jobs.push(job),
                    Ok(Order::Draft) => {}
                    Ok(Order::End) => goes_on = false,
                    Err(_) => break,
                }
            }
            self.write(jobs);
            if drafted.elapsed() >= DRAFT_INTERVAL || !goes_on {
                self.write_drafts();
                drafted = Instant::now();
            }
        }
    }

    fn drafts(&self) -> std::sync::MutexGuard<'_, HashMap<String, AnswerDraft>> {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits together; where that fails, one by one, so that one job's mistake is its own.
    fn write(&self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        if jobs.len() > 1 {
            let all: Vec<ChatChange> = jobs
                .iter()
                .flat_map(|job| job.changes.iter().cloned())
                .collect();
            if self.change(&all).is_ok() {
                for job in jobs {
                    let _ = job.done.send(Ok(()));
                }
                return;
            }
        }
        for job in jobs {
            let done = self.change(&job.changes);
            // Whoever asked may have gone.
            let _ = job.done.send(done);
        }
    }

    fn write_drafts(&self) {
        let drafts = std::mem::take(&mut *self.drafts());
        let changes: Vec<ChatChange> = drafts
            .into_iter()
            .map(|(turn, draft)| ChatChange::Draft {
                turn,
                text: draft.text,
                thinking: draft.thinking,
            })
            .collect();
        if !changes.is_empty() {
            // The next one has all of it again; the end of the turn tells if nothing can be written.
            let _ = self.change(&changes);
        }
    }

    fn change(&self, changes: &[ChatChange]) -> Result<()> {
        let mut tries = 0;
        loop {
            let now = self.memory.clock().millis();
            let done = self
                .memory
                .archive()
                .map_err(Error::from)
                .and_then(|mut archive| Ok(archive.change_chats(now, changes)?));
            match done {
                Err(Error::Memory(memory::Error::Archive(memory::ArchiveError::Locked)))
                    if tries < LOCKED_RETRIES =>
                {
                    tries += 1;
                    std::thread::sleep(LOCKED_PAUSE);
                }
                done => return done,
            }
        }
    }
}
