//! Going through all messages, and counting.

use rusqlite::Connection;

use crate::Result;
use crate::store::{MessageId, Row};

/// Messages after which long work tells how far it is.
pub(super) const PROGRESS_MESSAGES: u64 = 2_000;

/// What a query counts.
pub(super) fn count(connection: &Connection, sql: &str) -> Result<u64> {
    let count: i64 = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    Ok(count.max(0).cast_unsigned())
}

/// Hands the row of every message to `each`, until it returns `false`.
pub(super) fn each_message(
    connection: &Connection,
    mut each: impl FnMut(&Row) -> Result<bool>,
) -> Result<()> {
    let mut statement = connection.prepare("SELECT id FROM message ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = MessageId(row.get(0)?);
        if let Some(row) = Row::get(connection, id)?
            && !each(&row)?
        {
            break;
        }
    }
    Ok(())
}
