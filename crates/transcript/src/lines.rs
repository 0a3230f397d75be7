//! Cuts a growing file into records, one JSON object a line, and recovers what broken lines still
//! hold. Must not know any format.

use std::borrow::Cow;
use std::str::{Utf8Chunk, Utf8Chunks};

use memchr::{memchr, memrchr};
use serde::de::IgnoredAny;
use serde_json::de::StrRead;
use serde_json::value::RawValue;

use crate::bounds::{self, MAX_ITEMS};
use crate::json::{describe, whole_surrogates};
use crate::{LogReader, Problem, ReadBatch};

/// One record and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRecord<'a> {
    /// The JSON object.
    pub(crate) json: &'a str,
    /// Byte offset in the file.
    pub(crate) offset: u64,
    /// Line, from 1.
    pub(crate) line: u64,
}

impl LogRecord<'_> {
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
pub(crate) trait RecordFormat: Send {
    /// Reads one record into `batch`. On an error, which says what is wrong, `batch` and the format
    /// must be as they were: the record may come again, repaired.
    fn record(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String>;

    /// Whether a JSON object found in the ruins of a broken line is a record rather than a part of
    /// one.
    fn is_record(&self, json: &str) -> bool;

    /// Nothing follows for now: what was held back for later records goes into `batch`. More may follow all
    /// the same when the file grows.
    fn end(&mut self, _batch: &mut ReadBatch) {}

    /// What a later reader of the file needs.
    fn state(&self) -> String;
}

/// A [`LogReader`] of lines.
pub(crate) struct LineReader<F>(pub(crate) F);

impl<F: RecordFormat> LogReader for LineReader<F> {
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        line: u64,
        at_end: bool,
        batch: &mut ReadBatch,
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
            self.0.end(batch);
        }
        taken
    }

    fn state(&self) -> String {
        self.0.state()
    }
}

impl<F: RecordFormat> LineReader<F> {
    /// A whole line, without its newline.
    fn line(&mut self, bytes: &[u8], offset: u64, line: u64, batch: &mut ReadBatch) {
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
                batch.tell(Problem { offset, line, what });
                Cow::Owned(replaced(bytes))
            }
        };
        let record = LogRecord {
            json: &text,
            offset,
            line,
        };
        if text.starts_with('{') {
            batch.records += 1;
            if self.record(record, batch).is_ok() {
                return;
            }
            batch.records -= 1;
        }
        self.recover(record, LineOffsets::new(bytes, offset), batch);
    }

    /// What may be the start of a line that is still being written: the objects at its start that
    /// are complete. Returns how many bytes they took.
    fn last_line(&mut self, bytes: &[u8], offset: u64, line: u64, batch: &mut ReadBatch) -> usize {
        let mut end = 0;
        loop {
            let (rest, void) = trimmed(&bytes[end..]);
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
            let mut taken = 0;
            while rest.starts_with(b"{")
                && let Some(Ok(_)) = values.next()
            {
                taken = values.byte_offset();
            }
            if taken == 0 {
                break;
            }
            end += void + taken;
        }
        if end > 0 {
            self.line(&bytes[..end], offset, line, batch);
        }
        end
    }

    /// One record; of a list that is too long the rest is left out, and told of.
    fn record(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        bounds::begin_record();
        self.0.record(record, batch)?;
        if bounds::is_exceeded() {
            let what = format!("lists of more than {MAX_ITEMS} elements; the rest was left out");
            batch.tell(record.problem(what));
        }
        Ok(())
    }

    /// Takes apart a line that isn't one good object.
    fn recover(
        &mut self,
        record: LogRecord<'_>,
        mut places: LineOffsets<'_>,
        batch: &mut ReadBatch,
    ) {
        let mut at = 0;
        let mut values = values_of(record.json);
        for _ in 0..MAX_ITEMS {
            let end = at + values.byte_offset();
            match values.next() {
                None => return,
                Some(Ok(value)) => {
                    let json = value.get();
                    let offset = places.of(at + values.byte_offset() - json.len());
                    self.value(
                        LogRecord {
                            json,
                            offset,
                            ..record
                        },
                        batch,
                    );
                }
                Some(Err(error)) => {
                    let rest = &record.json[end..];
                    let (_, void) = trimmed(rest.as_bytes());
                    if rest[..void].trim_start_matches(JSON_SPACE).is_empty() {
                        let what = format!("not JSON: {}", describe(&error));
                        return self.ruins(
                            LogRecord {
                                json: rest,
                                ..record
                            },
                            end,
                            what,
                            places,
                            batch,
                        );
                    }
                    // What a crash or a program left between records is no part of them, as at the
                    // start of a line.
                    at = end + void;
                    values = values_of(&record.json[at..]);
                }
            }
        }
        let offset = places.of(at + values.byte_offset());
        let what = format!("more than {MAX_ITEMS} values on a line; the rest was skipped");
        batch.tell(LogRecord { offset, ..record }.problem(what));
    }

    /// The rest of a line, which starts with what is no JSON. There may be a record at its end, which
    /// was appended to the half of another one that a crash had left.
    fn ruins(
        &mut self,
        rest: LogRecord<'_>,
        at: usize,
        what: String,
        mut places: LineOffsets<'_>,
        batch: &mut ReadBatch,
    ) {
        let offset = places.of(at);
        batch.tell(LogRecord { offset, ..rest }.problem(what));
        let Some(start) = last_object(rest.json).filter(|start| *start > 0) else {
            return;
        };
        let json = &rest.json[start..];
        bounds::begin_record();
        let is_whole = serde_json::from_str::<IgnoredAny>(json).is_ok();
        if is_whole && self.0.is_record(json) {
            let offset = places.of(at + start);
            self.value(
                LogRecord {
                    json,
                    offset,
                    ..rest
                },
                batch,
            );
        }
    }

    /// One JSON value of a line that failed as a whole.
    fn value(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) {
        batch.records += 1;
        let outcome = match record.json.starts_with('{') {
            false => Err("not a JSON object".to_owned()),
            true => self.record(record, batch).or_else(|first| {
                let json = &normalised(record.json).ok_or(first)?;
                self.record(LogRecord { json, ..record }, batch)
            }),
        };
        if let Err(what) = outcome {
            batch.tell(record.problem(what));
        }
    }
}

/// What JSON takes for white space.
const JSON_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The JSON values at the start of a text.
fn values_of(text: &str) -> serde_json::StreamDeserializer<'_, StrRead<'_>, &RawValue> {
    serde_json::Deserializer::from_str(text).into_iter()
}

/// Where the object starts that ends where the text does. No other start can be that of a JSON object
/// up to the end: from there back every string and bracket has but one beginning.
fn last_object(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.ends_with(b"}") {
        return None;
    }
    let (mut at, mut depth) = (bytes.len(), 0_usize);
    while at > 0 {
        at -= 1;
        match bytes[at] {
            b'"' => at = opening_quote(bytes, at)?,
            b'}' | b']' => depth += 1,
            b'{' | b'[' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (bytes[at] == b'{').then_some(at);
        }
    }
    None
}

/// The quotation mark that opens the string which ends at `close`: the last one that isn't escaped.
fn opening_quote(bytes: &[u8], close: usize) -> Option<usize> {
    let mut at = close;
    loop {
        at = memrchr(b'"', &bytes[..at])?;
        let before = bytes[..at].iter().rev();
        if before.take_while(|byte| **byte == b'\\').count() % 2 == 0 {
            return Some(at);
        }
    }
}

/// The text of a line with invalid UTF-8, in one allocation: it may be three times as long.
fn replaced(bytes: &[u8]) -> String {
    let length = |chunk: Utf8Chunk<'_>| chunk.valid().len() + replacement_len(&chunk);
    let mut text = String::with_capacity(bytes.utf8_chunks().map(length).sum());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

fn replacement_len(chunk: &Utf8Chunk<'_>) -> usize {
    match chunk.invalid() {
        [] => 0,
        _ => char::REPLACEMENT_CHARACTER.len_utf8(),
    }
}

/// Where the parts of a line's text stand in its file, which isn't where they stand in the text if
/// something was replaced in it.
struct LineOffsets<'a> {
    chunks: Utf8Chunks<'a>,
    /// The chunk at hand, and where it starts in the text and in the file.
    chunk: Option<Utf8Chunk<'a>>,
    in_text: usize,
    in_file: u64,
}

impl<'a> LineOffsets<'a> {
    fn new(line: &'a [u8], offset: u64) -> Self {
        let mut chunks = line.utf8_chunks();
        Self {
            chunk: chunks.next(),
            chunks,
            in_text: 0,
            in_file: offset,
        }
    }

    /// The offset in the file of a place in the text, not before the one asked for last.
    fn of(&mut self, place: usize) -> u64 {
        while let Some(chunk) = &self.chunk {
            let end = self.in_text + chunk.valid().len();
            if place <= end || chunk.invalid().is_empty() {
                break;
            }
            self.in_file += (chunk.valid().len() + chunk.invalid().len()) as u64;
            self.in_text = end + replacement_len(chunk);
            self.chunk = self.chunks.next();
        }
        self.in_file + place.saturating_sub(self.in_text) as u64
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
    let json = whole_surrogates(json);
    if !bounds::is_small(&json) {
        return Some(json.into_owned());
    }
    let value: serde_json::Value = serde_json::from_str(&json).ok()?;
    serde_json::to_string(&value).ok()
}
