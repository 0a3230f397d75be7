//! Turns of the chat: begun, under way, ended.

use rusqlite::params;

use super::changing::Changing;
use super::kinds::TurnEnd;
use crate::store::{ConversationId, MessageId};
use crate::{Error, Result};

/// Level at which requests are compressed; they repeat much and are read seldom.
const REQUEST_LEVEL: i32 = 3;

pub(super) fn begin(
    changing: &mut Changing<'_>,
    chat: ConversationId,
    (turn, question): (&str, Option<MessageId>),
    (answer, model): (&str, Option<&str>),
    process: &str,
) -> Result<()> {
    changing
        .step
        .connection()
        .prepare_cached(
            "INSERT INTO turn (id, conversation, question, answer, state, began, model, process)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7)",
        )?
        .execute(params![
            turn,
            chat.0,
            question.map(|question| question.0),
            answer,
            changing.now,
            model,
            process
        ])?;
    Ok(())
}

pub(super) fn draft(
    changing: &mut Changing<'_>,
    turn: &str,
    text: &str,
    thinking: &str,
) -> Result<()> {
    let (mut text, mut thinking) = (text.to_owned(), thinking.to_owned());
    changing.cleaner.text(&mut text);
    changing.cleaner.text(&mut thinking);
    // One that has ended meanwhile has no draft any more.
    changing
        .step
        .connection()
        .prepare_cached("UPDATE turn SET text = ?2, thinking = ?3 WHERE id = ?1 AND state = 0")?
        .execute(params![turn, text, thinking])?;
    Ok(())
}

pub(super) fn progress(
    changing: &mut Changing<'_>,
    turn: &str,
    (text, thinking): (&str, &str),
    detail: &str,
) -> Result<()> {
    draft(changing, turn, text, thinking)?;
    let detail = changing.json(detail);
    changing
        .step
        .connection()
        .prepare_cached("UPDATE turn SET detail = ?2 WHERE id = ?1 AND state = 0")?
        .execute(params![turn, detail])?;
    Ok(())
}

pub(super) fn request(changing: &mut Changing<'_>, turn: &str, body: &[u8]) -> Result<()> {
    let mut text = String::from_utf8_lossy(body).into_owned();
    changing.cleaner.json(&mut text);
    let packed = zstd::bulk::compress(text.as_bytes(), REQUEST_LEVEL)?;
    changing
        .step
        .connection()
        .prepare_cached("UPDATE turn SET request = ?2 WHERE id = ?1")?
        .execute(params![turn, packed])?;
    Ok(())
}

pub(super) fn end(changing: &mut Changing<'_>, turn: &str, end: &TurnEnd) -> Result<()> {
    let detail = changing.json(&end.detail);
    let changed = changing
        .step
        .connection()
        .prepare_cached(
            "UPDATE turn SET state = ?2, ended = ?3, model = coalesce(?4, model), detail = ?5,
             text = '', thinking = '' WHERE id = ?1",
        )?
        .execute(params![
            turn,
            end.state as i64,
            changing.now,
            end.model,
            detail
        ])?;
    match changed {
        0 => Err(Error::Damaged(format!("there is no turn {turn}"))),
        _ => Ok(()),
    }
}
