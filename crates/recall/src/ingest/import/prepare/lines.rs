//! Logs that grow by lines: read in pieces, from where an earlier import stopped.

use std::io::{self, Read as _};

use transcript::{FileHint, LogReader, Problem, ReadBatch};

use super::packet::{LogPart, Packet, PacketContent};
use super::preparer::{Flow, OpenedLog, Preparer, caught, count_lines, failed};
use crate::ingest::import::files::FileState;
use crate::ingest::import::input::Input;

/// Bytes read at once.
pub(super) const PIECE_BYTES: usize = 1 << 20;

/// The longest record that is taken; a longer one is a located problem.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// Makes a reader of a file, from a state.
type OpenLines = fn(&FileHint, &str) -> Box<dyn LogReader>;

/// A log that is read by lines.
pub(super) struct LineLog {
    log: OpenedLog,
    open: OpenLines,
    reader: Box<dyn LogReader>,
    input: Input,
    /// Bytes read and not taken yet.
    buffer: Vec<u8>,
    state: FileState,
    is_first: bool,
    /// Bytes to read at once at least: more than a piece while a record takes more, as one that goes over several
    /// lines may.
    min_piece: usize,
}

impl LineLog {
    /// A log from where `state` says. What was read of it already to tell whose it is stands in `buffer`.
    pub(super) fn new(
        log: OpenedLog,
        open: OpenLines,
        input: Input,
        buffer: Vec<u8>,
        state: FileState,
    ) -> io::Result<Self> {
        Ok(Self {
            reader: opened(&log, open, &state.state)?,
            log,
            open,
            input,
            buffer,
            state,
            is_first: true,
            min_piece: PIECE_BYTES,
        })
    }

    /// Reads to the end of the file.
    pub(super) fn run(&mut self, preparer: &mut Preparer<'_>) -> io::Result<Flow> {
        let problems_from = self.state.offset;
        loop {
            if preparer.stop.is_set() {
                return Ok(Flow::Ends);
            }
            let is_end = !has_piece(&self.buffer, self.min_piece) && self.fill()?;
            let piece = piece_len(&self.buffer, self.min_piece);
            let at_end = is_end && piece == self.buffer.len();
            let (mut taken, mut batch, after) = self.read(piece, at_end)?;
            self.min_piece = match taken {
                0 => (2 * piece).clamp(PIECE_BYTES, MAX_RECORD_BYTES),
                _ => PIECE_BYTES,
            };
            let waiting = &self.buffer[taken..];
            if at_end && !waiting.iter().all(u8::is_ascii_whitespace) {
                batch.problems.push(self.problem_after(
                    taken,
                    "incomplete record at the end of the file; it is taken when the rest arrives",
                ));
            }
            if !at_end && taken == 0 && self.buffer.len() >= MAX_RECORD_BYTES {
                let what = format!("record of more than {} MiB skipped", MAX_RECORD_BYTES >> 20);
                batch.problems.push(self.problem_after(0, &what));
                self.skip_line()?;
                self.min_piece = PIECE_BYTES;
                taken = 0;
            }
            let start = self.state.offset;
            let (line, buffer) = (self.state.line, &self.buffer);
            let line_of = |offset: u64| {
                let into = usize::try_from(offset.saturating_sub(start)).unwrap_or(0);
                line + 1 + count_lines(&buffer[..into.min(buffer.len())])
            };
            let part = preparer.part(&self.log, batch, start, &line_of);
            self.state.line += count_lines(&self.buffer[..taken]);
            self.state.offset += taken as u64;
            self.buffer.drain(..taken);
            // A long record needs a large buffer; those after it hardly ever do.
            if self.buffer.len() <= PIECE_BYTES {
                self.buffer.shrink_to(2 * PIECE_BYTES);
            }
            self.state.state = after;
            preparer.cleaner.json(&mut self.state.state);
            self.state.prefix = self.input.fingerprint(self.state.offset)?;
            let part = LogPart {
                state: self.state.clone(),
                is_first: self.is_first,
                is_last: at_end,
                problems_from: self.is_first.then_some(problems_from),
                ..part
            };
            self.is_first = false;
            let packet = Packet {
                file: self.log.file,
                bytes: taken as u64,
                content: PacketContent::Read {
                    source: self.log.source,
                    part,
                },
            };
            if preparer.packets.send(packet).is_err() {
                return Ok(Flow::Ends);
            }
            if at_end {
                return Ok(Flow::Goes);
            }
        }
    }

    /// Has the reader take what it can of a piece: how many bytes that is, what they say, and the
    /// reader's state after them.
    fn read(&mut self, piece: usize, at_end: bool) -> io::Result<(usize, ReadBatch, String)> {
        let Self {
            reader,
            buffer,
            state,
            ..
        } = self;
        let (bytes, offset, line) = (&buffer[..piece], state.offset, state.line + 1);
        let read = caught(|| {
            let mut batch = ReadBatch::default();
            let taken = reader.read(bytes, offset, line, at_end, &mut batch);
            (taken, batch, reader.state())
        });
        match read {
            Some(read) => Ok(read),
            None => self.read_line_by_line(piece, at_end),
        }
    }

    /// Reads a piece again by lines, since the reader failed at one of them: that one is left out and
    /// told of, and a new reader goes on behind it.
    fn read_line_by_line(
        &mut self,
        piece: usize,
        at_end: bool,
    ) -> io::Result<(usize, ReadBatch, String)> {
        let mut all = ReadBatch::default();
        let mut state = self.state.state.clone();
        self.reader = opened(&self.log, self.open, &state)?;
        let (mut taken, mut line) = (0, self.state.line + 1);
        for bytes in self.buffer[..piece].split_inclusive(|byte| *byte == b'\n') {
            let is_open = !bytes.ends_with(b"\n");
            if is_open && !at_end {
                break;
            }
            let offset = self.state.offset + taken as u64;
            let reader = &mut self.reader;
            let read = caught(|| {
                let mut batch = ReadBatch::default();
                let took = reader.read(bytes, offset, line, is_open, &mut batch);
                (took, batch, reader.state())
            });
            match read {
                Some((took, batch, after)) => {
                    taken += took;
                    state = after;
                    all.messages.extend(batch.messages);
                    all.facts.extend(batch.facts);
                    all.problems.extend(batch.problems);
                }
                None => {
                    taken += bytes.len();
                    let what = format!("{}; the record was left out", failed(self.log.source));
                    all.problems.push(Problem { offset, line, what });
                    self.reader = opened(&self.log, self.open, &state)?;
                }
            }
            line += 1;
        }
        Ok((taken, all, state))
    }

    fn problem_after(&self, taken: usize, what: &str) -> Problem {
        Problem {
            offset: self.state.offset + taken as u64,
            line: self.state.line + 1 + count_lines(&self.buffer[..taken]),
            what: what.to_owned(),
        }
    }

    /// Reads another piece; returns whether the file ended.
    fn fill(&mut self) -> io::Result<bool> {
        let before = self.buffer.len();
        // A record longer than a piece makes the next piece larger, so that it isn't scanned for
        // its end too often. Of a record no more is held than may be taken.
        let wanted = PIECE_BYTES
            .max(before)
            .min(MAX_RECORD_BYTES.saturating_sub(before).max(1));
        self.input
            .by_ref()
            .take(wanted as u64)
            .read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() - before < wanted)
    }

    /// Leaves out the rest of a line that is too long to hold.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                self.state.offset += at as u64 + 1;
                self.state.line += 1;
                self.buffer.drain(..=at);
                return Ok(());
            }
            self.state.offset += self.buffer.len() as u64;
            self.buffer.clear();
            if self
                .input
                .by_ref()
                .take(PIECE_BYTES as u64)
                .read_to_end(&mut self.buffer)?
                == 0
            {
                return Ok(());
            }
        }
    }
}

/// A reader that goes on from a state; an error where its source fails at making one.
fn opened(log: &OpenedLog, open: OpenLines, state: &str) -> io::Result<Box<dyn LogReader>> {
    caught(|| open(&log.hint, state)).ok_or_else(|| io::Error::other(failed(log.source)))
}

/// Whether there is enough in a buffer to read without more: at least a piece of whole lines, of so many bytes.
fn has_piece(buffer: &[u8], min_piece: usize) -> bool {
    let rest = buffer.get(min_piece.saturating_sub(PIECE_BYTES)..);
    buffer.len() >= min_piece && rest.is_some_and(|rest| rest.contains(&b'\n'))
}

/// How much of a buffer is read at once: a long record leaves many short ones behind it, which would
/// take many times their bytes if all were held at a time.
fn piece_len(buffer: &[u8], min_piece: usize) -> usize {
    let rest = buffer.get(min_piece..).unwrap_or_default();
    match rest.iter().position(|byte| *byte == b'\n') {
        Some(at) => min_piece + at + 1,
        None => buffer.len(),
    }
}
