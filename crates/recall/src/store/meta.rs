//! Values that belong to the archive as a whole, counts among them.

use rusqlite::{Connection, OptionalExtension as _};

use crate::Result;

/// Reads a value that belongs to the archive as a whole, by its name; `None` if it isn't set.
pub(crate) fn meta(connection: &Connection, key: &str) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Sets a value that belongs to the archive as a whole.
pub(crate) fn set_meta(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute([key, value])?;
    Ok(())
}

/// Numbers that are kept up to date with every change, since counting the rows takes long.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counter {
    /// Passages in the index of prose (what people and assistants said).
    Prose,
    /// Chunks in the index of payloads (tool calls, their output, thoughts).
    Payload,
    /// Messages in either of these indexes.
    Searchable,
    /// Messages that are to be found by meaning.
    Embeddable,
    /// Those of the embeddable messages that have vectors.
    Embedded,
}

impl Counter {
    fn key(self) -> &'static str {
        match self {
            Self::Prose => "count.prose",
            Self::Payload => "count.payload",
            Self::Searchable => "count.searchable",
            Self::Embeddable => "count.embeddable",
            Self::Embedded => "count.embedded",
        }
    }

    /// The count.
    pub(crate) fn get(self, connection: &Connection) -> Result<u64> {
        let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        let value: Option<i64> = statement
            .query_row([self.key()], |row| row.get(0))
            .optional()?;
        Ok(value.unwrap_or(0).max(0).cast_unsigned())
    }

    /// Adds to the count, or takes away if `by` is negative.
    pub(crate) fn add(self, connection: &Connection, by: i64) -> Result<()> {
        if by != 0 {
            connection
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET value = value + ?2",
                )?
                .execute(rusqlite::params![self.key(), by])?;
        }
        Ok(())
    }
}
