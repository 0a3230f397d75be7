//! Finding by meaning.

use embed::Embedder;
use embed::matrix::MatrixQuery;
use rusqlite::Connection;
use rustc_hash::FxHashMap;

use super::scope::Filter;
use crate::index::PassageId;
use crate::index::vectors::Vectors;
use crate::store::{MessageId, ProjectId, Span, Spans};
use crate::{Home, Result};

/// How much the messages right before and after help.
const NEIGHBOUR: f32 = 0.1;

/// What meaning says of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SemanticScore {
    /// Cosine of the best passage and a little of its neighbours', 0–1.
    pub(super) score: f32,
    /// Cosine of the best passage.
    pub(super) cosine: f32,
    /// Which passage that is.
    pub(super) place: usize,
}

/// An embedded query over the vectors.
pub(super) struct Meaning<'a> {
    vectors: &'a Vectors,
    query: MatrixQuery,
    best: FxHashMap<MessageId, (f32, usize)>,
}

impl<'a> Meaning<'a> {
    /// Embeds a query; `None` if there is nothing to compare it with.
    pub(super) fn new(
        connection: &Connection,
        home: &Home,
        vectors: &'a mut Vectors,
        spans: &Spans,
        embedder: &dyn Embedder,
        text: &str,
    ) -> Result<Option<Self>> {
        let dimensions = embedder.dimensions();
        if !vectors.refresh(connection, home, embedder.model_id(), dimensions, spans)? {
            return Ok(None);
        }
        let Some(vector) = embedder
            .embed(&[text])?
            .pop()
            .filter(|vector| !vector.is_empty())
        else {
            return Ok(None);
        };
        let query = MatrixQuery::new(&vector);
        Ok(Some(Self {
            vectors,
            query,
            best: FxHashMap::default(),
        }))
    }

    /// The nearest messages in scope.
    pub(super) fn candidates(
        &self,
        connection: &Connection,
        filter: &Filter<'_>,
        limit: usize,
    ) -> Result<Vec<(MessageId, f32)>> {
        let keep = |passage: PassageId| filter.span(passage.message()).is_some();
        let found = self
            .vectors
            .nearest(connection, &self.query, filter.project, limit, &keep)?;
        Ok(found
            .into_iter()
            .map(|(passage, cosine)| (passage.message(), cosine))
            .collect())
    }

    /// What meaning says of a message alone.
    pub(super) fn alone(&mut self, message: MessageId, span: &Span) -> Result<SemanticScore> {
        let (cosine, place) = self.best(message, span.project)?;
        Ok(SemanticScore {
            score: cosine,
            cosine,
            place,
        })
    }

    /// What meaning says of a message with those around it.
    pub(super) fn score(&mut self, message: MessageId, span: &Span) -> Result<SemanticScore> {
        let (cosine, place) = self.best(message, span.project)?;
        let mut score = cosine;
        for step in [1, 2] {
            for near in [message.0 - step, message.0 + step] {
                if (span.first.0..=span.last.0).contains(&near) {
                    let (cosine, _) = self.best(MessageId(near), span.project)?;
                    score += NEIGHBOUR / step as f32 * cosine;
                }
            }
        }
        Ok(SemanticScore {
            score: score.clamp(0.0, 1.0),
            cosine,
            place,
        })
    }

    fn best(&mut self, message: MessageId, project: ProjectId) -> Result<(f32, usize)> {
        if let Some(known) = self.best.get(&message) {
            return Ok(*known);
        }
        let mut best = (0.0_f32, 0);
        self.vectors
            .of_message(&self.query, project, message, &mut |passage, cosine| {
                if cosine > best.0 {
                    best = (cosine, passage.place());
                }
            })?;
        self.best.insert(message, best);
        Ok(best)
    }
}
