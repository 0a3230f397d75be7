//! Which facts are about what the person says.

use memory::{FoundFact, Memory, Millis};
use serde::Serialize;
use wire::tokens;

use crate::detail::RecalledPlace;

/// How near a fact must be by meaning. A question about food and what somebody doesn't eat are nearer than this,
/// two statements about different things seldom are (docs/chat/facts.md has the figures).
const MIN_COSINE: f32 = 0.25;

/// How much of the words of the shorter one must stand in the other, where meaning doesn't tell.
const MIN_WORDS: f32 = 0.34;

/// The length of a message's start that is looked for, in bytes.
const MAX_QUERY_BYTES: usize = 2_000;

/// Facts that are recalled at most.
const MAX_FACTS: usize = 20;

/// A fact that was recalled, as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RecalledFact {
    pub(crate) id: String,
    pub(crate) text: String,
    /// When it was said, in milliseconds since 1970.
    pub(crate) time: Millis,
}

impl RecalledFact {
    /// Where it stands, as for messages that were recalled.
    pub(crate) fn place(&self) -> RecalledPlace {
        RecalledPlace {
            conversation: self.id.clone(),
            message: self.id.clone(),
            source: memory::PERSON_FACT.to_owned(),
        }
    }
}

/// The facts that are about a text, at most so many tokens of them: the nearest, in the order in which they were
/// said, so that the same facts are the same bytes.
pub(crate) fn recall(
    memory: &Memory,
    max_tokens: usize,
    text: &str,
) -> memory::Result<Vec<RecalledFact>> {
    let end = text.floor_char_boundary(MAX_QUERY_BYTES.min(text.len()));
    let mut left = max_tokens;
    let mut recalled = Vec::new();
    for found in memory.search_facts(&text[..end])? {
        if recalled.len() == MAX_FACTS {
            break;
        }
        let takes = tokens::estimate(&found.fact.text);
        if found.fact.is_withheld || !is_about(&found) || takes > left {
            continue;
        }
        left -= takes;
        recalled.push(RecalledFact {
            id: found.fact.id,
            text: found.fact.text,
            time: found.fact.created,
        });
    }
    recalled.sort_by(|one, other| (one.time, &one.id).cmp(&(other.time, &other.id)));
    Ok(recalled)
}

fn is_about(found: &FoundFact) -> bool {
    found.words >= MIN_WORDS || found.cosine.is_some_and(|cosine| cosine >= MIN_COSINE)
}
