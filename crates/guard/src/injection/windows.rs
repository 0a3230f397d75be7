//! The stretches of a text that are judged one by one: an attack is a few sentences, and the rest
//! of a long text would drown it.

use std::ops::Range;

use crate::learned::TextTokens;

/// Words in a stretch: it takes in sentences until it has so many, and ends at the second number at
/// the latest.
const MIN_WORDS: usize = 36;
const MAX_WORDS: usize = 70;

/// Words of the first stretch, which is all of most texts.
const MAX_FIRST_WORDS: usize = 400;

/// The stretches of a text, as ranges of its words: first all of it, or its beginning if it is long,
/// and then parts, each of which overlaps the one before by about half.
pub(super) fn of(tokens: &TextTokens) -> Vec<Range<usize>> {
    let count = tokens.len();
    let mut out = Vec::new();
    let mut start = 0;
    while start < count {
        let end = sentence_start(tokens, start + MIN_WORDS, start + MAX_WORDS);
        out.push(start..end);
        if end == count {
            break;
        }
        start = sentence_start(tokens, start + MIN_WORDS / 2, end);
    }
    if out.len() > 1 {
        out.insert(0, 0..count.min(MAX_FIRST_WORDS));
    }
    out
}

/// The first start of a sentence at `from` or behind it, at most `limit`.
fn sentence_start(tokens: &TextTokens, from: usize, limit: usize) -> usize {
    let limit = limit.min(tokens.len());
    (from..limit).find(|at| tokens.opens(*at)).unwrap_or(limit)
}
