//! Opens SQLite files that other programs keep.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::Result;

/// What SQLite adds to a database's name for the log of what was written last (`PRAGMA journal_mode =
/// WAL`).
pub(crate) const WAL_SUFFIX: &str = "-wal";

/// Opens a database so that nothing is written, not even beside it: unless somebody wrote to it and
/// hasn't put everything into it yet, when their log must be read as well. What its schema says is
/// not trusted. A row of more than `max_row_bytes` is an error of the database.
pub(crate) fn open_foreign(path: &Path, max_row_bytes: i32) -> Result<Connection> {
    // SQLite opens what is there under these names, and would wait at a named pipe.
    drop(files::open(path)?);
    let has_log = is_there(path, WAL_SUFFIX)?;
    if has_log {
        is_there(path, "-shm")?;
        is_there(path, "-journal")?;
    }
    let escaped: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c {
            '%' => "%25".to_owned(),
            '?' => "%3f".to_owned(),
            '#' => "%23".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let immutable = if has_log { "" } else { "&immutable=1" };
    let connection = Connection::open_with_flags(
        format!("file:{escaped}?mode=ro{immutable}"),
        OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    for (option, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        connection.set_db_config(option, is_on)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, max_row_bytes)?;
    Ok(connection)
}

/// Whether a file of the database's name with this ending is there and holds something; an error where
/// it is no regular file.
fn is_there(path: &Path, ending: &str) -> Result<bool> {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    match files::open(Path::new(&name)) {
        Ok(file) => Ok(file.metadata()?.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}
