//! What a reader of a session file must remember from one record to a later one, also across
//! readers: it is the reader's state.

use serde::{Deserialize, Serialize};

use super::queue::PromptQueue;
use crate::fingerprint::fingerprint;
use crate::names::UnknownTypes;
use crate::{TokenUsage, bounds};

/// How many of each sort are remembered. Sub-agents that run in parallel interleave their replies,
/// and tools their results.
const MAX_REPLIES: usize = 8;
const MAX_CALLS: usize = 64;
const MAX_LEAVES: usize = 32;
const MAX_SUMMARIES: usize = 8;
const MAX_SESSIONS: usize = 32;

/// The state of a reader.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SessionState {
    /// The session last seen, for records that don't say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<String>,
    /// Fingerprints of the sessions seen in the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<u64>,
    /// Replies and the tokens counted for them so far: input, output, cache creation, cache read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replies: Vec<(u64, [u64; 4])>,
    /// Calls whose results are still to come and matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<PendingCall>,
    /// Fingerprints of the last records' ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<u64>,
    /// Titles of conversations that end in a record not seen yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    summaries: Vec<(u64, String)>,
    /// The directory last seen, for prompts in the queue, whose records don't say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) cwd: String,
    /// Prompts that wait for the assistant.
    #[serde(skip_serializing_if = "PromptQueue::is_empty")]
    pub(super) queue: PromptQueue,
    /// Fingerprint of the last parent told, so that it isn't told with every record.
    pub(super) parent: u64,
    /// Record types that were reported as unknown.
    #[serde(skip_serializing_if = "UnknownTypes::is_empty")]
    pub(super) unknown: UnknownTypes,
}

/// A tool call whose result is still to come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PendingCall {
    id: String,
    /// Whether the tool is a memory such as ours.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_memory: bool,
    /// Fingerprints of long arguments that the result may repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) arguments: Vec<u64>,
}

impl SessionState {
    pub(super) fn of(state: &str) -> Self {
        serde_json::from_str(state).unwrap_or_default()
    }

    pub(super) fn state(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A session was seen; whether for the first time.
    pub(super) fn is_new_session(&mut self, session: &str) -> bool {
        let session = fingerprint(session);
        let is_new = !self.sessions.contains(&session);
        if is_new {
            push(&mut self.sessions, session, MAX_SESSIONS);
        }
        is_new
    }

    /// The part of a reply's tokens that wasn't counted yet. Every record of a reply repeats them,
    /// the earlier ones as they stood while the reply was still being written.
    pub(super) fn count(&mut self, reply: u64, usage: TokenUsage) -> Option<TokenUsage> {
        let now = [
            usage.input,
            usage.output,
            usage.cache_creation,
            usage.cache_read,
        ];
        let before = match self.replies.iter_mut().find(|(known, _)| *known == reply) {
            Some((_, before)) => before,
            None => {
                push(&mut self.replies, (reply, [0; 4]), MAX_REPLIES);
                &mut self.replies.last_mut()?.1
            }
        };
        let [input, output, cache_creation, cache_read] =
            std::array::from_fn(|sort| now[sort].saturating_sub(before[sort]));
        *before = std::array::from_fn(|sort| now[sort].max(before[sort]));
        let new = TokenUsage {
            input,
            output,
            cache_creation,
            cache_read,
        };
        (new != TokenUsage::default()).then_some(new)
    }

    pub(super) fn call(&mut self, id: &str, is_memory: bool, arguments: Vec<u64>) {
        if is_memory || !arguments.is_empty() {
            push(
                &mut self.calls,
                PendingCall {
                    id: bounds::name(id).into_owned(),
                    is_memory,
                    arguments,
                },
                MAX_CALLS,
            );
        }
    }

    /// What is known of the call that a result answers.
    pub(super) fn answered(&mut self, id: &str) -> Option<PendingCall> {
        let id = bounds::name(id);
        let at = self.calls.iter().position(|call| call.id == id)?;
        Some(self.calls.remove(at))
    }

    /// A record was seen. Returns the title that an earlier record gave to the conversation that
    /// ends in it.
    pub(super) fn leaf(&mut self, id: &str) -> Option<String> {
        let id = fingerprint(id);
        push(&mut self.leaves, id, MAX_LEAVES);
        let at = self.summaries.iter().position(|(leaf, _)| *leaf == id)?;
        Some(self.summaries.remove(at).1)
    }

    /// A title was given to the conversation that ends in this record. Returns it if that is the
    /// conversation at hand; old versions write the titles of a project's other conversations at
    /// the start of a file.
    pub(super) fn summary(&mut self, leaf: &str, title: &str) -> Option<String> {
        let id = fingerprint(leaf);
        if leaf.is_empty() || self.leaves.contains(&id) {
            return Some(title.to_owned());
        }
        let title = bounds::name(title).into_owned();
        push(&mut self.summaries, (id, title), MAX_SUMMARIES);
        None
    }
}

fn push<T>(items: &mut Vec<T>, item: T, most: usize) {
    if items.len() == most {
        items.remove(0);
    }
    items.push(item);
}
