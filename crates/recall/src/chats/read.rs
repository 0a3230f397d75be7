//! Reading the chat's conversations back, as they are kept: they are their author's own words, and what
//! answered them.

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use transcript::Millis;

use super::kinds::{
    ChatFilter, ChatHead, ChatMessage, ChatMessageState, ChatQuestion, ChatThread, GuardedMessage,
    TurnRecord, TurnState,
};
use super::rows::{find, find_message};
use crate::guards::Cleared;
use crate::store::{ConversationId, Reader, Row};
use crate::{Error, Result};

/// The largest request that is unpacked, in bytes.
const MAX_REQUEST_BYTES: usize = 64 << 20;

/// A conversation's row is read by these columns, in this order.
const HEAD_SQL: &str =
    "SELECT c.key, c.title, c.title_rank, chat.created, chat.updated, chat.version,
     chat.head, chat.pinned, chat.archived, chat.tags, chat.project, c.parent, chat.settings,
     (SELECT count(*) FROM chat_message AS m WHERE m.conversation = chat.conversation)
     FROM chat JOIN conversation AS c ON c.id = chat.conversation";

/// A head whose message isn't named yet.
fn head_of(row: &SqlRow<'_>) -> rusqlite::Result<(ChatHead, Option<i64>)> {
    let tags: String = row.get(9)?;
    let head = ChatHead {
        id: row.get(0)?,
        title: row.get(1)?,
        is_title_given: row.get::<_, i64>(2)? >= 3,
        created: row.get(3)?,
        updated: row.get(4)?,
        version: row.get(5)?,
        head: None,
        pinned: row.get(7)?,
        archived: row.get(8)?,
        tags: tags.lines().map(str::to_owned).collect(),
        project: row.get(10)?,
        parent: row.get(11)?,
        settings: row.get(12)?,
        messages: row.get::<_, i64>(13)?.cast_unsigned(),
    };
    Ok((head, row.get(6)?))
}

/// The conversations that a filter means: pinned ones first, then those that were changed last.
pub(crate) fn chats(
    connection: &Connection,
    filter: &ChatFilter,
) -> Result<Cleared<Vec<ChatHead>>> {
    let after: Option<(bool, Millis, i64)> = match &filter.after {
        None => None,
        Some(id) => {
            let id = find(connection, id)?.conversation;
            let sql = "SELECT pinned, updated, conversation FROM chat WHERE conversation = ?1";
            Some(
                connection
                    .prepare_cached(sql)?
                    .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?,
            )
        }
    };
    let (pinned, updated, conversation) = after.unwrap_or((true, Millis::MAX, i64::MAX));
    let sql = format!(
        "{HEAD_SQL} WHERE chat.archived = ?1
         AND (?2 IS NULL OR instr(char(10) || chat.tags, char(10) || ?2 || char(10)) > 0)
         AND (?3 IS NULL OR chat.project = ?3)
         AND (chat.pinned, chat.updated, chat.conversation) < (?4, ?5, ?6)
         ORDER BY chat.pinned DESC, chat.updated DESC, chat.conversation DESC LIMIT ?7"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(
        params![
            filter.archived,
            filter.tag,
            filter.project,
            pinned,
            updated,
            conversation,
            limit
        ],
        head_of,
    )?;
    let heads = rows.map(|row| row.map(|(head, _)| head));
    Ok(Cleared::unquoted(heads.collect::<rusqlite::Result<_>>()?))
}

/// A conversation with its messages.
pub(crate) fn chat(connection: &Connection, id: &str) -> Result<Cleared<ChatThread>> {
    let conversation = find(connection, id)?.conversation;
    let sql = format!("{HEAD_SQL} WHERE chat.conversation = ?1");
    let (mut head, shown) = connection
        .prepare_cached(&sql)?
        .query_row([conversation.0], head_of)?;
    let messages = messages(connection, conversation, id)?;
    let shown = shown.and_then(|shown| {
        let at = messages.iter().position(|(number, _)| *number == shown);
        at.map(|at| messages[at].1.message.id.clone())
    });
    head.head = shown;
    let instructions = match &head.project {
        Some(name) => super::projects::instructions(connection, name)?,
        None => String::new(),
    };
    Ok(Cleared::unquoted(ChatThread {
        instructions,
        head,
        messages: messages.into_iter().map(|(_, message)| message).collect(),
    }))
}

/// The messages of a conversation with their numbers, in the order in which they were added.
fn messages(
    connection: &Connection,
    conversation: ConversationId,
    key: &str,
) -> Result<Vec<(i64, ChatMessage)>> {
    let sql = "SELECT message, parent, turn, state, detail FROM chat_message
         WHERE conversation = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([conversation.0])?;
    let mut reader = Reader::new()?;
    let mut found: Vec<(i64, ChatMessage)> = Vec::new();
    let mut parents: Vec<Option<i64>> = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Some(kept) = Row::get(connection, crate::MessageId(number))? else {
            continue;
        };
        let mut message = reader.message(connection, &kept)?;
        message.conversation = key.into();
        parents.push(row.get(1)?);
        let chat_message = ChatMessage {
            message,
            parent: None,
            turn: row.get(2)?,
            state: ChatMessageState::of_number(row.get(3)?),
            detail: row.get(4)?,
        };
        found.push((number, chat_message));
    }
    // A message whose text was changed has a higher number than those that follow it.
    let by_number: rustc_hash::FxHashMap<i64, String> = found
        .iter()
        .map(|(number, message)| (*number, message.message.id.clone()))
        .collect();
    for ((_, message), parent) in found.iter_mut().zip(parents) {
        message.parent = parent.and_then(|parent| by_number.get(&parent).cloned());
    }
    Ok(found)
}

/// What came of a message of a conversation.
pub(crate) fn question(
    connection: &Connection,
    chat: &str,
    message: Option<&str>,
) -> Result<Cleared<Option<ChatQuestion>>> {
    let conversation = find(connection, chat)?.conversation;
    let found = match message {
        None => None,
        Some(id) => match find_message(connection, conversation, id) {
            Ok(message) => Some(message),
            Err(Error::NoMessage(_)) => None,
            Err(error) => return Err(error),
        },
    };
    let Some(message) = found else {
        return Ok(Cleared::unquoted(None));
    };
    let sql = "SELECT turn FROM chat_message WHERE message = ?1";
    let turn: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([message.0], |row| row.get(0))?;
    let sql = "SELECT message FROM chat_message WHERE conversation = ?1 AND parent = ?2 ORDER BY place LIMIT 1";
    let answer: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([conversation.0, message.0], |row| row.get(0))
        .optional()?;
    let answer = match answer {
        None => None,
        Some(number) => Row::get(connection, crate::MessageId(number))?
            .map(|row| Reader::new()?.message(connection, &row))
            .transpose()?
            .map(|message| message.id),
    };
    Ok(Cleared::unquoted(
        turn.map(|turn| ChatQuestion { turn, answer }),
    ))
}

/// Whether what is kept beside any message has this text in it.
pub(crate) fn mentions(connection: &Connection, text: &str) -> Result<Cleared<bool>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM chat_message WHERE instr(detail, ?1) > 0)";
    let found = connection
        .prepare_cached(sql)?
        .query_row([text], |row| row.get(0))?;
    Ok(Cleared::unquoted(found))
}

/// The messages before a number beside which findings of guards, or a refusal, are kept, the newest first, at most
/// so many.
pub(crate) fn guarded(
    connection: &Connection,
    before: i64,
    limit: usize,
) -> Result<Cleared<Vec<GuardedMessage>>> {
    let sql = "SELECT m.message, c.key, m.detail FROM chat_message AS m
         JOIN conversation AS c ON c.id = m.conversation
         WHERE m.message < ?1
         AND (instr(m.detail, '\"findings\":') > 0 OR instr(m.detail, '\"refusal\":') > 0)
         ORDER BY m.message DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![before, limit])?;
    let mut reader = Reader::new()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Some(kept) = Row::get(connection, crate::MessageId(number))? else {
            continue;
        };
        let message = reader.message(connection, &kept)?;
        found.push(GuardedMessage {
            number,
            chat: row.get(1)?,
            id: message.id,
            role: message.role,
            time: message.time,
            detail: row.get(2)?,
        });
    }
    Ok(Cleared::unquoted(found))
}

/// A turn.
pub(crate) fn turn(connection: &Connection, id: &str) -> Result<Cleared<TurnRecord>> {
    let mut found = turns(connection, "turn.id = ?1", id)?;
    found
        .pop()
        .map(Cleared::unquoted)
        .ok_or_else(|| Error::NoTurn(id.to_owned()))
}

/// The turns that are under way, or were when their process ended.
pub(crate) fn unfinished_turns(connection: &Connection) -> Result<Cleared<Vec<TurnRecord>>> {
    let found = turns(connection, "turn.state = 0 AND ?1 = ''", "")?;
    Ok(Cleared::unquoted(found))
}

fn turns(connection: &Connection, which: &str, parameter: &str) -> Result<Vec<TurnRecord>> {
    let sql = format!(
        "SELECT turn.id, c.key, turn.question, turn.answer, turn.state, turn.began, turn.ended,
         turn.model, turn.text, turn.thinking, turn.detail, turn.request, turn.process
         FROM turn JOIN conversation AS c ON c.id = turn.conversation WHERE {which} ORDER BY turn.began"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([parameter])?;
    let mut reader = Reader::new()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let question: Option<i64> = row.get(2)?;
        let question = match question {
            Some(number) => Row::get(connection, crate::MessageId(number))?
                .map(|row| reader.message(connection, &row).map(|message| message.id))
                .transpose()?,
            None => None,
        };
        let request: Option<Vec<u8>> = row.get(11)?;
        let request = request
            .map(|packed| zstd::bulk::decompress(&packed, MAX_REQUEST_BYTES))
            .transpose()?;
        found.push(TurnRecord {
            id: row.get(0)?,
            chat: row.get(1)?,
            question,
            answer: row.get(3)?,
            state: TurnState::of_number(row.get(4)?),
            began: row.get(5)?,
            ended: row.get(6)?,
            model: row.get(7)?,
            process: row.get(12)?,
            text: row.get(8)?,
            thinking: row.get(9)?,
            detail: row.get(10)?,
            request,
        });
    }
    Ok(found)
}
