//! Blocks: texts or payloads of neighbouring messages, compressed together.
//!
//! Layout before compression (zstd): entry count, then for each entry the message id (first one
//! whole, then differences) and its length, all as LEB128 numbers; then the entries. Neighbours
//! repeat each other (paths, parts of files, ids), so together they take a fraction of the space.

use rusqlite::{Connection, OptionalExtension as _};

use super::message::MessageId;
use crate::{Error, Result};

/// What a block may take when unpacked: a guard against a damaged or hostile archive.
const MAX_UNPACKED: usize = 1 << 30;

/// Collects entries until they are worth a block.
pub(crate) struct BlockWriter {
    /// Bytes of entries at which a block is full.
    target: usize,
    directory: Vec<(MessageId, usize)>,
    entries: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
}

impl BlockWriter {
    /// A writer of blocks of about `target` bytes, compressed at zstd's `level`.
    pub(crate) fn new(target: usize, level: i32) -> Result<Self> {
        let mut compressor = zstd::bulk::Compressor::new(level)?;
        compressor.include_checksum(true)?;
        Ok(Self {
            target,
            directory: Vec::new(),
            entries: Vec::new(),
            compressor,
        })
    }

    /// Adds the entry of a message, whose id is higher than all before.
    pub(crate) fn push(&mut self, message: MessageId, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.entries.len();
        write(&mut self.entries);
        self.directory.push((message, self.entries.len() - start));
    }

    /// Whether the block should be written before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= self.target
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.directory.is_empty()
    }

    /// The compressed block; the writer is empty afterwards.
    pub(crate) fn take(&mut self) -> Result<Vec<u8>> {
        let mut head = Vec::with_capacity(self.directory.len() * 4 + 4);
        put_number(&mut head, self.directory.len() as u64);
        let mut last = 0;
        for (message, length) in self.directory.drain(..) {
            put_number(&mut head, message.0.cast_unsigned() - last);
            put_number(&mut head, length as u64);
            last = message.0.cast_unsigned();
        }
        // In place: an entry may have many megabytes.
        let mut plain = std::mem::take(&mut self.entries);
        plain.splice(0..0, head);
        let block = self.compressor.compress(&plain)?;
        if plain.len() <= self.target.saturating_mul(2) {
            plain.clear();
            self.entries = plain;
        }
        Ok(block)
    }
}

/// An unpacked block.
pub(crate) struct Block {
    plain: Vec<u8>,
    /// Message, and where its entry starts and ends; by message.
    directory: Vec<(i64, usize, usize)>,
}

impl Block {
    pub(crate) fn unpack(
        data: &[u8],
        decompressor: &mut zstd::bulk::Decompressor<'_>,
    ) -> Option<Self> {
        let size = usize::try_from(zstd::zstd_safe::get_frame_content_size(data).ok()??).ok()?;
        if size > MAX_UNPACKED {
            return None;
        }
        let plain = decompressor.decompress(data, size).ok()?;
        let mut rest = plain.as_slice();
        let count = take_number(&mut rest)?;
        let mut directory = Vec::with_capacity(usize::try_from(count).ok()?.min(plain.len()));
        let (mut message, mut start) = (0_u64, 0_usize);
        for _ in 0..count {
            message = message.checked_add(take_number(&mut rest)?)?;
            let length = usize::try_from(take_number(&mut rest)?).ok()?;
            let end = start.checked_add(length)?;
            directory.push((message.cast_signed(), start, end));
            start = end;
        }
        let base = plain.len() - rest.len();
        if base + start != plain.len() {
            return None;
        }
        for entry in &mut directory {
            entry.1 += base;
            entry.2 += base;
        }
        Some(Self { plain, directory })
    }

    /// All entries, by message.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (MessageId, &[u8])> {
        let entry = |(message, start, end): &(i64, usize, usize)| {
            (MessageId(*message), &self.plain[*start..*end])
        };
        self.directory.iter().map(entry)
    }

    /// The entry of a message.
    pub(crate) fn get(&self, message: MessageId) -> Option<&[u8]> {
        let at = self
            .directory
            .binary_search_by_key(&message.0, |entry| entry.0)
            .ok()?;
        let (_, start, end) = self.directory[at];
        self.plain.get(start..end)
    }
}

/// Reads blocks, and keeps the last few unpacked: neighbours are mostly asked for together.
pub(crate) struct BlockReader {
    decompressor: zstd::bulk::Decompressor<'static>,
    /// Most recently used last.
    recent: Vec<(i64, Block)>,
}

/// How many unpacked blocks are kept.
const MAX_RECENT_BLOCKS: usize = 8;

impl BlockReader {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            decompressor: zstd::bulk::Decompressor::new()?,
            recent: Vec::new(),
        })
    }

    /// The block of this id.
    pub(crate) fn block(&mut self, connection: &Connection, id: i64) -> Result<&Block> {
        if let Some(at) = self.recent.iter().position(|(recent, _)| *recent == id) {
            self.recent[at..].rotate_left(1);
        } else {
            let block = self.load(connection, id)?;
            if self.recent.len() == MAX_RECENT_BLOCKS {
                self.recent.remove(0);
            }
            self.recent.push((id, block));
        }
        self.recent
            .last()
            .map(|(_, block)| block)
            .ok_or_else(|| damaged(id))
    }

    /// Forgets what is unpacked, which may be large.
    pub(crate) fn clear(&mut self) {
        self.recent.clear();
    }

    fn load(&mut self, connection: &Connection, id: i64) -> Result<Block> {
        let mut statement = connection.prepare_cached("SELECT data FROM block WHERE id = ?1")?;
        let decompressor = &mut self.decompressor;
        statement
            .query_row([id], |row| {
                Ok(Block::unpack(row.get_ref(0)?.as_blob()?, decompressor))
            })
            .optional()?
            .flatten()
            .ok_or_else(|| damaged(id))
    }
}

fn damaged(id: i64) -> Error {
    Error::Damaged(format!("block {id} can't be read"))
}

/// Appends a number as LEB128.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

/// Takes a LEB128 number off the front.
pub(crate) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Appends bytes with their length.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes bytes with their length off the front.
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    if length > bytes.len() {
        return None;
    }
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    Some(taken)
}
