//! From the bytes of an answer to its JSON values, whether it is a stream of events, one JSON value or a web page.

use std::borrow::Cow;

use serde_json::Value;

use super::error::{ModelError, UpstreamError};
use super::sse::{EventTooLong, MAX_EVENT_BYTES, RawEvent, SseReader};

/// How long an answer may get in all, in bytes.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// How much of a web page is read, for its title, in bytes.
const PAGE_BYTES: usize = 4 << 10;

/// One piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A chunk, or a whole answer.
    Json(Value),
    /// An error that the stream says to be one by the name of its event.
    Error(Value),
    /// `[DONE]`.
    Done,
    /// Something that is no JSON.
    Unreadable,
}

/// Reads an answer's bytes, however they are cut.
#[derive(Debug, Default)]
pub struct BodyParser {
    kind: BodyKind,
    taken: usize,
    has_events: bool,
    events: Vec<RawEvent>,
}

#[derive(Debug, Default)]
enum BodyKind {
    /// Nothing but white space came.
    #[default]
    Unknown,
    Events(SseReader),
    /// JSON without a frame, whole or a line each.
    Bare(Vec<u8>),
    /// A web page.
    Page(Vec<u8>),
}

impl BodyParser {
    /// Takes the next bytes and adds what they complete.
    ///
    /// # Errors
    ///
    /// [`ModelError::Garbage`] if the answer is a web page, or longer than can be read.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<Payload>) -> Result<(), ModelError> {
        self.taken += bytes.len();
        if self.taken > MAX_ANSWER_BYTES {
            return Err(too_long("the answer", MAX_ANSWER_BYTES));
        }
        if let BodyKind::Unknown = self.kind {
            // Left out wherever the pieces are cut: kept, it would belong to the first line in some cuttings only.
            bytes = bytes.trim_ascii_start();
            self.kind = match bytes.first() {
                None => return Ok(()),
                Some(b'{' | b'[') => BodyKind::Bare(Vec::new()),
                Some(b'<') => BodyKind::Page(Vec::new()),
                Some(_) => BodyKind::Events(SseReader::default()),
            };
        }
        match &mut self.kind {
            BodyKind::Unknown => {}
            BodyKind::Events(reader) => {
                let result = reader.push(bytes, &mut self.events);
                self.has_events |= !self.events.is_empty();
                out.extend(self.events.drain(..).map(|event| payload(&event)));
                result.map_err(|EventTooLong| too_long("a line of the answer", MAX_EVENT_BYTES))?;
            }
            BodyKind::Bare(body) => {
                if body.len() + bytes.len() > MAX_EVENT_BYTES {
                    return Err(too_long("the answer", MAX_EVENT_BYTES));
                }
                body.extend_from_slice(bytes);
            }
            BodyKind::Page(body) => {
                body.extend_from_slice(bytes);
                if body.len() > PAGE_BYTES {
                    return Err(page(body));
                }
            }
        }
        Ok(())
    }

    /// Adds what the end of the answer completes.
    ///
    /// # Errors
    ///
    /// [`ModelError::Garbage`] if the answer was a web page, or nothing that can be read.
    pub fn finish(&mut self, out: &mut Vec<Payload>) -> Result<(), ModelError> {
        match &mut self.kind {
            BodyKind::Unknown => {}
            BodyKind::Events(reader) => {
                let result = reader.finish(&mut self.events);
                if reader.is_foreign() && !self.has_events && self.events.is_empty() {
                    return Err(ModelError::Garbage("it is no stream of events".to_owned()));
                }
                out.extend(self.events.drain(..).map(|event| payload(&event)));
                result.map_err(|EventTooLong| too_long("a line of the answer", MAX_EVENT_BYTES))?;
            }
            BodyKind::Page(body) => return Err(page(body)),
            BodyKind::Bare(body) => {
                let body = std::mem::take(body);
                match value(&body) {
                    Some(Value::Array(list)) => out.extend(list.into_iter().map(Payload::Json)),
                    Some(value) => out.push(Payload::Json(value)),
                    None => lines(&body, out),
                }
            }
        }
        Ok(())
    }
}

fn payload(event: &RawEvent) -> Payload {
    let data = event.data.trim_ascii();
    if data.starts_with(b"[DONE]") {
        return Payload::Done;
    }
    match value(data) {
        Some(value) if event.name == b"error" => Payload::Error(value),
        Some(value) => Payload::Json(value),
        None if event.name == b"error" => {
            Payload::Error(Value::String(String::from_utf8_lossy(data).into_owned()))
        }
        None => Payload::Unreadable,
    }
}

/// JSON values, one a line.
fn lines(body: &[u8], out: &mut Vec<Payload>) {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()) {
        out.push(match value(line) {
            Some(value) => Payload::Json(value),
            None => Payload::Unreadable,
        });
    }
}

/// A JSON value; bytes that are no UTF-8 and halves of surrogate pairs become replacement characters.
pub(super) fn value(data: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(data) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(data);
    let text = without_lone_surrogates(&text);
    serde_json::from_str(&text).ok()
}

/// A JSON text in which escapes of half a surrogate pair are escapes of the replacement character.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let unit = |at: usize| {
        let escape = bytes
            .get(at..at + 6)
            .filter(|escape| escape.starts_with(b"\\u"))?;
        let digits = std::str::from_utf8(&escape[2..]).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str(&text[from..at]);
                mended.push_str("\\ufffd");
                at += 6;
                from = at;
            }
            // Any other escape, of which the second character may be a backslash.
            _ => at += 2,
        }
    }
    mended.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(mended)
}

fn too_long(what: &str, limit: usize) -> ModelError {
    ModelError::Garbage(format!("{what} is longer than {} MiB", limit >> 20))
}

fn page(body: &[u8]) -> ModelError {
    ModelError::Garbage(UpstreamError::read(200, body).message)
}
