//! Values that belong to the archive as a whole, counts among them.

use rusqlite::{Connection, OptionalExtension as _};

use crate::Result;

/// A value that belongs to the archive as a whole.
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

/// What the archive counts as it goes, since counting rows takes time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counter {
    /// Passages in the index of prose.
    Prose,
    /// Chunks in the index of payloads.
    Payload,
    /// Messages in either.
    Searchable,
    /// Messages to be found by meaning.
    Embeddable,
    /// Of these, messages that can be already.
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

    /// Counts more, or fewer.
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
