//! Changing and deleting reflections, which leaves nothing of what was.

use rusqlite::{Connection, params};
use transcript::Reflected;

use super::kept::{add, find, get, of_project, refuse_unchecked};
use super::limits;
use super::reflection::{Reflection, ReflectionChange};
use crate::guards::{ArchiveGuards, Cleaner, Cleared, Gate};
use crate::index::TermBuilder;
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::ingest::remove::{remove_if_empty, remove_message};
use crate::ingest::write::{Step, Writer};
use crate::store::{ProjectFilter, Reader, ReflectionRow, Row, Span, empty_log, tag_lines};
use crate::{Error, Result, Scope, projects};

/// Changes a reflection.
pub(crate) fn edit(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    (id, scope): (&str, &Scope),
    change: &ReflectionChange,
) -> Result<Cleared<Reflection>> {
    let content = change.content.as_deref().map(limits::content).transpose()?;
    let tags = change.tags.as_deref().map(limits::tags).transpose()?;
    let mut writer = Writer::new()?;
    let mut step = writer.step(connection, guards)?;
    let mut cleaner = Cleaner::new(guards);
    let (within, _) = projects::of_scope(step.connection(), scope)?;
    let kept = find(step.connection(), id, within)?;
    let mut was_removed = false;
    if let Some(content) = content {
        was_removed = rewrite(&mut step, vectors, &mut cleaner, &kept, content)?;
    }
    let about = cleaner.mask(Reflected {
        tags: tags.unwrap_or_else(|| kept.tags.clone()),
        ..Reflected::default()
    });
    refuse_unchecked(&mut cleaner)?;
    let sql = "UPDATE reflection SET tags = ?2, updated = ?3 WHERE id = ?1";
    let tags = tag_lines(&about.tags);
    step.connection()
        .prepare_cached(sql)?
        .execute(params![kept.id, tags, change.now])?;
    step.commit()?;
    if was_removed {
        empty_log(connection);
    }
    get(connection, Gate::new(guards), &kept.id, ProjectFilter::All)
}

/// Puts another text in the place of a reflection's, if it differs: under a new number, since
/// whoever is embedding the old text now keeps its vectors under the old one.
fn rewrite(
    step: &mut Step<'_>,
    vectors: &dyn VectorIndex,
    cleaner: &mut Cleaner<'_>,
    kept: &ReflectionRow,
    content: String,
) -> Result<bool> {
    let connection = step.connection();
    let (row, span) = (
        Row::get(connection, kept.message)?,
        Span::of_message(connection, kept.message)?,
    );
    let (Some(row), Some(span)) = (row, span) else {
        return Err(Error::Damaged(format!(
            "reflection {} has no text",
            kept.id
        )));
    };
    let project = of_project(connection, span.project)?.project;
    cleaner.in_project(|| project.names());
    let mut message = Reader::new()?.message(connection, &row)?;
    let before = std::mem::replace(&mut message.text, content);
    message.conversation = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
        .query_row([span.conversation.0], |row| row.get::<_, String>(0))?
        .into();
    let message = cleaner.mask(message);
    if message.text == before {
        return Ok(false);
    }
    remove(connection, vectors, &row)?;
    let new = add(step, &mut TermBuilder::new(), message, &project)?;
    let new =
        new.ok_or_else(|| Error::Damaged(format!("reflection {} is there twice", kept.id)))?;
    for sql in [
        "UPDATE reflection SET message = ?2, vectors = NULL WHERE message = ?1",
        "UPDATE mark SET message = ?2 WHERE message = ?1",
    ] {
        step.connection()
            .prepare_cached(sql)?
            .execute([kept.message.0, new.0])?;
    }
    Ok(true)
}

fn remove(connection: &Connection, vectors: &dyn VectorIndex, row: &Row) -> Result<()> {
    vectors.erase(&ArchiveState::new(connection), &[row.id])?;
    remove_message(connection, row)
}

/// Deletes a reflection with all that was derived from it. Returns what it was.
pub(crate) fn delete(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    (id, scope): (&str, &Scope),
) -> Result<Cleared<Reflection>> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let (within, _) = projects::of_scope(&transaction, scope)?;
    let kept = find(&transaction, id, within)?;
    let gone = get(&transaction, Gate::new(guards), &kept.id, within)?;
    let span = Span::of_message(&transaction, kept.message)?;
    if let Some(row) = Row::get(&transaction, kept.message)? {
        remove(&transaction, vectors, &row)?;
    }
    if let Some(span) = span {
        remove_if_empty(&transaction, span.conversation)?;
    }
    for sql in [
        "DELETE FROM mark WHERE message = ?1",
        "DELETE FROM reflection WHERE message = ?1",
    ] {
        transaction.prepare_cached(sql)?.execute([kept.message.0])?;
    }
    transaction.commit()?;
    empty_log(connection);
    Ok(gone)
}
