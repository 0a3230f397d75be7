//! Values whose name stands in a field of its own: `name: X` and `value: …` beside each other in either
//! order, and the default of a variable: `variable "X" { default = "…" }`.

use std::ops::Range;

use super::around::{is_quote, skip_blanks};
use super::written::{Style, close_name, sign, value};

/// Bytes between a name and the field with its value.
const MAX_BESIDE_BYTES: usize = 96;
/// Bytes from a variable's name to its default.
const MAX_BLOCK_BYTES: usize = 480;
/// Bytes of a value that stands before its name.
pub(super) const MAX_VALUE_BEFORE_BYTES: usize = 512;

/// Bytes of the name after a value, with its key.
const NAME_BYTES: usize = 96;

/// Keys of values whose name stands beside them, in lower case.
const VALUE_KEYS: &[&[u8]] = &[b"value", b"parametervalue", b"val", b"content"];
/// Keys of names whose value stands beside them.
const NAME_KEYS: &[&[u8]] = &[
    b"name",
    b"key",
    b"parameterkey",
    b"id",
    b"variable",
    b"option",
];

/// Where the value begins of an entry whose name ends before `at`: `name: X` and `value: …` on the next line,
/// `key="X" value="…"`, `{"name": "X", "value": "…"}`.
pub(super) fn beside(text: &[u8], at: usize) -> Option<(usize, Style)> {
    let mut place = at;
    let end = text.len().min(at + MAX_BESIDE_BYTES);
    let is_gap = |b: &u8| b.is_ascii_whitespace() || b"\\nr\"',;.-".contains(b);
    while place < end && is_gap(&text[place]) {
        place += 1;
    }
    if place == at {
        return None;
    }
    let length = word_length(&text[place..]);
    let word = &text[place..place + length];
    let is_key = VALUE_KEYS.iter().any(|key| word.eq_ignore_ascii_case(key));
    if !is_key {
        return None;
    }
    let (closed, quoted) = close_name(text, place + length);
    sign(text, skip_blanks(text, closed, 8), quoted)
}

fn word_length(text: &[u8]) -> usize {
    text.iter()
        .take(20)
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count()
}

/// The value that stands before its name: `value: …` and `name: X` on the next line.
pub(super) fn before(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let start = name.start.saturating_sub(MAX_VALUE_BEFORE_BYTES);
    let before = &text[start..name.start];
    // The key that this is the name of.
    let is_gap = |b: &u8| b" \t\"'\\:=".contains(b);
    let key_end = before.iter().rposition(|b| !is_gap(b))? + 1;
    if key_end == before.len() || !before[key_end..].iter().any(|b| b":=".contains(b)) {
        return None;
    }
    let key_start = key_end
        - before[..key_end]
            .iter()
            .rev()
            .take(16)
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
    let key = &before[key_start..key_end];
    if !NAME_KEYS.iter().any(|name| key.eq_ignore_ascii_case(name)) {
        return None;
    }
    let place = value_key(&before[..key_start])?;
    let from = start + place;
    let length = word_length(&text[from..]);
    let (closed, quoted) = close_name(text, from + length);
    let (at, style) = sign(text, skip_blanks(text, closed, 8), quoted)?;
    let (range, _) = value(text, at, style)?;
    // Nothing but what parts fields stands between the value and the name's key.
    let between = text.get(range.end..start + key_start)?;
    let parts = |b: &u8| b.is_ascii_whitespace() || b"\\nr\"',;-".contains(b);
    (between.len() <= MAX_BESIDE_BYTES && between.iter().all(parts)).then_some(range)
}

/// Where in the last bytes of a text a value stands that a name which is still to come may make a secret.
pub(super) fn open(text: &[u8]) -> Option<usize> {
    let near = text
        .len()
        .saturating_sub(MAX_VALUE_BEFORE_BYTES + MAX_BESIDE_BYTES);
    let from = near + value_key(&text[near..])?;
    let length = word_length(&text[from..]);
    let (closed, quoted) = close_name(text, from + length);
    let (at, style) = sign(text, skip_blanks(text, closed, 8), quoted)?;
    let Some((range, _)) = value(text, at, style) else {
        return Some(at);
    };
    (text.len() <= range.end + MAX_BESIDE_BYTES + NAME_BYTES).then_some(range.start)
}

/// Where the last key of a value stands in a text, as a word by itself.
fn value_key(text: &[u8]) -> Option<usize> {
    let mut end = text.len();
    for _ in 0..4 {
        let at = memchr::memmem::rfind(&text[..end].to_ascii_lowercase(), b"value")?;
        let is_start = at == 0 || !(text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'_');
        let after = text.get(at + 5).copied().unwrap_or(b' ');
        if is_start && !after.is_ascii_alphanumeric() {
            return Some(at);
        }
        end = at;
    }
    None
}

/// The default of the variable, or of the field of a schema, whose name ends before `at`: what stands in the
/// block after it.
pub(super) fn default(text: &[u8], name: &Range<usize>, at: usize) -> Option<(usize, Style)> {
    let open = skip_blanks(text, at, 8);
    let open = if text.get(open) == Some(&b':') {
        skip_blanks(text, open + 1, 8)
    } else {
        open
    };
    if text.get(open) != Some(&b'{') || !is_quote(*text.get(name.end)?) {
        return None;
    }
    let block = &text[open + 1..text.len().min(open + MAX_BLOCK_BYTES)];
    let block = &block[..memchr::memchr2(b'}', b'{', block).unwrap_or(block.len())];
    let key = memchr::memmem::find(block, b"default")?;
    let is_word = key > 0 && !block[key - 1].is_ascii_alphanumeric() && block[key - 1] != b'_';
    let (closed, quoted) = close_name(text, open + 1 + key + 7);
    let found = sign(text, skip_blanks(text, closed, 8), quoted)?;
    let literal = skip_blanks(text, found.0, 8);
    (is_word
        && text
            .get(literal)
            .is_some_and(|b| is_quote(*b) || *b == b'\\'))
    .then_some(found)
}
