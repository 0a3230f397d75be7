//! What guards found where nothing of the text is kept: the last findings, in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use memory::Millis;

use crate::guards::FoundHere;

/// How many are remembered.
const MAX_FOUND: usize = 2_000;

/// Counts findings of the process, so that lists of several logs have one order.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A finding in a text that isn't kept.
#[derive(Clone, Debug, PartialEq)]
pub struct UnkeptFinding {
    /// Rises from one to the next.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub time: Millis,
    /// `input` for what a person said, `tool` for what a tool brought, `output` for what a model said.
    pub place: &'static str,
    /// The conversation, if there is one.
    pub conversation: Option<String>,
    /// What was found.
    pub found: FoundHere,
}

/// The last findings in texts that aren't kept: what was refused, and calls of programs that aren't recorded. It
/// holds nothing of the texts.
#[derive(Debug, Default)]
pub struct UnkeptFindings(Mutex<VecDeque<UnkeptFinding>>);

impl UnkeptFindings {
    /// Adds what was found in one text.
    pub fn note(
        &self,
        time: Millis,
        (place, conversation): (&'static str, Option<&str>),
        found: impl IntoIterator<Item = FoundHere>,
    ) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for found in found {
            if log.len() >= MAX_FOUND {
                log.pop_front();
            }
            log.push_back(UnkeptFinding {
                number: NUMBER.fetch_add(1, Ordering::Relaxed),
                time,
                place,
                conversation: conversation.map(str::to_owned),
                found,
            });
        }
    }

    /// Those before a number, the newest first, at most so many.
    #[must_use]
    pub fn before(&self, number: u64, limit: usize) -> Vec<UnkeptFinding> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = log.iter().rev().filter(|found| found.number < number);
        earlier.take(limit).cloned().collect()
    }
}
