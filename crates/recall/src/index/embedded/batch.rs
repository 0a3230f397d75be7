//! Batches: how vectors are kept in the archive's database.
//!
//! A row of the table `vectors` holds the passages of one step of embedding: their numbers (8 bytes each),
//! scales (4), high planes and low planes (a byte a dimension), each contiguous, little-endian; see
//! [`embed::matrix`]. A batch keeps its number, and each vector its row in it, for as long as it exists:
//! other processes know vectors by these.

use embed::matrix::QuantizedVector;
use embed::{Embedding, ModelId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::index::PassageId;
use crate::store::MessageId;
use crate::{Error, Result};

/// Bytes of a passage's number, and of a scale.
const ID_BYTES: usize = 8;
const SCALE_BYTES: usize = 4;

/// Bytes that a vector takes for each dimension: one in each plane.
const PLANE_COUNT: usize = 2;

/// The number that a batch has in place of the passage of a vector that was erased.
const ERASED_PASSAGE: PassageId = PassageId(0);

/// Where a vector is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C)]
pub(super) struct VectorLocation {
    /// The number of its batch.
    pub(super) batch: i64,
    /// Its row in the batch, from 0.
    pub(super) row: u32,
}

/// A vector as a scan needs it: without its low plane.
pub(super) struct StoredVector<'a> {
    pub(super) location: VectorLocation,
    pub(super) passage: PassageId,
    pub(super) scale: f32,
    pub(super) high: &'a [i8],
}

/// Adds a batch. Returns its number; nothing where there are no vectors.
pub(super) fn insert(
    connection: &Connection,
    model: &ModelId,
    vectors: &[(PassageId, Embedding)],
) -> Result<Option<i64>> {
    let Some((_, first)) = vectors.first() else {
        return Ok(None);
    };
    let quantized: Vec<QuantizedVector> = vectors
        .iter()
        .map(|(_, v)| QuantizedVector::new(v))
        .collect();
    let mut data = Vec::with_capacity(vectors.len() * bytes_of_vector(first.dimensions()));
    for (passage, _) in vectors {
        data.extend_from_slice(&passage.0.to_le_bytes());
    }
    for vector in &quantized {
        data.extend_from_slice(&vector.scale.to_le_bytes());
    }
    let high = quantized.iter().map(|vector| &vector.high);
    for plane in high.chain(quantized.iter().map(|vector| &vector.low)) {
        data.extend(plane.iter().map(|value| value.cast_unsigned()));
    }
    connection
        .prepare_cached("INSERT INTO vectors (model, count, data) VALUES (?1, ?2, ?3)")?
        .execute(params![model.as_str(), vectors.len() as i64, data])?;
    Ok(Some(connection.last_insert_rowid()))
}

/// Bytes of one vector in a batch.
fn bytes_of_vector(dimensions: usize) -> usize {
    ID_BYTES + SCALE_BYTES + PLANE_COUNT * dimensions
}

/// A batch as it is stored.
pub(super) struct Batch<'a> {
    count: usize,
    ids: &'a [u8],
    scales: &'a [u8],
    high: &'a [u8],
    low: &'a [u8],
}

impl<'a> Batch<'a> {
    /// Takes the parts of a batch apart; `None` if it has another size than its count says.
    pub(super) fn parse(count: usize, dimensions: usize, data: &'a [u8]) -> Option<Self> {
        if data.len() != count.checked_mul(bytes_of_vector(dimensions))? {
            return None;
        }
        let (ids, rest) = data.split_at(count * ID_BYTES);
        let (scales, rest) = rest.split_at(count * SCALE_BYTES);
        let (high, low) = rest.split_at(count * dimensions);
        Some(Self {
            count,
            ids,
            scales,
            high,
            low,
        })
    }

    fn passage(&self, row: usize) -> Option<PassageId> {
        let bytes = self.ids.get(row * ID_BYTES..(row + 1) * ID_BYTES)?;
        Some(PassageId(i64::from_le_bytes(bytes.try_into().ok()?)))
    }

    pub(super) fn scale(&self, row: usize) -> Option<f32> {
        let bytes = self
            .scales
            .get(row * SCALE_BYTES..(row + 1) * SCALE_BYTES)?;
        Some(f32::from_le_bytes(bytes.try_into().ok()?))
    }

    pub(super) fn high(&self, row: usize, dimensions: usize) -> Option<&'a [i8]> {
        plane(self.high, row, dimensions)
    }

    pub(super) fn low(&self, row: usize, dimensions: usize) -> Option<&'a [i8]> {
        plane(self.low, row, dimensions)
    }
}

fn plane(planes: &[u8], row: usize, dimensions: usize) -> Option<&[i8]> {
    let bytes = planes.get(row * dimensions..(row + 1) * dimensions)?;
    Some(embed::matrix::as_signed(bytes))
}

fn damaged(batch: i64) -> Error {
    Error::Damaged(format!("vectors {batch} can't be read"))
}

/// Hands the vectors of batches after `after` to `each`, by their locations.
pub(super) fn each_vector(
    connection: &Connection,
    model: &str,
    dimensions: usize,
    after: i64,
    each: &mut dyn FnMut(StoredVector<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, count, data FROM vectors WHERE seq > ?1 AND model = ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![after, model])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let count = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let batch = Batch::parse(count, dimensions, data).ok_or_else(|| damaged(number))?;
        for at in 0..batch.count {
            let vector = (|| {
                Some(StoredVector {
                    location: VectorLocation {
                        batch: number,
                        row: u32::try_from(at).ok()?,
                    },
                    passage: batch.passage(at)?,
                    scale: batch.scale(at)?,
                    high: batch.high(at, dimensions)?,
                })
            })();
            each(vector.ok_or_else(|| damaged(number))?)?;
        }
    }
    Ok(())
}

/// How many vectors there are in batches after a number.
pub(super) fn count_after(connection: &Connection, model: &str, after: i64) -> Result<usize> {
    let sql = "SELECT coalesce(sum(count), 0) FROM vectors WHERE seq > ?1 AND model = ?2";
    let count: i64 = connection
        .prepare_cached(sql)?
        .query_row(params![after, model], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Overwrites the vectors that a batch holds of a message with zeros. Returns the model of the batch;
/// nothing where there is no such batch.
pub(super) fn blank(
    connection: &Connection,
    number: i64,
    message: MessageId,
) -> Result<Option<String>> {
    let mut statement =
        connection.prepare_cached("SELECT model, count, data FROM vectors WHERE seq = ?1")?;
    let found = statement.query_row([number], |row| {
        let (model, data): (String, Vec<u8>) = (row.get(0)?, row.get(2)?);
        Ok((model, row.get::<_, i64>(1)?, data))
    });
    let Some((model, count, mut data)) = found.optional()? else {
        return Ok(None);
    };
    let count = usize::try_from(count).unwrap_or(0).max(1);
    let dimensions = (data.len() / count).saturating_sub(ID_BYTES + SCALE_BYTES) / PLANE_COUNT;
    // Each part of a batch: the bytes that the parts before it take for a vector, and its own.
    let planes = ID_BYTES + SCALE_BYTES;
    let parts = [
        (0, ID_BYTES),
        (ID_BYTES, SCALE_BYTES),
        (planes, dimensions),
        (planes + dimensions, dimensions),
    ];
    let mut is_empty = true;
    for row in 0..count {
        let passage = Batch::parse(count, dimensions, &data).and_then(|batch| batch.passage(row));
        let passage = passage.ok_or_else(|| damaged(number))?;
        if passage.message() != message {
            is_empty &= passage == ERASED_PASSAGE;
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
            .execute([number])?;
    } else {
        connection
            .prepare_cached("UPDATE vectors SET data = ?2 WHERE seq = ?1")?
            .execute(params![number, data])?;
    }
    Ok(Some(model))
}

/// Hands the number of each batch after `after`, and each passage in it, to `each`.
pub(super) fn each_passage(
    connection: &Connection,
    after: i64,
    each: &mut dyn FnMut(i64, PassageId),
) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT seq, count, data FROM vectors WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = statement.query([after])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let count = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        let data = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        for id in data.chunks_exact(ID_BYTES).take(count) {
            let passage = PassageId(id.try_into().map_or(0, i64::from_le_bytes));
            if passage != ERASED_PASSAGE {
                each(number, passage);
            }
        }
    }
    Ok(())
}

/// Batches whose size doesn't fit their count, at most `limit`.
pub(super) fn misshapen(connection: &Connection, limit: usize) -> Result<Vec<i64>> {
    let sql = "SELECT seq FROM vectors
         WHERE count <= 0 OR length(data) % count != 0 OR length(data) / count <= ?1
           OR (length(data) / count - ?1) % ?2 != 0
         ORDER BY seq LIMIT ?3";
    let mut statement = connection.prepare(sql)?;
    let fixed = (ID_BYTES + SCALE_BYTES) as i64;
    let rows = statement.query_map(params![fixed, PLANE_COUNT as i64, limit as i64], |row| {
        row.get(0)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
