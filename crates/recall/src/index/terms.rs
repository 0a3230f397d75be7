//! The full-text indexes of prose and payload: which terms each passage has.

use std::hash::BuildHasher as _;

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{Connection, params};
use rustc_hash::{FxBuildHasher, FxHashSet};
use transcript::{Message, MessageKind, Role};

use super::passage::PassageId;
use crate::Result;
use crate::store::{Counter, MessageId};
use crate::text::{Analyzer, chunks, is_stop_word, passages, payload_text};

/// Bits of a term row that hold the class of the passage's length.
const LENGTH_BITS: u32 = 4;

/// The row of a passage in an index of terms: the passage and, so that ranking needs no look-up,
/// the class of its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TermRow(pub(crate) i64);

impl TermRow {
    fn new(passage: PassageId, terms: usize) -> Self {
        let class = LENGTH_CLASSES
            .iter()
            .rposition(|length| terms as f32 >= *length)
            .unwrap_or(0);
        Self(passage.0 << LENGTH_BITS | class as i64)
    }

    pub(crate) fn passage(self) -> PassageId {
        PassageId(self.0 >> LENGTH_BITS)
    }

    /// About how many terms the passage has.
    pub(crate) fn length(self) -> f32 {
        LENGTH_CLASSES[usize::try_from(self.0 & ((1 << LENGTH_BITS) - 1)).unwrap_or(0)]
    }
}

/// The classes of length, in terms: each about a third above the one before.
const LENGTH_CLASSES: [f32; 1 << LENGTH_BITS] = [
    3.0, 4.0, 5.5, 7.0, 9.5, 12.5, 16.5, 22.0, 29.0, 38.0, 51.0, 67.0, 89.0, 118.0, 156.0, 206.0,
];

/// Marks terms that say who spoke or when, which stand with a text but not in it. It is no ASCII
/// character, so FTS5's `ascii` tokenizer leaves it at its term.
pub(crate) const SPEAKER_MARK: char = '¶';
pub(crate) const DATE_MARK: char = '§';

/// The terms of a message, a string for each passage, separated by spaces.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    prose: Vec<(String, usize)>,
    payload: Vec<(String, usize)>,
}

impl Terms {
    /// How many passages of prose and chunks of payload there are.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.prose.len() as u64, self.payload.len() as u64)
    }

    /// How many of each have a row in their index: those with terms.
    pub(crate) fn rows(&self) -> (u64, u64) {
        let rows =
            |all: &[(String, usize)]| all.iter().filter(|(terms, _)| !terms.is_empty()).count();
        (rows(&self.prose) as u64, rows(&self.payload) as u64)
    }
}

/// Prepares messages for the index of terms.
pub(crate) struct TermBuilder {
    analyzer: Analyzer,
    /// Hashes of the terms of one passage; two of 64 bits being equal by chance isn't expected.
    seen: FxHashSet<u64>,
}

impl TermBuilder {
    pub(crate) fn new() -> Self {
        Self {
            analyzer: Analyzer::new(),
            seen: FxHashSet::default(),
        }
    }

    /// Where the rows of a message begin in either index, and where those of the next one do.
    pub(crate) fn rows_of(message: MessageId) -> (TermRow, TermRow) {
        let first = |message| TermRow(PassageId::new(message, 0).0 << LENGTH_BITS);
        (first(message), first(MessageId(message.0 + 1)))
    }

    /// The terms of a message.
    pub(crate) fn terms(&mut self, message: &Message) -> Terms {
        let mut terms = Terms::default();
        if message.kind == MessageKind::Injected {
            return terms;
        }
        if message.role != Role::Tool {
            let header = self.header(message);
            for range in passages(&message.text) {
                terms.prose.push(self.prose(&message.text[range], &header));
            }
        }
        let payload = payload_text(message);
        for range in chunks(&payload) {
            terms.payload.push(self.payload(&payload[range]));
        }
        terms
    }

    /// Terms of what surrounds a text: its speaker and its day, which questions often name.
    fn header(&mut self, message: &Message) -> String {
        let mut header = String::new();
        if let Some(speaker) = &message.speaker {
            self.analyzer.terms(speaker, &mut |term| {
                header.extend([' ', SPEAKER_MARK]);
                header.push_str(term.text);
            });
        }
        if let Some(date) = message
            .time
            .and_then(|time| Timestamp::from_millisecond(time).ok())
        {
            let date = date.to_zoned(TimeZone::UTC).date();
            self.analyzer
                .terms(&date.strftime("%Y %B %-d").to_string(), &mut |term| {
                    header.extend([' ', DATE_MARK]);
                    header.push_str(term.text);
                });
        }
        header
    }

    fn prose(&mut self, text: &str, header: &str) -> (String, usize) {
        let mut terms = String::with_capacity(text.len() + header.len());
        let mut count = 0;
        self.analyzer.terms(text, &mut |term| {
            push_term(&mut terms, term.text);
            count += 1;
        });
        terms.push_str(header);
        (terms, count)
    }

    /// Each term once, without stop words: only which ones occur counts here.
    fn payload(&mut self, text: &str) -> (String, usize) {
        let mut terms = String::with_capacity(text.len() / 2);
        let seen = &mut self.seen;
        seen.clear();
        self.analyzer.terms(text, &mut |term| {
            if !is_stop_word(term.text) && seen.insert(FxBuildHasher.hash_one(term.text)) {
                push_term(&mut terms, term.text);
            }
        });
        let count = seen.len();
        (terms, count)
    }
}

pub(super) fn push_term(terms: &mut String, term: &str) {
    if !terms.is_empty() {
        terms.push(' ');
    }
    terms.push_str(term);
}

/// Removed terms stay in an index, unreachable, until the parts of it that hold them are merged. Up to
/// so many passages that is done at once (1.5 seconds for 100,000); larger ones are merged by so many pages,
/// which takes in what was added last, and the rest in the course of later imports.
const MAX_ROWS_MERGED_WHOLE: u64 = 30_000;
const MERGE_PAGES: i64 = 256;

/// The indexes of terms, with the counts of their rows.
const TERM_TABLES: [(&str, Counter); 2] =
    [("prose", Counter::Prose), ("payload", Counter::Payload)];

/// Removes a message's terms from the indexes.
pub(crate) fn remove_terms(connection: &Connection, message: MessageId) -> Result<()> {
    for (table, counter) in TERM_TABLES {
        if !remove_rows(connection, table, message)? {
            continue;
        }
        if counter.get(connection)? <= MAX_ROWS_MERGED_WHOLE {
            merge_whole(connection, table)?;
        } else {
            let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)");
            connection.prepare_cached(&sql)?.execute([MERGE_PAGES])?;
        }
    }
    Ok(())
}

/// Removes a message's rows from the indexes. Its terms stay in them, unreachable, until
/// [`forget_removed`].
pub(crate) fn unlink_terms(connection: &Connection, message: MessageId) -> Result<()> {
    for (table, _) in TERM_TABLES {
        remove_rows(connection, table, message)?;
    }
    Ok(())
}

/// Puts other terms in the place of a message's. The old ones stay in the indexes, unreachable, until
/// [`forget_removed`].
pub(crate) fn replace_terms(
    connection: &Connection,
    message: MessageId,
    terms: &Terms,
) -> Result<()> {
    unlink_terms(connection, message)?;
    add_terms(connection, message, terms)
}

/// Merges the indexes whole, so that nothing is left of what was removed from them.
pub(crate) fn forget_removed(connection: &Connection) -> Result<()> {
    for table in ["prose", "payload", "title"] {
        merge_whole(connection, table)?;
    }
    Ok(())
}

fn merge_whole(connection: &Connection, table: &str) -> Result<()> {
    let sql = format!("INSERT INTO {table} ({table}) VALUES ('optimize')");
    connection.prepare_cached(&sql)?.execute([])?;
    Ok(())
}

/// Removes a message's rows from an index; returns whether there were some.
fn remove_rows(connection: &Connection, table: &str, message: MessageId) -> Result<bool> {
    let (first, after) = TermBuilder::rows_of(message);
    let sql = format!("SELECT id FROM {table}_docsize WHERE id >= ?1 AND id < ?2");
    let mut known = connection.prepare_cached(&sql)?;
    let rows = known.query_map(params![first.0, after.0], |row| row.get::<_, i64>(0))?;
    let rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    let sql = format!("DELETE FROM {table} WHERE rowid = ?1");
    let mut delete = connection.prepare_cached(&sql)?;
    for row in &rows {
        delete.execute([row])?;
    }
    Ok(!rows.is_empty())
}

/// Adds a message's terms to the indexes.
pub(crate) fn add_terms(connection: &Connection, message: MessageId, terms: &Terms) -> Result<()> {
    let tables = [
        (
            "INSERT INTO prose (rowid, terms) VALUES (?1, ?2)",
            &terms.prose,
        ),
        (
            "INSERT INTO payload (rowid, terms) VALUES (?1, ?2)",
            &terms.payload,
        ),
    ];
    for (sql, passages) in tables {
        if passages.is_empty() {
            continue;
        }
        let mut statement = connection.prepare_cached(sql)?;
        for (place, (terms, count)) in passages.iter().enumerate() {
            if !terms.is_empty() {
                let row = TermRow::new(PassageId::new(message, place), *count);
                statement.execute(params![row.0, terms])?;
            }
        }
    }
    Ok(())
}
