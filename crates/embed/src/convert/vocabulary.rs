//! `tokenizer.json` → the list of its pieces, in the order of their numbers.

use crate::{Error, Result};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct TokenizerFile {
    model: TokenizerModel,
    normalizer: Normalizer,
    pre_tokenizer: PreTokenizer,
}

#[derive(Deserialize)]
struct TokenizerModel {
    #[serde(rename = "type")]
    kind: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Normalizer {
    #[serde(rename = "type")]
    kind: String,
    lowercase: bool,
    strip_accents: Option<bool>,
    clean_text: bool,
    handle_chinese_chars: bool,
}

#[derive(Deserialize)]
struct PreTokenizer {
    #[serde(rename = "type")]
    kind: String,
}

/// Writes one piece a line; the number of the line, from 0, is the piece's.
///
/// # Errors
/// [`Error::Tokenizer`] where the file is for another way of tokenizing than BERT's uncased one,
/// or its numbers have gaps.
pub(crate) fn vocabulary(tokenizer_json: &[u8]) -> Result<String> {
    let bad = |why: &str| Error::Tokenizer(why.to_owned());
    let file: TokenizerFile =
        serde_json::from_slice(tokenizer_json).map_err(|e| bad(&e.to_string()))?;
    if !file.is_bert_uncased() {
        return Err(bad("it is not that of an uncased BERT model"));
    }
    let mut lines = vec![None; file.model.vocab.len()];
    for (piece, number) in &file.model.vocab {
        let line = lines
            .get_mut(*number)
            .ok_or_else(|| bad("its numbers have gaps"))?;
        if line.replace(piece.as_str()).is_some() || piece.contains(['\n', '\r']) {
            return Err(bad(&format!(
                "its piece `{}` can't be listed",
                piece.escape_debug()
            )));
        }
    }
    let mut text = String::new();
    for line in lines.into_iter().flatten() {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

impl TokenizerFile {
    fn is_bert_uncased(&self) -> bool {
        let (model, normalizer) = (&self.model, &self.normalizer);
        model.kind == "WordPiece"
            && model.continuing_subword_prefix == "##"
            && model.max_input_chars_per_word == 100
            && normalizer.kind == "BertNormalizer"
            && normalizer.lowercase
            && normalizer.strip_accents.unwrap_or(true)
            && normalizer.clean_text
            && normalizer.handle_chinese_chars
            && self.pre_tokenizer.kind == "BertPreTokenizer"
    }
}
