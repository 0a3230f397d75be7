//! Embeds messages that have no vectors yet: newest first, in short steps, so that several processes share
//! the work and a kill loses at most one step.

use embed::{Embedder, Embedding};
use rusqlite::{Connection, TransactionBehavior, params};
use rustc_hash::FxHashSet;

use super::passage::PassageId;
use super::vectors::{ArchiveState, VectorIndex, VectorSpace};
use crate::store::{Counter, MessageId, Reader, Row, meta, set_meta};
use crate::text::passages;
use crate::{Progress, Result, Stage, Stop};

/// Passages embedded before they are kept.
const STEP_PASSAGES: usize = 64;

/// The same beside other work, which may need the model at any moment.
const SMALL_STEP_PASSAGES: usize = 8;

/// The name under which the archive notes which model embedded it.
const MODEL_KEY: &str = "model";

/// What embeds messages, where they are read from, and where their vectors go.
pub(crate) struct EmbeddingRun<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) index: &'a dyn VectorIndex,
    pub(crate) embedder: &'a dyn Embedder,
}

/// A step that was made.
struct EmbeddedStep {
    /// Messages kept, by this process.
    kept: u64,
    passages: usize,
}

impl EmbeddingRun<'_> {
    /// Embeds the messages that wait, and keeps their vectors. Returns how many.
    pub(crate) fn all(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<u64> {
        self.adopt_model()?;
        let mut reader = Reader::new()?;
        let mut done = 0;
        while !stop.is_set() {
            let Some(step) = self.step(&mut reader, STEP_PASSAGES)? else {
                break;
            };
            done += step.kept;
            let total = Counter::Embeddable.get(self.connection)?;
            let embedded = Counter::Embedded.get(self.connection)?;
            progress.at(Stage::Embed, embedded.min(total), total);
        }
        if done > 0 {
            // Who embedded also makes what searches scan, so that they needn't.
            let space = VectorSpace {
                model: self.embedder.model_id(),
                dimensions: self.embedder.dimensions(),
            };
            self.index
                .prepare(&ArchiveState::new(self.connection), space)?;
        }
        Ok(done)
    }

    /// Embeds the newest of the messages that wait, about `passages` passages. Returns how many.
    pub(crate) fn some(&mut self, passages: usize, stop: &Stop) -> Result<u64> {
        self.adopt_model()?;
        let mut reader = Reader::new()?;
        let (mut done, mut embedded) = (0, 0);
        while !stop.is_set() && embedded < passages {
            let Some(step) = self.step(&mut reader, SMALL_STEP_PASSAGES)? else {
                break;
            };
            done += step.kept;
            embedded += step.passages;
        }
        Ok(done)
    }

    /// Embeds and keeps a step of about `size` passages; `None` where nothing waits.
    fn step(&mut self, reader: &mut Reader, size: usize) -> Result<Option<EmbeddedStep>> {
        let taken = take(self.connection, reader, size)?;
        if taken.messages.is_empty() {
            return Ok(None);
        }
        let texts: Vec<&str> = taken.texts.iter().map(|(_, text)| text.as_str()).collect();
        let vectors = self.embedder.embed(&texts)?;
        let ids = taken.texts.iter().map(|(id, _)| *id);
        let vectors: Vec<_> = ids.zip(vectors).collect();
        let passages = vectors.len();
        Ok(Some(EmbeddedStep {
            kept: self.keep(&taken.messages, vectors)?,
            passages,
        }))
    }

    /// Makes everything wait again where another model embedded it, whose vectors can't be compared.
    fn adopt_model(&mut self) -> Result<()> {
        let model = self.embedder.model_id().as_str();
        if meta(self.connection, MODEL_KEY)?.as_deref() == Some(model) {
            return Ok(());
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Messages whose text has an entry of its own and that no program put in: `is_embeddable`.
        transaction.execute_batch(
            "INSERT OR IGNORE INTO pending (time, message)
             SELECT coalesce(time, 0), id FROM message WHERE text IS NOT NULL AND flags >> 3 != 3;
             DELETE FROM meta WHERE key = 'count.embedded';",
        )?;
        self.index.clear(&ArchiveState::new(&transaction))?;
        set_meta(&transaction, MODEL_KEY, model)?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps a step, but for messages that another process kept meanwhile.
    fn keep(
        &mut self,
        messages: &[(i64, MessageId)],
        mut vectors: Vec<(PassageId, Embedding)>,
    ) -> Result<u64> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut own = FxHashSet::default();
        for (time, message) in messages {
            let waits = transaction
                .prepare_cached("DELETE FROM pending WHERE time = ?1 AND message = ?2")?
                .execute(params![time, message.0])?;
            if waits == 1 {
                own.insert(*message);
            }
        }
        vectors.retain(|(passage, _)| own.contains(&passage.message()));
        let state = ArchiveState::new(&transaction);
        self.index
            .upsert(&state, self.embedder.model_id(), &vectors)?;
        Counter::Embedded.add(&transaction, own.len() as i64)?;
        transaction.commit()?;
        Ok(own.len() as u64)
    }
}

/// Messages taken to be embedded.
struct TakenMessages {
    messages: Vec<(i64, MessageId)>,
    texts: Vec<(PassageId, String)>,
}

/// The newest messages that wait, as many as make a step. They go on waiting until they are kept.
fn take(connection: &Connection, reader: &mut Reader, size: usize) -> Result<TakenMessages> {
    let mut taken = TakenMessages {
        messages: Vec::new(),
        texts: Vec::new(),
    };
    let sql = "SELECT time, message FROM pending ORDER BY time DESC, message DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([size as i64])?;
    while let Some(row) = rows.next()? {
        let message = MessageId(row.get(1)?);
        taken.messages.push((row.get(0)?, message));
        if let Some(row) = Row::get(connection, message)? {
            let (_, text) = reader.text(connection, &row)?;
            let found = passages(&text).into_iter().enumerate();
            taken.texts.extend(found.map(|(position, range)| {
                (PassageId::new(message, position), text[range].to_owned())
            }));
        }
        if taken.texts.len() >= size {
            break;
        }
    }
    Ok(taken)
}
