//! From which messages facts are still to be drawn, and how many tokens that took today.

use rusqlite::{Connection, params};

use super::fact::{FactBasis, FactDue};
use crate::guards::Cleared;
use crate::store::{CHAT_SOURCE, Reader, Row, message_of_id, meta, set_meta};
use crate::{Error, MessageId, Result};

/// The day, in days since 1970, and the tokens that drawing facts took on it.
const SPENT_KEY: &str = "facts.spent";

/// How often drawing from a message is tried.
const MAX_TRIES: i64 = 3;

/// Messages that are due at a time, in one answer.
const MAX_DUE: i64 = 1_000;

/// Notes that facts are to be drawn from a message of the chat.
pub(crate) fn set_due(connection: &Connection, message: &str) -> Result<()> {
    if let Some(message) = message_of_id(connection, CHAT_SOURCE, message)? {
        connection
            .prepare_cached("UPDATE chat_message SET drawing = 0 WHERE message = ?1")?
            .execute([message.0])?;
    }
    Ok(())
}

/// Notes that no facts are to be drawn any more from a message as it was. One whose words were changed meanwhile
/// stays due.
pub(crate) fn end_drawing(connection: &Connection, basis: FactBasis) -> Result<()> {
    connection
        .prepare_cached("UPDATE chat_message SET drawing = NULL WHERE message = ?1")?
        .execute([basis.0.0])?;
    Ok(())
}

/// A message of the chat as it is now.
pub(crate) fn basis(connection: &Connection, message: &str) -> Result<Cleared<FactBasis>> {
    let id = message_of_id(connection, CHAT_SOURCE, message)?;
    let id = id.ok_or_else(|| Error::NoMessage(message.to_owned()))?;
    Ok(Cleared::unquoted(FactBasis(id)))
}

/// Refuses what rests on a message that is gone, or whose words were changed.
pub(crate) fn check_basis(connection: &Connection, basis: FactBasis) -> Result<()> {
    let is_there = connection
        .prepare_cached("SELECT 1 FROM chat_message WHERE message = ?1")?
        .exists([basis.0.0])?;
    match is_there {
        true => Ok(()),
        false => Err(Error::NoMessage(format!("#{}", basis.0.0))),
    }
}

/// Counts a try at a message that is due. Nothing if it isn't any more, or was tried often enough, whereupon it
/// isn't.
pub(crate) fn begin_drawing(
    connection: &Connection,
    message: &str,
) -> Result<Cleared<Option<FactBasis>>> {
    let Some(id) = message_of_id(connection, CHAT_SOURCE, message)? else {
        return Ok(Cleared::unquoted(None));
    };
    let counted = connection
        .prepare_cached(
            "UPDATE chat_message SET drawing = drawing + 1 WHERE message = ?1 AND drawing < ?2",
        )?
        .execute(params![id.0, MAX_TRIES])?;
    if counted == 0 {
        end_drawing(connection, FactBasis(id))?;
    }
    Ok(Cleared::unquoted((counted > 0).then_some(FactBasis(id))))
}

/// The messages from which facts are still to be drawn, the oldest first.
pub(crate) fn due(connection: &Connection) -> Result<Cleared<Vec<FactDue>>> {
    let sql =
        "SELECT conversation.key, chat_message.message, chat_message.turn, coalesce(process, '')
         FROM chat_message JOIN conversation ON conversation.id = chat_message.conversation
         LEFT JOIN turn ON turn.id = chat_message.turn
         WHERE drawing IS NOT NULL ORDER BY chat_message.message LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([MAX_DUE], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let mut reader = Reader::new()?;
    let mut due = Vec::new();
    for row in rows {
        let (conversation, message, turn, process): (String, i64, Option<String>, String) = row?;
        let Some(row) = Row::get(connection, MessageId(message))? else {
            continue;
        };
        if let Ok(message) = reader.message(connection, &row) {
            due.push(FactDue {
                conversation,
                message: message.id,
                turn,
                process,
            });
        }
    }
    Ok(Cleared::unquoted(due))
}

/// How many tokens drawing facts took on a day, in days since 1970.
pub(crate) fn spent(connection: &Connection, day: i64) -> Result<u64> {
    let known = meta(connection, SPENT_KEY)?.unwrap_or_default();
    let of_day = known
        .split_once(' ')
        .filter(|(known, _)| *known == day.to_string());
    Ok(of_day
        .and_then(|(_, tokens)| tokens.parse().ok())
        .unwrap_or(0))
}

/// Counts tokens of a day. Call it in a transaction.
pub(crate) fn spend(connection: &Connection, day: i64, tokens: i64) -> Result<()> {
    let all = spent(connection, day)?.saturating_add_signed(tokens);
    set_meta(connection, SPENT_KEY, &format!("{day} {all}"))
}
