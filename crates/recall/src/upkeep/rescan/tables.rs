//! Texts that stand in rows of their own: titles, links, paths, what reflections, facts and marks have, and
//! what is told of problems.

use rusqlite::{Connection, params};

use crate::Result;
use crate::guards::Cleaner;
use crate::index::titles;
use crate::ingest::import::SWEPT_DIRECTORIES_KEY;
use crate::store::{ConversationId, ProjectFilter, clean_copies, forget_requests};
use crate::text::Analyzer;

/// A column with text, by a number that tells its rows apart.
const TEXT_COLUMNS: [(&str, &str, &str); 41] = [
    ("conversation", "id", "title"),
    ("conversation", "id", "parent"),
    ("conversation", "id", "links"),
    ("conversation", "id", "key"),
    ("conversation", "id", "source"),
    ("reflection", "message", "id"),
    ("reflection", "message", "tags"),
    ("reflection", "message", "author"),
    ("reflection", "message", "conversation"),
    ("fact", "message", "id"),
    ("fact", "message", "topics"),
    ("fact", "message", "kind"),
    ("fact", "message", "conversation"),
    ("fact", "message", "said"),
    ("fact", "message", "turn"),
    ("fact", "message", "character"),
    ("fact", "message", "superseded_by"),
    ("mark", "id", "evidence"),
    ("mark", "id", "claim"),
    ("mark", "id", "who"),
    ("file", "id", "state"),
    ("file", "id", "path"),
    ("project", "id", "key"),
    ("project", "id", "path"),
    ("project_word", "id", "project"),
    ("project_word", "id", "value"),
    ("chat", "conversation", "tags"),
    ("chat", "conversation", "project"),
    ("chat", "conversation", "settings"),
    ("chat_message", "message", "detail"),
    ("chat_project", "rowid", "instructions"),
    ("chat_project", "rowid", "name"),
    ("document", "conversation", "owner"),
    ("document", "conversation", "place"),
    ("document", "conversation", "format"),
    ("document", "conversation", "detail"),
    ("document_section", "message", "detail"),
    ("turn", "number", "text"),
    ("turn", "number", "thinking"),
    ("turn", "number", "detail"),
    ("turn", "number", "model"),
];

/// Masks them; returns how many there were. Where one project is meant, what belongs to others, or to
/// none, is left out.
pub(super) fn clean(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    dry_run: bool,
    within: ProjectFilter,
) -> Result<u64> {
    let everything = within == ProjectFilter::All;
    let mut changed = labels(connection, cleaner, within, dry_run)?;
    for (table, key, column) in TEXT_COLUMNS {
        if everything || !matches!(table, "file" | "project" | "project_word" | "chat_project") {
            let column = (table, key, column);
            changed += self::column(connection, cleaner, column, within, dry_run)?;
        }
    }
    changed += clean_copies(connection, within, dry_run, &mut |place| {
        cleaner.mask(place)
    })?;
    if !dry_run {
        forget_requests(connection)?;
    }
    if everything && !dry_run {
        // It is found out again.
        connection.execute("DELETE FROM meta WHERE key = ?1", [SWEPT_DIRECTORIES_KEY])?;
    }
    if everything {
        changed += keyed(connection, cleaner, dry_run)?;
    }
    Ok(changed)
}

/// The masked form of a text, where that differs.
fn masked(cleaner: &mut Cleaner<'_>, text: &str, column: &str) -> Option<String> {
    let mut new = text.to_owned();
    if matches!(column, "state" | "settings" | "detail") {
        cleaner.json(&mut new);
    } else {
        cleaner.text(&mut new);
    }
    (new != text).then_some(new)
}

fn column(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    (table, key, column): (&str, &str, &str),
    within: ProjectFilter,
    dry_run: bool,
) -> Result<u64> {
    let own = rows_of_project(table);
    let sql = format!(
        "SELECT {key}, {column} FROM {table} WHERE {column} != '' AND (?1 IS NULL OR {own})"
    );
    let mut found = Vec::new();
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([within.parameter()])?;
    while let Some(row) = rows.next()? {
        if let Some(new) = masked(
            cleaner,
            row.get_ref(1)?.as_str().unwrap_or_default(),
            column,
        ) {
            found.push((row.get::<_, i64>(0)?, new));
        }
    }
    drop(rows);
    if dry_run {
        return Ok(found.len() as u64);
    }
    // Where two rows become the same, the second is told apart by its number.
    let sql = format!("UPDATE OR IGNORE {table} SET {column} = ?2 WHERE {key} = ?1");
    let mut update = connection.prepare(&sql)?;
    let mut analyzer = Analyzer::new();
    for (id, new) in &found {
        if update.execute(params![id, new])? == 0 {
            update.execute(params![id, format!("{new}~{id}")])?;
        }
        if column == "title" {
            titles::insert(connection, &mut analyzer, ConversationId(*id), new)?;
        }
    }
    Ok(found.len() as u64)
}

/// The condition for the rows of a table that belong to project `?1`.
fn rows_of_project(table: &str) -> &'static str {
    match table {
        "conversation" => "id IN (SELECT conversation FROM span WHERE project = ?1)",
        "label" => {
            "id IN (SELECT label FROM span JOIN labelled ON message BETWEEN first AND last
             WHERE project = ?1)"
        }
        "chat" | "turn" | "document" => {
            "conversation IN (SELECT conversation FROM span WHERE project = ?1)"
        }
        "reflection" | "fact" | "mark" | "chat_message" | "document_section" => {
            "EXISTS (SELECT 1 FROM span WHERE project = ?1 AND message BETWEEN first AND last)"
        }
        _ => "false",
    }
}

/// Labels: where the masked one is there already, its messages join those.
fn labels(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    within: ProjectFilter,
    dry_run: bool,
) -> Result<u64> {
    let own = rows_of_project("label");
    let sql = format!("SELECT id, kind, value FROM label WHERE ?1 IS NULL OR {own}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([within.parameter()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let value = row.get_ref(2)?.as_str().unwrap_or_default();
        if let Some(new) = masked(cleaner, value, "value") {
            found.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, new));
        }
    }
    drop(rows);
    if dry_run {
        return Ok(found.len() as u64);
    }
    for (id, kind, new) in &found {
        let sql = "UPDATE OR IGNORE label SET value = ?2 WHERE id = ?1";
        if connection.prepare_cached(sql)?.execute(params![id, new])? == 1 {
            continue;
        }
        for sql in [
            "INSERT OR IGNORE INTO labelled (label, message)
             SELECT label.id, message FROM labelled, label
             WHERE label = ?1 AND kind = ?2 AND value = ?3",
            "DELETE FROM labelled WHERE label = ?1 AND ?2 = ?2 AND ?3 = ?3",
            "DELETE FROM label WHERE id = ?1 AND ?2 = ?2 AND ?3 = ?3",
        ] {
            connection
                .prepare_cached(sql)?
                .execute(params![id, kind, new])?;
        }
    }
    Ok(found.len() as u64)
}

/// Rows that their text tells apart.
fn keyed(connection: &Connection, cleaner: &mut Cleaner<'_>, dry_run: bool) -> Result<u64> {
    let mut changed = 0;
    for (table, column) in [
        ("directory", "path"),
        ("directory", "place"),
        ("directory", "found"),
        ("problem", "what"),
    ] {
        let sql = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL");
        let mut statement = connection.prepare(&sql)?;
        let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
        let texts: Vec<String> = texts.collect::<rusqlite::Result<_>>()?;
        let sql = format!("UPDATE OR REPLACE {table} SET {column} = ?2 WHERE {column} = ?1");
        let mut update = connection.prepare(&sql)?;
        for text in texts {
            if let Some(new) = masked(cleaner, &text, column) {
                changed += 1;
                if !dry_run {
                    update.execute([&text, &new])?;
                }
            }
        }
    }
    Ok(changed)
}
