//! What the chat sent to models, kept for its person to look at.

use rusqlite::Connection;

use crate::Result;

/// Removes what turns sent to models, and what was recalled for messages: any of it may hold what is to be
/// forgotten.
pub(crate) fn forget_requests(connection: &Connection) -> Result<()> {
    for sql in [
        "UPDATE turn SET request = NULL WHERE request IS NOT NULL",
        "UPDATE chat_message SET detail = json_remove(detail, '$.context')
         WHERE instr(detail, 'context') > 0 AND json_valid(detail)",
    ] {
        connection.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}
