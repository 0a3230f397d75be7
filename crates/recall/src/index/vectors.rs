//! Vectors: how they are kept in the archive, and how searches scan them.
//!
//! A row of the table holds a batch: passage ids, scales, high planes, low planes (see
//! [`embed::matrix`]), each contiguous, little-endian. What a search scans is derived from it: rows
//! grouped by project, so that a search in a project can't meet another's. Small archives hold them
//! in memory; larger ones in a file that all processes map ([`snapshot`]), and in memory what came
//! after it.

mod rows;
mod snapshot;

use embed::matrix::{MatrixQuery, QuantizedVector};
use embed::{Embedding, ModelId};
use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::FxHashMap;

use self::rows::{Place, Rows};
use self::snapshot::Snapshot;
use super::PassageId;
use crate::projects::regroup;
use crate::store::{MessageId, ProjectId, Spans, meta};
use crate::{Error, Home, Result};

/// Rows above which a file is worth it.
const SNAPSHOT_FROM: usize = 20_000;

/// Share of rows in memory beyond which the file is made anew.
const STALE_SHARE: usize = 4;

/// Of the nearest rows, how many are scored again with both planes: five times what a caller shows.
const RESCORED: usize = 50;

/// Keeps a batch of vectors. Returns its number.
pub(crate) fn insert(
    connection: &Connection,
    model: &ModelId,
    batch: &[(PassageId, Embedding)],
) -> Result<Option<i64>> {
    if batch.is_empty() {
        return Ok(None);
    }
    let quantized: Vec<QuantizedVector> = batch
        .iter()
        .map(|(_, vector)| QuantizedVector::new(vector))
        .collect();
    let mut data = Vec::with_capacity(batch.len() * 800);
    for (passage, _) in batch {
        data.extend_from_slice(&passage.0.to_le_bytes());
    }
    for vector in &quantized {
        data.extend_from_slice(&vector.scale.to_le_bytes());
    }
    for plane in quantized
        .iter()
        .map(|v| &v.high)
        .chain(quantized.iter().map(|v| &v.low))
    {
        data.extend(plane.iter().map(|value| value.cast_unsigned()));
    }
    connection
        .prepare_cached("INSERT INTO vectors (model, count, data) VALUES (?1, ?2, ?3)")?
        .execute(params![model.as_str(), batch.len() as i64, data])?;
    Ok(Some(connection.last_insert_rowid()))
}

/// Overwrites the vectors that a batch holds of a message. The others keep their places, by which
/// other processes know them.
pub(crate) fn blank(
    connection: &Connection,
    home: &Home,
    seq: i64,
    message: MessageId,
) -> Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT model, count, data FROM vectors WHERE seq = ?1")?;
    let found = statement.query_row([seq], |row| {
        let (model, data): (String, Vec<u8>) = (row.get(0)?, row.get(2)?);
        Ok((model, row.get::<_, i64>(1)?, data))
    });
    let Some((model, count, mut data)) = found.optional()? else {
        return Ok(());
    };
    let count = usize::try_from(count).unwrap_or(0).max(1);
    // Ids, scales and the two planes of a batch lie one after the other.
    let width = (data.len() / count).saturating_sub(8 + 4) / 2;
    let parts = [(0, 8), (8, 4), (12, width), (12 + width, width)];
    let mut is_empty = true;
    for row in 0..count {
        let id = Batch::parse(count, width, &data).and_then(|batch| batch.id(row));
        let id = id.ok_or_else(|| Error::Damaged(format!("vectors {seq} can't be read")))?;
        if PassageId(id).message() != message {
            is_empty &= id == 0;
            continue;
        }
        for (before, size) in parts {
            let start = before * count + row * size;
            data[start..start + size].fill(0);
        }
    }
    if is_empty {
        connection
            .prepare_cached("DELETE FROM vectors WHERE seq = ?1")?
            .execute([seq])?;
    } else {
        connection
            .prepare_cached("UPDATE vectors SET data = ?2 WHERE seq = ?1")?
            .execute(params![seq, data])?;
    }
    // A file that holds them is made anew, which is worth it only then.
    if snapshot::last_batch(&snapshot::path(home, &model)).is_some_and(|last| seq <= last) {
        regroup(connection)?;
    }
    Ok(())
}

/// The batches that hold vectors of each message. Reads all of them.
pub(crate) fn batches(connection: &Connection) -> Result<FxHashMap<MessageId, Vec<i64>>> {
    let mut statement = connection.prepare("SELECT seq, count, data FROM vectors")?;
    let mut rows = statement.query([])?;
    let mut found: FxHashMap<MessageId, Vec<i64>> = FxHashMap::default();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let count = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        for id in data.chunks_exact(8).take(count) {
            let id = id.try_into().map_or(0, i64::from_le_bytes);
            let batches = found.entry(PassageId(id).message()).or_default();
            if batches.last() != Some(&seq) {
                batches.push(seq);
            }
        }
    }
    Ok(found)
}

/// A batch as it is stored.
struct Batch<'a> {
    count: usize,
    ids: &'a [u8],
    scales: &'a [u8],
    high: &'a [u8],
    low: &'a [u8],
}

impl<'a> Batch<'a> {
    fn parse(count: usize, width: usize, data: &'a [u8]) -> Option<Self> {
        if data.len() != count.checked_mul(8 + 4 + 2 * width)? {
            return None;
        }
        let (ids, rest) = data.split_at(count * 8);
        let (scales, rest) = rest.split_at(count * 4);
        let (high, low) = rest.split_at(count * width);
        Some(Self {
            count,
            ids,
            scales,
            high,
            low,
        })
    }

    fn id(&self, row: usize) -> Option<i64> {
        Some(i64::from_le_bytes(
            self.ids.get(row * 8..row * 8 + 8)?.try_into().ok()?,
        ))
    }

    fn scale(&self, row: usize) -> Option<f32> {
        Some(f32::from_le_bytes(
            self.scales.get(row * 4..row * 4 + 4)?.try_into().ok()?,
        ))
    }

    fn high(&self, row: usize, width: usize) -> Option<&'a [i8]> {
        self.high
            .get(row * width..(row + 1) * width)
            .map(embed::matrix::as_signed)
    }

    fn low(&self, row: usize, width: usize) -> Option<&'a [i8]> {
        self.low
            .get(row * width..(row + 1) * width)
            .map(embed::matrix::as_signed)
    }
}

/// The vectors of all projects, as far as they were read.
#[derive(Default)]
pub(crate) struct Vectors {
    model: String,
    width: usize,
    snapshot: Option<Snapshot>,
    /// Rows that are not in the snapshot.
    recent: FxHashMap<ProjectId, Rows>,
    recent_count: usize,
    /// Last batch that was read.
    seq: i64,
    /// When messages last moved to other projects; see [`epoch`].
    epoch: i64,
}

impl Vectors {
    /// Reads what was embedded by `model` since the last time. Returns whether the archive has
    /// vectors of it at all.
    pub(crate) fn refresh(
        &mut self,
        connection: &Connection,
        home: &Home,
        model: &ModelId,
        width: usize,
        spans: &Spans,
    ) -> Result<bool> {
        let epoch = epoch(connection)?;
        let is_other = self.model != model.as_str() || self.epoch != epoch;
        if is_other {
            *self = Self {
                model: model.as_str().to_owned(),
                width,
                epoch,
                ..Self::default()
            };
            self.open_snapshot(home, epoch);
        }
        let in_file = self.snapshot.as_ref().map_or(0, Snapshot::len);
        let outside = self.recent_count + count_after(connection, &self.model, self.seq)?;
        if outside >= SNAPSHOT_FROM && outside * STALE_SHARE > in_file {
            let path = snapshot::path(home, &self.model);
            let source = snapshot::Source {
                connection,
                model: &self.model,
                width,
                epoch,
                spans,
            };
            // Failing to write it costs only speed and memory.
            if snapshot::write(&path, &source).is_ok() {
                self.recent = FxHashMap::default();
                self.recent_count = 0;
                self.open_snapshot(home, epoch);
            }
        }
        self.read_recent(connection, spans)?;
        Ok(self.recent_count > 0 || self.snapshot.as_ref().is_some_and(|s| s.len() > 0))
    }

    /// A file that is missing, foreign, or of another time is no loss.
    fn open_snapshot(&mut self, home: &Home, epoch: i64) {
        self.snapshot = Snapshot::open(&snapshot::path(home, &self.model), &self.model, self.width)
            .filter(|snapshot| snapshot.epoch == epoch);
        self.seq = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    }

    fn read_recent(&mut self, connection: &Connection, spans: &Spans) -> Result<()> {
        let mut seq = self.seq;
        let (width, recent) = (self.width, &mut self.recent);
        let mut count = 0;
        each_row(
            connection,
            &self.model,
            width,
            self.seq,
            &mut |place, id, scale, high| {
                seq = seq.max(place.seq);
                // Vectors of a message that is gone are left out.
                if let Some(span) = spans.find(PassageId(id).message()) {
                    recent
                        .entry(span.project)
                        .or_default()
                        .push(place, id, scale, high);
                    count += 1;
                }
                Ok(())
            },
        )?;
        self.seq = seq;
        self.recent_count += count;
        if count > 0 {
            self.recent.values_mut().for_each(Rows::sort);
        }
        Ok(())
    }

    /// The passages nearest to a query in a project, or in all, that `keep` accepts, with cosines.
    pub(crate) fn nearest(
        &self,
        connection: &Connection,
        query: &MatrixQuery,
        project: Option<ProjectId>,
        count: usize,
        keep: &(dyn Fn(PassageId) -> bool + Sync),
    ) -> Result<Vec<(PassageId, f32)>> {
        let mut found: Vec<(Place, PassageId, f32)> = Vec::new();
        for rows in self.parts(project) {
            let matrix = rows.matrix(self.width)?;
            let keep_row = |row: usize| keep(PassageId(rows.ids[row]));
            for hit in matrix.scan(query, count, threads(), &keep_row)? {
                found.push((
                    rows.places.get(hit.row),
                    PassageId(rows.ids[hit.row]),
                    hit.score,
                ));
            }
        }
        let nearest = |a: &(Place, PassageId, f32), b: &(Place, PassageId, f32)| {
            b.2.total_cmp(&a.2).then(a.1.cmp(&b.1))
        };
        found.sort_unstable_by(nearest);
        found.truncate(count);
        for (place, _, score) in found.iter_mut().take(RESCORED) {
            if let Some(exact) = self.exact(connection, query, *place)? {
                *score = exact;
            }
        }
        found.sort_by(nearest);
        Ok(found
            .into_iter()
            .map(|(_, passage, score)| (passage, score))
            .collect())
    }

    fn parts(&self, project: Option<ProjectId>) -> Vec<rows::View<'_>> {
        let wanted = |id: &ProjectId| project.is_none_or(|only| only == *id);
        let recent = self
            .recent
            .iter()
            .filter(|(id, _)| wanted(id))
            .map(|(_, rows)| rows.view());
        let in_file = self.snapshot.iter().flat_map(Snapshot::parts);
        recent
            .chain(in_file.filter(|(id, _)| wanted(id)).map(|(_, view)| view))
            .collect()
    }

    /// The cosine with both planes, read from the archive.
    fn exact(
        &self,
        connection: &Connection,
        query: &MatrixQuery,
        place: Place,
    ) -> Result<Option<f32>> {
        let mut statement =
            connection.prepare_cached("SELECT count, data FROM vectors WHERE seq = ?1")?;
        let width = self.width;
        Ok(statement
            .query_row([place.seq], |row| {
                let count = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
                let data = row.get_ref(1)?.as_blob()?;
                Ok(Batch::parse(count, width, data).and_then(|batch| {
                    let at = place.row as usize;
                    Some(query.score(
                        batch.high(at, width)?,
                        batch.low(at, width)?,
                        batch.scale(at)?,
                    ))
                }))
            })
            .optional()?
            .flatten())
    }

    /// The passages of a message in a project, each with its cosine to within 0.01.
    pub(crate) fn of_message(
        &self,
        query: &MatrixQuery,
        project: ProjectId,
        message: MessageId,
        each: &mut dyn FnMut(PassageId, f32),
    ) -> Result<()> {
        let in_file = self
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.part(project));
        for rows in self
            .recent
            .get(&project)
            .map(Rows::view)
            .into_iter()
            .chain(in_file)
        {
            let matrix = rows.matrix(self.width)?;
            let first = PassageId::new(message, 0).0;
            let start = rows.ids.partition_point(|id| *id < first);
            for (row, id) in rows.ids.iter().enumerate().skip(start) {
                let passage = PassageId(*id);
                if passage.message() != message {
                    break;
                }
                each(passage, matrix.score(query, row));
            }
        }
        Ok(())
    }
}

/// How many rows there are after a batch.
fn count_after(connection: &Connection, model: &str, seq: i64) -> Result<usize> {
    let sql = "SELECT coalesce(sum(count), 0) FROM vectors WHERE seq > ?1 AND model = ?2";
    let count: i64 = connection
        .prepare_cached(sql)?
        .query_row(params![seq, model], |r| r.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Takes a row: where it is kept, its passage, its scale and its high plane.
type EachRow<'a> = &'a mut dyn FnMut(Place, i64, f32, &[i8]) -> Result<()>;

/// Hands the rows of batches after `seq` to `each`: place, passage, scale, high plane.
fn each_row(
    connection: &Connection,
    model: &str,
    width: usize,
    seq: i64,
    each: EachRow<'_>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, count, data FROM vectors WHERE seq > ?1 AND model = ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![seq, model])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let damaged = || Error::Damaged(format!("vectors {seq} can't be read"));
        let count = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let batch = Batch::parse(count, width, data).ok_or_else(damaged)?;
        for at in 0..batch.count {
            let (Some(id), Some(scale), Some(high)) =
                (batch.id(at), batch.scale(at), batch.high(at, width))
            else {
                return Err(damaged());
            };
            let row = u32::try_from(at).map_err(|_| damaged())?;
            each(Place { seq, row }, id, scale, high)?;
        }
    }
    Ok(())
}

/// Changes whenever messages move to other projects or vanish: what was derived before is void.
fn epoch(connection: &Connection) -> Result<i64> {
    Ok(meta(connection, "epoch")?
        .and_then(|epoch| epoch.parse().ok())
        .unwrap_or(0))
}

/// Threads for one scan.
fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(4)
}
