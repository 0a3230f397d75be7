//! Rows of databases that other programs keep: opened to read only, and handed to the source's reader
//! row by row.

use std::io;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use transcript::{Cell, FileHint, Problem, ReadBatch, RowQuery, RowReader};

use super::packet::{LogPart, Packet, PacketContent};
use super::preparer::{Flow, OpenedLog, Preparer, caught, failed};
use crate::ingest::import::files::FileState;
use crate::store::open_foreign;

/// Bytes of a row; a longer one is an error of the database.
const MAX_ROW_BYTES: i32 = 64 << 20;

/// Messages after which what was read is written.
const PART_MESSAGES: usize = 1024;

/// Makes a reader of a database, from a state.
type OpenRows = fn(&FileHint, &str) -> Box<dyn RowReader>;

/// Reads a database of `size` bytes.
pub(super) fn read_rows(
    log: &OpenedLog,
    (queries, open): (&[RowQuery], OpenRows),
    (path, size): (&Path, u64),
    state: &FileState,
    preparer: &mut Preparer<'_>,
) -> io::Result<Flow> {
    let mut reading = RowLog {
        log,
        reader: opened(log, open, &state.state)?,
        from: state.state.clone(),
        rows: 0,
        batch: ReadBatch::default(),
        is_first: true,
    };
    let flow = match open_foreign(path, MAX_ROW_BYTES) {
        Ok(connection) => reading.queries(&connection, queries, preparer),
        Err(error) => {
            reading.tell(format!("the database can't be opened: {error}"));
            Flow::Goes
        }
    };
    Ok(match flow {
        Flow::Ends => flow,
        Flow::Goes | Flow::Unknown | Flow::Excluded => reading.end(size, preparer),
    })
}

/// A database being read.
struct RowLog<'a> {
    log: &'a OpenedLog,
    reader: Box<dyn RowReader>,
    /// The state that the reader began with. Until all rows were read it stays the one that is kept:
    /// what a reader holds back for later rows would be lost else.
    from: String,
    /// Rows read so far.
    rows: u64,
    batch: ReadBatch,
    is_first: bool,
}

impl RowLog<'_> {
    /// Runs the queries in their order. One that fails is a problem, and the others run.
    fn queries(
        &mut self,
        connection: &Connection,
        queries: &[RowQuery],
        preparer: &mut Preparer<'_>,
    ) -> Flow {
        for (nth, query) in queries.iter().enumerate() {
            match self.query(connection, nth, query, preparer) {
                Ok(Flow::Goes) => {}
                Ok(flow) => return flow,
                Err(error) => self.tell(format!("the database can't be read: {error}")),
            }
        }
        Flow::Goes
    }

    fn query(
        &mut self,
        connection: &Connection,
        nth: usize,
        query: &RowQuery,
        preparer: &mut Preparer<'_>,
    ) -> rusqlite::Result<Flow> {
        let mut statement = connection.prepare(query.sql)?;
        let columns = statement.column_count();
        let mark = caught(|| self.reader.mark(nth)).unwrap_or_default();
        let mut rows = match statement.parameter_count() {
            0 => statement.query([])?,
            _ => statement.query([mark])?,
        };
        while let Some(row) = rows.next()? {
            if preparer.stop.is_set() {
                return Ok(Flow::Ends);
            }
            self.rows += 1;
            let cells: Vec<Cell<'_>> = (0..columns)
                .map(|column| cell(row, column))
                .collect::<rusqlite::Result<_>>()?;
            let (reader, batch) = (&mut self.reader, &mut self.batch);
            match caught(|| reader.row(nth, &cells, batch)) {
                Some(Ok(())) => {}
                Some(Err(what)) => self.tell(what),
                None => {
                    // The reader goes on: it may hold what later rows need of earlier ones.
                    self.tell(format!("{}; the row was left out", failed(self.log.source)));
                }
            }
            if self.batch.messages.len() >= PART_MESSAGES {
                let state = FileState {
                    state: self.from.clone(),
                    ..FileState::default()
                };
                if !self.send(0, state, false, preparer) {
                    return Ok(Flow::Ends);
                }
            }
        }
        Ok(Flow::Goes)
    }

    /// All rows were read.
    fn end(&mut self, size: u64, preparer: &mut Preparer<'_>) -> Flow {
        let (reader, batch) = (&mut self.reader, &mut self.batch);
        let after = caught(|| {
            reader.end(batch);
            reader.state()
        });
        let mut after = after.unwrap_or_else(|| {
            self.tell(failed(self.log.source));
            self.from.clone()
        });
        preparer.cleaner.json(&mut after);
        let state = FileState {
            offset: size,
            line: self.rows,
            state: after,
            ..FileState::default()
        };
        match self.send(size, state, true, preparer) {
            true => Flow::Goes,
            false => Flow::Ends,
        }
    }

    /// Hands over what was read so far; whether anybody listens.
    fn send(
        &mut self,
        bytes: u64,
        state: FileState,
        is_last: bool,
        preparer: &mut Preparer<'_>,
    ) -> bool {
        let batch = std::mem::take(&mut self.batch);
        let part = LogPart {
            state,
            is_first: self.is_first,
            is_last,
            problems_from: self.is_first.then_some(0),
            ..preparer.part(self.log, batch, 0, &|offset| offset)
        };
        self.is_first = false;
        let packet = Packet {
            file: self.log.file,
            bytes,
            content: PacketContent::Read {
                source: self.log.source,
                part,
            },
        };
        preparer.packets.send(packet).is_ok()
    }

    /// A problem with the row at hand.
    fn tell(&mut self, what: String) {
        self.batch.problems.push(Problem {
            offset: self.rows,
            line: self.rows,
            what,
        });
    }
}

/// A reader that goes on from a state; an error where its source fails at making one.
fn opened(log: &OpenedLog, open: OpenRows, state: &str) -> io::Result<Box<dyn RowReader>> {
    caught(|| open(&log.hint, state)).ok_or_else(|| io::Error::other(failed(log.source)))
}

fn cell<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Cell<'r>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(text),
            Err(_) => Cell::Blob(bytes),
        },
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
    })
}
