//! The rows that say what became of messages: open, resolved or superseded.

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use transcript::{MarkStatus, Marking};

use super::keys::message_of_id;
use super::message::MessageId;
use crate::Result;
use crate::guards::Masked;

/// The columns that [`marking_of`] reads, in its order.
const MARK_COLUMNS: &str = "status, evidence, claim, who, time";

/// Adds a mark to a message; earlier ones stay.
pub(crate) fn add_mark(
    connection: &Connection,
    message: MessageId,
    marking: &Masked<Marking>,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO mark (message, status, evidence, claim, who, time)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            message.0,
            status_number(marking.status),
            marking.evidence,
            marking.claim,
            marking.who,
            marking.time
        ])?;
    Ok(())
}

/// Adds a mark to a message unless it is there. Returns whether it was added.
pub(crate) fn add_mark_once(
    connection: &Connection,
    message: MessageId,
    marking: &Masked<Marking>,
) -> Result<bool> {
    let is_known = marks_of(connection, message)?.contains(marking);
    if !is_known {
        add_mark(connection, message, marking)?;
    }
    Ok(!is_known)
}

/// Records a mark that a log tells of, unless it is there or the archive doesn't have its message.
pub(crate) fn learn_mark(
    connection: &Connection,
    source: &str,
    id: &str,
    marking: &Masked<Marking>,
) -> Result<()> {
    if let Some(message) = message_of_id(connection, source, id)? {
        add_mark_once(connection, message, marking)?;
    }
    Ok(())
}

/// What a message was marked as last.
pub(crate) fn newest_mark(connection: &Connection, message: MessageId) -> Result<Option<Marking>> {
    let sql = format!(
        "SELECT {MARK_COLUMNS} FROM mark WHERE message = ?1 ORDER BY time DESC, id DESC LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([message.0], marking_of).optional()?)
}

/// All marks of a message, the newest last.
pub(crate) fn marks_of(connection: &Connection, message: MessageId) -> Result<Vec<Marking>> {
    let sql = format!("SELECT {MARK_COLUMNS} FROM mark WHERE message = ?1 ORDER BY time, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([message.0], marking_of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn marking_of(row: &SqlRow<'_>) -> rusqlite::Result<Marking> {
    Ok(Marking {
        status: match row.get(0)? {
            1 => MarkStatus::Resolved,
            2 => MarkStatus::Superseded,
            _ => MarkStatus::Open,
        },
        evidence: row.get(1)?,
        claim: row.get(2)?,
        who: row.get(3)?,
        time: row.get(4)?,
    })
}

/// The number of a status in the archive.
fn status_number(status: MarkStatus) -> i64 {
    match status {
        MarkStatus::Open => 0,
        MarkStatus::Resolved => 1,
        MarkStatus::Superseded => 2,
    }
}
