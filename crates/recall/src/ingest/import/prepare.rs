//! The reading half of an import: files → packets of messages that only need to be written.

use std::io::Read as _;
use std::sync::mpsc::SyncSender;

use std::sync::Arc;

use guard::collapse;
use transcript::{
    Fact, FileHint, Framing, LogReader, Message, Problem, ReadBatch, Registry, Source,
};

use super::discover::{Found, unread};
use super::files::{FileState, KnownFiles};
use super::input::Input;
use crate::guards::{Cleaner, Keeper, Masked};
use crate::index::TermBuilder;
use crate::ingest::write::Prepared;
use crate::project::Resolver;
use crate::store::{content_hash, id_key, id_of_number, id_of_place};
use crate::{Skipped, Stop};

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// The longest record that is taken; a longer one is a located problem.
const MAX_RECORD: usize = 64 << 20;

/// Bytes of a file's start that tell whose it is, and that may be read to get a record whole that
/// they cut: what tells may stand after a long text.
const HEAD: usize = 64 << 10;
const MAX_HEAD: usize = 16 << 20;

/// A part of a file, ready to be written.
pub(crate) struct Packet {
    /// Place in the list of files.
    pub(crate) file: usize,
    /// Bytes of log that it took.
    pub(crate) bytes: u64,
    pub(crate) what: What,
}

pub(crate) enum What {
    /// The file can't be read (further).
    Unreadable(Skipped),
    /// The file is no log.
    Unknown,
    /// Messages of a log.
    Read { source: Source, content: Content },
}

#[derive(Default)]
pub(crate) struct Content {
    pub(crate) messages: Vec<Prepared>,
    /// What is known of conversations, each with the source of its conversation.
    pub(crate) facts: Vec<(Arc<str>, Masked<Fact>)>,
    pub(crate) problems: Vec<Masked<Problem>>,
    /// Which log it is; see [`Input::log`].
    pub(crate) log: i64,
    /// Where the next reading goes on once this is written.
    pub(crate) state: FileState,
    /// Whether it is the file's first packet of this import.
    pub(crate) is_first: bool,
    /// Whether the file ends here.
    pub(crate) is_last: bool,
    /// Problems from this offset on are found anew.
    pub(crate) problems_from: Option<u64>,
}

/// Reads files one after the other, until told to stop or nobody listens any more.
pub(crate) fn read_files(
    files: &[Found],
    known: &KnownFiles,
    (registry, only): (Registry, Option<Source>),
    keeper: &Keeper,
    (stop, packets): (&Stop, &SyncSender<Packet>),
) {
    let mut preparer = Preparer {
        registry,
        keeper,
        resolver: Resolver::default(),
        cleaner: Cleaner::new(keeper),
        terms: TermBuilder::new(),
        stop,
        packets,
    };
    for (file, found) in files.iter().enumerate() {
        if stop.is_set() {
            return;
        }
        let end = preparer.file(file, found, known, only);
        let what = match end {
            Ok(Flow::Goes) => continue,
            Ok(Flow::Unknown) => What::Unknown,
            Ok(Flow::Ends) => return,
            Err(error) => What::Unreadable(Skipped {
                path: found.shown(),
                what: unread(&found.path, &error),
                is_named: found.named,
            }),
        };
        if packets
            .send(Packet {
                file,
                bytes: 0,
                what,
            })
            .is_err()
        {
            return;
        }
    }
}

/// How the reading of a file ended.
enum Flow {
    Goes,
    Unknown,
    Ends,
}

struct Preparer<'a> {
    registry: Registry,
    keeper: &'a Keeper,
    resolver: Resolver,
    cleaner: Cleaner<'a>,
    terms: TermBuilder,
    stop: &'a Stop,
    packets: &'a SyncSender<Packet>,
}

impl Preparer<'_> {
    fn file(
        &mut self,
        file: usize,
        found: &Found,
        known: &KnownFiles,
        only: Option<Source>,
    ) -> std::io::Result<Flow> {
        let mut input = Input::open(&found.path)?;
        let path = found.shown().replace('\\', "/");
        // Who names a file and its source knows better than what was found out before.
        let given = only.filter(|_| found.named);
        let is_others =
            |of: Option<Source>| only.is_some_and(|only| of.is_some_and(|of| of != only));
        let known = known
            .get(found)
            .filter(|known| given.is_none() || known.source == given);
        if known.is_some_and(|known| is_others(known.source)) {
            return Ok(Flow::Goes);
        }
        let mut state = known.map(|known| known.state.clone()).unwrap_or_default();
        let offset = input.resume(state.offset, state.prefix)?;
        if offset == 0 {
            state = FileState::default();
        }
        let mut buffer = Vec::with_capacity(PIECE + HEAD);
        let resumed = known.and_then(|known| known.source).filter(|_| offset > 0);
        let source = match resumed.or(given) {
            Some(source) => source,
            None => {
                read_head(&mut input, &mut buffer)?;
                match self.registry.recognise(&path, &buffer) {
                    // It may be asked for another time.
                    source if is_others(source) => return Ok(Flow::Goes),
                    Some(source) => source,
                    // An empty file may become a log.
                    None if buffer.iter().all(u8::is_ascii_whitespace) => return Ok(Flow::Goes),
                    None => return Ok(Flow::Unknown),
                }
            }
        };
        // Names in it become ids, which must be the same when another reader goes on from a state,
        // where they were masked.
        let path = self.keeper.as_kept(&path).into_owned();
        let Some(Framing::Lines(open)) = source.framing(&path) else {
            return Ok(Flow::Unknown);
        };
        let reader = open(&FileHint { path }, &state.state);
        let mut reading = Reading {
            file,
            source,
            name: source.name().into(),
            log: Input::log(&found.path)?,
            reader,
            input,
            buffer,
            state,
            is_first: true,
        };
        reading.run(self)
    }
}

/// Reads the start of a file, up to the end of the record that the first bytes cut.
fn read_head(input: &mut Input, head: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let from = head.len();
        let read = input.by_ref().take(HEAD as u64).read_to_end(head)?;
        let is_whole = from > 0 && head[from..].contains(&b'\n');
        if read == 0 || is_whole || head.len() >= MAX_HEAD {
            return Ok(());
        }
    }
}

/// A file being read.
struct Reading {
    file: usize,
    source: Source,
    /// The source's name, shared by all messages that name no other.
    name: Arc<str>,
    /// Which log it is; see [`Input::log`].
    log: i64,
    reader: Box<dyn LogReader>,
    input: Input,
    /// Bytes read and not taken yet.
    buffer: Vec<u8>,
    state: FileState,
    is_first: bool,
}

impl Reading {
    fn run(&mut self, preparer: &mut Preparer<'_>) -> std::io::Result<Flow> {
        let problems_from = self.state.offset;
        loop {
            if preparer.stop.is_set() {
                return Ok(Flow::Ends);
            }
            let is_end = !has_piece(&self.buffer) && self.fill()?;
            let piece = piece_len(&self.buffer);
            let at_end = is_end && piece == self.buffer.len();
            let mut batch = ReadBatch::default();
            let mut taken = self.reader.read(
                &self.buffer[..piece],
                self.state.offset,
                self.state.line + 1,
                at_end,
                &mut batch,
            );
            let waiting = &self.buffer[taken..];
            if at_end && !waiting.iter().all(u8::is_ascii_whitespace) {
                batch.problems.push(self.problem_after(
                    taken,
                    "incomplete record at the end of the file; it is taken when the rest arrives",
                ));
            }
            if !at_end && taken == 0 && self.buffer.len() >= MAX_RECORD {
                let what = format!("record of more than {} MiB skipped", MAX_RECORD >> 20);
                batch.problems.push(self.problem_after(0, &what));
                self.skip_line()?;
                taken = 0;
            }
            let content = self.guarded(batch, preparer);
            self.state.line += count_lines(&self.buffer[..taken]);
            self.state.offset += taken as u64;
            self.buffer.drain(..taken);
            // A long record needs a large buffer; those after it hardly ever do.
            if self.buffer.len() <= PIECE {
                self.buffer.shrink_to(2 * PIECE);
            }
            self.state.state = self.reader.state();
            preparer.cleaner.json(&mut self.state.state);
            self.state.prefix = self.input.fingerprint(self.state.offset)?;
            let content = Content {
                log: self.log,
                state: self.state.clone(),
                is_first: self.is_first,
                is_last: at_end,
                problems_from: self.is_first.then_some(problems_from),
                ..content
            };
            self.is_first = false;
            let what = What::Read {
                source: self.source,
                content,
            };
            let packet = Packet {
                file: self.file,
                bytes: taken as u64,
                what,
            };
            if preparer.packets.send(packet).is_err() {
                return Ok(Flow::Ends);
            }
            if at_end {
                return Ok(Flow::Goes);
            }
        }
    }

    fn problem_after(&self, taken: usize, what: &str) -> Problem {
        Problem {
            offset: self.state.offset + taken as u64,
            line: self.state.line + 1 + count_lines(&self.buffer[..taken]),
            what: what.to_owned(),
        }
    }

    /// Reads another piece; returns whether the file ended.
    fn fill(&mut self) -> std::io::Result<bool> {
        let before = self.buffer.len();
        // A record longer than a piece makes the next piece larger, so that it isn't scanned for
        // its end too often. Of a record no more is held than may be taken.
        let wanted = PIECE
            .max(before)
            .min(MAX_RECORD.saturating_sub(before).max(1));
        self.input
            .by_ref()
            .take(wanted as u64)
            .read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() - before < wanted)
    }

    /// Leaves out the rest of a line that is too long to hold.
    fn skip_line(&mut self) -> std::io::Result<()> {
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
                .take(PIECE as u64)
                .read_to_end(&mut self.buffer)?
                == 0
            {
                return Ok(());
            }
        }
    }

    /// What was read, as it may be written. What a guard failed at is a problem of its record.
    fn guarded(&self, batch: ReadBatch, preparer: &mut Preparer<'_>) -> Content {
        let mut problems = batch.problems;
        let mut guarded = Content::default();
        for message in batch.messages {
            let offset = message.offset;
            guarded.messages.push(self.prepare(message, preparer));
            let failures = preparer.cleaner.take_failures();
            problems.extend(failures.iter().map(|guard| self.failure(offset, guard)));
        }
        for fact in batch.facts {
            let fact = preparer.cleaner.mask(fact);
            let source = fact.source.as_ref().unwrap_or(&self.name);
            guarded.facts.push((Arc::clone(source), fact));
        }
        let mut problems: Vec<_> = problems
            .into_iter()
            .map(|problem| preparer.cleaner.mask(problem))
            .collect();
        // Of a title or a problem nobody knows the record any more.
        let failures = preparer.cleaner.take_failures();
        let start = self.state.offset;
        problems.extend(failures.iter().map(|guard| {
            let problem = self.failure(start, guard);
            preparer.cleaner.mask(problem)
        }));
        guarded.problems = problems;
        guarded
    }

    /// What is told where a guard failed at something of the record at an offset.
    fn failure(&self, offset: u64, guard: &str) -> Problem {
        let into = usize::try_from(offset.saturating_sub(self.state.offset)).unwrap_or(0);
        let before = &self.buffer[..into.min(self.buffer.len())];
        Problem {
            offset,
            line: self.state.line + 1 + count_lines(before),
            what: format!("the guard `{guard}` failed; what it couldn't check was not kept"),
        }
    }

    fn prepare(&self, message: Message, preparer: &mut Preparer<'_>) -> Prepared {
        let project = preparer
            .resolver
            .of_message(&message, &mut preparer.cleaner);
        // A reader makes ids of the conversation's and a number.
        let made = message.id.strip_prefix(&*message.conversation);
        let made = made.filter(|rest| !rest.is_empty()).map(str::to_owned);
        let mut message = preparer.cleaner.mask(message);
        let source = message.source.clone();
        let source = source.unwrap_or_else(|| Arc::clone(&self.name));
        let mut former_key = None;
        let conversation = collapse(&message.conversation);
        if message.id.is_empty() || made.is_some() && conversation != *message.conversation {
            let (id, former) = match made {
                None => (
                    id_of_place(&message, &conversation),
                    id_of_place(&message, &message.conversation),
                ),
                Some(rest) => (id_of_number(&conversation, &rest), message.id.clone()),
            };
            former_key = (former != id).then(|| id_key(&source, &former));
            message.rename(id);
        }
        Prepared {
            key: id_key(&source, &message.id),
            former_key,
            log: Some(self.log),
            content: content_hash(&message),
            source,
            project,
            terms: preparer.terms.terms(&message),
            message,
        }
    }
}

/// Whether there is enough in a buffer to read without more: at least a piece of whole lines.
fn has_piece(buffer: &[u8]) -> bool {
    buffer.len() >= PIECE && buffer.contains(&b'\n')
}

/// How much of a buffer is read at once: a long record leaves many short ones behind it, which would
/// take many times their bytes if all were held at a time.
fn piece_len(buffer: &[u8]) -> usize {
    let rest = buffer.get(PIECE..).unwrap_or_default();
    match rest.iter().position(|byte| *byte == b'\n') {
        Some(at) => PIECE + at + 1,
        None => buffer.len(),
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
