//! The two files that a model is made from, read in parts: verified, and told how far it is.

use super::hash::hex;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::io::Read;

/// The weights' name in every place that holds them.
pub(super) const WEIGHTS_INPUT: &str = "model.safetensors";
/// The tokenizer's name in every place that holds it.
pub(super) const TOKENIZER_INPUT: &str = "tokenizer.json";

/// How far [`ModelStore::fetch`](crate::ModelStore::fetch) has come, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchProgress {
    /// An input file is being read from the disk or the network; told after each part of at most a
    /// mebibyte.
    Reading {
        /// The file's name, `model.safetensors` or `tokenizer.json`.
        file: String,
        /// How many of its bytes have been read.
        bytes: u64,
        /// Its length in bytes; `None` where the server doesn't tell.
        of: Option<u64>,
    },
    /// Both files are read and verified; the model's own files are being made from them.
    Converting,
}

/// No input is anywhere near as long. A length that a server claims is not believed either.
const MAX_INPUT_BYTES: u64 = 1 << 28;

/// The two files, verified.
pub(super) struct ModelInputs {
    pub(super) weights: Vec<u8>,
    pub(super) tokenizer: Vec<u8>,
}

/// Reads inputs, hashing and reporting on the way.
pub(super) struct InputReader<'a> {
    progress: &'a mut dyn FnMut(FetchProgress),
}

impl<'a> InputReader<'a> {
    pub(super) fn new(progress: &'a mut dyn FnMut(FetchProgress)) -> Self {
        Self { progress }
    }

    /// All of `source`, if its hash is `sha256`; `file` and `origin` name it to a person.
    pub(super) fn read(
        &mut self,
        file: &str,
        origin: &str,
        source: impl Read,
        length: Option<u64>,
        sha256: &str,
    ) -> Result<Vec<u8>> {
        let mut source = source.take(MAX_INPUT_BYTES);
        let expected = length.unwrap_or(0).min(MAX_INPUT_BYTES);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        let mut sha = Sha256::new();
        loop {
            let start = bytes.len();
            if source.by_ref().take(1 << 20).read_to_end(&mut bytes)? == 0 {
                break;
            }
            sha.update(&bytes[start..]);
            let (file, bytes) = (file.to_owned(), bytes.len() as u64);
            (self.progress)(FetchProgress::Reading {
                file,
                bytes,
                of: length,
            });
        }
        let found = hex(sha);
        if found == sha256 {
            return Ok(bytes);
        }
        let (file, origin) = (file.to_owned(), origin.to_owned());
        Err(Error::WrongHash {
            file,
            origin,
            expected: sha256.to_owned(),
            found,
        })
    }
}
