//! The first transaction of forgetting: from its end on nothing that goes can be reached, and no import
//! brings it back.

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::FxHashSet;

use super::choose::{Chosen, ConversationRow};
use super::finish::record;
use crate::Result;
use crate::chats::{forget_messages, forget_project};
use crate::projects::forget_words;
use crate::store::{
    ConversationId, MessageId, ProjectId, Reader, Row, Span, Spans, bury, conversation_hash,
    forget_requests, regroup, scrubbed, title_hash,
};

/// Makes what was chosen unreachable, and records what is left to be done.
pub(super) fn begin(connection: &Connection, chosen: &Chosen) -> Result<()> {
    record(connection, &chosen.messages)?;
    list(connection, &chosen.messages)?;
    forget_messages(connection, &chosen.messages)?;
    forget_requests(connection)?;
    // Keys stay, as tombstones.
    connection.execute_batch(
        "UPDATE key SET message = 0 WHERE message IN (SELECT message FROM temp.going);
         DELETE FROM mark WHERE message IN (SELECT message FROM temp.going);
         DELETE FROM reflection WHERE message IN (SELECT message FROM temp.going);
         DELETE FROM document_section WHERE message IN (SELECT message FROM temp.going);
         UPDATE fact SET superseded_by = NULL WHERE superseded_by IN (
           SELECT id FROM fact WHERE message IN (SELECT message FROM temp.going));
         DELETE FROM fact WHERE message IN (SELECT message FROM temp.going);
         DELETE FROM labelled WHERE message IN (SELECT message FROM temp.going);
         DELETE FROM copy WHERE message IN (SELECT message FROM temp.going);
         DROP TABLE temp.going;",
    )?;
    for mark in &chosen.marks {
        connection
            .prepare_cached("DELETE FROM mark WHERE id = ?1")?
            .execute([mark])?;
    }
    cut_spans(connection, &chosen.messages)?;
    let titles = forget_titles(connection, chosen)?;
    for (id, links) in &chosen.links {
        let links = (!links.is_empty()).then(|| links.join("\n"));
        connection
            .prepare_cached("UPDATE conversation SET links = ?2 WHERE id = ?1")?
            .execute(params![id.0, links])?;
    }
    forget_states(connection, chosen, &titles)?;
    for row in &chosen.emptied {
        remove_conversation(connection, row)?;
    }
    for project in &chosen.projects {
        forget_words(connection, *project)?;
        forget_instructions(connection, *project)?;
        for sql in [
            "DELETE FROM copy WHERE project = ?1",
            "DELETE FROM directory WHERE project = ?1",
            "DELETE FROM project WHERE id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([project.0])?;
        }
    }
    if !chosen.projects.is_empty() {
        regroup(connection)?;
    }
    Ok(())
}

/// Lists the messages in a table that only this connection sees.
fn list(connection: &Connection, messages: &[MessageId]) -> Result<()> {
    connection.execute_batch("CREATE TEMP TABLE going (message INTEGER PRIMARY KEY)")?;
    let mut statement = connection.prepare("INSERT INTO temp.going (message) VALUES (?1)")?;
    for message in messages {
        statement.execute([message.0])?;
    }
    Ok(())
}

/// Takes the messages out of their spans, so that nobody finds them.
fn cut_spans(connection: &Connection, messages: &[MessageId]) -> Result<()> {
    let mut reader = Reader::new()?;
    for span in &Spans::all(connection)?.0 {
        let from = messages.partition_point(|id| *id < span.first);
        let to = messages.partition_point(|id| *id <= span.last);
        if from == to {
            continue;
        }
        connection
            .prepare_cached("DELETE FROM span WHERE first = ?1")?
            .execute([span.first.0])?;
        let mut next = span.first.0;
        for gone in messages[from..to]
            .iter()
            .map(|id| id.0)
            .chain([span.last.0 + 1])
        {
            if next < gone {
                let first = MessageId(next);
                let rest = Span {
                    first,
                    last: MessageId(gone - 1),
                    at: offset_of(connection, &mut reader, span, first)?,
                    ..*span
                };
                rest.insert(connection)?;
            }
            next = gone + 1;
        }
    }
    Ok(())
}

/// Where in its log the first message of what is left of a span stands.
fn offset_of(
    connection: &Connection,
    reader: &mut Reader,
    span: &Span,
    first: MessageId,
) -> Result<Option<i64>> {
    if first == span.first || span.at.is_none() {
        return Ok(span.at);
    }
    let Some(row) = Row::get(connection, first)? else {
        return Ok(span.at);
    };
    // Damage must not keep anything from being forgotten.
    let message = reader.message(connection, &row);
    Ok(message.map_or(span.at, |message| Some(message.offset.cast_signed())))
}

/// Forgets the titles of conversations that are emptied, and of others whose titles go. Returns them.
fn forget_titles(connection: &Connection, chosen: &Chosen) -> Result<FxHashSet<String>> {
    let mut titles: FxHashSet<String> = chosen
        .emptied
        .iter()
        .filter_map(|row| row.title.clone())
        .collect();
    for id in &chosen.untitled {
        let title: Option<Option<String>> = connection
            .prepare_cached("SELECT title FROM conversation WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        titles.extend(title.flatten());
        connection
            .prepare_cached(
                "UPDATE conversation SET title = NULL, title_rank = -1, title_log = NULL
                 WHERE id = ?1",
            )?
            .execute([id.0])?;
        unindex_title(connection, *id)?;
    }
    for title in &titles {
        bury(connection, title_hash(title))?;
    }
    Ok(titles)
}

/// Removes what is told of the logs of the conversations: titles that readers hold back in their states,
/// and words of problems.
fn forget_states(
    connection: &Connection,
    chosen: &Chosen,
    titles: &FxHashSet<String>,
) -> Result<()> {
    let sql = "DELETE FROM problem WHERE file = (SELECT file FROM conversation WHERE id = ?1)";
    for row in chosen.emptied.iter().chain(&chosen.cut) {
        connection.prepare_cached(sql)?.execute([row.id.0])?;
    }
    let mut statement = connection.prepare("SELECT id, state FROM file WHERE state LIKE '% %'")?;
    let states = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let states: Vec<(i64, String)> = states.collect::<rusqlite::Result<_>>()?;
    for (file, state) in states {
        let scrubbed = scrubbed(&state, &mut |text| Ok(titles.contains(text)))?;
        if *scrubbed != state {
            connection
                .prepare_cached("UPDATE file SET state = ?2 WHERE id = ?1")?
                .execute(params![file, scrubbed])?;
        }
    }
    Ok(())
}

/// Removes what a person wanted in every conversation of a project of the chat.
fn forget_instructions(connection: &Connection, project: ProjectId) -> Result<()> {
    let key: Option<String> = connection
        .prepare_cached("SELECT key FROM project WHERE id = ?1")?
        .query_row([project.0], |row| row.get(0))
        .optional()?;
    key.map_or(Ok(()), |key| forget_project(connection, &key))
}

fn remove_conversation(connection: &Connection, row: &ConversationRow) -> Result<()> {
    bury(connection, conversation_hash(&row.source, &row.key))?;
    unindex_title(connection, row.id)?;
    for sql in [
        "DELETE FROM copy WHERE conversation = ?1",
        "DELETE FROM turn WHERE conversation = ?1",
        "DELETE FROM chat WHERE conversation = ?1",
        "DELETE FROM document_section WHERE conversation = ?1",
        "DELETE FROM document WHERE conversation = ?1",
        "DELETE FROM conversation WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([row.id.0])?;
    }
    Ok(())
}

fn unindex_title(connection: &Connection, id: ConversationId) -> Result<()> {
    let sql = "DELETE FROM title WHERE rowid = (SELECT id FROM title_docsize WHERE id = ?1)";
    connection.prepare_cached(sql)?.execute([id.0])?;
    Ok(())
}
