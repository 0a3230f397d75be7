//! Passwords that a program reads from its input or after a user's name: `echo … | docker login --password-stdin`,
//! `oracle:thin:user/password@host`.

use std::ops::Range;

use super::around::{backslashes, is_quote, skip_blanks};
use super::generic;
use super::value::{Sorts, is_weak, stands_in};
use super::written::Style;

/// What tells that a program reads a secret from its input.
pub(super) const READING_WORDS: &[&str] = &["--password-stdin", "--with-token", "sudo -S"];

/// What stands before a user and a password with a slash between them.
pub(super) const SLASHED_WORDS: &[&str] = &[
    "oracle:thin:",
    "oracle:oci:",
    "oracle:oci8:",
    "sqlplus ",
    "sqlldr ",
    "expdp ",
    "impdp ",
];

/// Bytes of the line before what reads, and of what is given as a here-string after it.
pub(super) const MAX_LINE_BYTES: usize = 256;

/// What prints what it is given.
const PRINTERS: &[&[u8]] = &[b"echo ", b"printf "];

/// The secret that is piped to what is at `hit`, or given to it as a here-string.
pub(super) fn piped(text: &[u8], hit: &Range<usize>) -> Option<Range<usize>> {
    let line = line_start(text, hit.start);
    let before = &text[line..hit.start];
    if let Some(pipe) = memchr::memchr(b'|', before)
        && let Some(at) = printer(&before[..pipe])
    {
        return argument(text, line + at, line + pipe);
    }
    let rest = &text[hit.end..text.len().min(hit.end + MAX_LINE_BYTES)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let here = hit.end + memchr::memmem::find(rest, b"<<<")? + 3;
    argument(text, here, hit.end + rest.len())
}

/// Where the arguments of the last program begin that prints.
fn printer(before: &[u8]) -> Option<usize> {
    let found = PRINTERS
        .iter()
        .filter_map(|name| Some(memchr::memmem::rfind(before, name)? + name.len()));
    found.max()
}

/// The last word between two places, without flags before it.
fn argument(text: &[u8], from: usize, to: usize) -> Option<Range<usize>> {
    let mut at = skip_blanks(text, from, 8);
    for flag in [
        &b"-n "[..],
        b"-e ",
        b"-ne ",
        b"-en ",
        b"'%s' ",
        b"\"%s\" ",
        b"%s ",
        b"'%s\\n' ",
        b"\\\"%s\\\" ",
    ] {
        if text[at..to].starts_with(flag) {
            at = skip_blanks(text, at + flag.len(), 8);
        }
    }
    let escape = backslashes(text, at);
    let quote = text.get(at + escape).copied().filter(|b| is_quote(*b));
    let range = match quote {
        Some(quote) => {
            let start = at + escape + 1;
            let length = memchr::memchr2(quote, b'\\', text.get(start..to)?)?;
            start..start + length
        }
        None if escape > 0 => return None,
        None => {
            let rest = text.get(at..to)?;
            let ends = |b: &u8| b.is_ascii_whitespace() || b"|;<>\"'`\\".contains(b);
            at..at + rest.iter().position(ends).unwrap_or(rest.len())
        }
    };
    generic::password(&text[range.clone()], Style::Quoted, true).map(|_| range)
}

fn line_start(text: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(MAX_LINE_BYTES);
    let before = &text[from..at];
    let real = memchr::memrchr(b'\n', before).map(|at| at + 1);
    let escaped = memchr::memmem::rfind(before, b"\\n").map(|at| at + 2);
    from + real.max(escaped).unwrap_or(0)
}

/// Where in the last line of a text something is printed that what is still to come may read.
pub(super) fn open(text: &[u8]) -> Option<usize> {
    let line = line_start(text, text.len());
    printer(&text[line..]).map(|at| line + at)
}

/// The password between a slash and an `@` that follow `at`.
pub(super) fn slashed(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &text[at..text.len().min(at + MAX_LINE_BYTES)];
    let ends = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || *b == b'\\';
    let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let slash = memchr::memchr(b'/', word)?;
    let host = memchr::memrchr(b'@', word).filter(|host| *host > slash)?;
    let of_user = |b: &u8| b.is_ascii_alphanumeric() || b"_-.$#".contains(b);
    let value = &word[slash + 1..host];
    let is_value = (3..=128).contains(&value.len())
        && !stands_in(value)
        && !is_weak(value)
        && value != &word[..slash]
        && (Sorts::of(value).digits > 0 || value.len() >= 6);
    (slash > 0 && word[..slash].iter().all(of_user) && is_value)
        .then_some(at + slash + 1..at + host)
}
