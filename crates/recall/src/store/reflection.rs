//! The rows that hold what only reflections have, beside their messages.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row as SqlRow, params};
use transcript::{Millis, Reflected};

use super::keys::message_of_id;
use super::message::MessageId;
use super::read::Row;
use super::span::ProjectFilter;
use crate::Result;
use crate::guards::Masked;

/// The columns that [`ReflectionRow::from_row`] reads, in its order.
const REFLECTION_COLUMNS: &str = "message, id, tags, author, created, updated, conversation";

/// What the archive keeps of a reflection beside its message.
pub(crate) struct ReflectionRow {
    pub(crate) message: MessageId,
    pub(crate) id: String,
    pub(crate) tags: Vec<String>,
    pub(crate) author: Option<String>,
    pub(crate) created: Millis,
    pub(crate) updated: Option<Millis>,
    pub(crate) conversation: Option<String>,
}

impl ReflectionRow {
    pub(crate) fn from_row(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let tags: String = row.get(2)?;
        Ok(Self {
            message: MessageId(row.get(0)?),
            id: row.get(1)?,
            tags: tags.lines().map(str::to_owned).collect(),
            author: row.get(3)?,
            created: row.get(4)?,
            updated: row.get(5)?,
            conversation: row.get(6)?,
        })
    }

    /// The row of a message, if that is a reflection.
    pub(crate) fn of_message(connection: &Connection, message: MessageId) -> Result<Option<Self>> {
        let sql = format!("SELECT {REFLECTION_COLUMNS} FROM reflection WHERE message = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        Ok(statement
            .query_row([message.0], Self::from_row)
            .optional()?)
    }

    /// The rows of the projects whose ids start with `start`, at most `limit`: one whose id is that comes
    /// first, the others in the order of their ids.
    pub(crate) fn starting_with(
        connection: &Connection,
        start: &str,
        within: ProjectFilter,
        limit: u32,
    ) -> Result<Vec<Self>> {
        let sql = format!(
            "SELECT {REFLECTION_COLUMNS} FROM reflection
             WHERE (id = ?1 OR substr(id, 1, length(?1)) = ?1) AND (?2 IS NULL OR EXISTS (
               SELECT 1 FROM span WHERE project = ?2 AND message BETWEEN first AND last
             )) ORDER BY id != ?1, id LIMIT ?3"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![start, within.parameter(), limit], Self::from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A query for the rows made from one time on (`?1`) and before another (`?2`), the newest first.
    pub(crate) fn newest_first(connection: &Connection) -> Result<CachedStatement<'_>> {
        let sql = format!(
            "SELECT {REFLECTION_COLUMNS} FROM reflection
             WHERE created >= ?1 AND created < ?2 ORDER BY created DESC, message DESC"
        );
        Ok(connection.prepare_cached(&sql)?)
    }

    /// Adds the row of a message, unless it is there.
    pub(crate) fn insert(
        connection: &Connection,
        message: MessageId,
        id: &str,
        created: Millis,
        about: &Masked<Reflected>,
    ) -> Result<()> {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO reflection
                   (message, id, tags, author, created, updated, conversation)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                message.0,
                id,
                tag_lines(&about.tags),
                about.author,
                created,
                about.updated,
                about.conversation
            ])?;
        Ok(())
    }

    /// The row in the form in which messages and exports carry it.
    pub(crate) fn about(self) -> Reflected {
        Reflected {
            tags: self.tags,
            author: self.author,
            updated: self.updated,
            conversation: self.conversation,
        }
    }
}

/// Tags as a row keeps them: one a line.
pub(crate) fn tag_lines(tags: &[String]) -> String {
    tags.iter().flat_map(|tag| [tag.as_str(), "\n"]).collect()
}

/// Tags that [`tag_lines`] can keep: on one line each, each once, none of them empty.
pub(crate) fn one_line_tags(tags: &[String]) -> Vec<String> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if !tag.is_empty() && !clean.contains(&tag) {
            clean.push(tag);
        }
    }
    clean
}

/// Records what a log says that a message has as a reflection; nothing where the archive doesn't have the
/// message.
pub(crate) fn learn_reflection(
    connection: &Connection,
    source: &str,
    id: &str,
    about: &Masked<Reflected>,
) -> Result<()> {
    let Some(message) = message_of_id(connection, source, id)? else {
        return Ok(());
    };
    let Some(row) = Row::get(connection, message)? else {
        return Ok(());
    };
    let about = Masked::kept(Reflected {
        tags: one_line_tags(&about.tags),
        ..Reflected::clone(about)
    });
    ReflectionRow::insert(connection, row.id, id, row.time.unwrap_or(0), &about)
}
