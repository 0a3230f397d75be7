//! What the archive remembers of each file: how far it was read, and how to tell that it is still
//! the same file.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use rustc_hash::FxHashMap;
use transcript::{Problem, Registry, Source};

use super::discover::FoundLog;
use crate::guards::{ArchiveGuards, Masked};
use crate::store::{empty_log, meta, set_meta, without_titles};
use crate::{Error, Result};

/// The name under which the archive keeps when the directories of logs last changed
/// ([`crate::ingest::fresh`] writes it). Their paths are in it.
pub(crate) const SWEPT_DIRECTORIES_KEY: &str = "directories";

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
        (found, path): (&FoundLog, &str),
        source: Source,
        state: &FileState,
        is_whole: bool,
    ) -> Result<i64> {
        // Until its end is reached a file must look changed: an import that is ended between two
        // steps goes on with it.
        let mtime = if is_whole { found.mtime } else { i64::MIN };
        Self::upsert(connection, (found, path), source.name(), state, mtime)
    }

    /// Records that a file is no log, so that it isn't opened again before it changes.
    pub(crate) fn write_unknown(
        connection: &Connection,
        found: &FoundLog,
        path: &str,
    ) -> Result<i64> {
        let state = FileState::default();
        Self::upsert(connection, (found, path), "", &state, found.mtime)
    }

    fn upsert(
        connection: &Connection,
        (found, path): (&FoundLog, &str),
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
                path,
                source,
                found.size.cast_signed(),
                mtime,
                state.offset.cast_signed(),
                state.line.cast_signed(),
                state.prefix.cast_signed(),
                without_titles(connection, &state.state)?
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

const FILE_COLUMNS: &str = "path, source, size, mtime, offset, line, prefix, state";

fn known_file(row: &Row<'_>, registry: Registry) -> rusqlite::Result<(String, KnownFile)> {
    let known = KnownFile {
        source: registry.find(row.get_ref(1)?.as_str()?),
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

/// Files that the archive remembers, by their paths as they are kept: a secret in one is masked, always
/// by the same placeholder, so that the file is known by it.
#[derive(Debug)]
pub(crate) struct KnownFiles<'a> {
    guards: &'a ArchiveGuards,
    files: FxHashMap<String, KnownFile>,
}

impl<'a> KnownFiles<'a> {
    pub(crate) fn load(
        connection: &Connection,
        guards: &'a ArchiveGuards,
        registry: Registry,
    ) -> Result<Self> {
        let sql = format!("SELECT {FILE_COLUMNS} FROM file");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| known_file(row, registry))?;
        let files = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Self { guards, files })
    }

    /// What the archive remembers of these files.
    pub(crate) fn of(
        connection: &Connection,
        guards: &'a ArchiveGuards,
        registry: Registry,
        files: &[FoundLog],
    ) -> Result<Self> {
        let sql = format!("SELECT {FILE_COLUMNS} FROM file WHERE path = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut known = FxHashMap::default();
        for file in files {
            let path = file.shown();
            let path = guards.as_kept(&path);
            let row = statement.query_row([path], |row| known_file(row, registry));
            known.extend(row.optional()?);
        }
        let files = known;
        Ok(Self { guards, files })
    }

    /// What is remembered of a file.
    pub(crate) fn get(&self, found: &FoundLog) -> Option<&KnownFile> {
        let path = found.path.to_string_lossy();
        // Most paths are kept as they are, and masking one takes longer than looking it up.
        let as_it_is = self.files.get(path.as_ref());
        as_it_is.or_else(|| self.files.get(self.guards.as_kept(&path).as_ref()))
    }

    /// Bytes of a file that were taken already.
    pub(crate) fn offset(&self, found: &FoundLog) -> u64 {
        self.get(found).map_or(0, |known| known.state.offset)
    }

    /// The source of a file that has nothing new (`Some(None)` for one that is no log), or `None`
    /// if it must be looked at.
    #[expect(
        clippy::option_option,
        reason = "two questions: is it unchanged, and whose is it"
    )]
    pub(crate) fn unchanged(
        &self,
        found: &FoundLog,
        only: Option<Source>,
    ) -> Option<Option<Source>> {
        let known = self.get(found)?;
        // A file that is no log must be explained to who names it, or says what it is.
        if known.source.is_none() && (found.named || only.is_some()) {
            return None;
        }
        (known.size == found.size && known.mtime == found.mtime).then_some(known.source)
    }
}

/// Has every log read from its start by the next import, which adds what the archive doesn't have.
pub(crate) fn read_all_again(connection: &Connection) -> Result<()> {
    let sql = "UPDATE file SET mtime = ?1, offset = 0, line = 0, prefix = 0, state = ''";
    connection.execute(sql, [i64::MIN])?;
    Ok(())
}

/// Masks secrets in the paths that older versions, or older rules, have kept as they were; once for
/// the rules of today. Where others hold the archive it is left to the next one to open it.
pub(crate) fn mask_paths(connection: &mut Connection, guards: &ArchiveGuards) -> Result<()> {
    /// The number of the rules that were applied.
    const MASKED_BY: &str = "guard.paths";
    let rules = match guards.own_rules() {
        0 => guard::RULES_VERSION.to_string(),
        own => format!("{}+{own}", guard::RULES_VERSION),
    };
    if meta(connection, MASKED_BY)?.as_ref() == Some(&rules) {
        return Ok(());
    }
    let mask = |connection: &mut Connection| -> Result<bool> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let masked = mask_rows(&transaction, guards)?;
        set_meta(&transaction, MASKED_BY, &rules)?;
        transaction.commit()?;
        Ok(masked)
    };
    match mask(connection) {
        Ok(true) => {
            empty_log(connection);
            Ok(())
        }
        Ok(false) | Err(Error::Locked) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns whether there was anything to mask.
fn mask_rows(connection: &Connection, guards: &ArchiveGuards) -> Result<bool> {
    let mut statement = connection.prepare("SELECT id, path FROM file")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut is_changed = false;
    for (id, path) in rows {
        let kept = guards.as_kept(&path);
        if kept != path {
            is_changed = true;
            connection.execute(
                "UPDATE OR REPLACE file SET path = ?2 WHERE id = ?1",
                params![id, kept],
            )?;
        }
    }
    let directories = meta(connection, SWEPT_DIRECTORIES_KEY)?;
    if directories.is_some_and(|text| guards.as_kept(&text) != text) {
        is_changed = true;
        connection.execute("DELETE FROM meta WHERE key = ?1", [SWEPT_DIRECTORIES_KEY])?;
    }
    Ok(is_changed)
}
