//! The rows that hold what only facts about the person have, beside their messages.

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use transcript::{FactOrigin, Millis};

use super::keys::message_of_id;
use super::message::MessageId;
use super::meta::{meta, set_meta};
use super::read::Row;
use super::reflection::{one_line_tags, tag_lines};
use crate::Result;
use crate::guards::Masked;

/// The columns that [`FactRow::from_row`] reads, in its order.
pub(crate) const FACT_COLUMNS: &str =
    "message, id, topics, kind, conversation, said, turn, character, created, updated,
     superseded_by, version";

/// Counts the changes of facts.
const VERSION_KEY: &str = "facts.version";

/// What the archive keeps of a fact beside its message.
#[derive(Clone, Debug)]
pub(crate) struct FactRow {
    pub(crate) message: MessageId,
    pub(crate) id: String,
    pub(crate) origin: FactOrigin,
    pub(crate) created: Millis,
    pub(crate) version: i64,
}

impl FactRow {
    pub(crate) fn from_row(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let topics: String = row.get(2)?;
        Ok(Self {
            message: MessageId(row.get(0)?),
            id: row.get(1)?,
            origin: FactOrigin {
                topics: topics.lines().map(str::to_owned).collect(),
                kind: row.get(3)?,
                conversation: row.get(4)?,
                said: row.get(5)?,
                turn: row.get(6)?,
                character: row.get(7)?,
                updated: row.get(9)?,
                superseded_by: row.get(10)?,
            },
            created: row.get(8)?,
            version: row.get(11)?,
        })
    }

    /// The row of a message, if that is a fact.
    pub(crate) fn of_message(connection: &Connection, message: MessageId) -> Result<Option<Self>> {
        let sql = format!("SELECT {FACT_COLUMNS} FROM fact WHERE message = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        Ok(statement
            .query_row([message.0], Self::from_row)
            .optional()?)
    }

    /// The rows whose ids start with `start`, at most `limit`: one whose id is that comes first, the others in
    /// the order of their ids.
    pub(crate) fn starting_with(
        connection: &Connection,
        start: &str,
        limit: u32,
    ) -> Result<Vec<Self>> {
        let sql = format!(
            "SELECT {FACT_COLUMNS} FROM fact
             WHERE id = ?1 OR substr(id, 1, length(?1)) = ?1 ORDER BY id != ?1, id LIMIT ?2"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![start, limit], Self::from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Adds the row of a message, unless it is there.
    pub(crate) fn insert(
        connection: &Connection,
        (message, id): (MessageId, &str),
        created: Millis,
        origin: &Masked<FactOrigin>,
    ) -> Result<()> {
        let version = next_fact_version(connection)?;
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO fact (message, id, topics, kind, conversation, said, turn, character,
                   created, updated, superseded_by, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                message.0,
                id,
                tag_lines(&origin.topics),
                origin.kind,
                origin.conversation,
                origin.said,
                origin.turn,
                origin.character,
                created,
                origin.updated,
                origin.superseded_by,
                version
            ])?;
        Ok(())
    }
}

/// How many changes of facts there were.
pub(crate) fn fact_version(connection: &Connection) -> Result<i64> {
    let version = meta(connection, VERSION_KEY)?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Counts a change of facts.
pub(crate) fn next_fact_version(connection: &Connection) -> Result<i64> {
    let next = fact_version(connection)? + 1;
    set_meta(connection, VERSION_KEY, &next.to_string())?;
    Ok(next)
}

/// Records what a log says that a message has as a fact; nothing where the archive doesn't have the message.
pub(crate) fn learn_fact(
    connection: &Connection,
    source: &str,
    id: &str,
    origin: &Masked<FactOrigin>,
) -> Result<()> {
    let Some(message) = message_of_id(connection, source, id)? else {
        return Ok(());
    };
    let Some(row) = Row::get(connection, message)? else {
        return Ok(());
    };
    let origin = Masked::kept(FactOrigin {
        topics: one_line_tags(&origin.topics),
        ..FactOrigin::clone(origin)
    });
    FactRow::insert(connection, (row.id, id), row.time.unwrap_or(0), &origin)
}
