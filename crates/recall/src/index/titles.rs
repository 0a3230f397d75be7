//! The index of conversations' titles: a search that matches a title finds the first words of the
//! conversation.

use rusqlite::{Connection, params};

use super::terms::push_term;
use crate::Result;
use crate::store::{ConversationId, MessageId};
use crate::text::Analyzer;

/// Titles looked at for one term; a word in more of them says little.
const MAX_TITLES: i64 = 200;

/// Puts a conversation's title into the index, in place of the one before.
pub(crate) fn insert(
    connection: &Connection,
    analyzer: &mut Analyzer,
    conversation: ConversationId,
    title: &str,
) -> Result<()> {
    let mut terms = String::new();
    analyzer.terms(title, &mut |term| push_term(&mut terms, term.text));
    connection
        .prepare_cached("INSERT OR REPLACE INTO title (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![conversation.0, terms])?;
    Ok(())
}

/// The first words of each conversation whose title has a term.
pub(crate) fn messages(connection: &Connection, term: &str) -> Result<Vec<MessageId>> {
    let mut titles =
        connection.prepare_cached("SELECT doc FROM title_terms WHERE term = ?1 LIMIT ?2")?;
    let mut first = connection.prepare_cached(
        "SELECT message.id FROM span JOIN message ON message.id BETWEEN first AND last
         WHERE conversation = ?1 AND text IS NOT NULL AND flags >> 3 = 0
         ORDER BY first, message.id LIMIT 1",
    )?;
    let mut found = Vec::new();
    let mut rows = titles.query(params![term, MAX_TITLES])?;
    while let Some(row) = rows.next()? {
        let words = first.query_map([row.get::<_, i64>(0)?], |row| row.get(0).map(MessageId))?;
        for message in words {
            found.push(message?);
        }
    }
    Ok(found)
}

/// Makes the index of titles anew.
pub(crate) fn rebuild(connection: &Connection) -> Result<()> {
    connection.execute("INSERT INTO title (title) VALUES ('delete-all')", [])?;
    let mut analyzer = Analyzer::new();
    let mut statement =
        connection.prepare("SELECT id, title FROM conversation WHERE title IS NOT NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let title = row.get_ref(1)?.as_str().unwrap_or_default();
        insert(
            connection,
            &mut analyzer,
            ConversationId(row.get(0)?),
            title,
        )?;
    }
    Ok(())
}
