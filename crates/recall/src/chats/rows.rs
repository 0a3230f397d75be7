//! Rows that conversations and messages of the chat have beside those that every source has.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::{CHAT_SOURCE, ConversationId, MessageId, message_of_id};
use crate::{Error, Result};

/// A row of `chat` in short.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChatRow {
    pub(super) conversation: ConversationId,
    pub(super) head: Option<MessageId>,
}

/// The conversation of the chat that has this id.
pub(super) fn find(connection: &Connection, id: &str) -> Result<ChatRow> {
    let sql =
        "SELECT conversation, head FROM chat JOIN conversation ON conversation.id = conversation
         WHERE source = ?1 AND key = ?2";
    connection
        .prepare_cached(sql)?
        .query_row([CHAT_SOURCE, id], |row| {
            Ok(ChatRow {
                conversation: ConversationId(row.get(0)?),
                head: row.get::<_, Option<i64>>(1)?.map(MessageId),
            })
        })
        .optional()?
        .ok_or_else(|| Error::NoConversation(id.to_owned()))
}

/// The message of a conversation that has this id.
pub(super) fn find_message(
    connection: &Connection,
    conversation: ConversationId,
    id: &str,
) -> Result<MessageId> {
    let missing = || Error::NoMessage(id.to_owned());
    let message = message_of_id(connection, CHAT_SOURCE, id)?.ok_or_else(missing)?;
    let sql = "SELECT conversation FROM chat_message WHERE message = ?1";
    let of: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    match of == Some(conversation.0) {
        true => Ok(message),
        false => Err(missing()),
    }
}

/// The message before one, on its branch.
pub(super) fn parent(connection: &Connection, message: MessageId) -> Result<Option<MessageId>> {
    let sql = "SELECT parent FROM chat_message WHERE message = ?1";
    let parent: Option<Option<i64>> = connection
        .prepare_cached(sql)?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    Ok(parent.flatten().map(MessageId))
}

/// Notes that a conversation was changed.
pub(super) fn touch(connection: &Connection, id: ConversationId, now: i64) -> Result<()> {
    let sql = "UPDATE chat SET updated = max(updated, ?2), version = version + 1
         WHERE conversation = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![id.0, now])?;
    Ok(())
}

/// Sets the end of the branch that is shown.
pub(super) fn set_head(
    connection: &Connection,
    id: ConversationId,
    head: Option<MessageId>,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE chat SET head = ?2 WHERE conversation = ?1")?
        .execute(params![id.0, head.map(|head| head.0)])?;
    Ok(())
}
