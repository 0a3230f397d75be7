//! The bytes of a log file, compressed or not, from where an earlier import stopped.

use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use fs_err::File;
use serde::de::IgnoredAny;

use crate::store::stable_hash;

/// Bytes at either end of what was taken that tell whether a file is still the same.
const FINGERPRINT_BYTES: u64 = 1024;

/// An open log file.
pub(crate) enum Input {
    Plain(File),
    /// Compressed files are read from their start each time; they hardly ever change.
    Zstd(Box<zstd::Decoder<'static, io::BufReader<File>>>),
}

impl Input {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = files::open(path)?;
        if path.extension().is_some_and(|extension| extension == "zst") {
            Ok(Self::Zstd(Box::new(zstd::Decoder::new(file)?)))
        } else {
            Ok(Self::Plain(file))
        }
    }

    /// What tells a log from others, wherever a copy of it lies, compressed or not, and however far it
    /// has grown: a hash of its first record, or of as much of it as a fingerprint takes.
    pub(crate) fn log(path: &Path) -> io::Result<i64> {
        let mut start = Vec::new();
        Self::open(path)?
            .take(FINGERPRINT_BYTES)
            .read_to_end(&mut start)?;
        Ok(stable_hash(&[first_record(&start)]).cast_signed())
    }

    /// Goes to `offset` if what lies before it is what was taken then; else stays at the start.
    /// Returns where reading goes on.
    pub(crate) fn resume(&mut self, offset: u64, fingerprint: u64) -> io::Result<u64> {
        let Self::Plain(file) = self else {
            return Ok(0);
        };
        if offset == 0 || file.metadata()?.len() < offset || print_of(file, offset)? != fingerprint
        {
            file.seek(SeekFrom::Start(0))?;
            return Ok(0);
        }
        file.seek(SeekFrom::Start(offset))?;
        Ok(offset)
    }

    /// The fingerprint of the first `offset` bytes; leaves the position as it was.
    pub(crate) fn fingerprint(&mut self, offset: u64) -> io::Result<u64> {
        let Self::Plain(file) = self else {
            return Ok(0);
        };
        let position = file.stream_position()?;
        let print = print_of(file, offset)?;
        file.seek(SeekFrom::Start(position))?;
        Ok(print)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// The first JSON value at the start of a log, or its first line if it has no whole one. A value is
/// imported before its line is: what follows it on the line may not be written yet.
fn first_record(start: &[u8]) -> &[u8] {
    let line = start.split(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default();
    let mut values = serde_json::Deserializer::from_slice(line).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => &line[..values.byte_offset()],
        _ => line,
    }
}

/// What tells a document or database from others: it is known by its path, since what stands in it
/// changes.
pub(crate) fn log_of_path(path: &str) -> i64 {
    stable_hash(&[path.as_bytes()]).cast_signed()
}

/// Hash of the first and the last bytes before `offset`. Moves the position.
fn print_of(file: &mut File, offset: u64) -> io::Result<u64> {
    let mut bytes = Vec::new();
    let length = offset.min(FINGERPRINT_BYTES);
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(offset - length))?;
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    Ok(stable_hash(&[&bytes]))
}
