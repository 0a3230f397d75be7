//! Documents that are rewritten whole: read at one go, and again whenever they have changed. What is in
//! the archive already is known by its ids.

use std::io::{self, Read as _};

use transcript::{FileHint, Problem, ReadBatch};

use super::packet::{LogPart, Packet, PacketContent};
use super::preparer::{Flow, OpenedLog, Preparer, caught, count_lines, failed};
use crate::ingest::import::files::FileState;
use crate::ingest::import::input::Input;

/// The longest document that is taken; a longer one can't be read.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// Reads a document, whose first bytes stand in `start` already.
pub(super) fn read_document(
    log: &OpenedLog,
    read: fn(&FileHint, &[u8], &mut ReadBatch),
    mut input: Input,
    start: Vec<u8>,
    preparer: &mut Preparer<'_>,
) -> io::Result<Flow> {
    let mut bytes = start;
    let left = (MAX_DOCUMENT_BYTES + 1).saturating_sub(bytes.len() as u64);
    input.by_ref().take(left).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        let what = format!("document of more than {} MiB", MAX_DOCUMENT_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    let batch = caught(|| {
        let mut batch = ReadBatch::default();
        read(&log.hint, &bytes, &mut batch);
        batch
    });
    let batch = batch.unwrap_or_else(|| ReadBatch {
        problems: vec![Problem {
            offset: 0,
            line: 1,
            what: format!("{}; the document was left out", failed(log.source)),
        }],
        ..ReadBatch::default()
    });
    let line_of = |offset: u64| {
        let into = usize::try_from(offset).unwrap_or(usize::MAX);
        1 + count_lines(&bytes[..into.min(bytes.len())])
    };
    let part = LogPart {
        state: FileState {
            offset: bytes.len() as u64,
            line: count_lines(&bytes),
            ..FileState::default()
        },
        is_first: true,
        is_last: true,
        problems_from: Some(0),
        ..preparer.part(log, batch, 0, &line_of)
    };
    let packet = Packet {
        file: log.file,
        bytes: bytes.len() as u64,
        content: PacketContent::Read {
            source: log.source,
            part,
        },
    };
    Ok(match preparer.packets.send(packet) {
        Ok(()) => Flow::Goes,
        Err(_) => Flow::Ends,
    })
}
