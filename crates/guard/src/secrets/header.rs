//! What follows `Bearer` and `Basic`, in a header or anywhere.

use std::ops::Range;

use super::around::{skip_blanks, starts_word};
use super::jwt::decode;
use super::value::{Sorts, entropy, is_hex, is_uuid, is_weak, is_wordy, stands_in};

/// Bytes of a header's value.
pub(super) const MAX_HEADER_BYTES: usize = 2048;

/// What is looked for: schemes, and headers whose value has no scheme.
pub(super) const HEADER_SCHEMES: &[&str] = &[
    "bearer ",
    "bearer%20",
    "bearer+",
    "basic ",
    "authorization: token ",
    "authorization: apikey ",
    "authorization: key ",
    "authorization: bot ",
    "x-api-key: ",
];

/// The token that follows a scheme that is at `hit`.
pub(super) fn bearer(text: &[u8], hit: Range<usize>) -> Option<Range<usize>> {
    if !starts_word(text, hit.start) {
        return None;
    }
    let start = skip_blanks(text, hit.end, 4);
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"._~+/=-|:".contains(b);
    let range = run(text, start, is_letter);
    let value = &text[range.clone()];
    let sorts = Sorts::of(value);
    let random = sorts.length >= 16
        && sorts.digits > 0
        && sorts.letters() > 0
        && !stands_in(value)
        && !is_wordy(value)
        && entropy(value)
            >= if is_hex(value) || is_uuid(value) {
                2.8
            } else {
                3.2
            };
    random.then_some(range)
}

/// The user and password that follow `Basic`, if that is what they are once decoded.
pub(super) fn basic(text: &[u8], hit: Range<usize>) -> Option<Range<usize>> {
    if !starts_word(text, hit.start) {
        return None;
    }
    let start = skip_blanks(text, hit.end, 4);
    let range = run(text, start, |b| {
        b.is_ascii_alphanumeric() || b"+/=_-".contains(b)
    });
    let value = &text[range.clone()];
    if value.len() < 8 {
        return None;
    }
    let decoded = decode(value);
    let colon = memchr::memchr(b':', &decoded)?;
    let readable = decoded.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    let password = &decoded[colon + 1..];
    let known = is_weak(password) || stands_in(password) || decoded[..colon] == *password;
    (readable && password.len() >= 4 && !known).then_some(range)
}

fn run(text: &[u8], start: usize, is_letter: impl Fn(&u8) -> bool) -> Range<usize> {
    let rest = text[start.min(text.len())..].iter().take(MAX_HEADER_BYTES);
    let length = rest.take_while(|b| is_letter(b)).count();
    let mut end = start + length;
    while end > start && matches!(text[end - 1], b'.' | b':' | b'-') {
        end -= 1;
    }
    start..end
}
