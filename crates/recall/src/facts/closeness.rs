//! Which facts are near to a text: by meaning and by words.

use embed::Embedder;
use rusqlite::Connection;

use super::fact::{FactFilter, FoundFact};
use super::listing::list;
use super::words::{fact_terms, overlap};
use crate::Result;
use crate::guards::{Cleared, Gate};
use crate::index::vectors::{ArchiveState, VectorIndex, VectorQuery, VectorSpace};
use crate::store::{FactRow, MessageId};

/// All facts that hold, each with how near it is to a text; the nearest by meaning first, then by words, then
/// the newest. There are few enough to look at each.
pub(crate) fn search(
    connection: &Connection,
    gate: Gate<'_>,
    index: &dyn VectorIndex,
    (text, embedder): (&str, Option<&dyn Embedder>),
) -> Result<Cleared<Vec<FoundFact>>> {
    let filter = FactFilter {
        limit: usize::MAX,
        ..FactFilter::default()
    };
    // They go through the gate below, with what is added.
    let facts = list(connection, gate, &filter)?.facts.clone();
    let mut messages = Vec::with_capacity(facts.len());
    for fact in &facts {
        let rows = FactRow::starting_with(connection, &fact.id, 1)?;
        messages.push(rows.first().map_or(MessageId(0), |row| row.message));
    }
    let cosines = cosines(connection, index, (text, embedder), &messages)?;
    let asked = fact_terms(text);
    let found = facts.into_iter().zip(cosines).map(|(fact, cosine)| {
        let words = overlap(&asked, &fact_terms(&fact.text));
        FoundFact {
            fact,
            cosine,
            words,
        }
    });
    let mut found: Vec<FoundFact> = found.collect();
    found.sort_by(|one, other| {
        let key = |found: &FoundFact| found.cosine.unwrap_or(0.0).max(found.words * 0.5);
        key(other)
            .total_cmp(&key(one))
            .then(other.fact.created.cmp(&one.fact.created))
            .then(one.fact.id.cmp(&other.fact.id))
    });
    Ok(gate.release(found))
}

fn cosines(
    connection: &Connection,
    index: &dyn VectorIndex,
    (text, embedder): (&str, Option<&dyn Embedder>),
    messages: &[MessageId],
) -> Result<Vec<Option<f32>>> {
    let none = vec![None; messages.len()];
    let Some(embedder) = embedder.filter(|_| !messages.is_empty()) else {
        return Ok(none);
    };
    let archive = ArchiveState::new(connection);
    let space = VectorSpace {
        model: embedder.model_id(),
        dimensions: embedder.dimensions(),
    };
    if index.prepare(&archive, space)? == 0 {
        return Ok(none);
    }
    let vector = embedder.embed(&[text])?.pop();
    let Some(vector) = vector.filter(|vector| !vector.is_empty()) else {
        return Ok(none);
    };
    let query = VectorQuery {
        model: embedder.model_id(),
        vector: &vector,
    };
    // The index wants them ascending.
    let mut order: Vec<usize> = (0..messages.len()).collect();
    order.sort_by_key(|at| messages[*at]);
    let sorted: Vec<MessageId> = order.iter().map(|at| messages[*at]).collect();
    let mut cosines = none;
    for (at, hit) in order
        .into_iter()
        .zip(index.scores(&archive, query, &sorted)?)
    {
        cosines[at] = hit.map(|hit| hit.cosine);
    }
    Ok(cosines)
}
