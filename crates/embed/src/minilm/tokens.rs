//! Text → token numbers, as the model was trained on: BERT's uncased WordPiece.
//!
//! Written here rather than taken from the `tokenizers` crate, whose numbers these are, for every
//! character that Unicode has: that crate brought 40 others, a third of the time that this one
//! took to build, and 12 ms to every start of the program, since it parses half a megabyte of JSON
//! and builds tables for training.

mod vocabulary;
mod words;

use std::path::Path;

use crate::store::VOCABULARY_FILE;
use crate::{Error, ModelStore, Result};
use vocabulary::Vocabulary;

/// The tokens that frame every text.
pub(super) const FRAME_TOKENS: usize = 2;
/// A longer word, in characters, is unknown whatever its parts.
const MAX_WORD_CHARACTERS: usize = 100;
/// Bytes of a vocabulary at most; those of models for many languages have some megabytes.
pub(crate) const MAX_VOCABULARY_BYTES: u64 = 64 << 20;
/// What stands for itself where it occurs in a text, and isn't split.
const SPECIAL_TOKENS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

pub(crate) struct Tokenizer {
    vocabulary: Vocabulary,
    max_tokens: usize,
    start: u32,
    end: u32,
    unknown: u32,
}

impl Tokenizer {
    pub(super) fn load(store: &ModelStore) -> Result<Self> {
        let path = store.file(VOCABULARY_FILE);
        let text = match files::read_text(&path, MAX_VOCABULARY_BYTES) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NotFetched { path: store.path() });
            }
            other => other?,
        };
        Self::new(&text, store.spec().max_tokens, &path)
    }

    /// Tokenizer of a vocabulary, a piece a line; `path` is where it came from, for errors.
    pub(crate) fn new(text: &str, max_tokens: usize, path: &Path) -> Result<Self> {
        let vocabulary = Vocabulary::parse(text);
        let special = |name: &str| {
            let damaged = || Error::Damaged {
                path: path.to_owned(),
                why: format!("no `{name}`"),
            };
            vocabulary.whole(name).ok_or_else(damaged)
        };
        let [start, end, unknown] = [special("[CLS]")?, special("[SEP]")?, special("[UNK]")?];
        Ok(Self {
            vocabulary,
            max_tokens: max_tokens.max(FRAME_TOKENS),
            start,
            end,
            unknown,
        })
    }

    /// The numbers of a text's tokens, framed, at most the model's limit; what comes after is not
    /// looked at. A text without words has [`FRAME_TOKENS`] tokens.
    pub(crate) fn tokens_of(&self, text: &str) -> Vec<u32> {
        let mut tokens = vec![self.start];
        let mut rest = text;
        while !rest.is_empty() && !self.is_full(&tokens) {
            let (before, special, after) = split_special(rest);
            self.push_words(before, &mut tokens);
            tokens.extend(special.and_then(|special| self.vocabulary.whole(special)));
            rest = after;
        }
        tokens.truncate(self.max_tokens - 1);
        tokens.push(self.end);
        tokens
    }

    fn is_full(&self, tokens: &[u32]) -> bool {
        tokens.len() >= self.max_tokens - 1
    }

    fn push_words(&self, text: &str, tokens: &mut Vec<u32>) {
        words::for_each(text, MAX_WORD_CHARACTERS, |word| {
            match word {
                Some(word) => self.push_pieces(word, tokens),
                None => tokens.push(self.unknown),
            }
            !self.is_full(tokens)
        });
    }

    /// The longest piece that starts the word, then the longest that goes on from there, and so
    /// on; where there is none, the whole word is unknown.
    fn push_pieces(&self, word: &str, tokens: &mut Vec<u32>) {
        let start = tokens.len();
        let mut rest = word;
        while !rest.is_empty() {
            let Some((piece, length)) = self.vocabulary.longest(rest, rest.len() < word.len())
            else {
                tokens.truncate(start);
                tokens.push(self.unknown);
                return;
            };
            tokens.push(piece);
            rest = &rest[length..];
        }
    }
}

/// What comes before the first special token, that token, and what comes after.
fn split_special(text: &str) -> (&str, Option<&'static str>, &str) {
    for (place, _) in text.match_indices('[') {
        let found = SPECIAL_TOKENS
            .into_iter()
            .find(|special| text[place..].starts_with(special));
        if let Some(special) = found {
            return (
                &text[..place],
                Some(special),
                &text[place + special.len()..],
            );
        }
    }
    (text, None, "")
}
