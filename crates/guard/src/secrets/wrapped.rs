//! Keys that line ends cut: a terminal wraps long lines, a shell's `\` continues them, and JSON writes a
//! line's end as `\n`. Only where a key seems to begin is its text put together again.

use std::ops::Range;

use super::around::{backslashes, skip_blanks};
use super::value::{Sorts, is_wordy};
use crate::hidden::escape_at;

/// Bytes of a key that is put together, cuts apart, and bytes before it that may belong to it.
const MAX_JOINED_BYTES: usize = 4 << 10;
const BYTES_BEFORE: usize = 64;
/// Bytes of a key up to its first cut, and how many cuts it may have.
const MAX_LINE_BYTES: usize = 512;
const MAX_CUTS: usize = 32;
/// The most blanks that a line is indented with.
const MAX_INDENT_BLANKS: usize = 16;
/// Bytes at the start of a next line that continue a key which is one without them.
const MIN_TAIL_BYTES: usize = 8;

/// A key that was put together.
pub(super) struct WrappedKey {
    /// Where it stands in the text, with what cuts it.
    pub(super) range: Range<usize>,
    /// The key itself.
    pub(super) value: Vec<u8>,
}

/// What `find` finds at `at` once what cuts it is left out. `whole` is what it finds in the text as it is:
/// that grows if it ends at a cut, and what follows looks as random as a key.
pub(super) fn find(
    text: &[u8],
    at: usize,
    whole: Option<&Range<usize>>,
    find: impl Fn(&[u8], usize) -> Option<Range<usize>>,
) -> Option<WrappedKey> {
    if whole.is_some_and(|whole| cut_at(text, whole.end) == 0) {
        return None;
    }
    let joined = JoinedText::of(text, at)?;
    let found = find(&joined.bytes, at - joined.places[0])?;
    let value = joined.bytes[found.clone()].to_vec();
    let range = joined.places[found.start]..joined.places[found.end - 1] + 1;
    if range.len() == value.len() {
        return None;
    }
    let is_key = match whole {
        None => !is_wordy(&value),
        Some(whole) => {
            let tail = value.get(whole.len()..).unwrap_or_default();
            let sorts = Sorts::of(tail);
            let names_something = text
                .get(range.end)
                .is_some_and(|next| b"=:(.[".contains(next));
            tail.len() >= MIN_TAIL_BYTES
                && sorts.digits > 0
                && sorts.letters() > 0
                && !is_wordy(tail)
                && !names_something
        }
    };
    is_key.then_some(WrappedKey { range, value })
}

/// A stretch of a text without what cuts keys.
struct JoinedText {
    bytes: Vec<u8>,
    /// Where each of the bytes stands in the text.
    places: Vec<usize>,
}

impl JoinedText {
    /// The stretch around `at`, up to what can't be part of a key; `None` if nothing cuts it.
    fn of(text: &[u8], at: usize) -> Option<Self> {
        // Most of what begins like a key is cut by nothing: that needs no copy.
        let rest = text.get(at..)?.iter();
        let is_of_key_here = |byte: &&u8| is_of_key(**byte);
        let first = at + rest.take(MAX_LINE_BYTES).take_while(is_of_key_here).count();
        if cut_at(text, first) == 0 {
            return None;
        }
        let from = at.saturating_sub(BYTES_BEFORE);
        let mut places: Vec<usize> = (from..at).collect();
        let mut next = at;
        let mut cuts = 0;
        while next < text.len() && places.len() < MAX_JOINED_BYTES {
            let cut = cut_at(text, next);
            if cut > 0 {
                cuts += 1;
                if cuts > MAX_CUTS {
                    break;
                }
                next += cut;
                continue;
            }
            places.push(next);
            // What ends a key is part of the stretch: rules ask what follows.
            if !is_of_key(text[next]) {
                break;
            }
            next += 1;
        }
        Some(Self {
            bytes: places.iter().map(|place| text[*place]).collect(),
            places,
        })
    }
}

fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-+/=.~:@".contains(&byte)
}

/// Bytes of what cuts a key at `at`: a line's end with the indent of the next line, a continued line, or an
/// escape that stands for a line's end or for nothing that is seen; 0 if nothing does.
fn cut_at(text: &[u8], at: usize) -> usize {
    let count = backslashes(text, at);
    let rest = text.get(at + count..).unwrap_or_default();
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        [b'n' | b'r', ..] if count > 0 => return count + 1,
        _ => return escape_at(text, at).unwrap_or(0),
    };
    if count > 1 {
        return 0;
    }
    let next = at + count + line_end;
    skip_blanks(text, next, MAX_INDENT_BLANKS) - at
}
