//! Reading facts.

use rusqlite::{Connection, params};
use transcript::{MarkStatus, PERSON_FACT};

use super::fact::{FactFilter, FactList, PersonFact};
use crate::guards::{Cleared, Gate};
use crate::store::{
    CHAT_SOURCE, FACT_COLUMNS, FactRow, MessageId, Reader, Row, fact_version, message_of_id,
    newest_mark,
};
use crate::{Error, Result};

/// Facts whose ids start alike that are looked at: five are named, and one more tells that there are.
const MAX_ALIKE: u32 = 6;

/// The row of the fact that goes by this id, or alone starts so.
pub(super) fn find(connection: &Connection, id: &str) -> Result<FactRow> {
    let mut found = match id {
        "" => Vec::new(),
        id => FactRow::starting_with(connection, id, MAX_ALIKE)?,
    };
    let is_clear = found.len() == 1 || found.first().is_some_and(|first| first.id == id);
    if found.is_empty() {
        return Err(Error::NoFact(id.to_owned()));
    }
    if !is_clear {
        return Err(Error::AmbiguousFact {
            id: id.to_owned(),
            candidates: found.into_iter().map(|row| row.id).take(5).collect(),
        });
    }
    Ok(found.swap_remove(0))
}

/// The fact of this id, or of an unambiguous start of it.
pub(crate) fn get(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
) -> Result<Cleared<PersonFact>> {
    let row = find(connection, id)?;
    Ok(gate.release(whole(connection, &mut Reader::new()?, row)?))
}

/// A row with all that belongs to it.
pub(super) fn whole(
    connection: &Connection,
    reader: &mut Reader,
    kept: FactRow,
) -> Result<PersonFact> {
    let row = Row::get(connection, kept.message)?;
    let row = row.ok_or_else(|| Error::Damaged(format!("fact {} has no text", kept.id)))?;
    let message = reader.message(connection, &row)?;
    let mark = newest_mark(connection, kept.message)?;
    Ok(PersonFact {
        id: kept.id,
        text: message.text,
        origin: kept.origin,
        role: message.role,
        created: kept.created,
        ended: mark.filter(|mark| mark.status != MarkStatus::Open),
        version: kept.version,
        is_withheld: false,
    })
}

/// The facts that a filter means, the newest first.
pub(crate) fn list(
    connection: &Connection,
    gate: Gate<'_>,
    filter: &FactFilter,
) -> Result<Cleared<FactList>> {
    // One look at the archive, whatever others write meanwhile.
    let _snapshot = connection.unchecked_transaction()?;
    let after = match filter.after.as_deref() {
        None => (i64::MAX, i64::MAX),
        Some(id) => {
            let row = find(connection, id)?;
            (row.created, row.message.0)
        }
    };
    let topic = filter.topic.as_deref().map(str::to_lowercase);
    let sql = format!(
        "SELECT {FACT_COLUMNS} FROM fact WHERE (created, message) < (?1, ?2)
         ORDER BY created DESC, message DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![after.0, after.1], FactRow::from_row)?;
    let mut reader = Reader::new()?;
    let mut found = FactList {
        version: fact_version(connection)?,
        ..FactList::default()
    };
    for row in rows {
        let row = row?;
        let has = |topic: &String| {
            row.origin
                .topics
                .iter()
                .any(|own| own.to_lowercase() == *topic)
        };
        if !topic.as_ref().is_none_or(has) {
            continue;
        }
        let fact = match whole(connection, &mut reader, row) {
            Ok(fact) => fact,
            // Damage to one must not hide the others.
            Err(Error::Damaged(_)) => continue,
            Err(error) => return Err(error),
        };
        if fact.ended.is_some() && !filter.with_past {
            continue;
        }
        if found.facts.len() == filter.limit {
            found.has_more = true;
            break;
        }
        found.facts.push(fact);
    }
    Ok(gate.release(found))
}

/// How many changes of facts there were.
pub(crate) fn version(connection: &Connection) -> Result<i64> {
    fact_version(connection)
}

/// The messages of the facts that were said in messages of the chat that `is_meant` means.
pub(crate) fn said_in(
    connection: &Connection,
    is_meant: &dyn Fn(MessageId) -> bool,
) -> Result<Vec<MessageId>> {
    let mut statement =
        connection.prepare_cached("SELECT message, said FROM fact WHERE said IS NOT NULL")?;
    let rows = statement.query_map([], |row| {
        Ok((MessageId(row.get(0)?), row.get::<_, String>(1)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (fact, said) = row?;
        if message_of_id(connection, CHAT_SOURCE, &said)?.is_some_and(is_meant) {
            found.push(fact);
        }
    }
    Ok(found)
}

/// The source of facts, as messages name it.
pub(super) const SOURCE: &str = PERSON_FACT;
