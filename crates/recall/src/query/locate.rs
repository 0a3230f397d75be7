//! What an id means that was copied from an output: a conversation, or a message of one.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::guards::{Cleared, Gate};
use crate::query::conversation::Conversation;
use crate::store::{ConversationId, MessageId, Reader, Row, message_of_id, shown_id};
use crate::{Error, Result};

/// Characters of a message's id from which on its start is looked for: shorter ones fit many, and each
/// message has to be unpacked for it.
const MIN_PREFIX_CHARS: usize = 6;

/// Messages that are named where the start of an id fits several.
const MAX_CANDIDATES: usize = 5;

/// What an id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The whole id of the conversation.
    pub conversation: String,
    /// The message's id as it is shown; `None` where the id is that of the conversation.
    pub message: Option<String>,
}

/// The conversation or message that an id means, in any project: first a whole id, of a conversation before
/// that of a message, then the start of a conversation's id, then that of a message's.
pub(crate) fn locate(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
) -> Result<Cleared<Located>> {
    let found = match Conversation::find(connection, gate, id) {
        Ok(conversation) if conversation.key == id => whole(conversation),
        begun => match message(connection, id)? {
            Some(located) => located,
            None => match begun {
                Ok(conversation) => whole(conversation),
                Err(Error::NoConversation(_)) => message_that_starts_so(connection, id)?
                    .ok_or_else(|| Error::NoConversation(id.to_owned()))?,
                Err(error) => return Err(error),
            },
        },
    };
    // Ids quote nothing.
    Ok(Cleared::unquoted(found))
}

fn whole(conversation: Conversation) -> Located {
    Located {
        conversation: conversation.key,
        message: None,
    }
}

/// The message that has exactly this id, in whichever source, or `#` and its number here.
fn message(connection: &Connection, id: &str) -> Result<Option<Located>> {
    if let Some(number) = id.strip_prefix('#') {
        let Ok(number) = number.parse() else {
            return Ok(None);
        };
        return in_conversation(connection, MessageId(number), id.to_owned());
    }
    let mut statement = connection.prepare_cached("SELECT DISTINCT source FROM conversation")?;
    let sources = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for source in sources {
        found.extend(message_of_id(connection, &source?, id)?);
    }
    found.sort();
    found.dedup();
    match found[..] {
        [] => Ok(None),
        [only] => in_conversation(connection, only, id.to_owned()),
        _ => Err(Error::AmbiguousMessage {
            id: id.to_owned(),
            candidates: found.iter().map(|id| format!("#{}", id.0)).collect(),
        }),
    }
}

/// The message whose id alone starts so. Ids are kept packed with what they name, so that this reads the
/// head of every message.
fn message_that_starts_so(connection: &Connection, start: &str) -> Result<Option<Located>> {
    if start.chars().count() < MIN_PREFIX_CHARS {
        return Ok(None);
    }
    let mut reader = Reader::new()?;
    let mut ids = connection.prepare_cached("SELECT id FROM message ORDER BY id")?;
    let ids = ids.query_map([], |row| row.get(0).map(MessageId))?;
    let mut found: Vec<(MessageId, String)> = Vec::new();
    for id in ids {
        let Some(row) = Row::get(connection, id?)? else {
            continue;
        };
        // What is damaged can't be shown either.
        let Ok(own) = own_id(connection, &mut reader, &row) else {
            continue;
        };
        if own.starts_with(start) {
            found.push((row.id, own));
        }
        if found.len() > MAX_CANDIDATES {
            break;
        }
    }
    if found.len() > 1 {
        return Err(Error::AmbiguousMessage {
            id: start.to_owned(),
            candidates: found
                .into_iter()
                .map(|(_, id)| id)
                .take(MAX_CANDIDATES)
                .collect(),
        });
    }
    match found.pop() {
        Some((id, own)) => in_conversation(connection, id, shown_id(id, own)),
        None => Ok(None),
    }
}

fn own_id(connection: &Connection, reader: &mut Reader, row: &Row) -> Result<String> {
    match row.text {
        Some(_) => Ok(reader.text(connection, row)?.0),
        None => Ok(reader.message(connection, row)?.id),
    }
}

/// A message with the conversation that it is in.
fn in_conversation(
    connection: &Connection,
    message: MessageId,
    shown: String,
) -> Result<Option<Located>> {
    let sql = "SELECT conversation FROM span WHERE first <= ?1 AND last >= ?1
         ORDER BY first DESC LIMIT 1";
    let conversation = connection
        .prepare_cached(sql)?
        .query_row([message.0], |row| row.get(0).map(ConversationId))
        .optional()?;
    let Some(conversation) = conversation else {
        return Ok(None);
    };
    let key = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
        .query_row(params![conversation.0], |row| row.get(0))?;
    Ok(Some(Located {
        conversation: key,
        message: Some(shown),
    }))
}
