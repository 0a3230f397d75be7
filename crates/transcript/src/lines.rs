//! Cuts a growing file into records, one JSON object a line, and recovers what broken lines still
//! hold. Must not know any format.

use std::borrow::Cow;

use memchr::{memchr, memmem};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::wire::{describe, whole_surrogates};
use crate::{Batch, Problem, Reader};

/// One record and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    /// The JSON object.
    pub(crate) json: &'a str,
    /// Byte offset in the file.
    pub(crate) offset: u64,
    /// Line, from 1.
    pub(crate) line: u64,
}

impl Record<'_> {
    /// A problem with this record.
    pub(crate) fn problem(&self, what: impl Into<String>) -> Problem {
        Problem {
            offset: self.offset,
            line: self.line,
            what: what.into(),
        }
    }
}

/// What a format does with the records of a file.
pub(crate) trait Format: Send {
    /// Reads one record into `batch`. On an error, which says what is wrong, `batch` and the format
    /// must be as they were: the record may come again, repaired.
    fn record(&mut self, record: Record<'_>, batch: &mut Batch) -> Result<(), String>;

    /// Whether a JSON object found in the ruins of a broken line is a record rather than a part of
    /// one.
    fn is_record(&self, json: &str) -> bool;

    /// What a later reader of the file needs.
    fn state(&self) -> String;
}

/// A [`Reader`] of lines.
pub(crate) struct LineReader<F>(pub(crate) F);

impl<F: Format> Reader for LineReader<F> {
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        line: u64,
        at_end: bool,
        batch: &mut Batch,
    ) -> usize {
        let mut taken = 0;
        let mut line = line;
        while let Some(end) = memchr(b'\n', &bytes[taken..]) {
            self.line(
                &bytes[taken..taken + end],
                offset + taken as u64,
                line,
                batch,
            );
            taken += end + 1;
            line += 1;
        }
        if at_end {
            taken += self.last_line(&bytes[taken..], offset + taken as u64, line, batch);
        }
        taken
    }

    fn state(&self) -> String {
        self.0.state()
    }
}

impl<F: Format> LineReader<F> {
    /// A whole line, without its newline.
    fn line(&mut self, bytes: &[u8], offset: u64, line: u64, batch: &mut Batch) {
        let (bytes, skipped) = trimmed(bytes);
        if bytes.is_empty() {
            return;
        }
        let offset = offset + skipped as u64;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let what = "invalid UTF-8, replaced".to_owned();
                let offset = offset + error.valid_up_to() as u64;
                batch.problems.push(Problem { offset, line, what });
                String::from_utf8_lossy(bytes)
            }
        };
        self.text(
            Record {
                json: &text,
                offset,
                line,
            },
            batch,
        );
    }

    /// What may be the start of a line that is still being written: the objects at its start that
    /// are complete. Returns how many bytes they took.
    fn last_line(&mut self, bytes: &[u8], offset: u64, line: u64, batch: &mut Batch) -> usize {
        let (rest, skipped) = trimmed(bytes);
        if !rest.starts_with(b"{") {
            return 0;
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        let mut end = 0;
        while let Some(Ok(_)) = values.next() {
            end = values.byte_offset();
        }
        if end == 0 {
            return 0;
        }
        self.line(&rest[..end], offset + skipped as u64, line, batch);
        skipped + end
    }

    /// The text of a line, which is one object unless something went wrong.
    fn text(&mut self, record: Record<'_>, batch: &mut Batch) {
        if record.json.starts_with('{') {
            batch.records += 1;
            if self.0.record(record, batch).is_ok() {
                return;
            }
            batch.records -= 1;
        }
        self.recover(record, batch);
    }

    /// Takes apart a line that isn't one good object.
    fn recover(&mut self, record: Record<'_>, batch: &mut Batch) {
        let mut values = serde_json::Deserializer::from_str(record.json).into_iter::<&RawValue>();
        let mut end = 0;
        let broken = loop {
            match values.next() {
                None => return,
                Some(Ok(value)) => {
                    let start = values.byte_offset() - value.get().len();
                    self.value(within(record, start, value.get()), batch);
                    end = values.byte_offset();
                }
                Some(Err(error)) => break error,
            }
        };
        let rest = within(record, end, &record.json[end..]);
        batch
            .problems
            .push(rest.problem(format!("not JSON: {}", describe(&broken))));
        self.salvage(rest, batch);
    }

    /// One JSON value of a line that failed as a whole.
    fn value(&mut self, record: Record<'_>, batch: &mut Batch) {
        batch.records += 1;
        let outcome = match record.json.starts_with('{') {
            false => Err("not a JSON object".to_owned()),
            true => self.0.record(record, batch).or_else(|first| {
                let json = normalised(record.json).ok_or(first)?;
                self.0.record(
                    Record {
                        json: &json,
                        ..record
                    },
                    batch,
                )
            }),
        };
        if let Err(what) = outcome {
            batch.problems.push(record.problem(what));
        }
    }

    /// A record that was appended to the half of another one, which a crash had left.
    fn salvage(&mut self, broken: Record<'_>, batch: &mut Batch) {
        /// Each candidate may cost a pass over the rest of the line.
        const CANDIDATES: usize = 1024;
        let starts = memmem::find_iter(broken.json.as_bytes(), b"{\"").take(CANDIDATES);
        for start in starts.filter(|start| *start > 0) {
            let rest = &broken.json[start..];
            let whole = serde_json::from_str::<IgnoredAny>(rest).is_ok();
            if whole && self.0.is_record(rest) {
                return self.value(within(broken, start, rest), batch);
            }
        }
    }
}

/// A part of a record's text as a record of its own.
fn within<'a>(record: Record<'_>, start: usize, json: &'a str) -> Record<'a> {
    Record {
        json,
        offset: record.offset + start as u64,
        line: record.line,
    }
}

/// A line without the white space, zero bytes (a crash of the machine leaves them) and byte order
/// mark around it, and how many bytes went from its start.
fn trimmed(bytes: &[u8]) -> (&[u8], usize) {
    let is_void = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let start = bytes
        .iter()
        .position(|byte| !is_void(byte))
        .unwrap_or(bytes.len());
    let start = match bytes[start..].starts_with("\u{feff}".as_bytes()) {
        true => start + '\u{feff}'.len_utf8(),
        false => start,
    };
    let end = bytes
        .iter()
        .rposition(|byte| !is_void(byte))
        .map_or(start, |last| last + 1);
    (&bytes[start..end.max(start)], start)
}

/// An object in the form that the formats read, if it can be brought into it: of a repeated key the
/// last counts, as in JavaScript, and halves of surrogate pairs are replaced.
fn normalised(json: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(&whole_surrogates(json)).ok()?;
    serde_json::to_string(&value).ok()
}
