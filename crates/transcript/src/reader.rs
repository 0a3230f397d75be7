//! How the files of a source are read: what the caller hands in, and what comes out.
//!
//! The caller owns disk and databases. It cuts nothing and parses nothing: of a log that grows it hands
//! in the bytes as they come, of a document all of them, of a foreign database (one that another program
//! keeps) the rows of the queries that the source names. Compressed files come decompressed.

use crate::bounds::MAX_ITEMS;
use crate::{Fact, Message};

/// What is known of a file before its first byte is read.
#[derive(Clone, Debug, Default)]
pub struct FileHint {
    /// The file's path as found, with `/` between directories.
    pub path: String,
}

/// A part of a file that could not be understood, and where it stands. The rest of the file was read all
/// the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset in the (decompressed) file; of a database the same number as `line`.
    pub offset: u64,
    /// Line of the file, from 1; of a database the number of the row among all rows that were read this
    /// time, from 1.
    pub line: u64,
    /// What is wrong, in words for a person.
    pub what: String,
}

/// What came out of one piece of a file: some bytes of a log that grows, a whole document, or some rows.
/// A batch with problems is as good as one without; what a file says is the sum of its batches.
#[derive(Debug, Default)]
pub struct ReadBatch {
    /// Messages in the order of the file.
    pub messages: Vec<Message>,
    /// What was learnt about conversations, in the order of the file.
    pub facts: Vec<Fact>,
    /// What could not be understood, in the order of the file.
    pub problems: Vec<Problem>,
    /// The number of records (such as lines) that were read, those that carry no message included.
    pub records: u64,
}

impl ReadBatch {
    /// Adds a problem, unless there are 16,384 already: a file of rubbish has one on every line.
    pub fn tell(&mut self, problem: Problem) {
        let count = self.problems.len();
        if count < MAX_ITEMS {
            self.problems.push(problem);
        } else if count == MAX_ITEMS {
            let what = "more problems follow, which are not listed".to_owned();
            self.problems.push(Problem { what, ..problem });
        }
    }
}

/// How the content of a file is handed in, and the function that reads it or makes its reader.
#[derive(Clone, Copy, Debug)]
pub enum Framing {
    /// One record after the other, a line or some bytes that the reader knows the end of, in a file that grows
    /// by appending or is too long to be held whole. The function makes the reader of a file,
    /// from its start or from where an earlier reader stopped: its second argument is what
    /// [`LogReader::state`] returned then, and empty at the start. A state that can't be read counts as
    /// empty.
    Lines(fn(&FileHint, &str) -> Box<dyn LogReader>),
    /// One document that is rewritten whole, such as a JSON file of a session. The function reads it
    /// at one go, and all of it again whenever the file has changed.
    Document(fn(&FileHint, &[u8], &mut ReadBatch)),
    /// Rows of a SQLite database that another program keeps. The caller opens it to read only, runs
    /// the queries in their order and hands each row to the reader that the function makes; the
    /// function's second argument is as for [`Framing::Lines`].
    Rows(
        &'static [RowQuery],
        fn(&FileHint, &str) -> Box<dyn RowReader>,
    ),
}

/// Reads one log that grows, piece by piece.
pub trait LogReader: Send {
    /// Takes the complete records at the start of `bytes`, adds what they say to `batch`, and returns
    /// how many bytes it took. A complete record that can't be understood is taken too, and becomes a
    /// problem in `batch`.
    ///
    /// `offset` (in bytes, from 0) and `line` (from 1) tell where in the decompressed file `bytes`
    /// starts. The caller moves both on, by the bytes that were taken and the newlines in them, and hands
    /// in what was left again with more bytes behind it; 0 taken means that the first record needs more.
    /// With `at_end`, nothing follows for now: a last record without newline is taken if it is complete,
    /// and left if it isn't.
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        line: u64,
        at_end: bool,
        batch: &mut ReadBatch,
    ) -> usize;

    /// What a later reader needs to go on from here, in a form of the reader's own; at most a few
    /// kilobytes. The caller stores it with how far it has read, and hands it to the function of
    /// [`Framing::Lines`].
    fn state(&self) -> String;
}

/// A query over a foreign database: one that another program keeps, and that is only read.
#[derive(Clone, Copy, Debug)]
pub struct RowQuery {
    /// One `SELECT` statement in SQLite's dialect. If it has a parameter `?1`, that is what
    /// [`RowReader::mark`] returns for the query. If the database refuses it, for want of a table say,
    /// what it says becomes a problem, and the other queries run.
    pub sql: &'static str,
}

/// A value in a row of a foreign database, by SQLite's storage classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// `NULL`.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text; what wasn't UTF-8 in the database comes as [`Cell::Blob`].
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

/// Reads the rows of one foreign database.
pub trait RowReader: Send {
    /// Where a query has to go on: the lowest value from which on it need look for rows, such as the
    /// row number or the time of the last change that was read. The query takes it for its parameter
    /// `?1`. `query` is the query's number in [`Framing::Rows`], from 0.
    fn mark(&self, query: usize) -> i64;

    /// Takes one row of the query with the number `query`, and puts what it says into `batch`. `cells`
    /// has the columns in the order of the `SELECT`.
    ///
    /// # Errors
    /// If the row isn't as the source writes them: what of it couldn't be understood, in words. The
    /// caller makes a [`Problem`] of it and goes on with the next row.
    fn row(
        &mut self,
        query: usize,
        cells: &[Cell<'_>],
        batch: &mut ReadBatch,
    ) -> Result<(), String>;

    /// Tells the reader that all rows of all queries were handed in: it puts what it held back for later
    /// rows into `batch`.
    fn end(&mut self, batch: &mut ReadBatch);

    /// What a later reader needs to go on after these rows; see [`LogReader::state`].
    fn state(&self) -> String;
}
