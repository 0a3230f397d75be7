//! Server-sent events, read from bytes that come in pieces.
//!
//! Follows <https://html.spec.whatwg.org/multipage/server-sent-events.html>: lines end in LF, CR or CRLF, comments
//! and unknown fields are ignored, data of several lines is joined. More lenient in two points: an event that is
//! not closed by an empty line counts at the end of the stream, and a data line that follows a whole JSON object
//! begins a new event, since some servers put no empty line between events. Lines and events have a limit.

/// How long a line or the data of one event may get, in bytes.
pub const MAX_EVENT_BYTES: usize = 16 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawEvent {
    /// The event's name; empty where it has none.
    pub name: Vec<u8>,
    /// Its data, lines joined by LF. May be no UTF-8.
    pub data: Vec<u8>,
}

/// A line or an event that is longer than [`MAX_EVENT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTooLong;

/// Reads events from bytes, however they are cut.
#[derive(Clone, Debug, Default)]
pub struct SseReader {
    /// The line that isn't ended yet.
    line: Vec<u8>,
    /// Whether the last byte was a CR, whose LF belongs to it.
    after_cr: bool,
    /// Whether a line was read, so that what follows can't be a byte order mark.
    is_begun: bool,
    event: RawEvent,
    has_data: bool,
    /// Whether a line was none of a stream of events.
    is_foreign: bool,
}

impl SseReader {
    /// Takes the next bytes and adds the events that they end.
    ///
    /// # Errors
    ///
    /// [`EventTooLong`]; nothing can be read after it.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        events: &mut Vec<RawEvent>,
    ) -> Result<(), EventTooLong> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + part.len() > MAX_EVENT_BYTES {
                return Err(EventTooLong);
            }
            let Some(end) = end else {
                self.line.extend_from_slice(part);
                return Ok(());
            };
            if self.line.is_empty() {
                self.take_line(part, events)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(part);
                self.take_line(&line, events)?;
                // Kept for its allocation.
                line.clear();
                self.line = line;
            }
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// Adds what the end of the stream ends.
    ///
    /// # Errors
    ///
    /// [`EventTooLong`].
    pub fn finish(&mut self, events: &mut Vec<RawEvent>) -> Result<(), EventTooLong> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, events)?;
        }
        self.dispatch(events);
        Ok(())
    }

    /// Whether there was a line that has no place in a stream of events. They are ignored as the standard wants it,
    /// but a stream that has nothing else is none.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    fn take_line(&mut self, line: &[u8], events: &mut Vec<RawEvent>) -> Result<(), EventTooLong> {
        let line = match self.is_begun {
            false => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
            true => line,
        };
        self.is_begun = true;
        if line.is_empty() {
            self.dispatch(events);
            return Ok(());
        }
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                if self.has_data && is_next(&self.event.data, value) {
                    self.dispatch(events);
                }
                if self.event.data.len() + value.len() > MAX_EVENT_BYTES {
                    return Err(EventTooLong);
                }
                if self.has_data {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
                self.has_data = true;
            }
            b"event" => self.event.name = value.to_vec(),
            b"" | b"id" | b"retry" => {}
            _ => self.is_foreign = true,
        }
        Ok(())
    }

    fn dispatch(&mut self, events: &mut Vec<RawEvent>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            events.push(event);
        }
    }
}

/// Whether a data line can't go on with the data before it, which is a whole JSON object by the looks of it.
fn is_next(before: &[u8], line: &[u8]) -> bool {
    before.first() == Some(&b'{')
        && before.trim_ascii_end().last() == Some(&b'}')
        && (line.first() == Some(&b'{') || line.starts_with(b"[DONE]"))
}
