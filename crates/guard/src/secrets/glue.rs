//! Keys that hang together with a name before or behind them: `ci_ghp_…`, `tokenghp_…`, `ghp_…_old`.

use std::ops::Range;

use super::rule::KeyRule;
use super::shape;
use super::value::{Sorts, entropy, is_hex, is_wordy};

/// Whether a key may be found right behind a byte that words are made of: one that begins with a mark of its
/// own, which is longer the less the byte parts words.
pub(super) fn may_be_glued(key: &KeyRule, before: u8) -> bool {
    let literal = key.literal().as_bytes();
    let is_mark = literal.last().is_some_and(|last| b"_-".contains(last));
    let least = if before == b'_' { 3 } else { 4 };
    is_mark && literal.len() >= least
}

/// A key with `_` and more behind it, where its form ends before that.
pub(super) fn before_a_name(key: &KeyRule, text: &[u8], at: usize) -> Option<Range<usize>> {
    if key.open || !key.literal().ends_with('_') && key.checksum.is_none() {
        return None;
    }
    let end = shape::prefix(key.shape, text, at)?;
    (text.get(end) == Some(&b'_')).then_some(at..end)
}

/// Whether a key's own part is one that chance chose, so that what hangs together with it needn't be a word's.
pub(super) fn is_random(own: &[u8]) -> bool {
    let sorts = Sorts::of(own);
    let is_mixed = sorts.upper > 1 && sorts.lower > 1 && entropy(own) > 3.5;
    let is_hexadecimal = is_hex(own) && own.len() >= 32 && entropy(own) > 3.0;
    own.len() >= 16 && sorts.digits > 1 && (is_mixed || is_hexadecimal) && !is_wordy(own)
}
