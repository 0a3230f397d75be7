//! The state of the archive, checking it, and making anew what is derived.

mod check;
mod rescan;

pub(crate) use check::verify;
pub(crate) use rescan::{begin_checked, rescan};

use rusqlite::{Connection, TransactionBehavior};

use crate::guards::Keeper;
use crate::index::{TermBuilder, add_terms, titles};
use crate::projects::reattribute;
use crate::query::search;
use crate::store::{Counter, MessageId, Reader, Row, SCHEMA_VERSION, is_embeddable, meta};
use crate::{Home, ProblemAt, Progress, Result, Roots, SourceInfo, Stage, Status, Stop};

/// Messages after which a check tells how far it is.
const TOLD_EVERY: u64 = 2_000;

fn count(connection: &Connection, sql: &str) -> Result<u64> {
    let count: i64 = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    Ok(count.max(0).cast_unsigned())
}

/// The state of the archive.
pub(crate) fn status(connection: &Connection, home: &Home) -> Result<Status> {
    Ok(Status {
        schema: SCHEMA_VERSION,
        indexed: search::indexed(connection)?,
        messages: count(
            connection,
            "SELECT coalesce(sum(last - first + 1), 0) FROM span",
        )?,
        conversations: count(connection, "SELECT count(*) FROM conversation")?,
        projects: count(connection, "SELECT count(*) FROM project")?,
        files: count(connection, "SELECT count(*) FROM file WHERE source != ''")?,
        log_bytes: count(connection, "SELECT coalesce(sum(offset), 0) FROM file")?,
        archive_bytes: size_of(home),
        problems: count(connection, "SELECT count(*) FROM problem")?,
        model: meta(connection, "model")?,
        guard_rules: rescan::checked_by(connection)?,
        last_import: meta(connection, "last_import")?.and_then(|time| time.parse().ok()),
    })
}

/// Bytes of the archive's files.
fn size_of(home: &Home) -> u64 {
    let files = walkdir::WalkDir::new(home.data()).into_iter().flatten();
    files
        .filter_map(|entry| entry.metadata().ok())
        .filter(|m| m.is_file())
        .map(|m| m.len())
        .sum()
}

/// All sources, those without anything too.
pub(crate) fn sources(connection: &Connection, roots: &Roots) -> Result<Vec<SourceInfo>> {
    let sources = roots.registry().all().iter();
    let mut infos: Vec<SourceInfo> = sources.map(|source| empty(source.name(), roots)).collect();
    let mut statement = connection.prepare_cached(
        "SELECT source, count(*), coalesce(sum(offset), 0),
           (SELECT count(*) FROM problem JOIN file AS f ON f.id = problem.file WHERE f.source = file.source)
         FROM file WHERE source != '' GROUP BY source",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let info = entry(&mut infos, &name, roots);
        info.files = row.get::<_, i64>(1)?.cast_unsigned();
        info.bytes = row.get::<_, i64>(2)?.cast_unsigned();
        info.problems = row.get::<_, i64>(3)?.cast_unsigned();
    }
    let mut statement = connection.prepare_cached(
        "SELECT source, count(DISTINCT conversation.id), coalesce(sum(last - first + 1), 0)
         FROM conversation LEFT JOIN span ON conversation = conversation.id GROUP BY source",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let info = entry(&mut infos, &name, roots);
        info.conversations = row.get::<_, i64>(1)?.cast_unsigned();
        info.messages = row.get::<_, i64>(2)?.cast_unsigned();
    }
    Ok(infos)
}

fn empty(name: &str, roots: &Roots) -> SourceInfo {
    let source = roots.registry().find(name).into_iter();
    let roots = source.flat_map(|source| roots.of(source));
    SourceInfo {
        name: name.to_owned(),
        roots: roots
            .map(|root| root.to_string_lossy().into_owned())
            .collect(),
        files: 0,
        bytes: 0,
        conversations: 0,
        messages: 0,
        problems: 0,
    }
}

fn entry<'a>(infos: &'a mut Vec<SourceInfo>, name: &str, roots: &Roots) -> &'a mut SourceInfo {
    let at = infos
        .iter()
        .position(|info| info.name == name)
        .unwrap_or_else(|| {
            infos.push(empty(name, roots));
            infos.len() - 1
        });
    &mut infos[at]
}

/// Problems met in files.
pub(crate) fn problems(connection: &Connection, limit: usize) -> Result<Vec<ProblemAt>> {
    let mut statement = connection.prepare_cached(
        "SELECT path, problem.line, what FROM problem JOIN file ON file.id = problem.file
         ORDER BY path, problem.line LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit], |row| {
        let line: i64 = row.get(1)?;
        Ok(ProblemAt {
            path: row.get(0)?,
            line: line.cast_unsigned(),
            what: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hands the row of every message to `each`, until it returns `false`.
fn each_message(connection: &Connection, mut each: impl FnMut(&Row) -> Result<bool>) -> Result<()> {
    let mut statement = connection.prepare("SELECT id FROM message ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = MessageId(row.get(0)?);
        if let Some(row) = Row::get(connection, id)?
            && !each(&row)?
        {
            break;
        }
    }
    Ok(())
}

/// Makes the index of terms and the counts anew, and queues what lost its vectors.
pub(crate) fn repair(
    connection: &mut Connection,
    keeper: &Keeper,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Vec<String>> {
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
        if done.is_multiple_of(TOLD_EVERY) {
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
        return Ok(vec!["stopped; nothing was changed".into()]);
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
    let moved = reattribute(connection, keeper, stop)?;
    if moved > 0 {
        told.push(format!("{moved} directories belong to another project now"));
    }
    told.push(format!(
        "{} messages wait to be embedded",
        waiting(connection)?
    ));
    Ok(told)
}

/// How many messages wait to be embedded.
fn waiting(connection: &Connection) -> Result<u64> {
    let indexed = search::indexed(connection)?;
    Ok(indexed.embeddable - indexed.embedded)
}
