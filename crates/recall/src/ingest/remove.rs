//! Removes messages from the archive for good: their texts, their terms, and all rows that refer to them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;
use transcript::Message;

use crate::guards::Masked;
use crate::index::{TermBuilder, remove_terms};
use crate::store::{
    Block, BlockWriter, Body, ConversationId, Counter, MessageId, Reader, Row, Span, Spans,
    is_embeddable, meta, put_bytes, set_meta,
};
use crate::{Error, Result};

/// Level at which a block that lost an entry is compressed again; see `write.rs`.
const COMPRESSION_LEVEL: i32 = 6;

/// The highest id ever given to a row, where higher ones were deleted than there are now. Ids are
/// never given again: what other processes derived from a deleted row would be taken for the new one.
#[derive(Clone, Copy)]
pub(crate) enum Highest {
    Message,
    Block,
}

impl Highest {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Message => ("message", "highest.message"),
            Self::Block => ("block", "highest.block"),
        }
    }

    /// The highest id that was ever given.
    pub(crate) fn get(self, connection: &Connection) -> Result<i64> {
        let (table, key) = self.names();
        let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
        let there: i64 = connection
            .prepare_cached(&sql)?
            .query_row([], |row| row.get(0))?;
        let known = meta(connection, key)?.and_then(|id| id.parse().ok());
        Ok(there.max(known.unwrap_or(0)))
    }

    fn keep(self, connection: &Connection) -> Result<()> {
        let highest = self.get(connection)?;
        set_meta(connection, self.names().1, &highest.to_string())
    }
}

/// Removes a message from everything but the index of vectors
/// ([`VectorIndex::erase`](crate::VectorIndex::erase)), and the rows that belong to a reflection.
///
/// The conversation stays, even if nothing is left of it.
pub(crate) fn remove_message(connection: &Connection, row: &Row) -> Result<()> {
    Highest::Message.keep(connection)?;
    Highest::Block.keep(connection)?;
    let message = Reader::new()?.message(connection, row)?;
    let (prose, payload) = TermBuilder::new().terms(&message).counts();
    Counter::Prose.add(connection, -prose.cast_signed())?;
    Counter::Payload.add(connection, -payload.cast_signed())?;
    Counter::Searchable.add(connection, -i64::from(prose + payload > 0))?;
    let waited = connection
        .prepare_cached("DELETE FROM pending WHERE time = ?1 AND message = ?2")?
        .execute(params![row.time.unwrap_or(0), row.id.0])?;
    if is_embeddable(&message) {
        Counter::Embeddable.add(connection, -1)?;
        Counter::Embedded.add(connection, if waited == 0 { -1 } else { 0 })?;
    }
    remove_terms(connection, row.id)?;
    for block in row.text.into_iter().chain([row.body]) {
        remove_entry(connection, block, row.id)?;
    }
    cut_span(connection, row.id, None)?;
    for sql in [
        "DELETE FROM key WHERE message = ?1",
        "DELETE FROM labelled WHERE message = ?1",
        "DELETE FROM message WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([row.id.0])?;
    }
    Ok(())
}

/// Removes a conversation if it has no message any more.
pub(crate) fn remove_if_empty(connection: &Connection, id: ConversationId) -> Result<()> {
    if !Spans::of_conversation(connection, id)?.0.is_empty() {
        return Ok(());
    }
    let sql = "DELETE FROM title WHERE rowid = (SELECT id FROM title_docsize WHERE id = ?1)";
    connection.prepare_cached(sql)?.execute([id.0])?;
    connection
        .prepare_cached("DELETE FROM conversation WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}

/// Replaces the texts and fields of messages, which keep their numbers. Their roles, kinds and times must
/// stay the same, and so must whether they have a text. Each block is written once.
pub(crate) fn rewrite_messages(
    connection: &Connection,
    messages: &[(Row, Masked<Message>)],
) -> Result<()> {
    let mut entries: BTreeMap<i64, FxHashMap<MessageId, Vec<u8>>> = BTreeMap::new();
    for (row, message) in messages {
        let mut body = Vec::new();
        match row.text {
            Some(block) => {
                let mut text = Vec::new();
                put_bytes(&mut text, message.id.as_bytes());
                text.extend_from_slice(message.text.as_bytes());
                entries.entry(block).or_default().insert(row.id, text);
            }
            None => put_bytes(&mut body, message.text.as_bytes()),
        }
        Body::write(message, &mut body);
        entries.entry(row.body).or_default().insert(row.id, body);
    }
    for (id, new) in entries {
        let block = load(connection, id)?;
        let mut all = BlockWriter::new(usize::MAX, COMPRESSION_LEVEL)?;
        for (message, entry) in block.entries() {
            let entry = new.get(&message).map_or(entry, Vec::as_slice);
            all.push(message, |out| out.extend_from_slice(entry));
        }
        save(connection, id, &all.take()?)?;
    }
    Ok(())
}

fn load(connection: &Connection, id: i64) -> Result<Block> {
    let data: Vec<u8> = connection
        .prepare_cached("SELECT data FROM block WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Block::unpack(&data, &mut zstd::bulk::Decompressor::new()?)
        .ok_or_else(|| Error::Damaged(format!("block {id} can't be read")))
}

fn save(connection: &Connection, id: i64, data: &[u8]) -> Result<()> {
    connection
        .prepare_cached("UPDATE block SET data = ?2 WHERE id = ?1")?
        .execute(params![id, data])?;
    Ok(())
}

/// Writes a block again without the entry of a message, or removes it with its last entry.
fn remove_entry(connection: &Connection, id: i64, message: MessageId) -> Result<()> {
    let block = load(connection, id)?;
    let mut rest = BlockWriter::new(usize::MAX, COMPRESSION_LEVEL)?;
    for (other, entry) in block.entries().filter(|(other, _)| *other != message) {
        rest.push(other, |out| out.extend_from_slice(entry));
    }
    if rest.is_empty() {
        connection
            .prepare_cached("DELETE FROM block WHERE id = ?1")?
            .execute([id])?;
    } else {
        save(connection, id, &rest.take()?)?;
    }
    Ok(())
}

/// Leaves a message out of its span, which may leave two of it. `next_at` is where the message after it
/// stands in its log, if that is known.
pub(super) fn cut_span(
    connection: &Connection,
    message: MessageId,
    next_at: Option<i64>,
) -> Result<()> {
    let Some(span) = Span::of_message(connection, message)? else {
        return Ok(());
    };
    connection
        .prepare_cached("DELETE FROM span WHERE first = ?1")?
        .execute([span.first.0])?;
    for (first, last, at) in [
        (span.first.0, message.0 - 1, span.at),
        (message.0 + 1, span.last.0, next_at.or(span.at)),
    ] {
        if first <= last {
            let (first, last) = (MessageId(first), MessageId(last));
            Span {
                first,
                last,
                at,
                ..span
            }
            .insert(connection)?;
        }
    }
    Ok(())
}
