//! Vectors: how they are kept in the archive, and the matrices that searches scan.
//!
//! A row of the table holds a batch: passage ids, scales, high planes, low planes (see
//! [`embed::matrix`]), each contiguous, little-endian. Matrices are derived from it, one for each
//! project, so that a search in a project can't meet another's vectors.

use embed::matrix::{Matrix, Quantized, Query};
use embed::{Embedding, ModelId};
use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;

use super::PassageId;
use crate::store::{ProjectId, Spans};
use crate::{Error, Result};

/// Keeps a batch of vectors.
pub(crate) fn insert(
    connection: &Connection,
    model: &ModelId,
    batch: &[(PassageId, Embedding)],
) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let quantized: Vec<Quantized> = batch.iter().map(|(_, vector)| Quantized::new(vector)).collect();
    let mut data = Vec::with_capacity(batch.len() * 800);
    for (passage, _) in batch {
        data.extend_from_slice(&passage.0.to_le_bytes());
    }
    for vector in &quantized {
        data.extend_from_slice(&vector.scale.to_le_bytes());
    }
    for plane in quantized.iter().map(|v| &v.high).chain(quantized.iter().map(|v| &v.low)) {
        data.extend(plane.iter().map(|value| value.cast_unsigned()));
    }
    connection
        .prepare_cached("INSERT INTO vectors (model, count, data) VALUES (?1, ?2, ?3)")?
        .execute(params![model.as_str(), batch.len() as i64, data])?;
    Ok(())
}

/// The vectors of one project.
#[derive(Debug, Default)]
struct Rows {
    passages: Vec<i64>,
    scales: Vec<f32>,
    high: Vec<i8>,
    low: Vec<i8>,
    /// Rows in the order of their passages, to look single ones up.
    order: Vec<u32>,
}

/// The matrices of all projects, as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    model: String,
    dimensions: usize,
    /// Last batch that was read.
    seq: i64,
    projects: FxHashMap<ProjectId, Rows>,
}

impl Vectors {
    /// Reads what was embedded by `model` since the last time. Returns whether the archive has
    /// vectors of it at all.
    pub(crate) fn refresh(
        &mut self,
        connection: &Connection,
        model: &ModelId,
        dimensions: usize,
        spans: &Spans,
    ) -> Result<bool> {
        if self.model != model.as_str() {
            *self = Self { model: model.as_str().to_owned(), dimensions, ..Self::default() };
        }
        let mut statement = connection.prepare_cached(
            "SELECT seq, count, data FROM vectors WHERE seq > ?1 AND model = ?2 ORDER BY seq",
        )?;
        let mut rows = statement.query(params![self.seq, self.model])?;
        let mut changed = false;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            let count = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
            let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            self.add(count, data, spans)
                .ok_or_else(|| Error::Damaged(format!("vectors {seq} can't be read")))?;
            self.seq = seq;
            changed = true;
        }
        if changed {
            for rows in self.projects.values_mut() {
                rows.sort();
            }
        }
        Ok(!self.projects.is_empty())
    }

    fn add(&mut self, count: usize, data: &[u8], spans: &Spans) -> Option<()> {
        let width = self.dimensions;
        if data.len() != count * (8 + 4 + 2 * width) {
            return None;
        }
        let (ids, rest) = data.split_at(count * 8);
        let (scales, rest) = rest.split_at(count * 4);
        let (high, low) = rest.split_at(count * width);
        for at in 0..count {
            let id = i64::from_le_bytes(ids[at * 8..at * 8 + 8].try_into().ok()?);
            // Vectors of a message that is gone are left out.
            let Some(span) = spans.find(PassageId(id).message()) else { continue };
            let rows = self.projects.entry(span.project).or_default();
            rows.passages.push(id);
            rows.scales.push(f32::from_le_bytes(scales[at * 4..at * 4 + 4].try_into().ok()?));
            let plane = at * width..(at + 1) * width;
            rows.high.extend_from_slice(embed::matrix::as_signed(&high[plane.clone()]));
            rows.low.extend_from_slice(embed::matrix::as_signed(&low[plane]));
        }
        Some(())
    }

    /// The passages nearest to a query in a project, or in all, that `keep` accepts.
    pub(crate) fn nearest(
        &self,
        query: &Query,
        project: Option<ProjectId>,
        count: usize,
        keep: &(dyn Fn(PassageId) -> bool + Sync),
    ) -> Result<Vec<(PassageId, f32)>> {
        let mut found = Vec::new();
        for (id, rows) in &self.projects {
            if project.is_some_and(|only| only != *id) {
                continue;
            }
            let matrix = rows.matrix(self.dimensions)?;
            let keep_row = |row: usize| keep(PassageId(rows.passages[row]));
            let hits = matrix.nearest(query, count, count + 50, threads(), &keep_row)?;
            found.extend(hits.into_iter().map(|hit| (PassageId(rows.passages[hit.row]), hit.score)));
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(count);
        Ok(found)
    }

    /// The passages of a message in a project, each with its cosine.
    pub(crate) fn of_message(
        &self,
        query: &Query,
        project: ProjectId,
        message: crate::store::MessageId,
    ) -> Result<Vec<(PassageId, f32)>> {
        let Some(rows) = self.projects.get(&project) else { return Ok(Vec::new()) };
        let matrix = rows.matrix(self.dimensions)?;
        let first = PassageId::new(message, 0).0;
        let start = rows.order.partition_point(|row| rows.passages[*row as usize] < first);
        let own = rows.order[start..].iter().map(|row| *row as usize);
        Ok(own
            .map(|row| (PassageId(rows.passages[row]), row))
            .take_while(|(passage, _)| passage.message() == message)
            .map(|(passage, row)| (passage, matrix.score(query, row)))
            .collect())
    }
}

impl Rows {
    fn matrix(&self, dimensions: usize) -> Result<Matrix<'_>> {
        Ok(Matrix::new(dimensions, &self.high, &self.low, &self.scales)?)
    }

    fn sort(&mut self) {
        if self.order.len() != self.passages.len() {
            let count = u32::try_from(self.passages.len()).unwrap_or(u32::MAX);
            self.order = (0..count).collect();
            self.order.sort_unstable_by_key(|row| self.passages[*row as usize]);
        }
    }
}

/// Threads for one scan.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(4)
}
