//! How much is taken from a foreign store: it may be anything that answers or opens as one.

use std::time::{Duration, Instant};

use crate::{Error, Result};

/// Reflections and marks; nobody writes as many by hand.
const MAX_ROWS: usize = 200_000;
/// Bytes of all rows as they are read.
const MAX_BYTES: usize = 256 << 20;
/// From the first look at a store to its last row.
const MAX_TIME: Duration = Duration::from_mins(2);

/// A limit on how much is read from another program's store: 200,000 rows, 256 MiB and 2 minutes.
#[derive(Debug)]
pub struct ForeignBounds {
    rows: usize,
    bytes: usize,
    since: Instant,
}

impl ForeignBounds {
    /// A limit of which nothing is used up; the time is counted from `now`.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            rows: 0,
            bytes: 0,
            since: now,
        }
    }

    /// Counts rows that were read, with their bytes together.
    ///
    /// # Errors
    /// [`Error::StoreTooLarge`] past 200,000 rows, 256 MiB, or 2 minutes.
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
