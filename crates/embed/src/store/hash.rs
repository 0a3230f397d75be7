//! SHA-256 as the pinned hashes are written: lower-case hexadecimal.

use crate::Result;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(Sha256::new().chain_update(bytes))
}

/// The hash that `sha` has come to.
pub(super) fn hex(sha: Sha256) -> String {
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// SHA-256 of a file's contents, read in parts of 256 KiB.
pub(super) fn hash_file(path: &Path) -> Result<String> {
    let mut file = files::open(path)?;
    let mut sha = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(sha)),
            length => sha.update(&buffer[..length]),
        }
    }
}
