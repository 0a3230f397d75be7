//! The server's own database, `server.db` beside the archive: who has which keys and sessions. It holds no
//! text of conversations.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::server_error::ServerError;

/// How long to wait for another process that writes, such as `lorekeep key create`.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Each migration in order; the number of those that were applied is the schema's version. Only ever append.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE owner (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, is_first INTEGER NOT NULL, created INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX one_first_owner ON owner (is_first) WHERE is_first;
    CREATE TABLE key (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES owner (id), name TEXT NOT NULL,
        hash BLOB NOT NULL UNIQUE, start TEXT NOT NULL, scopes TEXT NOT NULL, created INTEGER NOT NULL,
        expires INTEGER, used INTEGER, revoked INTEGER
    ) STRICT;
    CREATE TABLE session (
        hash BLOB PRIMARY KEY, owner TEXT NOT NULL REFERENCES owner (id), created INTEGER NOT NULL,
        expires INTEGER NOT NULL, used INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE link (
        hash BLOB PRIMARY KEY, owner TEXT NOT NULL REFERENCES owner (id), expires INTEGER NOT NULL
    ) STRICT;
", "
    CREATE TABLE provider (
        name TEXT PRIMARY KEY, options TEXT NOT NULL, sealed_key BLOB, created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE choice (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"];

/// Where the database of a data directory is.
pub(crate) fn database_path(data: &Path) -> PathBuf {
    data.join("server.db")
}

/// Opens the database of a data directory; makes or migrates it in one transaction.
pub(crate) fn open_database(data: &Path) -> Result<Connection, ServerError> {
    files::create_private_dir(data)?;
    let path = database_path(data);
    // Made with its mode before SQLite, which gives its other files the mode of this one.
    drop(files::open_lock(&path)?);
    let mut connection = Connection::open(&path)?;
    connection.busy_timeout(LOCK_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    migrate(&mut connection, &path)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), ServerError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version = |connection: &Connection| {
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
    };
    if version(connection)? == known {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(ServerError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    let applied = usize::try_from(found).unwrap_or(0);
    for migration in &MIGRATIONS[applied..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_database_is_refused_with_words() {
        let dir = tempfile::tempdir().expect("a directory");
        let connection = open_database(dir.path()).expect("a database");
        connection
            .pragma_update(None, "user_version", 99)
            .expect("a version");
        drop(connection);
        let refused = open_database(dir.path()).expect_err("it is newer");
        assert!(
            refused.to_string().contains("schema version 99"),
            "{refused}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        let connection = open_database(dir.path()).expect("a database");
        connection
            .execute("INSERT INTO owner VALUES ('a', 'a', 1, 0)", [])
            .expect("a row");
        for file in ["server.db", "server.db-wal", "server.db-shm"] {
            let mode = fs_err::metadata(dir.path().join(file)).expect("a file");
            assert_eq!(mode.permissions().mode() & 0o077, 0, "{file}");
        }
    }
}
