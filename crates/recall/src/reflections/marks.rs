//! What became of messages: open, resolved or superseded.

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, TransactionBehavior, params};
use transcript::{MarkStatus, Marking};

use super::{Mark, Marked, kept, limits};
use crate::guards::{Cleaner, Keeper, Masked};
use crate::ingest::import::id_key;
use crate::projects::Names;
use crate::query::read::shown_id;
use crate::store::{MessageId, Reader, Row, Span};
use crate::{Error, Result};

const COLUMNS: &str = "status, evidence, claim, who, time";

/// Marks messages: all of them, or none where one isn't known.
pub(crate) fn mark(
    connection: &mut Connection,
    keeper: &Keeper,
    mark: &Mark,
) -> Result<Vec<Marked>> {
    limits::marked(mark.ids.len())?;
    let marking = Marking {
        status: mark.status,
        evidence: limits::evidence("the evidence", mark.evidence.as_deref())?,
        claim: limits::evidence("the claim", mark.claim.as_deref())?,
        who: limits::name(mark.who.as_deref())?,
        time: mark.now,
    };
    let mut cleaner = Cleaner::new(keeper);
    let marking = cleaner.marking(marking);
    kept::refuse_unchecked(&mut cleaner)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let messages = find_all(&transaction, &mark.ids)?;
    let names = Names::load(&transaction)?;
    let mut marked = Vec::with_capacity(messages.len());
    for message in messages {
        let before = newest(&transaction, message)?.map(|marking| marking.status);
        add(&transaction, message, &marking)?;
        marked.push(describe(&transaction, message, &names, before, &marking)?);
    }
    transaction.commit()?;
    Ok(marked)
}

fn describe(
    connection: &Connection,
    message: MessageId,
    names: &Names,
    before: Option<MarkStatus>,
    marking: &Marking,
) -> Result<Marked> {
    let row = Row::get(connection, message)?;
    let row = row.ok_or_else(|| Error::NoMessage(format!("#{}", message.0)))?;
    let id = Reader::new()?.message(connection, &row)?.id;
    let span = Span::of_message(connection, message)?;
    Ok(Marked {
        id: shown_id(message, id),
        project: span.map_or(String::new(), |span| names.get(span.project).to_owned()),
        is_reflection: kept::about(connection, message)?.is_some(),
        before,
        status: marking.status,
    })
}

/// The messages of these ids, each once; an error names all that aren't known.
fn find_all(connection: &Connection, ids: &[String]) -> Result<Vec<MessageId>> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT source FROM conversation")?;
    let sources = statement.query_map([], |row| row.get(0))?;
    let sources: Vec<String> = sources.collect::<rusqlite::Result<_>>()?;
    let (mut messages, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        match find(connection, &sources, id.trim())? {
            Some(message) if messages.contains(&message) => {}
            Some(message) => messages.push(message),
            None => unknown.push(id.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(messages);
    }
    Err(Error::NoMessages(unknown))
}

fn find(connection: &Connection, sources: &[String], id: &str) -> Result<Option<MessageId>> {
    if let Some(number) = id.strip_prefix('#')
        && let Ok(number) = number.parse()
    {
        let row = Row::get(connection, MessageId(number))?;
        return Ok(row.map(|row| row.id));
    }
    // Ids are unique within a source only.
    let mut found = Vec::new();
    for source in sources {
        found.extend(by_id(connection, source, id)?);
    }
    found.sort_unstable();
    match found[..] {
        [] => match kept::find(connection, id) {
            Ok(kept) => Ok(Some(kept.message)),
            Err(Error::NoReflection(_)) => Ok(None),
            Err(error) => Err(error),
        },
        [only] => Ok(Some(only)),
        _ => Err(Error::AmbiguousMessage {
            id: id.to_owned(),
            candidates: found.iter().map(|id| format!("#{}", id.0)).collect(),
        }),
    }
}

/// The message that goes by an id in a source.
pub(super) fn by_id(connection: &Connection, source: &str, id: &str) -> Result<Option<MessageId>> {
    let mut statement = connection.prepare_cached("SELECT message FROM key WHERE hash = ?1")?;
    let key = id_key(source, id).cast_signed();
    Ok(statement
        .query_row([key], |row| row.get(0).map(MessageId))
        .optional()?)
}

fn add(connection: &Connection, message: MessageId, marking: &Masked<Marking>) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO mark (message, status, evidence, claim, who, time)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            message.0,
            number(marking.status),
            marking.evidence,
            marking.claim,
            marking.who,
            marking.time
        ])?;
    Ok(())
}

/// Adds a mark unless it is there. Returns whether it was added.
pub(super) fn add_once(
    connection: &Connection,
    message: MessageId,
    marking: &Masked<Marking>,
) -> Result<bool> {
    let is_known = history(connection, message)?.contains(marking);
    if !is_known {
        add(connection, message, marking)?;
    }
    Ok(!is_known)
}

/// Learns of a mark from an export.
pub(crate) fn learn_mark(
    connection: &Connection,
    source: &str,
    id: &str,
    marking: &Masked<Marking>,
) -> Result<()> {
    if let Some(message) = by_id(connection, source, id)? {
        add_once(connection, message, marking)?;
    }
    Ok(())
}

/// What a message was marked as last.
pub(crate) fn newest(connection: &Connection, message: MessageId) -> Result<Option<Marking>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mark WHERE message = ?1 ORDER BY time DESC, id DESC LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([message.0], marking).optional()?)
}

/// All marks of a message, the newest last.
pub(crate) fn history(connection: &Connection, message: MessageId) -> Result<Vec<Marking>> {
    let sql = format!("SELECT {COLUMNS} FROM mark WHERE message = ?1 ORDER BY time, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([message.0], marking)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn marking(row: &SqlRow<'_>) -> rusqlite::Result<Marking> {
    Ok(Marking {
        status: match row.get(0)? {
            1 => MarkStatus::Resolved,
            2 => MarkStatus::Superseded,
            _ => MarkStatus::Open,
        },
        evidence: row.get(1)?,
        claim: row.get(2)?,
        who: row.get(3)?,
        time: row.get(4)?,
    })
}

/// The number of a status in the archive.
fn number(status: MarkStatus) -> i64 {
    match status {
        MarkStatus::Open => 0,
        MarkStatus::Resolved => 1,
        MarkStatus::Superseded => 2,
    }
}
