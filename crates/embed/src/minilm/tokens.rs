//! Text → token numbers, as the model was trained on.

use crate::store::TOKENIZER_FILE;
use crate::{Error, ModelStore, Result};
use tokenizers::{Tokenizer, TruncationParams};

/// What is read of a text, in bytes. Tokens past the model's limit are dropped anyway; without
/// this a text of megabytes would be tokenised whole for its first 256 tokens.
const MAX_BYTES: usize = 16 << 10;
/// The tokens that frame every text.
pub(super) const FRAME: usize = 2;

pub(super) struct Tokens {
    tokenizer: Tokenizer,
}

impl Tokens {
    pub(super) fn load(store: &ModelStore) -> Result<Self> {
        let path = store.file(TOKENIZER_FILE);
        let bytes = fs_err::read(&path)?;
        let damaged = |e: tokenizers::Error| Error::Damaged {
            path,
            why: e.to_string(),
        };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(damaged)?;
        let max_length = store.spec().max_tokens;
        let truncation = TruncationParams {
            max_length,
            ..TruncationParams::default()
        };
        tokenizer
            .with_padding(None)
            .with_truncation(Some(truncation))
            .map_err(|e| Error::Tokenizer(e.to_string()))?;
        Ok(Self { tokenizer })
    }

    /// The numbers of a text's tokens, framed, at most the model's limit. A text without words has
    /// [`FRAME`] tokens.
    pub(super) fn of(&self, text: &str) -> Result<Vec<u32>> {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let encoding = self.tokenizer.encode_fast(text, true);
        Ok(encoding
            .map_err(|e| Error::Tokenizer(e.to_string()))?
            .get_ids()
            .to_vec())
    }
}
