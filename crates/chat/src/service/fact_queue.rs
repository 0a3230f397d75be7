//! Messages of the person that wait until facts are drawn from them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memory::FactDue;

use crate::Result;
use crate::alive::is_alive;
use crate::options::ChatOptions;

/// Messages that wait in memory; those beyond are found in the archive at the next start.
const MAX_WAITING: usize = 10_000;

/// Messages from which facts are to be drawn, one after the other.
#[derive(Default)]
pub(super) struct FactQueue(Mutex<WaitingFacts>);

#[derive(Default)]
struct WaitingFacts {
    messages: VecDeque<FactDue>,
    is_drawing: bool,
}

impl FactQueue {
    /// The messages that an earlier process left, if facts are drawn at all. Blocks.
    pub(super) fn left_over(options: &ChatOptions) -> Result<Self> {
        let queue = Self::default();
        if options.facts.extract {
            let mut due = options.memory.archive()?.facts_due()?;
            due.retain(|due| !is_alive(&options.directory, &due.process));
            queue.lock().messages = due.into();
        }
        Ok(queue)
    }

    fn lock(&self) -> MutexGuard<'_, WaitingFacts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, due: FactDue) {
        let mut waiting = self.lock();
        if waiting.messages.len() < MAX_WAITING {
            waiting.messages.push_back(due);
        }
    }

    /// Whether the caller is to draw what waits: nobody does, and something does.
    pub(super) fn begin(&self) -> bool {
        let mut waiting = self.lock();
        if waiting.is_drawing || waiting.messages.is_empty() {
            return false;
        }
        waiting.is_drawing = true;
        true
    }

    /// The next message; with the last one drawing ends.
    pub(super) fn next(&self) -> Option<FactDue> {
        let mut waiting = self.lock();
        let next = waiting.messages.pop_front();
        waiting.is_drawing = next.is_some();
        next
    }

    /// Drawing ends, and this message waits for the next time.
    pub(super) fn put_back(&self, due: FactDue) {
        let mut waiting = self.lock();
        waiting.messages.push_front(due);
        waiting.is_drawing = false;
    }

    /// Whether something is drawn now.
    pub(super) fn is_drawing(&self) -> bool {
        self.lock().is_drawing
    }
}
