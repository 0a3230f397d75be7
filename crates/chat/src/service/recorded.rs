//! Where the conversations of programs end that were recorded, so that they are gone on with.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::said::Beginning;

/// Ends of recorded conversations that are known again.
const MAX_ENDS: usize = 10_000;

/// Where recorded conversations end, by what stands for all of them.
#[derive(Default)]
pub(super) struct RecordedEnds(Mutex<KnownEnds>);

#[derive(Default)]
struct KnownEnds {
    /// The conversation, and the message at its end.
    ends: HashMap<Beginning, (String, String)>,
    order: VecDeque<Beginning>,
    is_reread: bool,
}

impl RecordedEnds {
    pub(super) fn find(&self, beginning: &Beginning) -> Option<(String, String)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.ends.get(beginning).cloned()
    }

    pub(super) fn add(&self, beginning: Beginning, end: (String, String)) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.ends.insert(beginning, end).is_none() {
            known.order.push_back(beginning);
        }
        if known.order.len() > MAX_ENDS
            && let Some(oldest) = known.order.pop_front()
        {
            known.ends.remove(&oldest);
        }
    }

    /// Whether ends of earlier processes are still to be read; they are from then on.
    pub(super) fn begins(&self) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut known.is_reread, true)
    }
}
