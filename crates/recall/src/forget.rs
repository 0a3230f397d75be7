//! Forgetting: messages are removed for good, with all that was derived from them, and stay away.
//!
//! One transaction makes them unreachable and records tombstones and what is left to do ([`begin`]); short
//! steps remove their contents, and a last one rewrites the database and empties its log ([`finish`]).
//! Whenever the program ends in between, the next opening of the archive goes on.

mod needle;
mod choose;
mod begin;
mod finish;

use rusqlite::{Connection, TransactionBehavior};

use crate::documents;
use crate::guards::{ArchiveGuards, Gate};
use crate::index::vectors::VectorIndex;
use crate::store::CHAT_SOURCE;
use crate::{Forget, ForgetReport, Home, Progress, Result, Stop};

pub(crate) use finish::resume;

/// Forgets what a request means, or only tells it.
pub(crate) fn forget(
    (connection, home): (&mut Connection, &Home),
    (guards, vectors): (&ArchiveGuards, &dyn VectorIndex),
    request: &Forget,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<ForgetReport> {
    let behaviour = match request.dry_run {
        true => TransactionBehavior::Deferred,
        false => TransactionBehavior::Immediate,
    };
    let transaction = connection.transaction_with_behavior(behaviour)?;
    let chosen = choose::choose(&transaction, Gate::new(guards), request)?;
    let mut report = chosen.report(&transaction)?;
    if request.dry_run || report.is_empty() {
        return Ok(report);
    }
    begin::begin(&transaction, &chosen)?;
    for chat in chosen.emptied_of(CHAT_SOURCE) {
        documents::remove_of_chat(&transaction, vectors, chat)?;
    }
    transaction.commit()?;
    report.finished = finish::finish((connection, home), vectors, stop, progress)?;
    report.stopped = !report.finished && stop.is_set();
    Ok(report)
}
