//! The retriever by meaning: which messages are near to the query, and how near.

use embed::{Embedder, Embedding, ModelId};
use rustc_hash::FxHashMap;

use super::scope::SearchFilter;
use crate::Result;
use crate::index::vectors::{ArchiveState, VectorIndex, VectorQuery, VectorSpace};
use crate::store::{MessageId, Span};

/// How much the messages right before and after a message add to its score; half of it for those two
/// away.
const NEIGHBOUR_WEIGHT: f32 = 0.1;

/// How many messages before and after a message add to its score.
const NEIGHBOUR_REACH: i64 = 2;

/// What meaning says of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SemanticScore {
    /// Cosine of the best passage and a little of its neighbours', 0–1.
    pub(super) score: f32,
    /// Cosine of the best passage.
    pub(super) cosine: f32,
    /// The position of that passage in the message.
    pub(super) position: usize,
}

/// An embedded query, and what the vector index said of messages so far.
pub(super) struct Meaning<'a> {
    index: &'a dyn VectorIndex,
    archive: ArchiveState<'a>,
    model: ModelId,
    vector: Embedding,
    known: FxHashMap<MessageId, SemanticScore>,
}

impl<'a> Meaning<'a> {
    /// Embeds a query; `None` if there is nothing to compare it with.
    pub(super) fn new(
        index: &'a dyn VectorIndex,
        archive: ArchiveState<'a>,
        embedder: &dyn Embedder,
        text: &str,
    ) -> Result<Option<Self>> {
        let space = VectorSpace {
            model: embedder.model_id(),
            dimensions: embedder.dimensions(),
        };
        if index.prepare(&archive, space)? == 0 {
            return Ok(None);
        }
        let vector = embedder.embed(&[text])?.pop();
        let Some(vector) = vector.filter(|vector| !vector.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            index,
            archive,
            model: embedder.model_id().clone(),
            vector,
            known: FxHashMap::default(),
        }))
    }

    fn query(&self) -> VectorQuery<'_> {
        VectorQuery {
            model: &self.model,
            vector: &self.vector,
        }
    }

    /// The nearest messages in scope, each with its cosine; one may come several times.
    pub(super) fn candidates(
        &self,
        filter: &SearchFilter<'_>,
        limit: usize,
    ) -> Result<Vec<(MessageId, f32)>> {
        let asked = filter.of_vectors();
        let hits = self
            .index
            .nearest(&self.archive, self.query(), asked, limit)?;
        // An index may lag behind the archive.
        let hits = hits
            .into_iter()
            .map(|hit| (hit.passage.message(), hit.cosine));
        Ok(hits
            .filter(|(message, _)| filter.span(*message).is_some())
            .collect())
    }

    /// Asks the index about messages, all at once.
    pub(super) fn look_up(&mut self, messages: impl Iterator<Item = MessageId>) -> Result<()> {
        let mut asked: Vec<MessageId> = messages
            .filter(|message| !self.known.contains_key(message))
            .collect();
        // In their order neighbours are found in one place.
        asked.sort_unstable();
        asked.dedup();
        let scores = self.index.scores(&self.archive, self.query(), &asked)?;
        for (message, hit) in asked.into_iter().zip(scores) {
            let score = hit.map_or_else(SemanticScore::default, |hit| SemanticScore {
                score: hit.cosine,
                cosine: hit.cosine,
                position: hit.passage.position(),
            });
            self.known.insert(message, score);
        }
        Ok(())
    }

    /// Asks the index about messages and those around each, all at once.
    pub(super) fn look_around<'s>(
        &mut self,
        messages: impl Iterator<Item = (MessageId, &'s Span)>,
    ) -> Result<()> {
        self.look_up(messages.flat_map(|(message, span)| {
            let first = (message.0 - NEIGHBOUR_REACH).max(span.first.0);
            let last = (message.0 + NEIGHBOUR_REACH).min(span.last.0);
            (first..=last).map(MessageId)
        }))
    }

    /// What meaning says of a message alone, which was looked up before.
    pub(super) fn alone(&self, message: MessageId) -> SemanticScore {
        self.known.get(&message).copied().unwrap_or_default()
    }

    /// What meaning says of a message with those around it, which were looked up before.
    pub(super) fn score(&self, message: MessageId, span: &Span) -> SemanticScore {
        let own = self.alone(message);
        let mut score = own.cosine;
        for step in 1..=NEIGHBOUR_REACH {
            for near in [message.0 - step, message.0 + step] {
                if (span.first.0..=span.last.0).contains(&near) {
                    let cosine = self.alone(MessageId(near)).cosine;
                    score += NEIGHBOUR_WEIGHT / step as f32 * cosine;
                }
            }
        }
        SemanticScore {
            score: score.clamp(0.0, 1.0),
            ..own
        }
    }
}
