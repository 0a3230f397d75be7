//! Saves what can be read of a damaged database into a new one.
//!
//! Each table is read row by row; where a page is damaged, the rows on it are left out, and reading goes on
//! behind it. What can't be told whole any more, such as a message whose text is gone, is left out too: its
//! log, if it is still there, brings it back with the next import. What is derived isn't copied but made anew.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Statement, TransactionBehavior, params};

use super::walk::PROGRESS_MESSAGES;
use crate::store::{
    ConversationId, Counter, MessageId, Reader, Row, Span, Spans, id_key, is_embeddable, regroup,
};
use crate::{Progress, Result, Stage, Stop};

/// Tables that are derived from others or from logs, beside those of the indexes.
const DERIVED_TABLES: [&str; 4] = ["pending", "vectors", "problem", "sqlite_sequence"];

/// Rows that are stepped over at most to get behind a damaged place: a power of two.
const MAX_STEP: i64 = 1 << 40;

/// What became of a damaged database.
#[derive(Debug, Default)]
pub(crate) struct Salvaged {
    /// Messages that were saved.
    pub(crate) messages: u64,
    /// Messages of which a part was gone.
    pub(crate) incomplete: u64,
    /// Tables of which rows are lost.
    pub(crate) damaged: Vec<String>,
}

impl Salvaged {
    /// Whether anything was lost.
    pub(crate) fn is_loss(&self) -> bool {
        self.incomplete > 0 || !self.damaged.is_empty()
    }
}

/// Copies what can be read of `old` into `new`, which is empty. `None` if `stop` was set: then `new` is of
/// no use.
pub(crate) fn salvage(
    old: &Connection,
    new: &mut Connection,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Option<Salvaged>> {
    let transaction = new.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut salvaged = Salvaged::default();
    for table in tables(&transaction)? {
        if stop.is_set() {
            return Ok(None);
        }
        let copy = TableCopy::new(old, &transaction, table)?;
        if let Some(copy) = copy
            && copy.run()?
        {
            salvaged.damaged.push(copy.table.name);
        }
    }
    let is_done = Mending {
        connection: &transaction,
        reader: Reader::new()?,
    }
    .run(&mut salvaged, stop, progress)?;
    if !is_done {
        return Ok(None);
    }
    transaction.commit()?;
    Ok(Some(salvaged))
}

/// A table that is copied.
struct Table {
    name: String,
    has_rowid: bool,
}

/// The ordinary tables of the schema.
fn tables(new: &Connection) -> Result<Vec<Table>> {
    let sql = "SELECT name, wr FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = new.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Table {
            name: row.get(0)?,
            has_rowid: !row.get::<_, bool>(1)?,
        })
    })?;
    let all: Vec<Table> = rows.collect::<rusqlite::Result<_>>()?;
    let is_copied = |table: &Table| !DERIVED_TABLES.contains(&table.name.as_str());
    Ok(all.into_iter().filter(is_copied).collect())
}

/// The columns of a table that a database has, and those of its key.
fn columns(connection: &Connection, table: &str) -> Result<(Vec<String>, Vec<String>)> {
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (mut all, mut key): (Vec<String>, Vec<(i64, String)>) = Default::default();
    for row in rows {
        let (name, place): (String, i64) = row?;
        if place > 0 {
            key.push((place, name.clone()));
        }
        all.push(name);
    }
    key.sort_unstable();
    Ok((all, key.into_iter().map(|(_, name)| name).collect()))
}

/// How rows come out of a database, and how they go into the other one.
struct TableCopy<'a> {
    old: &'a Connection,
    new: &'a Connection,
    table: Table,
    columns: Vec<String>,
    key: Vec<String>,
}

impl<'a> TableCopy<'a> {
    /// `None` where the old database doesn't have the table.
    fn new(old: &'a Connection, new: &'a Connection, table: Table) -> Result<Option<Self>> {
        let (wanted, key) = columns(new, &table.name)?;
        let there = match columns(old, &table.name) {
            Ok((there, _)) => there,
            // Not even the schema can be read.
            Err(_) => Vec::new(),
        };
        let columns: Vec<String> = wanted
            .into_iter()
            .filter(|name| there.contains(name))
            .collect();
        if columns.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            old,
            new,
            table,
            columns,
            key,
        }))
    }

    /// Copies all rows that can be read; returns whether some can't.
    fn run(&self) -> Result<bool> {
        match self.table.has_rowid {
            true => self.by_number(),
            false => self.by_key(),
        }
    }

    fn insert(&self) -> Result<Statement<'a>> {
        let places = vec!["?"; self.columns.len()].join(", ");
        let sql = format!(
            "INSERT OR IGNORE INTO {} ({}) VALUES ({places})",
            self.table.name,
            self.columns.join(", ")
        );
        Ok(self.new.prepare(&sql)?)
    }

    /// From the first row on, and behind each damaged place.
    fn by_number(&self) -> Result<bool> {
        let columns = self.columns.join(", ");
        let name = &self.table.name;
        let forward =
            format!("SELECT rowid, {columns} FROM {name} WHERE rowid > ?1 ORDER BY rowid");
        let between = format!(
            "SELECT rowid, {columns} FROM {name} WHERE rowid > ?1 AND rowid < ?2 ORDER BY rowid DESC"
        );
        let mut insert = self.insert()?;
        let (mut last, mut step, mut is_damaged) = (0_i64, 0_i64, false);
        loop {
            let from = last.saturating_add(step);
            let mut reached = None;
            let whole = self.rows(&forward, params![from], &mut insert, &mut |row| {
                reached = Some(row);
            })?;
            if let Some(reached) = reached {
                if step > 0 {
                    // What lies between the damaged place and where reading went on.
                    self.rows(
                        &between,
                        params![last, from.saturating_add(1)],
                        &mut insert,
                        &mut |_| {},
                    )?;
                }
                (last, step) = (reached, 0);
            }
            if whole {
                return Ok(is_damaged);
            }
            is_damaged = true;
            step = (step * 2).max(1);
            if step > MAX_STEP {
                return Ok(true);
            }
        }
    }

    /// From the first row on, and from the last one backwards.
    fn by_key(&self) -> Result<bool> {
        let columns = self.columns.join(", ");
        let name = &self.table.name;
        let order = |way: &str| {
            let parts = self.key.iter().map(|part| format!("{part} {way}"));
            parts.collect::<Vec<_>>().join(", ")
        };
        let mut insert = self.insert()?;
        let mut is_whole = false;
        for way in ["ASC", "DESC"] {
            if !is_whole {
                let sql = format!("SELECT 0, {columns} FROM {name} ORDER BY {}", order(way));
                let whole = self.rows(&sql, [], &mut insert, &mut |_| {})?;
                is_whole |= whole && way == "ASC";
            }
        }
        Ok(!is_whole)
    }

    /// Copies the rows of a query until one can't be read; returns whether all could.
    fn rows(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        insert: &mut Statement<'_>,
        reached: &mut dyn FnMut(i64),
    ) -> Result<bool> {
        let Ok(mut statement) = self.old.prepare_cached(sql) else {
            return Ok(false);
        };
        let Ok(mut rows) = statement.query(values) else {
            return Ok(false);
        };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(true),
                Err(_) => return Ok(false),
            };
            let Ok(number) = row.get(0) else {
                return Ok(false);
            };
            let values: Vec<Value> = (1..=self.columns.len())
                .map(|at| row.get(at).unwrap_or(Value::Null))
                .collect();
            // What a constraint refuses isn't what was written.
            match insert.execute(rusqlite::params_from_iter(values)) {
                Ok(_) => {}
                Err(error) if is_refused(&error) => {}
                Err(error) => return Err(error.into()),
            }
            reached(number);
        }
    }
}

fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch)
    )
}

/// Makes the rows that were copied fit together.
struct Mending<'a> {
    connection: &'a Connection,
    reader: Reader,
}

impl Mending<'_> {
    /// `false` if it was stopped.
    fn run(
        mut self,
        salvaged: &mut Salvaged,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<bool> {
        self.connection.execute_batch(
            "DELETE FROM meta WHERE key LIKE 'count.%' OR key = 'directories';
             DELETE FROM span WHERE conversation NOT IN (SELECT id FROM conversation) OR last < first;
             INSERT OR IGNORE INTO project (key) VALUES ('name:unsorted');
             UPDATE span SET project = (SELECT id FROM project WHERE key = 'name:unsorted')
               WHERE project NOT IN (SELECT id FROM project);
             UPDATE reflection SET vectors = NULL;
             UPDATE fact SET vectors = NULL;",
        )?;
        let all = Spans::all(self.connection)?.0;
        let total = all
            .iter()
            .map(|span| (span.last.0 - span.first.0 + 1).unsigned_abs())
            .sum();
        let mut done = 0_u64;
        let mut free = i64::MIN;
        for span in all {
            if stop.is_set() {
                return Ok(false);
            }
            // Of spans that overlap, the first one counts.
            self.connection
                .prepare_cached("DELETE FROM span WHERE first = ?1")?
                .execute([span.first.0])?;
            for run in self.runs(&span, free, salvaged)? {
                run.insert(self.connection)?;
            }
            free = free.max(span.last.0 + 1);
            done += (span.last.0 - span.first.0 + 1).unsigned_abs();
            if done % PROGRESS_MESSAGES < 64 {
                progress.at(Stage::Check, done, total);
            }
        }
        self.drop_rest(salvaged)?;
        regroup(self.connection)?;
        Ok(true)
    }

    /// The parts of a span whose messages can be read, with their keys.
    fn runs(&mut self, span: &Span, free: i64, salvaged: &mut Salvaged) -> Result<Vec<Span>> {
        let source = self.source(span.conversation)?;
        let sql = "SELECT id FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([span.first.0.max(free), span.last.0], |row| row.get(0))?;
        let ids: Vec<i64> = ids.collect::<rusqlite::Result<_>>()?;
        let mut runs: Vec<Span> = Vec::new();
        for id in ids.into_iter().map(MessageId) {
            if !self.keep(id, &source)? {
                salvaged.incomplete += 1;
                continue;
            }
            salvaged.messages += 1;
            span.part(&mut runs, id, span.project);
        }
        Ok(runs)
    }

    fn source(&self, conversation: ConversationId) -> Result<String> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT source FROM conversation WHERE id = ?1")?;
        Ok(statement.query_row([conversation.0], |row| row.get(0))?)
    }

    /// Whether a message can be read. If so, it is known by its source's id and waits to be embedded; else
    /// it is gone.
    fn keep(&mut self, id: MessageId, source: &str) -> Result<bool> {
        let row = Row::get(self.connection, id);
        let row = match row {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(false),
            Err(_) => return self.remove(id),
        };
        let Ok(message) = self.reader.message(self.connection, &row) else {
            return self.remove(id);
        };
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO key (hash, message) VALUES (?1, ?2)")?
            .execute(params![id_key(source, &message.id).cast_signed(), id.0])?;
        if is_embeddable(&message) {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO pending (time, message) VALUES (?1, ?2)")?
                .execute(params![row.time.unwrap_or(0), id.0])?;
        }
        Ok(true)
    }

    fn remove(&self, id: MessageId) -> Result<bool> {
        self.connection
            .prepare_cached("DELETE FROM message WHERE id = ?1")?
            .execute([id.0])?;
        Ok(false)
    }

    /// Removes what belongs to messages that are gone, and messages that belong to nothing.
    fn drop_rest(&self, salvaged: &mut Salvaged) -> Result<()> {
        let lone = "DELETE FROM message WHERE coalesce(
               (SELECT last FROM span WHERE first <= message.id ORDER BY first DESC LIMIT 1), 0) < id";
        salvaged.incomplete += self.connection.execute(lone, [])? as u64;
        self.connection.execute_batch(
            "DELETE FROM key WHERE message != 0 AND message NOT IN (SELECT id FROM message);
             DELETE FROM labelled WHERE message NOT IN (SELECT id FROM message)
               OR label NOT IN (SELECT id FROM label);
             DELETE FROM mark WHERE message NOT IN (SELECT id FROM message);
             DELETE FROM reflection WHERE message NOT IN (SELECT id FROM message);
             DELETE FROM fact WHERE message NOT IN (SELECT id FROM message);
             DELETE FROM copy WHERE message NOT IN (SELECT id FROM message)
               OR conversation NOT IN (SELECT id FROM conversation);
             UPDATE copy SET project = (SELECT id FROM project WHERE key = 'name:unsorted')
               WHERE project NOT IN (SELECT id FROM project);
             UPDATE file SET mtime = -9223372036854775808, offset = 0, line = 0, prefix = 0, state = '';",
        )?;
        let embeddable: i64 = self
            .connection
            .query_row("SELECT count(*) FROM pending", [], |row| row.get(0))
            .optional()?
            .unwrap_or(0);
        Counter::Embeddable.add(self.connection, embeddable)
    }
}
