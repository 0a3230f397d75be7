//! Storing and removing documents, each in one transaction.

use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::json;
use transcript::{Message, MessageKind, Millis, Role};

use super::kinds::{
    DocumentInfo, DocumentOutcome, DocumentScope, KNOWLEDGE_SOURCE, NewDocument, NewSection,
    StoredDocument,
};
use super::read::by_number;
use super::rows::{at_place, find};
use crate::guards::{ArchiveGuards, Cleaner, Cleared, Gate};
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::index::{TermBuilder, remove_terms, titles};
use crate::ingest::remove::{remove_contents, remove_if_empty};
use crate::ingest::write::{PreparedMessage, Step, Writer};
use crate::project::Resolver;
use crate::store::{ConversationId, MessageId, Row, content_hash, empty_log, id_key, stable_hash};
use crate::text::Analyzer;
use crate::{Error, Result};

/// How much a document's name counts as its title: as one that a person gave.
const NAME_RANK: u8 = 3;

/// Stores a document, in the place of what the same place held before. The same bytes are left as they are.
pub(crate) fn store(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    now: Millis,
    new: &NewDocument,
) -> Result<Cleared<StoredDocument>> {
    let stored = store_all((connection, guards), vectors, now, new)?;
    if stored.outcome == DocumentOutcome::Replaced {
        empty_log(connection);
    }
    Ok(Gate::new(guards).release(stored))
}

/// Stores a document in one transaction.
fn store_all(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    now: Millis,
    new: &NewDocument,
) -> Result<StoredDocument> {
    let mut writer = Writer::new()?;
    let step = writer.step(connection, guards)?;
    let mut cleaner = Cleaner::new(guards);
    let mut masked = new.clone();
    cleaner.text(&mut masked.name);
    cleaner.text(&mut masked.place);
    let before = at_place(step.connection(), &new.scope, new.origin, &masked.place)?;
    let (id, added) = match &before {
        Some((known, hash)) => {
            let document = by_number(step.connection(), *known)?;
            if *hash == new.hash {
                let outcome = DocumentOutcome::Unchanged;
                return Ok(StoredDocument { document, outcome });
            }
            take_out(step.connection(), vectors, *known)?;
            (document.id, document.added)
        }
        None => (new_id(step.connection())?, now),
    };
    let mut storing = Storing {
        step,
        cleaner,
        terms: TermBuilder::new(),
        resolver: Resolver::default(),
        id,
    };
    let conversation = storing.write(&masked, (added, now))?;
    if let Some(guard) = storing.cleaner.take_failures().into_iter().next() {
        return Err(Error::Unchecked(guard));
    }
    let document = by_number(storing.step.connection(), conversation)?;
    storing.step.commit()?;
    let outcome = match before {
        Some(_) => DocumentOutcome::Replaced,
        None => DocumentOutcome::Added,
    };
    Ok(StoredDocument { document, outcome })
}

/// A random id, short enough to be typed.
fn new_id(connection: &Connection) -> Result<String> {
    Ok(connection
        .prepare_cached("SELECT lower(hex(randomblob(6)))")?
        .query_row([], |row| row.get(0))?)
}

/// A document that is being stored.
struct Storing<'a> {
    step: Step<'a>,
    cleaner: Cleaner<'a>,
    terms: TermBuilder,
    resolver: Resolver,
    id: String,
}

impl Storing<'_> {
    fn write(
        &mut self,
        new: &NewDocument,
        (added, now): (Millis, Millis),
    ) -> Result<ConversationId> {
        let conversation = self
            .step
            .connection()
            .prepare_cached(
                "INSERT INTO conversation (source, key, title, title_rank) VALUES (?1, ?2, ?3, ?4) RETURNING id",
            )?
            .query_row(params![KNOWLEDGE_SOURCE, self.id, new.name, NAME_RANK], |row| {
                row.get(0).map(ConversationId)
            })?;
        titles::insert(
            self.step.connection(),
            &mut Analyzer::new(),
            conversation,
            &new.name,
        )?;
        let mut detail = json!({"problems": new.problems}).to_string();
        self.cleaner.json(&mut detail);
        let (scope, owner) = new.scope.parts();
        self.step
            .connection()
            .prepare_cached(
                "INSERT INTO document (conversation, scope, owner, origin, place, format, hash, bytes, modified,
                   pages, added, indexed, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                conversation.0,
                scope,
                owner,
                new.origin.name(),
                new.place,
                new.format,
                new.hash,
                new.bytes.cast_signed(),
                new.modified,
                new.pages,
                added,
                now,
                detail
            ])?;
        for (number, section) in (0..).zip(&new.sections) {
            self.section(conversation, (&new.scope, now), number, section)?;
        }
        Ok(conversation)
    }

    fn section(
        &mut self,
        conversation: ConversationId,
        (scope, now): (&DocumentScope, Millis),
        number: u32,
        new: &NewSection,
    ) -> Result<()> {
        let heading = new.heading.trim().replace(['\n', '\r'], " ");
        let text = match heading.is_empty() {
            true => new.text.clone(),
            false => format!("{heading}\n\n{}", new.text),
        };
        let message = Message {
            // With its text, so that a section that was forgotten stays away and another one in its place doesn't.
            id: format!(
                "{}/{number}-{:08x}",
                self.id,
                stable_hash(&[text.as_bytes()]) & 0xffff_ffff
            ),
            conversation: self.id.as_str().into(),
            role: Role::System,
            kind: MessageKind::Said,
            // What was added last is embedded first.
            time: Some(now),
            text,
            project: match scope {
                DocumentScope::Project(name) => Some(name.as_str().into()),
                _ => None,
            },
            ..Message::default()
        };
        let Some(id) = self.add(message)? else {
            return Ok(());
        };
        let mut place = new.place.clone();
        self.cleaner.json(&mut place);
        self.step
            .connection()
            .prepare_cached(
                "INSERT INTO document_section (message, conversation, number, bytes, has_heading, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                id.0,
                conversation.0,
                number,
                i64::try_from(new.text.len()).unwrap_or(i64::MAX),
                !heading.is_empty(),
                place
            ])?;
        Ok(())
    }

    /// Adds a message as every source's are added; nothing where it was forgotten.
    fn add(&mut self, message: Message) -> Result<Option<MessageId>> {
        let project = self.resolver.of_message(&message, false, &mut self.cleaner);
        let message = self.cleaner.mask(message);
        let mut prepared = PreparedMessage {
            replaces: None,
            key: id_key(KNOWLEDGE_SOURCE, &message.id),
            former_key: None,
            log: None,
            content: content_hash(&message),
            source: KNOWLEDGE_SOURCE.into(),
            project,
            terms: self.terms.terms(&message),
            message,
        };
        let is_new = self.step.add(None, &mut prepared)?;
        Ok(is_new.then(|| self.step.last()))
    }
}

/// Removes a document for good, with all that was derived from it. Returns what it was.
pub(crate) fn remove(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    id: &str,
) -> Result<Cleared<DocumentInfo>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let conversation = find(&transaction, id)?;
    let was = by_number(&transaction, conversation)?;
    take_out(&transaction, vectors, conversation)?;
    transaction.commit()?;
    empty_log(connection);
    Ok(Gate::new(guards).release(was))
}

/// Removes the documents that belong to a conversation of the chat, which goes.
pub(crate) fn remove_of_chat(
    connection: &Connection,
    vectors: &dyn VectorIndex,
    chat: &str,
) -> Result<()> {
    let (scope, owner) = (DocumentScope::Conversation(chat.to_owned()), chat);
    let mut statement = connection
        .prepare_cached("SELECT conversation FROM document WHERE scope = ?1 AND owner = ?2")?;
    let ids = statement.query_map(params![scope.parts().0, owner], |row| {
        row.get(0).map(ConversationId)
    })?;
    let ids: Vec<ConversationId> = ids.collect::<rusqlite::Result<_>>()?;
    for id in ids {
        take_out(connection, vectors, id)?;
    }
    Ok(())
}

/// Removes a document's messages, vectors, terms and rows.
fn take_out(connection: &Connection, vectors: &dyn VectorIndex, id: ConversationId) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT message FROM document_section WHERE conversation = ?1")?;
    let messages = statement.query_map([id.0], |row| row.get(0).map(MessageId))?;
    let messages: Vec<MessageId> = messages.collect::<rusqlite::Result<_>>()?;
    drop(statement);
    vectors.erase(&ArchiveState::new(connection), &messages)?;
    let mut rows = Vec::with_capacity(messages.len());
    for message in &messages {
        remove_terms(connection, *message)?;
        rows.extend(Row::get(connection, *message)?);
    }
    remove_contents(connection, &rows)?;
    for message in &messages {
        for sql in [
            "DELETE FROM key WHERE message = ?1",
            "DELETE FROM copy WHERE message = ?1",
            "DELETE FROM mark WHERE message = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([message.0])?;
        }
    }
    for sql in [
        "DELETE FROM span WHERE conversation = ?1",
        "DELETE FROM document_section WHERE conversation = ?1",
        "DELETE FROM document WHERE conversation = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([id.0])?;
    }
    remove_if_empty(connection, id)
}
