//! The indexes over messages: terms at once, vectors later.
//!
//! The unit is the passage, whose row is its message's id and its place in the message, so that
//! either is found from the other without a table.

use std::hash::BuildHasher as _;

use rusqlite::{Connection, params};
use rustc_hash::{FxBuildHasher, FxHashSet};
use transcript::{FileAction, Kind, Message, Role};

use crate::Result;
use crate::store::MessageId;
use crate::text::{Analyzer, chunks, is_stop_word, passages, payload_text};

/// Bits of a passage's row that hold its place in the message.
const PLACE_BITS: u32 = 10;

/// A passage of a message: of its text in the index of prose, of its payload in that of payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PassageId(pub(crate) i64);

impl PassageId {
    pub(crate) fn new(message: MessageId, place: usize) -> Self {
        debug_assert!(place < 1 << PLACE_BITS, "passages.rs limits how many there are");
        Self(message.0 << PLACE_BITS | place.cast_signed() as i64)
    }

    pub(crate) fn message(self) -> MessageId {
        MessageId(self.0 >> PLACE_BITS)
    }

    pub(crate) fn place(self) -> usize {
        (self.0 & ((1 << PLACE_BITS) - 1)).cast_unsigned() as usize
    }
}

/// What a message can be narrowed down by, beside its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Label {
    /// The name of a tool that it calls.
    Tool = 0,
    /// A file that was read.
    Read = 1,
    /// A file that was edited.
    Edited = 2,
}

impl Label {
    /// The label of a touched file.
    pub(crate) fn of(action: FileAction) -> Self {
        match action {
            FileAction::Read => Self::Read,
            FileAction::Edited => Self::Edited,
        }
    }
}

/// The terms of a message, a string for each passage, separated by spaces.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    prose: Vec<String>,
    payload: Vec<String>,
}

/// Prepares messages for the index of terms.
pub(crate) struct TermBuilder {
    analyzer: Analyzer,
    /// Hashes of the terms of one passage; two of 64 bits being equal by chance isn't expected.
    seen: FxHashSet<u64>,
}

impl TermBuilder {
    pub(crate) fn new() -> Self {
        Self { analyzer: Analyzer::new(), seen: FxHashSet::default() }
    }

    /// The terms of a message.
    pub(crate) fn terms(&mut self, message: &Message) -> Terms {
        let mut terms = Terms::default();
        if message.kind == Kind::Injected {
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

    /// Terms of what surrounds a text: its speaker and date, which questions often name.
    fn header(&mut self, message: &Message) -> String {
        let mut header = String::new();
        if let Some(speaker) = &message.speaker {
            self.analyzer.terms(speaker, &mut |term| {
                header.push(' ');
                header.push_str(term.text);
            });
        }
        header
    }

    fn prose(&mut self, text: &str, header: &str) -> String {
        let mut terms = String::with_capacity(text.len() + header.len());
        self.analyzer.terms(text, &mut |term| {
            if !terms.is_empty() {
                terms.push(' ');
            }
            terms.push_str(term.text);
        });
        terms.push_str(header);
        terms
    }

    /// Each term once, without stop words: only which ones occur counts here.
    fn payload(&mut self, text: &str) -> String {
        let mut terms = String::with_capacity(text.len() / 2);
        let seen = &mut self.seen;
        seen.clear();
        self.analyzer.terms(text, &mut |term| {
            if is_stop_word(term.text) || !seen.insert(FxBuildHasher.hash_one(term.text)) {
                return;
            }
            if !terms.is_empty() {
                terms.push(' ');
            }
            terms.push_str(term.text);
        });
        terms
    }
}

/// Adds a message's terms to the indexes.
pub(crate) fn add_terms(connection: &Connection, message: MessageId, terms: &Terms) -> Result<()> {
    let tables = [
        ("INSERT INTO prose (rowid, terms) VALUES (?1, ?2)", &terms.prose),
        ("INSERT INTO payload (rowid, terms) VALUES (?1, ?2)", &terms.payload),
    ];
    for (sql, passages) in tables {
        if passages.is_empty() {
            continue;
        }
        let mut statement = connection.prepare_cached(sql)?;
        for (place, terms) in passages.iter().enumerate() {
            if !terms.is_empty() {
                statement.execute(params![PassageId::new(message, place).0, terms])?;
            }
        }
    }
    Ok(())
}
