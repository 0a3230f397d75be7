//! The write-ahead log of the database, which holds what was written last and what that replaced.

use std::time::Duration;

use rusqlite::Connection;

/// Moves what was deleted out of the write-ahead log too, unless somebody reads: then the next one to
/// close the archive does. Returns whether it was done.
pub(crate) fn empty_log(connection: &Connection) -> bool {
    let sql = "PRAGMA busy_timeout";
    let lock_timeout = connection.query_row(sql, [], |row| row.get::<_, u32>(0));
    let _ = connection.busy_timeout(Duration::ZERO);
    // Nothing is lost where it can't be done now.
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let _ = connection.busy_timeout(Duration::from_millis(lock_timeout.unwrap_or(0).into()));
    busy == Ok(0)
}
