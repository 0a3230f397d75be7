//! The database: opening it, its version, and what every connection sets.

mod log;
mod message;
mod block;
mod body;
mod span;
mod read;
mod keys;
mod mark;
mod reflection;

pub(crate) use block::{Block, BlockWriter, put_bytes};
pub(crate) use body::Body;
pub(crate) use keys::{
    content_hash, former_ids, id_key, id_of_number, id_of_place, message_of_id, shown_id,
    stable_hash, told_apart_id,
};
pub(crate) use log::empty_log;
pub(crate) use mark::{add_mark, add_mark_once, learn_mark, marks_of, newest_mark};
pub(crate) use message::{Flags, MessageId, has_text_entry, is_embeddable};
pub(crate) use read::{Reader, Row};
pub(crate) use reflection::{ReflectionRow, learn_reflection, one_line_tags, tag_lines};
pub(crate) use span::{ConversationId, ProjectId, Span, Spans};

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use crate::{Error, Home, Result};

/// Marks the database as ours (`LORE`).
const APPLICATION_ID: i64 = 0x4C4F_5245;

/// What brings the schema from version `n` to `n + 1`; only ever appended to.
const MIGRATIONS: [&str; 4] = [
    include_str!("store/schema.sql"),
    concat!(
        include_str!("store/labels.sql"),
        include_str!("store/reflections.sql"),
        include_str!("store/files.sql"),
    ),
    include_str!("store/logs.sql"),
    include_str!("store/order.sql"),
];

/// The newest schema version that this program knows.
pub(crate) const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// How long a connection waits for another's write to end. Steps of an import are far shorter.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the archive, and makes it where there is none.
pub(crate) fn open(home: &Home) -> Result<Connection> {
    open_within(home, BUSY_TIMEOUT)
}

/// The same for who can't wait that long for another's write to end.
pub(crate) fn open_within(home: &Home, wait: Duration) -> Result<Connection> {
    let path = home.database();
    files::create_private_dir(home.data())?;
    create_private_file(&path)?;
    let mut connection = connect(&path, wait)?;
    let version = check_version(&connection, &path)?;
    share(&connection, wait)?;
    configure(&connection)?;
    if version < SCHEMA_VERSION {
        migrate(&mut connection, &path)?;
    }
    Ok(connection)
}

/// Opens an archive that is there, and as this program knows it, to read from it only: nothing is
/// made, migrated or tidied up on the way.
pub(crate) fn peek(home: &Home, wait: Duration) -> Result<Connection> {
    let path = home.database();
    let connection = connect(&path, wait)?;
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

fn connect(path: &Path, wait: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(wait)?;
    Ok(connection)
}

/// Puts a new database into the mode in which many processes share it. Two that do this at once are
/// in each other's way, and there SQLite fails at once instead of waiting.
fn share(connection: &Connection, wait: Duration) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut tries = wait.as_millis() / PAUSE.as_millis();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error)
                if tries > 0
                    && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) =>
            {
                tries -= 1;
                std::thread::sleep(PAUSE);
            }
            done => return Ok(done?),
        }
    }
}

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
    connection.set_prepared_statement_cache_capacity(64);
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
    let start = usize::try_from(version).unwrap_or(MIGRATIONS.len());
    for step in &MIGRATIONS[start..] {
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
