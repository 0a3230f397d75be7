//! Reading documents: which there are, and their sections.

use rusqlite::{Connection, params};

use super::kinds::{DocumentInfo, DocumentScope, DocumentSection, NewDocument};
use super::rows::{INFO_COLUMNS, at_place, find, info};
use crate::Result;
use crate::guards::{ArchiveGuards, Cleaner, Cleared, Gate};
use crate::store::{ConversationId, MessageId, Reader, Row};

/// The documents of some scopes, or all; those that were added first come first.
pub(crate) fn list(
    connection: &Connection,
    gate: Gate<'_>,
    scopes: Option<&[DocumentScope]>,
) -> Result<Cleared<Vec<DocumentInfo>>> {
    let sql = format!(
        "SELECT {INFO_COLUMNS} FROM document JOIN conversation ON conversation.id = document.conversation
         WHERE ?1 IS NULL OR (scope = ?1 AND owner = ?2) ORDER BY added, document.conversation"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = Vec::new();
    match scopes {
        None => {
            let rows = statement.query_map(params![None::<i64>, None::<&str>], info)?;
            found = rows.collect::<rusqlite::Result<_>>()?;
        }
        Some(scopes) => {
            for scope in scopes {
                let rows = statement.query_map(params![scope.parts().0, scope.parts().1], info)?;
                for row in rows {
                    found.push(row?);
                }
            }
        }
    }
    Ok(gate.release(found))
}

/// The document of this id, name or place.
pub(crate) fn document(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
) -> Result<Cleared<DocumentInfo>> {
    let id = find(connection, id)?;
    Ok(gate.release(by_number(connection, id)?))
}

/// The document that has the place and the bytes of a new one, if there is such.
pub(crate) fn unchanged(
    connection: &Connection,
    guards: &ArchiveGuards,
    new: &NewDocument,
) -> Result<Cleared<Option<DocumentInfo>>> {
    let mut place = new.place.clone();
    Cleaner::new(guards).text(&mut place);
    let known = at_place(connection, &new.scope, new.origin, &place)?;
    let known = known.filter(|(_, hash)| *hash == new.hash);
    let document = known.map(|(id, _)| by_number(connection, id)).transpose()?;
    Ok(Gate::new(guards).release(document))
}

pub(super) fn by_number(connection: &Connection, id: ConversationId) -> Result<DocumentInfo> {
    let sql = format!(
        "SELECT {INFO_COLUMNS} FROM document JOIN conversation ON conversation.id = document.conversation
         WHERE document.conversation = ?1"
    );
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], info)?)
}

/// Sections of a document: from this number on, at most so many. Damaged ones are left out.
pub(crate) fn sections(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
    (from, limit): (u32, usize),
) -> Result<Cleared<Vec<DocumentSection>>> {
    let conversation = find(connection, id)?;
    let document: String = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
        .query_row([conversation.0], |row| row.get(0))?;
    let sql = "SELECT message, number, has_heading, detail FROM document_section
         WHERE conversation = ?1 AND number >= ?2 ORDER BY number LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![conversation.0, from, limit], |row| {
        Ok((
            MessageId(row.get(0)?),
            row.get::<_, u32>(1)?,
            row.get::<_, bool>(2)?,
            row.get::<_, String>(3)?,
        ))
    })?;
    let mut reader = Reader::new()?;
    let mut found = Vec::new();
    for row in rows {
        let (message, number, has_heading, place) = row?;
        let Some(row) = Row::get(connection, message)? else {
            continue;
        };
        let (message, text) = reader.text(connection, &row)?;
        let (heading, text) = match text.split_once("\n\n") {
            Some((heading, text)) if has_heading => (heading.to_owned(), text.to_owned()),
            _ => (String::new(), text),
        };
        found.push(DocumentSection {
            document: document.clone(),
            number,
            message,
            heading,
            text,
            place,
            findings: Vec::new(),
        });
    }
    Ok(gate.release(found))
}
