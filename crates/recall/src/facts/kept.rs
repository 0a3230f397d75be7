//! Storing, changing and forgetting facts.

use std::sync::Arc;

use rusqlite::{Connection, params};
use transcript::{FactOrigin, MarkStatus, Marking, Message, MessageKind, Millis, Role};

use super::drawing::check_basis;
use super::fact::{FactBasis, FactChange, NewFact, PersonFact};
use super::listing::{SOURCE, find, get, said_in, whole};
use crate::guards::{ArchiveGuards, Cleaner, Cleared, Gate};
use crate::index::TermBuilder;
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::ingest::remove::{remove_if_empty, remove_message};
use crate::ingest::write::{PreparedMessage, Step, Writer};
use crate::project::unsorted;
use crate::store::{
    FactRow, MessageId, Reader, Row, Span, add_mark, content_hash, empty_log, fact_version,
    forget_requests, id_key, new_uuid, next_fact_version, one_line_tags, tag_lines,
};
use crate::{Error, Result};

const MAX_TEXT_BYTES: usize = 1_000;
const MAX_TOPICS: usize = 8;
const MAX_TOPIC_CHARACTERS: usize = 64;

/// Who marks a fact that another one took the place of.
const MARKED_BY: &str = "lorekeep";

/// Stores facts, all or none, and marks those that don't hold any more because of them. With `known` only if
/// nobody changed any fact since that version, with `basis` only while that message is as it was.
pub(crate) fn keep(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    known: Option<i64>,
    new: &[NewFact],
    basis: Option<FactBasis>,
    now: Millis,
) -> Result<Cleared<Vec<PersonFact>>> {
    let mut writer = Writer::new()?;
    let mut step = writer.step(connection, guards)?;
    let version = fact_version(step.connection())?;
    if let Some(known) = known.filter(|known| *known != version) {
        return Err(Error::FactsChanged {
            known,
            now: version,
        });
    }
    if let Some(basis) = basis {
        check_basis(step.connection(), basis)?;
    }
    let mut cleaner = Cleaner::new(guards);
    let mut terms = TermBuilder::new();
    let mut ids = Vec::with_capacity(new.len());
    for fact in new {
        let id = store(&mut step, (&mut cleaner, &mut terms), fact, now)?;
        for old in &fact.replaces {
            supersede(step.connection(), &mut cleaner, old, &id, now)?;
        }
        ids.push(id);
    }
    refuse_unchecked(&mut cleaner)?;
    step.commit()?;
    let mut reader = Reader::new()?;
    let kept = ids
        .iter()
        .map(|id| whole(connection, &mut reader, find(connection, id)?));
    let kept = kept.collect::<Result<Vec<_>>>()?;
    Ok(Gate::new(guards).release(kept))
}

fn store(
    step: &mut Step<'_>,
    (cleaner, terms): (&mut Cleaner<'_>, &mut TermBuilder),
    new: &NewFact,
    now: Millis,
) -> Result<String> {
    let text = checked_text(&new.text)?;
    let origin = cleaner.mask(FactOrigin {
        topics: checked_topics(&new.origin.topics)?,
        updated: None,
        superseded_by: None,
        ..new.origin.clone()
    });
    let id = new_uuid(step.connection())?;
    let created = new.created.unwrap_or(now);
    let message = Message {
        id: id.clone(),
        conversation: id.as_str().into(),
        role: wording_role(new.role),
        kind: MessageKind::Said,
        time: Some(created),
        text,
        ..Message::default()
    };
    let message = add(step, (cleaner, terms), message)?;
    FactRow::insert(step.connection(), (message, &id), created, &origin)?;
    Ok(id)
}

fn wording_role(role: Role) -> Role {
    match role {
        Role::User => Role::User,
        _ => Role::Assistant,
    }
}

/// The text of a fact as it would be kept.
pub(crate) fn as_kept(guards: &ArchiveGuards, text: &str) -> String {
    let mut text = with_single_spaces(text);
    Cleaner::new(guards).text(&mut text);
    text
}

fn with_single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn checked_text(text: &str) -> Result<String> {
    let text = with_single_spaces(text);
    match text.len() {
        0 => Err(Error::Empty("the fact")),
        found if found > MAX_TEXT_BYTES => Err(Error::TooLong {
            what: "the fact",
            found,
            limit: MAX_TEXT_BYTES,
            unit: "bytes",
        }),
        _ => Ok(text),
    }
}

fn checked_topics(topics: &[String]) -> Result<Vec<String>> {
    let topics = one_line_tags(topics);
    let longest = topics.iter().map(|topic| topic.chars().count()).max();
    let too_long = |what, found, limit, unit| Error::TooLong {
        what,
        found,
        limit,
        unit,
    };
    match longest {
        _ if topics.len() > MAX_TOPICS => Err(too_long(
            "the list of topics",
            topics.len(),
            MAX_TOPICS,
            "topics",
        )),
        Some(found) if found > MAX_TOPIC_CHARACTERS => Err(too_long(
            "a topic",
            found,
            MAX_TOPIC_CHARACTERS,
            "characters",
        )),
        _ => Ok(topics),
    }
}

/// A fact of which a part couldn't be checked isn't kept.
fn refuse_unchecked(cleaner: &mut Cleaner<'_>) -> Result<()> {
    match cleaner.take_failures().into_iter().next() {
        Some(guard) => Err(Error::Unchecked(guard)),
        None => Ok(()),
    }
}

/// Adds a fact's message. Facts belong to the person, and so to no project.
fn add(
    step: &mut Step<'_>,
    (cleaner, terms): (&mut Cleaner<'_>, &mut TermBuilder),
    message: Message,
) -> Result<MessageId> {
    let project = Arc::new(cleaner.mask(unsorted()));
    let message = cleaner.mask(message);
    let id = message.id.clone();
    let mut prepared = PreparedMessage {
        replaces: None,
        key: id_key(SOURCE, &id),
        former_key: None,
        log: None,
        content: content_hash(&message),
        source: SOURCE.into(),
        project,
        terms: terms.terms(&message),
        message,
    };
    match step.add(None, &mut prepared)? {
        true => Ok(step.last()),
        false => Err(Error::Damaged(format!("fact {id} is there twice"))),
    }
}

/// Marks a fact that another one took the place of. One that is gone meanwhile needs no mark.
fn supersede(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    old: &str,
    by: &str,
    now: Millis,
) -> Result<()> {
    let row = match find(connection, old) {
        Ok(row) => row,
        Err(Error::NoFact(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let mark = cleaner.mask(Marking {
        status: MarkStatus::Superseded,
        who: Some(MARKED_BY.to_owned()),
        time: now,
        ..Marking::default()
    });
    add_mark(connection, row.message, &mark)?;
    let version = next_fact_version(connection)?;
    connection
        .prepare_cached("UPDATE fact SET superseded_by = ?2, version = ?3 WHERE message = ?1")?
        .execute(params![row.message.0, by, version])?;
    Ok(())
}

/// Changes a fact. One that the person changes is worded by them from then on.
pub(crate) fn edit(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    (id, change): (&str, &FactChange),
    now: Millis,
) -> Result<Cleared<PersonFact>> {
    let text = change.text.as_deref().map(checked_text).transpose()?;
    let topics = change.topics.as_deref().map(checked_topics).transpose()?;
    let mut writer = Writer::new()?;
    let mut step = writer.step(connection, guards)?;
    let mut cleaner = Cleaner::new(guards);
    let kept = find(step.connection(), id)?;
    if let Some(known) = change.version.filter(|known| *known != kept.version) {
        return Err(Error::FactsChanged {
            known,
            now: kept.version,
        });
    }
    let mut was_removed = false;
    if let Some(text) = text {
        was_removed = rewrite(&mut step, vectors, &mut cleaner, &kept, text)?;
    }
    if was_removed {
        // The old text may stand in what models were sent.
        forget_requests(step.connection())?;
    }
    let topics = cleaner.mask(FactOrigin {
        topics: topics.unwrap_or_else(|| kept.origin.topics.clone()),
        ..FactOrigin::default()
    });
    refuse_unchecked(&mut cleaner)?;
    let version = next_fact_version(step.connection())?;
    step.connection()
        .prepare_cached("UPDATE fact SET topics = ?2, updated = ?3, version = ?4 WHERE id = ?1")?
        .execute(params![kept.id, tag_lines(&topics.topics), now, version])?;
    step.commit()?;
    if was_removed {
        empty_log(connection);
    }
    get(connection, Gate::new(guards), &kept.id)
}

/// Puts another text in the place of a fact's, if it differs: under a new number, since whoever is embedding
/// the old text now keeps its vectors under the old one.
fn rewrite(
    step: &mut Step<'_>,
    vectors: &dyn VectorIndex,
    cleaner: &mut Cleaner<'_>,
    kept: &FactRow,
    text: String,
) -> Result<bool> {
    let connection = step.connection();
    let row = Row::get(connection, kept.message)?;
    let row = row.ok_or_else(|| Error::Damaged(format!("fact {} has no text", kept.id)))?;
    let mut message = Reader::new()?.message(connection, &row)?;
    if message.text == text {
        return Ok(false);
    }
    message.text = text;
    message.role = Role::User;
    message.conversation = kept.id.as_str().into();
    remove(connection, vectors, &row)?;
    let new = add(step, (cleaner, &mut TermBuilder::new()), message)?;
    for sql in [
        "UPDATE fact SET message = ?2, vectors = NULL WHERE message = ?1",
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

/// Forgets a fact for good, with the older ones that it took the place of. Returns what it was.
pub(crate) fn forget(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    id: &str,
) -> Result<Cleared<PersonFact>> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let kept = find(&transaction, id)?;
    let gone = get(&transaction, Gate::new(guards), &kept.id)?;
    let mut going = vec![kept.message];
    let mut ids = vec![kept.id];
    while let Some(id) = ids.pop() {
        let mut statement =
            transaction.prepare_cached("SELECT message, id FROM fact WHERE superseded_by = ?1")?;
        let older = statement.query_map([&id], |row| {
            Ok((MessageId(row.get(0)?), row.get::<_, String>(1)?))
        })?;
        for older in older {
            let (message, id) = older?;
            if !going.contains(&message) {
                going.push(message);
                ids.push(id);
            }
        }
    }
    forget_messages(&transaction, vectors, &going)?;
    forget_requests(&transaction)?;
    transaction.commit()?;
    empty_log(connection);
    Ok(gone)
}

/// Forgets the facts that were said in messages of the chat, which are about to go or to be worded anew.
/// Whether there were any.
pub(crate) fn forget_said(
    connection: &Connection,
    vectors: &dyn VectorIndex,
    messages: &[MessageId],
) -> Result<bool> {
    let going = said_in(connection, &|said| messages.contains(&said))?;
    forget_messages(connection, vectors, &going)?;
    Ok(!going.is_empty())
}

fn forget_messages(
    connection: &Connection,
    vectors: &dyn VectorIndex,
    messages: &[MessageId],
) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    next_fact_version(connection)?;
    for message in messages {
        let span = Span::of_message(connection, *message)?;
        if let Some(row) = Row::get(connection, *message)? {
            remove(connection, vectors, &row)?;
        }
        if let Some(span) = span {
            remove_if_empty(connection, span.conversation)?;
        }
        for sql in [
            "UPDATE fact SET superseded_by = NULL
             WHERE superseded_by = (SELECT id FROM fact WHERE message = ?1)",
            "DELETE FROM mark WHERE message = ?1",
            "DELETE FROM fact WHERE message = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([message.0])?;
        }
    }
    Ok(())
}
