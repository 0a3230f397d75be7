//! Limits on how much is read from another program's store of reflections: a server or a file that only
//! looks like such a store could send data without end.

use std::time::{Duration, Instant};

use crate::{Error, Result};

/// Reflections and marks; nobody writes as many by hand.
const MAX_ROWS: usize = 200_000;
/// Bytes of all rows as they are read.
const MAX_BYTES: usize = 256 << 20;
/// From the first look at a store to its last row.
const MAX_TIME: Duration = Duration::from_mins(2);

/// Limits on how much is read from another program's store of reflections: 200,000 rows, 256 MiB of their
/// data, and 2 minutes. One value counts for the whole import of a store.
#[derive(Debug)]
pub struct ForeignBounds {
    rows: usize,
    bytes: usize,
    since: Instant,
}

impl ForeignBounds {
    /// Limits of which nothing is used up. `now` is the present; the 2 minutes are counted from it.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            rows: 0,
            bytes: 0,
            since: now,
        }
    }

    /// Counts `rows` that were read, which take `bytes` together, and checks the limits. To be called after
    /// each piece that is read.
    ///
    /// # Errors
    /// [`Error::StoreTooLarge`] if more than 200,000 rows or 256 MiB were counted in all, or more than 2
    /// minutes have passed. The caller must give up the import.
    pub fn take(&mut self, rows: usize, bytes: usize) -> Result<()> {
        self.rows = self.rows.saturating_add(rows);
        self.bytes = self.bytes.saturating_add(bytes);
        let bound = match () {
            () if self.rows > MAX_ROWS => format!("{MAX_ROWS} rows"),
            () if self.bytes > MAX_BYTES => format!("{} MiB", MAX_BYTES >> 20),
            () if self.since.elapsed() > MAX_TIME => format!("{} minutes", MAX_TIME.as_secs() / 60),
            () => return Ok(()),
        };
        Err(Error::StoreTooLarge(bound))
    }
}
