//! Replays the edits of a file in order, and so knows for each line that is left which edit brought it in.
//! The replay is corrected by every content of the file that is known from elsewhere: what a log kept of
//! it, commits, and the file as it is. A line in these that no edit brought in was written by somebody
//! else.

use transcript::Millis;

use super::lines::LineId;

mod state;
mod pool;
mod settle;
mod apply;

pub(super) use state::{FileLine, LineHistory, Replay, ReplayEnd, TextMatch};

impl Replay<'_> {
    /// Replays the next edit, the one at this index.
    pub(super) fn edit(&mut self, at: usize) {
        let edit = &self.edits[at];
        let is_own = edit.place == self.own;
        let mut state = self.states.remove(&edit.place).unwrap_or_default();
        if let Some(before) = &edit.before {
            state = self.settle(state, before, edit.applied, is_own);
        }
        let mut doing = apply::EditReplay::new(self, at, is_own);
        let state = doing.run(state);
        self.states.insert(edit.place.clone(), state);
    }

    /// Corrects the state of the file to a content that it is known to have had at a time.
    pub(super) fn content(&mut self, ids: &[LineId], at: Millis) {
        let state = self.states.remove(&self.own).unwrap_or_default();
        let state = self.settle(state, ids, at, true);
        self.states.insert(self.own.clone(), state);
    }

    /// Ends the replay with the file as it is (`ids`, at the time `at`). `bounds` has for each line a time
    /// at which it was in the file already, so that no later edit can have brought it in.
    pub(super) fn end(mut self, ids: &[LineId], at: Millis, bounds: &[Millis]) -> ReplayEnd {
        self.content(ids, at);
        let mut state = self.states.remove(&self.own).unwrap_or_default();
        for (slot, bound) in state.iter_mut().zip(bounds) {
            // What was in a commit already, no later edit can have written.
            let later = slot.by.is_some_and(|by| self.applied(by) > *bound);
            if later {
                self.release(slot);
                *slot = FileLine {
                    by: None,
                    how: LineHistory::default(),
                    ..*slot
                };
            }
            slot.since = slot.since.min(*bound);
        }
        let open: Vec<usize> = (0..state.len())
            .filter(|at| state[*at].by.is_none())
            .collect();
        self.pick_up(&mut state, &open);
        self.pick_up_parts(&mut state, &open);
        ReplayEnd {
            slots: state,
            brought: self.brought,
        }
    }
}
