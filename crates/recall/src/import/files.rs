//! What the archive remembers of each file: how far it was read, and how to tell that it is still
//! the same file.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use rustc_hash::FxHashMap;
use transcript::{Problem, Source};

use super::discover::Found;
use crate::Result;
use crate::guards::Masked;

/// Where reading stopped, and what a reader needs to go on.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileState {
    /// Bytes taken, of the decompressed file.
    pub(crate) offset: u64,
    /// Lines taken.
    pub(crate) line: u64,
    /// Fingerprint of what was taken; see [`super::input`].
    pub(crate) prefix: u64,
    /// The reader's own state.
    pub(crate) state: String,
}

impl FileState {
    /// Forgets problems that a new reading from `offset` on will find again, or not.
    pub(crate) fn clear_problems(connection: &Connection, file: i64, offset: u64) -> Result<()> {
        connection
            .prepare_cached("DELETE FROM problem WHERE file = ?1 AND offset >= ?2")?
            .execute(params![file, offset.cast_signed()])?;
        Ok(())
    }

    /// Records a problem.
    pub(crate) fn add_problem(
        connection: &Connection,
        file: i64,
        problem: &Masked<Problem>,
    ) -> Result<()> {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO problem (file, line, offset, what) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                file,
                problem.line.cast_signed(),
                problem.offset.cast_signed(),
                problem.what
            ])?;
        Ok(())
    }
}

/// Writes to the table of files.
pub(crate) struct FileRow;

impl FileRow {
    /// Records how far a file was read; returns its id.
    pub(crate) fn write(
        connection: &Connection,
        found: &Found,
        source: Source,
        state: &FileState,
        is_whole: bool,
    ) -> Result<i64> {
        // Until its end is reached a file must look changed: an import that is ended between two
        // steps goes on with it.
        let mtime = if is_whole { found.mtime } else { i64::MIN };
        Self::upsert(connection, found, source.name(), state, mtime)
    }

    /// Records that a file is no log, so that it isn't opened again before it changes.
    pub(crate) fn write_unknown(connection: &Connection, found: &Found) -> Result<i64> {
        Self::upsert(connection, found, "", &FileState::default(), found.mtime)
    }

    fn upsert(
        connection: &Connection,
        found: &Found,
        source: &str,
        state: &FileState,
        mtime: i64,
    ) -> Result<i64> {
        let sql = "INSERT INTO file (path, source, size, mtime, offset, line, prefix, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (path) DO UPDATE SET source = ?2, size = ?3, mtime = ?4, offset = ?5,
               line = ?6, prefix = ?7, state = ?8
             RETURNING id";
        Ok(connection.prepare_cached(sql)?.query_row(
            params![
                found.shown(),
                source,
                found.size.cast_signed(),
                mtime,
                state.offset.cast_signed(),
                state.line.cast_signed(),
                state.prefix.cast_signed(),
                state.state
            ],
            |row| row.get(0),
        )?)
    }
}

/// A file as the archive remembers it.
#[derive(Clone, Debug)]
pub(crate) struct KnownFile {
    /// `None` where it was no log.
    pub(crate) source: Option<Source>,
    size: u64,
    mtime: i64,
    pub(crate) state: FileState,
}

const COLUMNS: &str = "path, source, size, mtime, offset, line, prefix, state";

fn known_file(row: &Row<'_>) -> rusqlite::Result<(String, KnownFile)> {
    let known = KnownFile {
        source: Source::from_name(row.get_ref(1)?.as_str()?),
        size: row.get::<_, i64>(2)?.cast_unsigned(),
        mtime: row.get(3)?,
        state: FileState {
            offset: row.get::<_, i64>(4)?.cast_unsigned(),
            line: row.get::<_, i64>(5)?.cast_unsigned(),
            prefix: row.get::<_, i64>(6)?.cast_unsigned(),
            state: row.get(7)?,
        },
    };
    Ok((row.get(0)?, known))
}

/// Files that the archive remembers.
#[derive(Debug, Default)]
pub(crate) struct KnownFiles(FxHashMap<String, KnownFile>);

impl KnownFiles {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let sql = format!("SELECT {COLUMNS} FROM file");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], known_file)?;
        Ok(Self(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// What the archive remembers of these files.
    pub(crate) fn of(connection: &Connection, files: &[Found]) -> Result<Self> {
        let sql = format!("SELECT {COLUMNS} FROM file WHERE path = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut known = FxHashMap::default();
        for file in files {
            let row = statement.query_row([file.shown()], known_file).optional()?;
            known.extend(row);
        }
        Ok(Self(known))
    }

    /// What is remembered of a file.
    pub(crate) fn get(&self, found: &Found) -> Option<&KnownFile> {
        self.0.get(found.path.to_string_lossy().as_ref())
    }

    /// Bytes of a file that were taken already.
    pub(crate) fn offset(&self, found: &Found) -> u64 {
        self.get(found).map_or(0, |known| known.state.offset)
    }

    /// The source of a file that has nothing new (`Some(None)` for one that is no log), or `None`
    /// if it must be looked at.
    #[expect(
        clippy::option_option,
        reason = "two questions: is it unchanged, and whose is it"
    )]
    pub(crate) fn unchanged(&self, found: &Found, only: Option<Source>) -> Option<Option<Source>> {
        let known = self.get(found)?;
        // A file that is no log must be explained to who names it, or says what it is.
        if known.source.is_none() && (found.named || only.is_some()) {
            return None;
        }
        (known.size == found.size && known.mtime == found.mtime).then_some(known.source)
    }
}
