//! What a reader of a rollout file must remember from one record to a later one, also across
//! readers: it is the reader's state.

use serde::{Deserialize, Serialize};

use super::record::{RolloutTokens, TokenInfo};
use crate::fingerprint::fingerprint;
use crate::names::UnknownTypes;
use crate::{Millis, TokenUsage, bounds};

/// How many texts are remembered to find their twins: the streams run side by side.
const MAX_TEXTS: usize = 32;
const MAX_PATCHES: usize = 16;
const MAX_CALLS: usize = 64;
const MAX_SCOPES: usize = 16;

/// The streams in which a file has the same text.
#[derive(Clone, Copy)]
pub(super) enum TextStream {
    Event,
    Response,
    Item,
    Completion,
}

/// The state of a reader.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RolloutState {
    pub(super) session: Option<RolloutSession>,
    /// The conversation whose history opens this file, while that lasts.
    pub(super) copied: Option<String>,
    pub(super) cwd: String,
    pub(super) branch: String,
    pub(super) remote: String,
    pub(super) model: String,
    pub(super) turn: String,
    /// What the ids of messages count in, and how many each had.
    scopes: Vec<(String, u64)>,
    /// When the last record was written.
    pub(super) last: Option<Millis>,
    /// Fingerprints of the last texts, and how often each stream had them.
    texts: Vec<(u64, [u32; 4])>,
    /// Calls whose patches were already told.
    patches: Vec<String>,
    /// Calls of tools that the model's context had: an event that tells of one is the same once more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    called: Vec<u64>,
    /// Calls of memories such as ours whose results are still to come.
    memories: Vec<String>,
    /// Tokens so far, by the file's own count: input, cached, written to the cache, output.
    total: Option<[u64; 4]>,
    /// Tokens that no message has got yet.
    #[serde(skip_serializing_if = "is_none")]
    pending: [u64; 4],
    /// Whether the last message was the assistant's text, with which a turn ends.
    pub(super) is_spoken: bool,
    /// Record types that were reported as unknown.
    #[serde(skip_serializing_if = "UnknownTypes::is_empty")]
    pub(super) unknown: UnknownTypes,
}

/// What the file's own header says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RolloutSession {
    pub(super) id: String,
    pub(super) start: Option<Millis>,
    pub(super) agent: String,
}

fn is_none(tokens: &[u64; 4]) -> bool {
    *tokens == [0; 4]
}

impl RolloutState {
    pub(super) fn of(state: &str) -> Self {
        serde_json::from_str(state).unwrap_or_default()
    }

    pub(super) fn state(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether a text is new: not the twin of one that another stream had. Of a text that is
    /// really said twice every stream has two.
    pub(super) fn is_new(&mut self, who: &str, text: &str, stream: TextStream) -> bool {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let print = fingerprint(&format!("{who} {words}"));
        let counts = match self.texts.iter_mut().find(|(known, _)| *known == print) {
            Some((_, counts)) => counts,
            None => {
                push(&mut self.texts, (print, [0; 4]), MAX_TEXTS);
                match self.texts.last_mut() {
                    Some((_, counts)) => counts,
                    None => return true,
                }
            }
        };
        let told = counts.iter().copied().max().unwrap_or_default();
        // A turn's closing event repeats its last text whether or not that was said before.
        if matches!(stream, TextStream::Completion) {
            return told == 0;
        }
        counts[stream as usize] += 1;
        counts[stream as usize] > told
    }

    /// An id for the next message: its place among those of its turn, or where turns have no names,
    /// of its conversation. A fork's copy of a turn has the same.
    pub(super) fn next_id(&mut self, conversation: &str) -> String {
        let scope = match self.turn.as_str() {
            "" => conversation.to_owned(),
            turn if uuid_time(turn).is_some() => turn.to_owned(),
            turn => format!("{conversation}/{turn}"),
        };
        if !self.scopes.iter().any(|(known, _)| *known == scope) {
            push(&mut self.scopes, (scope.clone(), 0), MAX_SCOPES);
        }
        let known = self.scopes.iter_mut().find(|(known, _)| *known == scope);
        let count = known.map_or(0, |(_, count)| {
            *count += 1;
            *count
        });
        format!("{scope}:{count}")
    }

    pub(super) fn patched(&mut self, call: &str) {
        push(
            &mut self.patches,
            bounds::name(call).into_owned(),
            MAX_PATCHES,
        );
    }

    pub(super) fn is_patched(&self, call: &str) -> bool {
        let call = bounds::name(call);
        self.patches.iter().any(|patched| *patched == call)
    }

    /// The model's context has a call of a tool.
    pub(super) fn called(&mut self, call: &str) {
        push(&mut self.called, fingerprint(call), MAX_CALLS);
    }

    /// Whether the model's context had a call.
    pub(super) fn has_called(&self, call: &str) -> bool {
        self.called.contains(&fingerprint(call))
    }

    /// An id for what an event tells, by the event's own. Messages are counted without it, as before such
    /// events were read.
    pub(super) fn id_of_item(&self, conversation: &str, item: &str) -> String {
        match self.turn.as_str() {
            "" => format!("{conversation}:{item}"),
            turn if uuid_time(turn).is_some() => format!("{turn}:{item}"),
            turn => format!("{conversation}/{turn}:{item}"),
        }
    }

    pub(super) fn asked_memory(&mut self, call: &str) {
        push(
            &mut self.memories,
            bounds::name(call).into_owned(),
            MAX_PATCHES,
        );
    }

    /// Whether a result is that of a memory such as ours.
    pub(super) fn is_from_memory(&mut self, call: &str) -> bool {
        let call = bounds::name(call);
        let at = self.memories.iter().position(|asked| *asked == call);
        at.map(|at| self.memories.remove(at)).is_some()
    }

    /// Counts tokens by the running total, which is repeated when nothing was used; where it starts
    /// anew, by what the last request took.
    pub(super) fn count_total(&mut self, info: &TokenInfo) {
        let total = info.total_token_usage.0.map(sorts);
        let last = info.last_token_usage.0.map(sorts);
        let new = match (total, self.total) {
            (Some(now), Some(before))
                if now.iter().zip(before).all(|(now, before)| *now >= before) =>
            {
                Some(std::array::from_fn(|sort| now[sort] - before[sort]))
            }
            _ => last.or(total),
        };
        self.total = total.or(self.total);
        self.add(new.unwrap_or_default());
    }

    pub(super) fn count_request(&mut self, tokens: RolloutTokens) {
        self.add(sorts(tokens));
    }

    fn add(&mut self, tokens: [u64; 4]) {
        self.pending = std::array::from_fn(|sort| self.pending[sort].saturating_add(tokens[sort]));
    }

    /// The tokens that no message has got yet.
    pub(super) fn take_usage(&mut self) -> Option<TokenUsage> {
        let [input, cached, written, output] = std::mem::take(&mut self.pending);
        let usage = TokenUsage {
            input: input.saturating_sub(cached).saturating_sub(written),
            output,
            cache_creation: written,
            cache_read: cached,
        };
        (usage != TokenUsage::default()).then_some(usage)
    }

    /// Whether there are tokens that no message has got yet.
    pub(super) fn has_usage(&self) -> bool {
        !is_none(&self.pending)
    }
}

fn sorts(tokens: RolloutTokens) -> [u64; 4] {
    let RolloutTokens {
        input_tokens,
        cached_input_tokens,
        cache_write_input_tokens,
        output_tokens,
    } = tokens;
    [
        input_tokens.0,
        cached_input_tokens.0,
        cache_write_input_tokens.0,
        output_tokens.0,
    ]
}

fn push<T>(items: &mut Vec<T>, item: T, most: usize) {
    if items.len() == most {
        items.remove(0);
    }
    items.push(item);
}

/// When a time-ordered id (a UUID of version 7) was made.
pub(super) fn uuid_time(id: &str) -> Option<Millis> {
    let bytes = id.as_bytes();
    let is_ordered = bytes.len() == 36 && bytes[14] == b'7' && id.is_ascii();
    let digits = is_ordered.then(|| format!("{}{}", &id[..8], &id[9..13]))?;
    Millis::from_str_radix(&digits, 16).ok()
}
