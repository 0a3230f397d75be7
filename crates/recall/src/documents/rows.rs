//! Rows that documents have beside those that every source has.

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use rustc_hash::FxHashSet;

use super::kinds::{DocumentInfo, DocumentOrigin, DocumentScope, KNOWLEDGE_SOURCE};
use crate::store::ConversationId;
use crate::{Error, Result};

/// Ids that are named where the start of one fits several documents.
const MAX_CANDIDATES: usize = 5;

/// What [`info`] reads, in its order.
pub(super) const INFO_COLUMNS: &str = "key, scope, owner, coalesce(title, ''), origin, place, format, hash, bytes,
     modified, pages, added, indexed, document.detail,
     (SELECT count(*) FROM document_section AS s WHERE s.conversation = document.conversation),
     (SELECT coalesce(sum(s.bytes), 0) FROM document_section AS s WHERE s.conversation = document.conversation)";

/// A document of a row with [`INFO_COLUMNS`].
pub(super) fn info(row: &SqlRow<'_>) -> rusqlite::Result<DocumentInfo> {
    let detail: String = row.get(13)?;
    Ok(DocumentInfo {
        id: row.get(0)?,
        scope: DocumentScope::of_parts(row.get(1)?, row.get(2)?),
        name: row.get(3)?,
        origin: DocumentOrigin::of_name(&row.get::<_, String>(4)?),
        place: row.get(5)?,
        format: row.get(6)?,
        hash: row.get(7)?,
        bytes: row.get::<_, i64>(8)?.cast_unsigned(),
        modified: row.get(9)?,
        pages: row.get(10)?,
        added: row.get(11)?,
        indexed: row.get(12)?,
        problems: problems(&detail),
        sections: row.get::<_, i64>(14)?.cast_unsigned(),
        text_bytes: row.get::<_, i64>(15)?.cast_unsigned(),
    })
}

fn problems(detail: &str) -> Vec<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let problems = detail["problems"].as_array().into_iter().flatten();
    problems
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// The document that goes by this id, or alone has an id that starts so, or a name or place that is this.
pub(super) fn find(connection: &Connection, id: &str) -> Result<ConversationId> {
    let missing = || Error::NoDocument(id.to_owned());
    if id.trim().is_empty() {
        return Err(missing());
    }
    let sql =
        "SELECT conversation, key FROM document JOIN conversation ON conversation.id = conversation
         WHERE substr(key, 1, length(?1)) = ?1 OR title = ?1 OR place = ?1
         ORDER BY key != ?1, key LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![id, MAX_CANDIDATES as i64 + 1], |row| {
        Ok((ConversationId(row.get(0)?), row.get::<_, String>(1)?))
    })?;
    let found: Vec<(ConversationId, String)> = rows.collect::<rusqlite::Result<_>>()?;
    match &found[..] {
        [] => Err(missing()),
        [(only, _)] => Ok(*only),
        [(first, key), ..] if key == id => Ok(*first),
        several => Err(Error::AmbiguousDocument {
            id: id.to_owned(),
            candidates: several
                .iter()
                .map(|(_, key)| key.clone())
                .take(MAX_CANDIDATES)
                .collect(),
        }),
    }
}

/// The document of a scope that came from a place.
pub(super) fn at_place(
    connection: &Connection,
    scope: &DocumentScope,
    origin: DocumentOrigin,
    place: &str,
) -> Result<Option<(ConversationId, String)>> {
    let (number, owner) = scope.parts();
    let sql = "SELECT conversation, hash FROM document
         WHERE scope = ?1 AND owner = ?2 AND origin = ?3 AND place = ?4";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![number, owner, origin.name(), place], |row| {
            Ok((ConversationId(row.get(0)?), row.get(1)?))
        })
        .optional()?)
}

/// Whether there is any document.
pub(crate) fn is_any(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM conversation WHERE source = ?1)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([KNOWLEDGE_SOURCE], |row| row.get(0))?)
}

/// The conversations that are documents: those of the source, with those that an import of an export brought.
pub(crate) fn knowledge_conversations(
    connection: &Connection,
) -> Result<FxHashSet<ConversationId>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM conversation WHERE source = ?1")?;
    let ids = statement.query_map([KNOWLEDGE_SOURCE], |row| row.get(0).map(ConversationId))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// The conversations of documents by their ids; ids that nothing has are left out.
pub(crate) fn conversations_of(
    connection: &Connection,
    documents: &[String],
) -> Result<FxHashSet<ConversationId>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM conversation WHERE source = ?1 AND key = ?2")?;
    let mut found = FxHashSet::default();
    for document in documents {
        let id = statement
            .query_row([KNOWLEDGE_SOURCE, document], |row| {
                row.get(0).map(ConversationId)
            })
            .optional()?;
        found.extend(id);
    }
    Ok(found)
}
