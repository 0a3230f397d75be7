//! Vectors as small integers, and the exact search for the nearest of them.
//!
//! Pure: slices in, rows out. It must not know files, ids or what the vectors stand for; whoever
//! stores the planes hands them in as they are, mapped from a file or in memory.
//!
//! A vector is stored as two planes of 8-bit integers and a scale, 2 · dimensions + 4 bytes. The
//! high plane alone is scanned, a quarter of the floats' bytes, and the scan is as fast as memory
//! is. With the low plane a vector has 16 bits, and the best candidates are put in the order that
//! floats would give.

mod quantized;
mod kernel;
mod top;
mod bytes;

use crate::{Error, Result};
use kernel::{BLOCK_ROWS, MAX_DIMENSIONS};
use top::BestRows;

pub use bytes::{as_floats, as_signed};
pub use kernel::Kernel;
pub use quantized::{MatrixQuery, QuantizedVector};
pub use top::RowHit;

/// Below this many bytes for each, threads cost more than they save.
const MIN_BYTES_PER_THREAD: usize = 4 << 20;

/// A matrix of quantised vectors to search, one vector a row; it borrows its planes, which hold the
/// rows one after the other without gaps.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    dimensions: usize,
    high: &'a [i8],
    low: &'a [i8],
    scales: &'a [f32],
    kernel: Kernel,
}

impl<'a> Matrix<'a> {
    /// The rows whose parts are [`QuantizedVector::high`], [`QuantizedVector::low`] and
    /// [`QuantizedVector::scale`]; as many as there are scales. A high plane that starts at a
    /// multiple of 64 bytes, as in a mapped file, is scanned a little faster.
    ///
    /// # Errors
    /// [`Error::Shape`] where the planes don't have `dimensions` values for each scale, or there
    /// are none or more than 65,536 dimensions.
    pub fn new(
        dimensions: usize,
        high: &'a [i8],
        low: &'a [i8],
        scales: &'a [f32],
    ) -> Result<Self> {
        let expected = scales.len().checked_mul(dimensions);
        let fits = expected == Some(high.len()) && high.len() == low.len();
        if !fits || !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(Error::Shape(format!(
                "{} rows of {dimensions} dimensions with planes of `{}` and `{}` values",
                scales.len(),
                high.len(),
                low.len()
            )));
        }
        Ok(Self {
            dimensions,
            high,
            low,
            scales,
            kernel: Kernel::detect(),
        })
    }

    /// The matrix of rows of which only the [`QuantizedVector::high`] planes are at hand. Scores
    /// err by less than 0.01; whoever needs more scores the nearest again with
    /// [`MatrixQuery::score`].
    ///
    /// # Errors
    /// As [`Matrix::new`].
    pub fn high_only(dimensions: usize, high: &'a [i8], scales: &'a [f32]) -> Result<Self> {
        let matrix = Self::new(dimensions, high, high, scales)?;
        Ok(Self { low: &[], ..matrix })
    }

    /// The same rows, to be scanned with `kernel` instead of the fastest one. All kernels give the
    /// same scores.
    #[must_use]
    pub fn with_kernel(self, kernel: Kernel) -> Self {
        Self { kernel, ..self }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The `count` rows nearest to the query of those that `keep` accepts, the nearest first, equal
    /// ones in their order. Rows of texts without words, whose scale is 0, are never found.
    ///
    /// Exact but for this: of the rows that `keep` accepts, only the nearest `candidates` by the high
    /// plane, which errs by less than 0.01, are considered. A caller that passes five times `count`,
    /// and 50 at least, misses next to nothing; fewer than `count` count as `count`. `keep` is asked of
    /// few rows, in no order, and from several threads. Scores are as [`RowHit::score`] says.
    ///
    /// `threads` is how many may work on it, this one among them; 0 counts as 1, and there are no more
    /// than one for every 4 MiB of the high plane.
    ///
    /// # Errors
    /// [`Error::Shape`] where the query has other dimensions.
    pub fn nearest(
        &self,
        query: &MatrixQuery,
        count: usize,
        candidates: usize,
        threads: usize,
        keep: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Vec<RowHit>> {
        let mut hits = self.scan(query, candidates.max(count), threads, keep)?;
        for hit in &mut hits {
            hit.score = self.score(query, hit.row);
        }
        top::sort(&mut hits);
        hits.truncate(count);
        Ok(hits)
    }

    /// Finds the `count` rows nearest to the query by their high planes alone, whose scores err by
    /// less than 0.01; `threads` and `keep` are as for [`Matrix::nearest`], which puts the rows in
    /// exact order.
    ///
    /// # Errors
    /// [`Error::Shape`] where the query has other dimensions.
    pub fn scan(
        &self,
        query: &MatrixQuery,
        count: usize,
        threads: usize,
        keep: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Vec<RowHit>> {
        if query.dimensions() != self.dimensions {
            let dimensions = (query.dimensions(), self.dimensions);
            let what = format!(
                "a query of {} dimensions for rows of {}",
                dimensions.0, dimensions.1
            );
            return Err(Error::Shape(what));
        }
        let most = (self.high.len() / MIN_BYTES_PER_THREAD).max(1);
        let threads = threads.clamp(1, most);
        if threads == 1 {
            return Ok(self
                .scan_part(query, count, 0, self.len(), keep)
                .into_hits());
        }
        let share = self.len().div_ceil(threads);
        let part = |thread: usize| {
            let [start, end] = [thread, thread + 1].map(|part| (part * share).min(self.len()));
            self.scan_part(query, count, start, end, keep).into_hits()
        };
        let mut hits = std::thread::scope(|scope| {
            let part = &part;
            let others: Vec<_> = (1..threads)
                .map(|thread| scope.spawn(move || part(thread)))
                .collect();
            let mut hits = part(0);
            for other in others {
                match other.join() {
                    Ok(found) => hits.extend(found),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            hits
        });
        top::sort(&mut hits);
        hits.truncate(count);
        Ok(hits)
    }

    /// The cosine of row number `row`, from 0, and the query, as precise as the planes at hand: with
    /// both planes, within 0.0001 of that of the original floats.
    ///
    /// # Panics
    /// Where there is no such row, or the query has other dimensions.
    #[must_use]
    pub fn score(&self, query: &MatrixQuery, row: usize) -> f32 {
        let range = row * self.dimensions..(row + 1) * self.dimensions;
        let low = self.low.get(range.clone()).unwrap_or_default();
        query.score(&self.high[range], low, self.scales[row])
    }

    fn scan_part(
        &self,
        query: &MatrixQuery,
        count: usize,
        start: usize,
        end: usize,
        keep: &(dyn Fn(usize) -> bool + Sync),
    ) -> BestRows {
        let mut top = BestRows::new(count);
        let mut products = [0_i32; BLOCK_ROWS];
        let rows = self.high[start * self.dimensions..end * self.dimensions]
            .chunks(BLOCK_ROWS * self.dimensions);
        for (rows, first) in rows.zip((start..end).step_by(BLOCK_ROWS)) {
            let products = &mut products[..rows.len() / self.dimensions];
            self.kernel.products(rows, query.integers(), products);
            let scales = &self.scales[first..first + products.len()];
            for ((row, product), scale) in (first..).zip(&*products).zip(scales) {
                #[expect(clippy::cast_precision_loss, reason = "below 2^24 at 384 dimensions")]
                let score = *product as f32 * scale * query.scale();
                if score > top.least() && *scale > 0.0 && keep(row) {
                    top.push(RowHit { row, score });
                }
            }
        }
        top
    }
}
