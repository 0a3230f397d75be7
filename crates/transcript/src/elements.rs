//! Cuts a JSON document into its elements: the objects of a list at its top, or objects one after the other.
//! An export of many conversations is read conversation by conversation so, however long it is. Must not know
//! any format.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::bounds::{self, MAX_ITEMS};
use crate::json::whole_surrogates;
use crate::lines::LogRecord;
use crate::probe::RecordProbe;
use crate::{LogReader, Problem, ReadBatch};

/// What a format does with the elements of a document.
pub(crate) trait ElementFormat: Send {
    /// Reads one element into `batch`. On an error, which says what is wrong, nothing of it counts.
    fn element(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String>;
}

/// A [`LogReader`] of elements. It remembers nothing from one to the next.
pub(crate) struct ElementReader<F>(pub(crate) F);

impl<F: ElementFormat> LogReader for ElementReader<F> {
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        line: u64,
        _at_end: bool,
        batch: &mut ReadBatch,
    ) -> usize {
        let (mut at, mut line) = (0, line);
        while let Some(part) = next_part(&bytes[at..]) {
            let place = |into: usize| offset + (at + into) as u64;
            match part {
                Part::Nothing(length) => {
                    line += newlines(&bytes[at..at + length]);
                    at += length;
                }
                Part::Garbage(length) => {
                    let what = "text between the elements of the list, left out".to_owned();
                    let offset = place(0);
                    batch.tell(Problem { offset, line, what });
                    line += newlines(&bytes[at..at + length]);
                    at += length;
                }
                Part::Element(length) => {
                    self.element(&bytes[at..at + length], (place(0), line), batch);
                    line += newlines(&bytes[at..at + length]);
                    at += length;
                }
            }
        }
        at
    }

    fn state(&self) -> String {
        String::new()
    }
}

impl<F: ElementFormat> ElementReader<F> {
    fn element(&mut self, bytes: &[u8], (offset, line): (u64, u64), batch: &mut ReadBatch) {
        let text = String::from_utf8_lossy(bytes);
        if let Cow::Owned(_) = text {
            let what = "invalid UTF-8, replaced".to_owned();
            batch.tell(Problem { offset, line, what });
        }
        let json = whole_surrogates(&text);
        let record = LogRecord {
            json: &json,
            offset,
            line,
        };
        bounds::begin_record();
        batch.records += 1;
        if let Err(what) = self.0.element(record, batch) {
            batch.tell(record.problem(what));
        } else if bounds::is_exceeded() {
            let what = format!("lists of more than {MAX_ITEMS} elements; the rest was left out");
            batch.tell(record.problem(what));
        }
    }
}

/// What stands next in a document, and how many bytes it takes.
enum Part {
    /// White space and the signs of a list.
    Nothing(usize),
    /// Something that no list of objects has.
    Garbage(usize),
    /// An object.
    Element(usize),
}

/// The next part; nothing at the end, or where an object goes on behind it.
fn next_part(bytes: &[u8]) -> Option<Part> {
    let first = bytes.first()?;
    if *first == b'{' {
        return object_len(bytes).map(Part::Element);
    }
    let length = bytes
        .iter()
        .position(|byte| !is_void(*byte))
        .unwrap_or(bytes.len());
    Some(match length {
        0 => Part::Garbage(memchr(b'{', bytes).unwrap_or(bytes.len())),
        length => Part::Nothing(length),
    })
}

/// White space, the signs of a list, zero bytes and those of a byte order mark.
fn is_void(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',' | 0 | 0xEF | 0xBB | 0xBF)
}

/// The bytes of the object that `bytes` begins with; `None` where it doesn't end. Only strings and brackets are
/// looked at: whether it is JSON is seen when it is read.
fn object_len(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the string ends whose content starts at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Asks `judge` about each of the first elements of a document, which may be cut off, until it is sure; `false`
/// where it never is.
pub(crate) fn judge(head: &[u8], judge: impl Fn(&RecordProbe) -> bool) -> bool {
    const MAX_PROBED_ELEMENTS: usize = 8;
    let mut rest = head;
    for _ in 0..MAX_PROBED_ELEMENTS {
        let start = rest.iter().position(|byte| !is_void(*byte));
        rest = &rest[start.unwrap_or(rest.len())..];
        if !rest.starts_with(b"{") {
            return false;
        }
        let length = object_len(rest).unwrap_or(rest.len());
        let probe = RecordProbe::of(&String::from_utf8_lossy(&rest[..length]));
        if probe.is_some_and(|probe| judge(&probe)) {
            return true;
        }
        rest = &rest[length..];
    }
    false
}
