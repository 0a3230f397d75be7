//! What a document is made of before it is read: bytes that are hashed, and that may change meanwhile.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use document::{DocumentKind, UnknownKind};
use sha2::{Digest as _, Sha256};

/// What is added to a document's bytes before they are hashed: another version of how documents are read has
/// another, so that all are read again.
const READING_VERSION: &[u8] = b"lorekeep document 2\n";

/// Bytes from which the kind of a document is told.
const HEAD_BYTES: usize = 64 << 10;

const COPY_BYTES: usize = 64 << 10;

/// An open document, hashed.
pub(super) struct OpenDocument {
    file: File,
    pub(super) kind: Result<DocumentKind, UnknownKind>,
    pub(super) hash: String,
    pub(super) bytes: u64,
}

impl OpenDocument {
    /// Hashes a document of at most `limit` bytes, whose kind `sniff` tells by its first bytes. `Ok(None)` if it is
    /// longer.
    pub(super) fn new(
        mut file: File,
        limit: u64,
        sniff: impl FnOnce(&[u8]) -> Result<DocumentKind, UnknownKind>,
    ) -> std::io::Result<Option<Self>> {
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        let kind = sniff(&head);
        let mut hasher = hasher(&kind);
        let mut bytes = 0;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            if bytes > limit {
                return Ok(None);
            }
            hasher.update(&buffer[..read]);
        }
        Ok(Some(Self {
            file,
            kind,
            hash: hex(hasher),
            bytes,
        }))
    }

    /// The bytes once more, which tell at the end whether they are still the same.
    pub(super) fn reader(&mut self) -> std::io::Result<(HashingReader<'_>, HashSeen)> {
        self.file.seek(SeekFrom::Start(0))?;
        let seen = HashSeen::default();
        let reader = HashingReader {
            left: self.bytes,
            file: &mut self.file,
            hasher: Some(hasher(&self.kind)),
            seen: seen.clone(),
        };
        Ok((reader, seen))
    }
}

fn hasher(kind: &Result<DocumentKind, UnknownKind>) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update(READING_VERSION);
    hasher.update(kind.as_ref().map_or("", |kind| kind.name()));
    hasher
}

fn hex(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The hash of what was read, once all was read.
#[derive(Clone, Default)]
pub(super) struct HashSeen(Arc<Mutex<Option<String>>>);

impl HashSeen {
    /// Whether what was read is what was hashed before; `None` if not all was read.
    pub(super) fn is(&self, hash: &str) -> Option<bool> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().map(|seen| seen == hash)
    }
}

/// Hashes what is read through it.
pub(super) struct HashingReader<'f> {
    file: &'f mut File,
    /// Of a file that grows no more is read than was there.
    left: u64,
    hasher: Option<Sha256>,
    seen: HashSeen,
}

impl Read for HashingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.by_ref().take(self.left).read(buffer)?;
        self.left -= read as u64;
        match read {
            // One that has more by now was changed as well.
            0 if self.file.read(&mut [0])? > 0 => {}
            0 => {
                if let Some(hasher) = self.hasher.take() {
                    let seen = Some(hex(hasher));
                    *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
                }
            }
            _ => {
                if let Some(hasher) = &mut self.hasher {
                    hasher.update(&buffer[..read]);
                }
            }
        }
        Ok(read)
    }
}
