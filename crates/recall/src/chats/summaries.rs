//! Summaries of older messages, which a chat keeps in the detail of the message that follows them.

use rusqlite::{Connection, OptionalExtension as _};
use rustc_hash::FxHashSet;

use super::rows::parent;
use crate::Result;
use crate::store::MessageId;

/// Removes the summaries that stand for any of these messages: what was in one that goes or changes may be
/// in them.
pub(super) fn forget_summaries(connection: &Connection, going: &[MessageId]) -> Result<()> {
    let going: FxHashSet<i64> = going.iter().map(|message| message.0).collect();
    let mut conversations = FxHashSet::default();
    for message in &going {
        let sql = "SELECT conversation FROM chat_message WHERE message = ?1";
        let of: Option<i64> = connection
            .prepare_cached(sql)?
            .query_row([message], |row| row.get(0))
            .optional()?;
        conversations.extend(of);
    }
    for conversation in conversations {
        for message in summarised(connection, conversation)? {
            if follows_any(connection, message, &going)? {
                connection
                    .prepare_cached(
                        "UPDATE chat_message SET detail = json_remove(detail, '$.summary') WHERE message = ?1",
                    )?
                    .execute([message.0])?;
            }
        }
    }
    Ok(())
}

/// The messages of a conversation that have a summary of those before them.
fn summarised(connection: &Connection, conversation: i64) -> Result<Vec<MessageId>> {
    let sql = "SELECT message FROM chat_message
         WHERE conversation = ?1 AND instr(detail, '\"summary\"') > 0 AND json_valid(detail)";
    let mut statement = connection.prepare_cached(sql)?;
    let messages = statement.query_map([conversation], |row| row.get(0).map(MessageId))?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}

/// Whether a message is one of these, or stands behind one on its branch.
fn follows_any(
    connection: &Connection,
    message: MessageId,
    others: &FxHashSet<i64>,
) -> Result<bool> {
    let mut seen = FxHashSet::default();
    let mut at = Some(message);
    // A damaged archive may have a loop.
    while let Some(message) = at.filter(|message| seen.insert(message.0)) {
        if others.contains(&message.0) {
            return Ok(true);
        }
        at = parent(connection, message)?;
    }
    Ok(false)
}
