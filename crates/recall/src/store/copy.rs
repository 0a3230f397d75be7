//! Messages that stand in further conversations beside their own: those that a fork or a resumed session
//! repeats.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use transcript::{Message, Millis};

use super::body::Body;
use super::message::MessageId;
use super::span::{ConversationId, ProjectFilter, ProjectId};
use crate::Result;
use crate::guards::Masked;

/// A message in a conversation that repeats it.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    /// The project that it was said in there.
    pub(crate) project: ProjectId,
    /// When it was said there.
    pub(crate) time: Option<Millis>,
    /// The log that it was read from; see [`Span::log`](super::Span::log).
    pub(crate) log: Option<i64>,
    /// The byte offset in that log.
    pub(crate) at: Option<i64>,
}

const COLUMNS: &str = "conversation, message, project, time, log, at";

impl Copy {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            conversation: ConversationId(row.get(0)?),
            message: MessageId(row.get(1)?),
            project: ProjectId(row.get(2)?),
            time: row.get(3)?,
            log: row.get(4)?,
            at: row.get(5)?,
        })
    }

    /// Adds it. Of several in one conversation the earliest that was read from a log stays, and of those of
    /// one time always the same.
    /// `place` is where and how it was said, `None` where that is as the message has it.
    pub(crate) fn insert(
        &self,
        connection: &Connection,
        place: Option<&Masked<Message>>,
    ) -> Result<()> {
        let sql = "INSERT INTO copy (conversation, message, project, time, log, at, place)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (conversation, message) DO UPDATE
             SET project = ?3, time = ?4, log = ?5, at = ?6, place = ?7
             WHERE (copy.log IS NULL, copy.time IS NULL, coalesce(copy.time, 0), coalesce(copy.log, 0))
               > (?5 IS NULL, ?4 IS NULL, coalesce(?4, 0), coalesce(?5, 0))";
        connection.prepare_cached(sql)?.execute(params![
            self.conversation.0,
            self.message.0,
            self.project.0,
            self.time,
            self.log,
            self.at,
            place.map(packed)
        ])?;
        Ok(())
    }

    /// Removes it.
    pub(crate) fn delete(&self, connection: &Connection) -> Result<()> {
        connection
            .prepare_cached("DELETE FROM copy WHERE conversation = ?1 AND message = ?2")?
            .execute([self.conversation.0, self.message.0])?;
        Ok(())
    }

    /// Gives it to another project.
    pub(crate) fn give_to(&self, connection: &Connection, project: ProjectId) -> Result<()> {
        connection
            .prepare_cached(
                "UPDATE copy SET project = ?3 WHERE conversation = ?1 AND message = ?2",
            )?
            .execute([self.conversation.0, self.message.0, project.0])?;
        Ok(())
    }

    /// Where and how the message was said there; `None` where that is as the message has it.
    pub(crate) fn place(&self, connection: &Connection) -> Result<Option<Masked<Message>>> {
        let sql = "SELECT place FROM copy WHERE conversation = ?1 AND message = ?2";
        let place: Option<Option<Vec<u8>>> = connection
            .prepare_cached(sql)?
            .query_row([self.conversation.0, self.message.0], |row| row.get(0))
            .optional()?;
        Ok(place.flatten().and_then(|bytes| {
            let place = unpacked(&bytes)?;
            Some(Masked::kept(Message {
                time: self.time,
                ..place
            }))
        }))
    }
}

/// The copies in a conversation, as far as they lie in the projects, in the order of their messages.
pub(crate) fn copies_in(
    connection: &Connection,
    conversation: ConversationId,
    within: ProjectFilter,
) -> Result<Vec<Copy>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM copy WHERE conversation = ?1 AND (?2 IS NULL OR project = ?2)
         ORDER BY message"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![conversation.0, within.parameter()], Copy::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The copies of a message.
pub(crate) fn copies_of(connection: &Connection, message: MessageId) -> Result<Vec<Copy>> {
    let sql = format!("SELECT {COLUMNS} FROM copy WHERE message = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([message.0], Copy::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The copies in a project.
pub(crate) fn copies_of_project(connection: &Connection, project: ProjectId) -> Result<Vec<Copy>> {
    let sql = format!("SELECT {COLUMNS} FROM copy WHERE project = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([project.0], Copy::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The copy of a message in a conversation.
pub(crate) fn copy_in(
    connection: &Connection,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Option<Copy>> {
    let sql = format!("SELECT {COLUMNS} FROM copy WHERE conversation = ?1 AND message = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let copy = statement.query_row([conversation.0, message.0], Copy::from_row);
    Ok(copy.optional()?)
}

/// Masks what is kept of copies beside their messages; returns how many were changed.
pub(crate) fn clean_copies(
    connection: &Connection,
    within: ProjectFilter,
    dry_run: bool,
    mask: &mut dyn FnMut(Message) -> Masked<Message>,
) -> Result<u64> {
    let sql = "SELECT conversation, message, place FROM copy
         WHERE place IS NOT NULL AND (?1 IS NULL OR project = ?1)";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([within.parameter()])?;
    let mut changed = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(2)?;
        let Some(before) = unpacked(&bytes) else {
            continue;
        };
        let after = mask(before.clone());
        if *after != before {
            changed.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, packed(&after)));
        }
    }
    drop(rows);
    if !dry_run {
        let sql = "UPDATE copy SET place = ?3 WHERE conversation = ?1 AND message = ?2";
        let mut update = connection.prepare(sql)?;
        for (conversation, message, place) in &changed {
            update.execute(params![conversation, message, place])?;
        }
    }
    Ok(changed.len() as u64)
}

fn packed(place: &Masked<Message>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Body::write(place, &mut bytes);
    bytes
}

fn unpacked(bytes: &[u8]) -> Option<Message> {
    let mut place = Message::default();
    Body::read(bytes, &mut place)?;
    Some(place)
}
