//! The reading half of an import: files → packets of messages that only need to be written.

use std::io::{self, Read as _};
use std::sync::mpsc::SyncSender;

use transcript::{FileHint, Framing, Registry, Source};

use super::discover::{FoundLog, unread};
use super::files::{FileState, KnownFiles};
use super::input::{Input, log_of_path};
use crate::guards::ArchiveGuards;
use crate::{Exclusions, Skipped, Stop};

mod packet;
mod preparer;
mod lines;
mod document;
mod rows;

pub(crate) use packet::{Packet, PacketContent};
use preparer::{Flow, OpenedLog, Preparer, caught, failed};

/// Bytes at the start of a file by which its source is recognised, and the bytes that may be read further
/// to complete the record that they cut: what identifies the source may stand after a long text.
const HEAD_BYTES: usize = 64 << 10;
const MAX_HEAD_BYTES: usize = 16 << 20;

/// The sources whose files are read.
#[derive(Clone, Copy)]
pub(crate) struct WantedSources<'a> {
    /// The sources that files are told apart by.
    pub(crate) registry: Registry,
    /// Only files of this source, if one is given.
    pub(crate) only: Option<Source>,
    /// What is left out.
    pub(crate) exclusions: &'a Exclusions,
}

/// Reads files one after the other, until told to stop or nobody listens any more.
pub(crate) fn read_files(
    files: &[FoundLog],
    known: &KnownFiles,
    sources: WantedSources<'_>,
    guards: &ArchiveGuards,
    (stop, packets): (&Stop, &SyncSender<Packet>),
) {
    let mut preparer = Preparer::new((guards, sources.exclusions), stop, packets);
    for (file, found) in files.iter().enumerate() {
        if stop.is_set() {
            return;
        }
        let opening = Opening {
            file,
            found,
            known,
            sources,
            guards,
        };
        let content = match opening.read(&mut preparer) {
            Ok(Flow::Goes) => continue,
            Ok(Flow::Unknown) => PacketContent::Unknown,
            Ok(Flow::Excluded) => PacketContent::Excluded,
            Ok(Flow::Ends) => return,
            Err(error) => PacketContent::Unreadable(Skipped {
                path: found.shown(),
                what: unread(&found.path, &error),
                is_named: found.named,
            }),
        };
        let packet = Packet {
            file,
            bytes: 0,
            content,
        };
        if packets.send(packet).is_err() {
            return;
        }
    }
}

/// A file that is about to be read.
struct Opening<'a> {
    /// Place in the list of files.
    file: usize,
    found: &'a FoundLog,
    known: &'a KnownFiles<'a>,
    sources: WantedSources<'a>,
    guards: &'a ArchiveGuards,
}

impl Opening<'_> {
    fn read(&self, preparer: &mut Preparer<'_>) -> io::Result<Flow> {
        let exclusions = self.sources.exclusions;
        if exclusions.has_path(&self.found.shown()) {
            return Ok(Flow::Excluded);
        }
        let mut input = Input::open(&self.found.path)?;
        let path = self.found.shown().replace('\\', "/");
        // Who names a file and its source knows better than what was found out before.
        let given = self.sources.only.filter(|_| self.found.named);
        let known = self
            .known
            .get(self.found)
            .filter(|known| given.is_none() || known.source == given);
        if known.is_some_and(|known| self.is_others(known.source)) {
            return Ok(Flow::Goes);
        }
        let mut state = known.map(|known| known.state.clone()).unwrap_or_default();
        let known = known.and_then(|known| known.source);
        // What is rewritten whole is read from its start, and told anew whose it is.
        let grows = known.is_none_or(|source| is_lines(source.framing(&path)));
        let offset = match grows {
            true => input.resume(state.offset, state.prefix)?,
            false => 0,
        };
        let mut head = Vec::with_capacity(lines::PIECE_BYTES + HEAD_BYTES);
        let source = match known.filter(|_| offset > 0).or(given) {
            Some(source) => source,
            None => {
                read_head(&mut input, &mut head)?;
                match self.whose(&path, &head)? {
                    // It may be asked for another time.
                    source if self.is_others(source) => return Ok(Flow::Goes),
                    Some(source) => source,
                    // An empty file may become a log.
                    None if head.iter().all(u8::is_ascii_whitespace) => return Ok(Flow::Goes),
                    None => return Ok(Flow::Unknown),
                }
            }
        };
        if exclusions.has_source(source.name()) {
            return Ok(Flow::Excluded);
        }
        let Some(framing) = source.framing(&path) else {
            return Ok(Flow::Unknown);
        };
        if is_lines(Some(framing)) && offset == 0 {
            state = FileState::default();
        }
        // Names in it become ids, which must be the same when another reader goes on from a state,
        // where they were masked.
        let path = self.guards.as_kept(&path).into_owned();
        let log = OpenedLog {
            file: self.file,
            source,
            name: source.name().into(),
            log: match framing {
                Framing::Lines(_) => Input::log(&self.found.path)?,
                // Their first bytes change whenever they are written.
                Framing::Document(_) | Framing::Rows(..) => log_of_path(&path),
            },
            hint: FileHint { path },
            is_begun: match framing {
                Framing::Rows(..) => !state.state.is_empty(),
                Framing::Lines(_) | Framing::Document(_) => offset > 0,
            },
        };
        match framing {
            Framing::Lines(open) => {
                lines::LineLog::new(log, open, input, head, state)?.run(preparer)
            }
            Framing::Document(read) => document::read_document(&log, read, input, head, preparer),
            Framing::Rows(queries, open) => {
                let database = (self.found.path.as_path(), self.found.size);
                rows::read_rows(&log, (queries, open), database, &state, preparer)
            }
        }
    }

    /// Whether a file belongs to another source than the one that was asked for.
    fn is_others(&self, source: Option<Source>) -> bool {
        let only = self.sources.only;
        only.is_some_and(|only| source.is_some_and(|source| source != only))
    }

    /// The source of a file, by its path and its first bytes; `None` if no source recognises it. An error
    /// if the source that might have recognised it failed.
    fn whose(&self, path: &str, head: &[u8]) -> io::Result<Option<Source>> {
        let mut broken = None;
        for source in self.sources.registry.all() {
            match caught(|| source.recognises(path, head)) {
                Some(true) => return Ok(Some(*source)),
                Some(false) => {}
                None => broken = Some(*source),
            }
        }
        match broken {
            Some(source) => Err(io::Error::other(failed(source))),
            None => Ok(None),
        }
    }
}

fn is_lines(framing: Option<Framing>) -> bool {
    matches!(framing, Some(Framing::Lines(_)))
}

/// Reads the start of a file, up to the end of the record that the first bytes cut.
fn read_head(input: &mut Input, head: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let from = head.len();
        let read = input.by_ref().take(HEAD_BYTES as u64).read_to_end(head)?;
        let is_whole = from > 0 && head[from..].contains(&b'\n');
        if read == 0 || is_whole || head.len() >= MAX_HEAD_BYTES {
            return Ok(());
        }
    }
}
