//! Reading messages back.

use rusqlite::{Connection, OptionalExtension as _};
use transcript::{Message, Millis};

use super::block::{BlockReader, take_bytes};
use super::body::Body;
use super::message::{Flags, MessageId};
use crate::{Error, Result};

/// A message's row in the database: what can be read without unpacking a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: MessageId,
    pub(crate) time: Option<Millis>,
    pub(crate) flags: Flags,
    pub(crate) text: Option<i64>,
    pub(crate) body: i64,
}

impl Row {
    /// The row of a message, if there is one.
    pub(crate) fn get(connection: &Connection, id: MessageId) -> Result<Option<Self>> {
        let mut statement = connection
            .prepare_cached("SELECT time, flags, text, body FROM message WHERE id = ?1")?;
        Ok(statement
            .query_row([id.0], |row| {
                Ok(Self {
                    id,
                    time: row.get(0)?,
                    flags: Flags(row.get(1)?),
                    text: row.get(2)?,
                    body: row.get(3)?,
                })
            })
            .optional()?)
    }
}

/// Reads messages; keeps the blocks that it unpacked last.
pub(crate) struct Reader {
    texts: BlockReader,
    bodies: BlockReader,
}

impl Reader {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            texts: BlockReader::new()?,
            bodies: BlockReader::new()?,
        })
    }

    /// The source's id and the text of a message; both empty for a message without text.
    pub(crate) fn text(&mut self, connection: &Connection, row: &Row) -> Result<(String, String)> {
        let Some(block) = row.text else {
            return Ok(Default::default());
        };
        let damage = || damaged(row.id);
        let mut entry = self
            .texts
            .block(connection, block)?
            .get(row.id)
            .ok_or_else(damage)?;
        let id = take_bytes(&mut entry).ok_or_else(damage)?;
        Ok((
            String::from_utf8_lossy(id).into_owned(),
            String::from_utf8_lossy(entry).into_owned(),
        ))
    }

    /// The whole message, but for its conversation.
    pub(crate) fn message(&mut self, connection: &Connection, row: &Row) -> Result<Message> {
        let damage = || damaged(row.id);
        let mut message = Message {
            role: row.flags.role(),
            kind: row.flags.kind(),
            time: row.time,
            ..Message::default()
        };
        let mut entry = self
            .bodies
            .block(connection, row.body)?
            .get(row.id)
            .ok_or_else(damage)?;
        if row.text.is_none() {
            let text = take_bytes(&mut entry).ok_or_else(damage)?;
            message.text = String::from_utf8_lossy(text).into_owned();
        }
        Body::read(entry, &mut message).ok_or_else(damage)?;
        if row.text.is_some() {
            message.text = self.text(connection, row)?.1;
        }
        Ok(message)
    }

    /// Forgets unpacked blocks.
    pub(crate) fn clear(&mut self) {
        self.texts.clear();
        self.bodies.clear();
    }
}

fn damaged(id: MessageId) -> Error {
    Error::Damaged(format!("message {} can't be read", id.0))
}
