//! Making anew what is derived from messages.

use rusqlite::{Connection, TransactionBehavior};

use super::walk::{PROGRESS_MESSAGES, count, each_message};
use crate::guards::{ArchiveGuards, Cleared};
use crate::index::{TermBuilder, add_terms, titles};
use crate::projects::reattribute;
use crate::query::search;
use crate::store::{Counter, Reader, is_embeddable};
use crate::{Progress, Result, Stage, Stop};

/// Makes the index of terms and the counts anew, and queues what lost its vectors.
pub(crate) fn repair(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Cleared<Vec<String>>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "INSERT INTO prose (prose) VALUES ('delete-all');
         INSERT INTO payload (payload) VALUES ('delete-all');
         DELETE FROM meta WHERE key LIKE 'count.%';",
    )?;
    let total = count(&transaction, "SELECT count(*) FROM message")?;
    let (mut reader, mut terms) = (Reader::new()?, TermBuilder::new());
    let (mut done, mut unreadable) = (0_u64, 0_u64);
    let mut sums = [0_i64; 4];
    each_message(&transaction, |row| {
        done += 1;
        if done.is_multiple_of(PROGRESS_MESSAGES) {
            progress.at(Stage::Check, done, total);
        }
        let Ok(message) = reader.message(&transaction, row) else {
            unreadable += 1;
            return Ok(!stop.is_set());
        };
        let terms = terms.terms(&message);
        add_terms(&transaction, row.id, &terms)?;
        let (prose, payload) = terms.counts();
        sums[0] += prose.cast_signed();
        sums[1] += payload.cast_signed();
        sums[2] += i64::from(prose + payload > 0);
        sums[3] += i64::from(is_embeddable(&message));
        Ok(!stop.is_set())
    })?;
    if stop.is_set() {
        // Dropping the transaction leaves everything as it was.
        return Ok(Cleared::unquoted(vec![
            "stopped; nothing was changed".into(),
        ]));
    }
    let counters = [
        Counter::Prose,
        Counter::Payload,
        Counter::Searchable,
        Counter::Embeddable,
    ];
    for (counter, sum) in counters.into_iter().zip(sums) {
        counter.add(&transaction, sum)?;
    }
    let waits = count(&transaction, "SELECT count(*) FROM pending")?.cast_signed();
    Counter::Embedded.add(&transaction, (sums[3] - waits).max(0))?;
    titles::rebuild(&transaction)?;
    transaction.commit()?;
    let mut told = vec![format!("indexed {done} messages anew")];
    if unreadable > 0 {
        told.push(format!(
            "{unreadable} messages can't be read and were left as they are"
        ));
    }
    let moved = reattribute(connection, guards, stop)?;
    if moved > 0 {
        told.push(format!("{moved} directories belong to another project now"));
    }
    told.push(format!(
        "{} messages wait to be embedded",
        waiting(connection)?
    ));
    Ok(Cleared::unquoted(told))
}

/// How many messages wait to be embedded.
fn waiting(connection: &Connection) -> Result<u64> {
    let indexed = search::indexed(connection)?;
    Ok(indexed.embeddable - indexed.embedded)
}
