//! What is left to do once forgotten messages can't be reached: their contents are removed in short steps,
//! and nothing of them stays in the files. What is left to do is kept in the archive itself.

use rusqlite::{Connection, TransactionBehavior};

use crate::index::forget_removed;
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::ingest::fresh::{FORGET_LOCK, Lock};
use crate::ingest::remove::remove_contents;
use crate::store::{MessageId, Row, empty_log, meta, set_meta};
use crate::{Error, Home, NoProgress, Progress, Result, Stage, Stop};

/// The name under which the archive keeps what is left to do: ranges of messages to remove; nothing, where
/// only the files are left; or [`LOG_LEFT`].
const PENDING_KEY: &str = "forget.pending";

/// What is kept where only the write-ahead log is left to be emptied.
const LOG_LEFT: &str = "log";

/// Messages that a step removes: others can't write meanwhile.
const STEP_MESSAGES: usize = 500;

/// The size up to which a database is rewritten in memory. A larger one is written to a temporary file,
/// which holds what is kept only.
const MAX_BYTES_IN_MEMORY: i64 = 256 << 20;

/// Messages to remove, as ranges, both ends included.
struct PendingMessages(Vec<(i64, i64)>);

impl PendingMessages {
    fn of(messages: &[MessageId]) -> Self {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for id in messages.iter().map(|id| id.0) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == id => *last = id,
                _ => ranges.push((id, id)),
            }
        }
        Self(ranges)
    }

    fn parse(text: &str) -> Self {
        let range = |range: &str| {
            let (first, last) = range.split_once('-')?;
            Some((first.parse().ok()?, last.parse().ok()?))
        };
        Self(text.split_whitespace().filter_map(range).collect())
    }

    fn text(&self) -> String {
        let ranges = self.0.iter();
        let ranges: Vec<String> = ranges
            .map(|(first, last)| format!("{first}-{last}"))
            .collect();
        ranges.join(" ")
    }

    /// Takes the first ones off.
    fn take(&mut self, count: usize) -> Vec<MessageId> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let Some((first, last)) = self.0.first_mut() else {
                break;
            };
            taken.push(MessageId(*first));
            *first += 1;
            if *first > *last {
                self.0.remove(0);
            }
        }
        taken
    }

    fn len(&self) -> u64 {
        let lengths = self.0.iter().map(|(first, last)| last - first + 1);
        lengths.sum::<i64>().max(0).cast_unsigned()
    }
}

/// Records which messages are to be removed, beside those that are left of an earlier time.
pub(super) fn record(connection: &Connection, messages: &[MessageId]) -> Result<()> {
    let mut ranges = match pending(connection)? {
        Some(pending) => PendingMessages::parse(&pending).0,
        None => Vec::new(),
    };
    ranges.extend(PendingMessages::of(messages).0);
    set_meta(connection, PENDING_KEY, &PendingMessages(ranges).text())
}

fn pending(connection: &Connection) -> Result<Option<String>> {
    meta(connection, PENDING_KEY)
}

/// Goes on with what an earlier process began. What can't be done now is left to the next one.
pub(crate) fn resume(
    connection: &mut Connection,
    home: &Home,
    vectors: &dyn VectorIndex,
) -> Result<()> {
    if pending(connection)?.is_none() {
        return Ok(());
    }
    match finish((connection, home), vectors, &Stop::new(), &NoProgress) {
        Ok(_) | Err(Error::Locked | Error::Full) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Does what is left to do; whether all of it is done. Another process that does the same is left alone.
pub(super) fn finish(
    (connection, home): (&mut Connection, &Home),
    vectors: &dyn VectorIndex,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<bool> {
    let Some(_lock) = Lock::try_take(home, FORGET_LOCK)? else {
        return Ok(false);
    };
    let Some(left) = pending(connection)? else {
        return Ok(true);
    };
    let total = PendingMessages::parse(&left).len();
    loop {
        if stop.is_set() {
            return Ok(false);
        }
        let left = step(connection, vectors)?;
        progress.at(Stage::Forget, total.saturating_sub(left), total);
        if left == 0 {
            break;
        }
    }
    if stop.is_set() {
        return Ok(false);
    }
    if pending(connection)?.as_deref() != Some(LOG_LEFT) {
        clean_files(connection, home)?;
    }
    if !empty_log(connection) {
        return Ok(false);
    }
    let sql = "DELETE FROM meta WHERE key = ?1 AND value = ?2";
    let is_done = connection.execute(sql, [PENDING_KEY, LOG_LEFT])? == 1;
    empty_log(connection);
    Ok(is_done)
}

/// Removes the contents of some messages; returns how many are left.
fn step(connection: &mut Connection, vectors: &dyn VectorIndex) -> Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(left) = pending(&transaction)? else {
        return Ok(0);
    };
    let mut left = PendingMessages::parse(&left);
    let ids = left.take(STEP_MESSAGES);
    if ids.is_empty() {
        return Ok(0);
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in &ids {
        rows.extend(Row::get(&transaction, *id)?);
    }
    vectors.erase(&ArchiveState::new(&transaction), &ids)?;
    remove_contents(&transaction, &rows)?;
    set_meta(&transaction, PENDING_KEY, &left.text())?;
    transaction.commit()?;
    Ok(left.len())
}

/// Leaves nothing of what was removed in the files, but for the write-ahead log.
fn clean_files(connection: &mut Connection, home: &Home) -> Result<()> {
    connection.execute_batch("DELETE FROM label WHERE id NOT IN (SELECT label FROM labelled)")?;
    forget_removed(connection)?;
    remove_snapshots(home);
    rewrite(connection)?;
    // Somebody may have begun to forget more meanwhile.
    let sql = "UPDATE meta SET value = ?2 WHERE key = ?1 AND value = ''";
    connection.execute(sql, [PENDING_KEY, LOG_LEFT])?;
    Ok(())
}

/// Removes the files that hold copies of vectors; they are made anew where they are needed.
fn remove_snapshots(home: &Home) {
    let Ok(entries) = fs_err::read_dir(home.vectors()) else {
        return;
    };
    for entry in entries.flatten() {
        // One that another process has open may stay, on some systems: its name tells nothing, and it
        // is outdated.
        let _ = fs_err::remove_file(entry.path());
    }
}

/// Writes the whole database anew. What is deleted is overwritten with zeros, but copies of rows that once
/// were moved from one page to another stay in the unused parts of pages.
fn rewrite(connection: &Connection) -> Result<()> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    connection.flush_prepared_statement_cache();
    if bytes > MAX_BYTES_IN_MEMORY {
        connection.execute_batch("PRAGMA temp_store = FILE")?;
    }
    let done = connection.execute_batch("VACUUM");
    connection.execute_batch("PRAGMA temp_store = MEMORY")?;
    Ok(done?)
}
