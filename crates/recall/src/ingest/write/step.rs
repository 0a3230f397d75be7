//! A step of writing: blocks, rows and spans, all in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Fact, FactKind, Message, Millis};

use super::change::MessageChange;
use super::prepared::{PreparedMessage, StepCounts};
use crate::guards::{ArchiveGuards, Cleaner, Masked};
use crate::index::titles;
use crate::ingest::remove::Highest;
use crate::project::Identity;
use crate::projects::{learn, settle};
use crate::store::{
    BlockWriter, Body, ConversationId, Counter, Flags, MessageId, ProjectId, Reader, Span,
    conversation_hash, has_text_entry, is_embeddable, is_forgotten, learn_fact, learn_mark,
    learn_reflection, put_bytes, relation_number, title_hash,
};
use crate::text::Analyzer;
use crate::{Result, index};

/// Texts are read one by one in searches: small blocks. Payloads are read seldom and repeat much.
const TEXT_BLOCK_BYTES: usize = 32 << 10;
const BODY_BLOCK_BYTES: usize = 512 << 10;
const TEXT_LEVEL: i32 = 6;
const BODY_LEVEL: i32 = 6;

/// Writes messages in steps.
pub(crate) struct Writer {
    texts: BlockWriter,
    bodies: BlockWriter,
    /// For titles, which are learnt here and not while messages are prepared.
    analyzer: Analyzer,
}

impl Writer {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            texts: BlockWriter::new(TEXT_BLOCK_BYTES, TEXT_LEVEL)?,
            bodies: BlockWriter::new(BODY_BLOCK_BYTES, BODY_LEVEL)?,
            analyzer: Analyzer::new(),
        })
    }

    /// Begins a step; nothing of it is seen before [`Step::commit`].
    pub(crate) fn step<'a>(
        &'a mut self,
        connection: &'a mut Connection,
        guards: &'a ArchiveGuards,
    ) -> Result<Step<'a>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next_message = Highest::Message.get(&transaction)? + 1;
        let last_block = Highest::Block.get(&transaction)?;
        // An earlier step may have failed half-way.
        drop(self.texts.take()?);
        drop(self.bodies.take()?);
        Ok(Step {
            first_message: next_message,
            next_message,
            text_block: last_block + 1,
            body_block: last_block + 2,
            last_block: last_block + 2,
            span: None,
            contents: FxHashMap::default(),
            changes: BTreeMap::new(),
            file: None,
            unsettled: BTreeMap::new(),
            reparented: FxHashSet::default(),
            reranked: FxHashSet::default(),
            latest: FxHashMap::default(),
            conversations: FxHashMap::default(),
            projects: FxHashMap::default(),
            reader: None,
            cleaner: Cleaner::new(guards),
            counts: StepCounts::default(),
            writer: self,
            transaction,
        })
    }
}

/// What identities are told apart by: their key, their directory, and whether a session started there.
type IdentityKey = (Arc<str>, Option<Arc<str>>, bool);

/// A step under way.
pub(crate) struct Step<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) writer: &'a mut Writer,
    pub(super) first_message: i64,
    pub(super) next_message: i64,
    pub(super) text_block: i64,
    pub(super) body_block: i64,
    pub(super) last_block: i64,
    pub(super) span: Option<Span>,
    /// Contents and offsets of messages of this step, which can't be read yet.
    pub(super) contents: FxHashMap<i64, (u64, u64)>,
    /// What becomes of messages that are kept already, written at the end.
    pub(super) changes: BTreeMap<MessageId, MessageChange>,
    /// The file at hand.
    pub(super) file: Option<i64>,
    /// Messages that were met in further conversations.
    pub(super) unsettled: BTreeMap<MessageId, Vec<ConversationId>>,
    /// Conversations whose parents became known; and those of them that had messages before.
    pub(super) reparented: FxHashSet<ConversationId>,
    pub(super) reranked: FxHashSet<ConversationId>,
    /// When something was said last in each conversation of this step.
    pub(super) latest: FxHashMap<ConversationId, Option<Millis>>,
    pub(super) conversations: FxHashMap<(Arc<str>, Arc<str>), ConversationId>,
    pub(super) projects: FxHashMap<IdentityKey, ProjectId>,
    pub(super) reader: Option<Reader>,
    /// Masks what is kept by the rules of today, to compare it.
    pub(super) cleaner: Cleaner<'a>,
    pub(super) counts: StepCounts,
}

impl Step<'_> {
    /// The transaction, for what belongs into the same step.
    pub(crate) fn connection(&self) -> &Connection {
        &self.transaction
    }

    /// The message that was added last.
    pub(crate) fn last(&self) -> MessageId {
        MessageId(self.next_message - 1)
    }

    /// Adds a message, unless the archive has it already. Returns whether it was added.
    pub(crate) fn add(
        &mut self,
        file: impl Into<Option<i64>>,
        prepared: &mut PreparedMessage,
    ) -> Result<bool> {
        let file = file.into();
        self.file = file;
        let id = MessageId(self.next_message);
        if !self.take_key(prepared)? {
            self.counts.duplicates += 1;
            return Ok(false);
        }
        self.next_message += 1;
        self.counts.added += 1;
        let message = &prepared.message;
        self.contents
            .insert(id.0, (prepared.content, message.offset));
        let conversation = self.conversation(&prepared.source, &message.conversation, file)?;
        let project = self.project(&prepared.project)?;
        self.note_time(conversation, message.time);
        self.extend_span(Span {
            first: id,
            last: id,
            conversation,
            project,
            log: prepared.log,
            at: prepared.log.map(|_| message.offset.cast_signed()),
        })?;
        self.put(id, message)?;
        index::add_terms(&self.transaction, id, &prepared.terms)?;
        self.label(id, message)?;
        let (prose, payload) = prepared.terms.counts();
        self.counts.prose += prose;
        self.counts.payload += payload;
        self.counts.messages += u64::from(prose + payload > 0);
        if is_embeddable(message) {
            self.counts.embeddable += 1;
            self.transaction
                .prepare_cached("INSERT INTO pending (time, message) VALUES (?1, ?2)")?
                .execute(params![message.time.unwrap_or(0), id.0])?;
        }
        Ok(true)
    }

    fn put(&mut self, id: MessageId, message: &Message) -> Result<()> {
        let has_text = has_text_entry(message);
        self.transaction
            .prepare_cached(
                "INSERT INTO message (id, time, flags, text, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                id.0,
                message.time,
                Flags::new(message.role, message.kind).0,
                has_text.then_some(self.text_block),
                self.body_block
            ])?;
        if has_text {
            self.writer.texts.push(id, |out| {
                put_bytes(out, message.id.as_bytes());
                out.extend_from_slice(message.text.as_bytes());
            });
        }
        self.writer.bodies.push(id, |out| {
            if !has_text {
                put_bytes(out, message.text.as_bytes());
            }
            Body::write(message, out);
        });
        if self.writer.texts.is_full() {
            self.flush_texts()?;
        }
        if self.writer.bodies.is_full() {
            self.flush_bodies()?;
        }
        Ok(())
    }

    fn flush_texts(&mut self) -> Result<()> {
        if !self.writer.texts.is_empty() {
            write_block(
                &self.transaction,
                self.text_block,
                &self.writer.texts.take()?,
            )?;
            self.last_block += 1;
            self.text_block = self.last_block;
        }
        Ok(())
    }

    fn flush_bodies(&mut self) -> Result<()> {
        if !self.writer.bodies.is_empty() {
            write_block(
                &self.transaction,
                self.body_block,
                &self.writer.bodies.take()?,
            )?;
            self.last_block += 1;
            self.body_block = self.last_block;
        }
        Ok(())
    }

    /// Which tools a message calls, and which files they touched.
    fn label(&self, id: MessageId, message: &Message) -> Result<()> {
        for call in &message.tools {
            self.add_label(id, index::Label::Tool, &call.name)?;
        }
        for touch in &message.files {
            self.add_label(id, index::Label::of(touch.action), &touch.path)?;
        }
        Ok(())
    }

    fn add_label(&self, id: MessageId, kind: index::Label, value: &str) -> Result<()> {
        let select = "SELECT id FROM label WHERE kind = ?1 AND value = ?2";
        let found: Option<i64> = self
            .transaction
            .prepare_cached(select)?
            .query_row(params![kind as i64, value], |row| row.get(0))
            .optional()?;
        let label = match found {
            Some(label) => label,
            None => {
                self.transaction
                    .prepare_cached("INSERT INTO label (kind, value) VALUES (?1, ?2)")?
                    .execute(params![kind as i64, value])?;
                self.transaction.last_insert_rowid()
            }
        };
        self.transaction
            .prepare_cached("INSERT OR IGNORE INTO labelled (label, message) VALUES (?1, ?2)")?
            .execute(params![label, id.0])?;
        Ok(())
    }

    /// Adds a span, as a part of the one before it where that goes on.
    fn extend_span(&mut self, next: Span) -> Result<()> {
        if let Some(span) = &mut self.span
            && (span.conversation, span.project) == (next.conversation, next.project)
            && span.log == next.log
            && span.last.0 + 1 == next.first.0
        {
            span.last = next.last;
            return Ok(());
        }
        self.flush_span()?;
        self.span = Some(next);
        Ok(())
    }

    /// Writes the open span. It is joined to the span before it if it continues that one, and no other span
    /// of that conversation, nor a message that it repeats, stands further on in that log.
    pub(crate) fn flush_span(&mut self) -> Result<()> {
        let Some(span) = self.span.take() else {
            return Ok(());
        };
        let joined = self
            .transaction
            .prepare_cached(
                "UPDATE span SET last = ?1 WHERE last = ?2 AND conversation = ?3 AND project = ?4
                 AND log IS ?6 AND first = (SELECT max(first) FROM span WHERE first < ?5)
                 AND NOT EXISTS (SELECT 1 FROM span AS other
                   WHERE other.conversation = ?3 AND other.log IS ?6 AND other.at > span.at)
                 AND NOT EXISTS (SELECT 1 FROM copy
                   WHERE copy.conversation = ?3 AND copy.log IS ?6 AND copy.at > span.at)",
            )?
            .execute(params![
                span.last.0,
                span.first.0 - 1,
                span.conversation.0,
                span.project.0,
                span.first.0,
                span.log
            ])?;
        match joined {
            0 => span.insert(&self.transaction),
            _ => Ok(()),
        }
    }

    pub(super) fn conversation(
        &mut self,
        source: &Arc<str>,
        key: &Arc<str>,
        file: Option<i64>,
    ) -> Result<ConversationId> {
        let own = (Arc::clone(source), Arc::clone(key));
        if let Some(id) = self.conversations.get(&own) {
            return Ok(*id);
        }
        let id = self
            .transaction
            .prepare_cached(
                "INSERT INTO conversation (source, key, file) VALUES (?1, ?2, ?3)
                 ON CONFLICT (source, key) DO UPDATE SET file = coalesce(file, excluded.file)
                 RETURNING id",
            )?
            .query_row(params![source, key, file], |row| {
                row.get(0).map(ConversationId)
            })?;
        // Which log it is from may only be told by its messages.
        if file.is_some() {
            self.conversations.insert(own, id);
        }
        Ok(id)
    }

    pub(crate) fn project(&mut self, identity: &Masked<Identity>) -> Result<ProjectId> {
        let own = (
            Arc::clone(&identity.key),
            identity.directory.clone(),
            identity.is_start,
        );
        if let Some(id) = self.projects.get(&own) {
            return Ok(*id);
        }
        // Projects may become one, and then this span must follow.
        self.flush_span()?;
        let learnt = learn(&self.transaction, &mut self.cleaner, identity)?;
        if learnt.moves_messages() {
            // Those of this step must be readable, to tell which of them move.
            self.flush_texts()?;
            self.flush_bodies()?;
        }
        let (id, folded) = settle(&self.transaction, identity, &learnt)?;
        if folded {
            self.projects.clear();
        }
        self.projects.insert(own, id);
        Ok(id)
    }

    /// Records what a log says about a conversation.
    pub(crate) fn learn(
        &mut self,
        source: &Arc<str>,
        (file, log): (i64, i64),
        fact: &Masked<Fact>,
    ) -> Result<()> {
        match &fact.what {
            // These are about single messages.
            FactKind::Reflection { message, about } => {
                let about = Masked::kept(about.clone());
                return learn_reflection(&self.transaction, source, message, &about);
            }
            FactKind::AboutPerson { message, origin } => {
                let origin = Masked::kept(origin.clone());
                return learn_fact(&self.transaction, source, message, &origin);
            }
            FactKind::Mark { message, mark } => {
                let mark = Masked::kept(mark.clone());
                return learn_mark(&self.transaction, source, message, &mark);
            }
            _ if self.is_forgotten(source, fact)? => return Ok(()),
            FactKind::Repeats { message } => {
                self.file = Some(file);
                return self.repeat(source, &fact.conversation, message);
            }
            _ => {}
        }
        let id = self.conversation(source, &fact.conversation, None)?;
        match &fact.what {
            FactKind::Title { text, rank } => return self.learn_title(id, log, text, *rank),
            FactKind::Parent {
                conversation,
                relation,
            } => return self.learn_parent(id, conversation, relation_number(*relation)),
            FactKind::Link(link) => {
                self.transaction
                    .prepare_cached(
                        "UPDATE conversation SET links = coalesce(links || char(10), '') || ?2
                     WHERE id = ?1 AND instr(
                       char(10) || coalesce(links, '') || char(10), char(10) || ?2 || char(10)
                     ) = 0",
                    )?
                    .execute(params![id.0, link])?;
            }
            FactKind::Reflection { .. }
            | FactKind::AboutPerson { .. }
            | FactKind::Mark { .. }
            | FactKind::Repeats { .. } => {}
        }
        Ok(())
    }

    /// Of several parents always the same one is kept. Nothing is its own parent.
    fn learn_parent(&mut self, id: ConversationId, parent: &str, relation: i64) -> Result<()> {
        let sql = "UPDATE conversation SET parent = ?2, relation = ?3
             WHERE id = ?1 AND key != ?2
               AND (parent IS NULL OR (coalesce(relation, 3), parent) > (?3, ?2))";
        let changed = self
            .transaction
            .prepare_cached(sql)?
            .execute(params![id.0, parent, relation])?;
        if changed == 1 {
            self.reparented.insert(id);
            if self.is_known(id)? {
                self.reranked.insert(id);
            }
        }
        Ok(())
    }

    /// Whether the archive has messages of a conversation.
    pub(crate) fn has_messages(&mut self, source: &str, key: &str) -> Result<bool> {
        self.flush_span()?;
        let sql = "SELECT EXISTS (SELECT 1 FROM conversation JOIN span ON conversation = id
             WHERE source = ?1 AND key = ?2)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([source, key], |row| row.get(0))?)
    }

    /// Whether a log tells something of a conversation that was forgotten, or a title that was. What came
    /// later in such a conversation is kept, but nothing that its log says of the whole.
    fn is_forgotten(&self, source: &str, fact: &Fact) -> Result<bool> {
        let connection = &self.transaction;
        Ok(match &fact.what {
            FactKind::Title { text, .. } if text.is_empty() => true,
            FactKind::Title { text, .. } if is_forgotten(connection, title_hash(text))? => true,
            _ => is_forgotten(connection, conversation_hash(source, &fact.conversation))?,
        })
    }

    /// Of titles of equal rank the last of a log wins, and of several logs always the same one, in
    /// whatever order they are imported.
    fn learn_title(&mut self, id: ConversationId, log: i64, title: &str, rank: u8) -> Result<()> {
        let changed = self
            .transaction
            .prepare_cached(
                "UPDATE conversation SET title = ?2, title_rank = ?3, title_log = ?4
                 WHERE id = ?1 AND (title_rank, coalesce(title_log, ?4)) <= (?3, ?4)
                 AND (title, title_rank, title_log) IS NOT (?2, ?3, ?4)",
            )?
            .execute(params![id.0, title, rank, log])?;
        if changed == 1 {
            titles::insert(&self.transaction, &mut self.writer.analyzer, id, title)?;
        }
        Ok(())
    }

    /// Makes the step part of the archive.
    pub(crate) fn commit(mut self) -> Result<StepCounts> {
        self.flush_span()?;
        self.flush_texts()?;
        self.flush_bodies()?;
        self.settle_owners()?;
        self.write_changes()?;
        let counts = &self.counts;
        for (counter, by) in [
            (Counter::Prose, counts.prose),
            (Counter::Payload, counts.payload),
            (Counter::Searchable, counts.messages),
            (Counter::Embeddable, counts.embeddable),
        ] {
            counter.add(&self.transaction, by.cast_signed())?;
        }
        self.transaction.commit()?;
        Ok(self.counts)
    }
}

fn write_block(connection: &Connection, id: i64, data: &[u8]) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO block (id, data) VALUES (?1, ?2)")?
        .execute(params![id, data])?;
    Ok(())
}
