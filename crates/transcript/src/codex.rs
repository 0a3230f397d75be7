//! Codex CLI.

use crate::{FileHint, Importer, Reader, Source};

/// The importer of [`Source::Codex`].
pub(crate) struct Codex;

impl Importer for Codex {
    fn source(&self) -> Source {
        Source::Codex
    }

    fn recognises(&self, _path: &str, _head: &[u8]) -> bool {
        false
    }

    fn reader(&self, file: &FileHint, state: &str) -> Box<dyn Reader> {
        crate::jsonl::Jsonl.reader(file, state)
    }
}
