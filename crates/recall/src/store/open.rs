//! Opening the database: its version, its migrations, and what every connection sets.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{Error, Home, Result};

/// Marks the database as ours (`LORE`).
const APPLICATION_ID: i64 = 0x4C4F_5245;

/// What brings the schema from version `n` to `n + 1`; only ever appended to.
const SCHEMA_MIGRATIONS: [&str; 8] = [
    include_str!("schema.sql"),
    concat!(
        include_str!("labels.sql"),
        include_str!("reflections.sql"),
        include_str!("files.sql"),
    ),
    include_str!("logs.sql"),
    include_str!("order.sql"),
    include_str!("projects.sql"),
    include_str!("copies.sql"),
    include_str!("chats.sql"),
    concat!(include_str!("documents.sql"), include_str!("facts.sql")),
];

/// The newest schema version that this program knows.
pub(crate) const SCHEMA_VERSION: i64 = SCHEMA_MIGRATIONS.len() as i64;

/// Opens the archive, and makes it where there is none. It waits for another's write to end as long as
/// `lock_timeout`, now and later.
pub(crate) fn open(home: &Home, lock_timeout: Duration) -> Result<Connection> {
    files::create_private_dir(home.data())?;
    open_at(&home.database(), lock_timeout)
}

/// As [`open`], for a database of any name in a directory that is there.
pub(crate) fn open_at(path: &Path, lock_timeout: Duration) -> Result<Connection> {
    create_private_file(path)?;
    let mut connection = connect(path, lock_timeout)?;
    let version = check_version(&connection, path)?;
    share(&connection, lock_timeout)?;
    configure(&connection)?;
    if version < SCHEMA_VERSION {
        migrate(&mut connection, path)?;
    }
    Ok(connection)
}

/// Opens a database that may be damaged, to save what can be read of it. Nothing is made or migrated, and
/// nobody else can write to it meanwhile.
pub(crate) fn open_damaged(path: &Path, lock_timeout: Duration) -> Result<Connection> {
    let connection = connect(path, lock_timeout)?;
    match check_version(&connection, path) {
        Ok(_) | Err(Error::Damaged(_)) => {}
        Err(error) => return Err(error),
    }
    match connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(Error::from)
    {
        Ok(()) | Err(Error::Damaged(_)) => Ok(connection),
        Err(error) => Err(error),
    }
}

/// Opens an archive that is there, and as this program knows it, to read from it only: nothing is
/// made, migrated or tidied up on the way.
pub(crate) fn open_read_only(home: &Home, lock_timeout: Duration) -> Result<Connection> {
    let path = home.database();
    let connection = connect(&path, lock_timeout)?;
    let found = check_version(&connection, &path)?;
    if found < SCHEMA_VERSION {
        let known = SCHEMA_VERSION;
        return Err(Error::Older { path, found, known });
    }
    configure(&connection)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    // What others left in the log of the database is for them to carry over, who have the time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// The one place where the archive's database is opened: whatever has to be told to SQLite before the
/// first page is read, such as a key, is told here.
fn connect(path: &Path, lock_timeout: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(lock_timeout)?;
    Ok(connection)
}

/// How long a connection waits for another's write to end.
pub(crate) fn lock_timeout(connection: &Connection) -> Result<Duration> {
    let millis: i64 = connection.query_row("PRAGMA busy_timeout", [], |row| row.get(0))?;
    Ok(Duration::from_millis(millis.max(0).cast_unsigned()))
}

/// How long to wait before SQLite is asked again for what it doesn't wait for itself.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// Puts a new database into the mode in which many processes share it. Two that do this at once are
/// in each other's way, and there SQLite fails at once instead of waiting.
fn share(connection: &Connection, lock_timeout: Duration) -> Result<()> {
    let mut tries = lock_timeout.as_millis() / RETRY_PAUSE.as_millis();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error)
                if tries > 0
                    && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) =>
            {
                tries -= 1;
                std::thread::sleep(RETRY_PAUSE);
            }
            done => return Ok(done?),
        }
    }
}

/// Prepared statements that a connection keeps; a search uses about 30 different ones.
const MAX_CACHED_STATEMENTS: usize = 64;

fn configure(connection: &Connection) -> Result<()> {
    // Pages are small rows and postings: 4 KiB wastes least. `secure_delete` overwrites what is
    // deleted, which is a promise, and costs nothing where nothing is deleted.
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -16384;
         PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 8388608;",
    )?;
    connection.set_prepared_statement_cache_capacity(MAX_CACHED_STATEMENTS);
    Ok(())
}

/// The schema version of the database; refuses what isn't ours before anything is written.
fn check_version(connection: &Connection, path: &Path) -> Result<i64> {
    let not_ours = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => Error::Foreign(path.to_owned()),
        _ => error.into(),
    };
    // In one statement, so that another process that makes the archive right now isn't seen half-way.
    let sql = "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id AS a, pragma_user_version AS v";
    let (application, version, tables): (i64, i64, i64) = connection
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(not_ours)?;
    if application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0) {
        return Err(Error::Foreign(path.to_owned()));
    }
    if version > SCHEMA_VERSION {
        return Err(Error::Newer {
            path: path.to_owned(),
            found: version,
            known: SCHEMA_VERSION,
        });
    }
    Ok(version)
}

/// Runs the missing migrations in one transaction; a second process that waited finds them done.
fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = check_version(&transaction, path)?;
    let start = usize::try_from(version).unwrap_or(SCHEMA_MIGRATIONS.len());
    for step in &SCHEMA_MIGRATIONS[start..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// SQLite gives its side files the mode of the database, so only that needs care. A database that
/// is there isn't opened: closing it would drop the locks that other connections of this process
/// hold on it (POSIX).
fn create_private_file(path: &Path) -> Result<()> {
    if !path.exists() {
        files::Draft::new(path, files::Access::Private)?.place_if_absent()?;
    }
    Ok(())
}
