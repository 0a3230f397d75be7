//! Embedding what waits: newest first, in short steps, so that several processes share the work and
//! a kill loses at most one step.

use embed::Embedder;
use rusqlite::{Connection, TransactionBehavior, params};

use super::PassageId;
use super::vectors::{self, Vectors};
use crate::store::{Counter, MessageId, Reader, Row, Spans, meta, set_meta};
use crate::text::passages;
use crate::{Home, Progress, Result, Stage, Stop};

/// Passages embedded before they are kept.
const STEP_PASSAGES: usize = 64;

/// The same beside other work, which may need the model at any moment.
const SMALL_STEP: usize = 8;

/// Embeds the messages that wait, and keeps their vectors. Returns how many.
pub(crate) fn embed_pending(
    connection: &mut Connection,
    home: &Home,
    embedder: &dyn Embedder,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<u64> {
    adopt_model(connection, embedder)?;
    let mut reader = Reader::new()?;
    let mut done = 0;
    while !stop.is_set() {
        let Some(step) = step(connection, embedder, &mut reader, STEP_PASSAGES)? else {
            break;
        };
        done += step.kept;
        let total = Counter::Embeddable.get(connection)?;
        progress.at(
            Stage::Embed,
            Counter::Embedded.get(connection)?.min(total),
            total,
        );
    }
    if done > 0 {
        // Who embedded also makes what searches scan, so that they needn't.
        let (model, width) = (embedder.model_id(), embedder.dimensions());
        Vectors::default().refresh(connection, home, model, width, &Spans::all(connection)?)?;
    }
    Ok(done)
}

/// Embeds the newest of the messages that wait, about `passages` passages. Returns how many.
pub(crate) fn embed_some(
    connection: &mut Connection,
    embedder: &dyn Embedder,
    passages: usize,
    stop: &Stop,
) -> Result<u64> {
    adopt_model(connection, embedder)?;
    let mut reader = Reader::new()?;
    let (mut done, mut embedded) = (0, 0);
    while !stop.is_set() && embedded < passages {
        let Some(step) = step(connection, embedder, &mut reader, SMALL_STEP)? else {
            break;
        };
        done += step.kept;
        embedded += step.passages;
    }
    Ok(done)
}

/// A step that was made.
struct Stepped {
    /// Messages kept, by this process.
    kept: u64,
    passages: usize,
}

/// Embeds and keeps a step; `None` where nothing waits.
fn step(
    connection: &mut Connection,
    embedder: &dyn Embedder,
    reader: &mut Reader,
    size: usize,
) -> Result<Option<Stepped>> {
    let step = take(connection, reader, size)?;
    if step.messages.is_empty() {
        return Ok(None);
    }
    let texts: Vec<&str> = step.texts.iter().map(|(_, text)| text.as_str()).collect();
    let vectors = embedder.embed(&texts)?;
    let batch: Vec<_> = step.texts.iter().map(|(id, _)| *id).zip(vectors).collect();
    Ok(Some(Stepped {
        kept: keep(connection, embedder, &step.messages, &batch)?,
        passages: batch.len(),
    }))
}

/// Makes everything wait again where another model embedded it, whose vectors can't be compared.
fn adopt_model(connection: &mut Connection, embedder: &dyn Embedder) -> Result<()> {
    let model = embedder.model_id().as_str().to_owned();
    if meta(connection, "model")?.as_deref() == Some(&model) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Messages whose text has an entry of its own and that no program put in: `is_embeddable`.
    transaction.execute_batch(
        "INSERT OR IGNORE INTO pending (time, message)
         SELECT coalesce(time, 0), id FROM message WHERE text IS NOT NULL AND flags >> 3 != 3;
         DELETE FROM vectors;
         DELETE FROM meta WHERE key = 'count.embedded';",
    )?;
    let embedded = Counter::Embedded.get(&transaction)?.cast_signed();
    Counter::Embedded.add(&transaction, -embedded)?;
    set_meta(&transaction, "model", &model)?;
    transaction.commit()?;
    Ok(())
}

/// Messages taken to be embedded.
struct Taken {
    messages: Vec<(i64, MessageId)>,
    texts: Vec<(PassageId, String)>,
}

/// The newest messages that wait, as many as make a step. They go on waiting until they are kept.
fn take(connection: &Connection, reader: &mut Reader, size: usize) -> Result<Taken> {
    let mut taken = Taken {
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
            taken
                .texts
                .extend(found.map(|(place, range)| {
                    (PassageId::new(message, place), text[range].to_owned())
                }));
        }
        if taken.texts.len() >= size {
            break;
        }
    }
    Ok(taken)
}

/// Keeps a step, but for messages that another process kept meanwhile.
fn keep(
    connection: &mut Connection,
    embedder: &dyn Embedder,
    messages: &[(i64, MessageId)],
    batch: &[(PassageId, embed::Embedding)],
) -> Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut own = rustc_hash::FxHashSet::default();
    for (time, message) in messages {
        let waits = transaction
            .prepare_cached("DELETE FROM pending WHERE time = ?1 AND message = ?2")?
            .execute(params![time, message.0])?;
        if waits == 1 {
            own.insert(*message);
        }
    }
    let batch: Vec<_> = batch
        .iter()
        .filter(|(id, _)| own.contains(&id.message()))
        .cloned()
        .collect();
    if let Some(seq) = vectors::insert(&transaction, embedder.model_id(), &batch)? {
        // So that they are found when the reflection is edited or deleted.
        let sql = "UPDATE reflection SET vectors = ?2 WHERE message = ?1";
        let mut statement = transaction.prepare_cached(sql)?;
        for message in &own {
            statement.execute(params![message.0, seq])?;
        }
    }
    Counter::Embedded.add(&transaction, own.len() as i64)?;
    transaction.commit()?;
    Ok(own.len() as u64)
}
