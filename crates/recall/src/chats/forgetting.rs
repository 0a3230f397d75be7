//! What the chat keeps of messages that are about to go.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::summaries::forget_summaries;
use crate::Result;
use crate::store::MessageId;

/// Takes messages that are about to go out of the branches of their conversations, and removes what the chat
/// keeps of them.
pub(crate) fn forget_messages(connection: &Connection, messages: &[MessageId]) -> Result<()> {
    forget_summaries(connection, messages)?;
    for message in messages {
        let Some(row) = connection
            .prepare_cached("SELECT parent, conversation FROM chat_message WHERE message = ?1")?
            .query_row([message.0], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?
        else {
            continue;
        };
        let (parent, conversation) = row;
        for sql in [
            "UPDATE chat_message SET parent = ?2 WHERE parent = ?1 AND conversation = ?3",
            "UPDATE chat SET head = ?2, version = version + 1 WHERE head = ?1 AND conversation = ?3",
            "UPDATE turn SET question = ?2 WHERE question = ?1 AND conversation = ?3",
        ] {
            connection
                .prepare_cached(sql)?
                .execute(params![message.0, parent, conversation])?;
        }
        connection
            .prepare_cached("DELETE FROM chat_message WHERE message = ?1")?
            .execute([message.0])?;
    }
    Ok(())
}
