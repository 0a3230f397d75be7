//! The bytes of a log file, compressed or not, from where an earlier import stopped.

use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use fs_err::File;

/// Bytes at either end of what was taken that tell whether a file is still the same.
const FINGERPRINT: u64 = 1024;

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
    /// has grown: a hash of its first line, or of as much of it as a fingerprint takes.
    pub(crate) fn log(path: &Path) -> io::Result<i64> {
        let mut start = Vec::new();
        Self::open(path)?
            .take(FINGERPRINT)
            .read_to_end(&mut start)?;
        let line = start.split(|byte| *byte == b'\n').next();
        Ok(stable_hash(&[line.unwrap_or_default()]).cast_signed())
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

/// Hash of the first and the last bytes before `offset`. Moves the position.
fn print_of(file: &mut File, offset: u64) -> io::Result<u64> {
    let mut bytes = Vec::new();
    let length = offset.min(FINGERPRINT);
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(offset - length))?;
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    Ok(stable_hash(&[&bytes]))
}

/// FNV-1a over the parts, with their lengths, finished so that all bits depend on all input.
/// Kept in the archive, so it must never change.
pub(crate) fn stable_hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        (part.len() as u64)
            .to_le_bytes()
            .into_iter()
            .for_each(&mut add);
        part.iter().copied().for_each(&mut add);
    }
    finish(hash)
}

/// The same over long texts: eight bytes at a time. Kept in the archive, so it must never change.
pub(crate) fn stable_hash_of_texts<'a>(texts: impl Iterator<Item = &'a [u8]>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    // The step of FxHash.
    let mut add = |word: u64| {
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    };
    for text in texts {
        add(text.len() as u64);
        let (words, rest) = text.as_chunks::<8>();
        words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        add(u64::from_le_bytes(last));
    }
    finish(hash)
}

/// The finish of MurmurHash3: all bits depend on all others.
fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
