//! Removes messages from the archive for good: their texts, their terms, and all rows that refer to them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::Message;

use crate::guards::Masked;
use crate::index::{TermBuilder, remove_terms, unlink_terms};
use crate::store::{
    Block, BlockWriter, Body, ConversationId, Counter, MessageId, ProjectFilter, Reader, Row, Span,
    Spans, copies_in, is_embeddable, meta, put_bytes, set_meta,
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
    remove_terms(connection, row.id)?;
    remove_contents(connection, std::slice::from_ref(row))?;
    cut_span(connection, row.id, None)?;
    for sql in [
        "DELETE FROM key WHERE message = ?1",
        "DELETE FROM copy WHERE message = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([row.id.0])?;
    }
    Ok(())
}

/// Removes what messages hold: texts and payloads, labels, and rows, but neither their places in
/// conversations nor their keys. Their terms are unreachable then, and gone with the next merge
/// ([`forget_removed`](crate::index::forget_removed)). Each block is written once. Returns how many of the
/// messages were damaged; these are removed too, but what the counts had of them stays counted.
pub(crate) fn remove_contents(connection: &Connection, rows: &[Row]) -> Result<u64> {
    Highest::Message.keep(connection)?;
    Highest::Block.keep(connection)?;
    let (mut reader, mut terms) = (Reader::new()?, TermBuilder::new());
    let mut blocks: BTreeMap<i64, FxHashSet<MessageId>> = BTreeMap::new();
    let mut damaged = 0;
    for row in rows {
        let waited = connection
            .prepare_cached("DELETE FROM pending WHERE time = ?1 AND message = ?2")?
            .execute(params![row.time.unwrap_or(0), row.id.0])?;
        match reader.message(connection, row) {
            Ok(message) => uncount(connection, &message, &mut terms, waited > 0)?,
            Err(Error::Damaged(_)) => damaged += 1,
            Err(error) => return Err(error),
        }
        unlink_terms(connection, row.id)?;
        for block in row.text.into_iter().chain([row.body]) {
            blocks.entry(block).or_default().insert(row.id);
        }
        for sql in [
            "DELETE FROM labelled WHERE message = ?1",
            "DELETE FROM message WHERE id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([row.id.0])?;
        }
    }
    for (block, messages) in blocks {
        remove_entries(connection, block, &messages)?;
    }
    Ok(damaged)
}

/// Takes a message out of the counts.
fn uncount(
    connection: &Connection,
    message: &Message,
    terms: &mut TermBuilder,
    waited: bool,
) -> Result<()> {
    let (prose, payload) = terms.terms(message).counts();
    Counter::Prose.add(connection, -prose.cast_signed())?;
    Counter::Payload.add(connection, -payload.cast_signed())?;
    Counter::Searchable.add(connection, -i64::from(prose + payload > 0))?;
    if is_embeddable(message) {
        Counter::Embeddable.add(connection, -1)?;
        Counter::Embedded.add(connection, if waited { 0 } else { -1 })?;
    }
    Ok(())
}

/// Removes a conversation if it has no message any more.
pub(crate) fn remove_if_empty(connection: &Connection, id: ConversationId) -> Result<()> {
    if !Spans::of_conversation(connection, id)?.0.is_empty()
        || !copies_in(connection, id, ProjectFilter::All)?.is_empty()
    {
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
    let data: Option<Vec<u8>> = connection
        .prepare_cached("SELECT data FROM block WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let decompressor = &mut zstd::bulk::Decompressor::new()?;
    data.and_then(|data| Block::unpack(&data, decompressor))
        .ok_or_else(|| Error::Damaged(format!("block {id} can't be read")))
}

fn save(connection: &Connection, id: i64, data: &[u8]) -> Result<()> {
    connection
        .prepare_cached("UPDATE block SET data = ?2 WHERE id = ?1")?
        .execute(params![id, data])?;
    Ok(())
}

/// Writes a block again without the entries of messages, or removes it with its last entry. One that can't
/// be read is removed once no message refers to it.
fn remove_entries(connection: &Connection, id: i64, messages: &FxHashSet<MessageId>) -> Result<()> {
    let mut rest = BlockWriter::new(usize::MAX, COMPRESSION_LEVEL)?;
    match load(connection, id) {
        Ok(block) => {
            let kept = block
                .entries()
                .filter(|(other, _)| !messages.contains(other));
            for (other, entry) in kept {
                rest.push(other, |out| out.extend_from_slice(entry));
            }
        }
        Err(Error::Damaged(_)) if is_referred_to(connection, id)? => return Ok(()),
        Err(Error::Damaged(_)) => {}
        Err(error) => return Err(error),
    }
    if rest.is_empty() {
        connection
            .prepare_cached("DELETE FROM block WHERE id = ?1")?
            .execute([id])?;
        return Ok(());
    }
    save(connection, id, &rest.take()?)
}

/// Whether a message has its text or payload in a block.
fn is_referred_to(connection: &Connection, block: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM message WHERE text = ?1 OR body = ?1)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([block], |row| row.get(0))?)
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
