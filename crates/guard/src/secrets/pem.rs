//! Private keys between `-----BEGIN … PRIVATE KEY-----` and `-----END …`, in plain text, in strings
//! with `\n`, in literals over several lines, in diffs; and those whose end is missing.

use std::ops::Range;

use super::around::{backslashes, is_quote};
use crate::reading::OPAQUE_CHARACTER;

/// What a block begins with.
pub(super) const BEGIN_MARK: &str = "-----BEGIN ";

/// What stands before the private lines of PuTTY's files, and how many there are.
pub(super) const PUTTY_MARK: &str = "private-lines: ";

/// Bytes from a private key's beginning to its end: a key of 16,384 bits has 13,000.
pub(super) const MAX_BLOCK_BYTES: usize = 64 << 10;

/// Letters of base64 that a block must have to be a key rather than an example.
const MIN_KEY_BYTES: usize = 48;

/// Letters of base64 in a row that count for that.
const LONG_RUN_BYTES: usize = 24;

/// Letters of base64 in a row that are of a key, where it is known to be one.
const KNOWN_LABEL_BYTES: usize = 16;

/// Bytes between two lines of a key at most: quotes, line feeds, indentation, a number.
const MAX_GAP_BYTES: usize = 64;

/// Bytes of a key's headers together.
const MAX_HEADER_BYTES: usize = 256;

/// Letters of each line of PuTTY's but the last.
const PUTTY_LINE: usize = 64;

/// Bytes between the number of PuTTY's lines and the first of them.
const PUTTY_NUMBER_GAP: usize = 8;

/// The parts of a private key that begins at `at`, one for each string that it is written in, in order.
pub(super) fn find(text: &[u8], at: usize) -> Vec<Range<usize>> {
    let label = &text[at + BEGIN_MARK.len()..text.len().min(at + BEGIN_MARK.len() + 64)];
    let Some(dashes) = memchr::memmem::find(label, b"-----") else {
        return Vec::new();
    };
    let body = at + BEGIN_MARK.len() + dashes + 5;
    if memchr::memmem::find(&label[..dashes], b"PRIVATE KEY").is_none() {
        return Vec::new();
    }
    let end = end(text, body);
    if letters(&text[body..end]) < MIN_KEY_BYTES {
        return Vec::new();
    }
    strings(text, at..end)
}

/// The private lines of a key of PuTTY's, whose number is at `at`: so many lines of 64 letters, the
/// last of which may be shorter; fewer where the key is cut off.
pub(super) fn putty(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &text[at..text.len().min(at + MAX_BLOCK_BYTES)];
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let count: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let body = &rest[digits..];
    let mut lines = 0;
    let mut key: Option<Range<usize>> = None;
    for run in runs(body).take_while(|run| run.start < MAX_BLOCK_BYTES) {
        let gap = run.start - key.as_ref().map_or(0, |key| key.end);
        let most = if lines == 0 {
            PUTTY_NUMBER_GAP
        } else {
            MAX_GAP_BYTES
        };
        if lines == count || gap > most {
            break;
        }
        let is_whole = run.len() == PUTTY_LINE || (lines + 1 == count && run.len() < PUTTY_LINE);
        if !is_whole && lines > 0 && is_line_number(&body[run.clone()], gap) {
            continue;
        }
        let is_cut = run.len() < PUTTY_LINE && fills_line(body, &run);
        if is_whole || is_cut {
            key = Some(key.map_or(run.start, |key| key.start)..run.end);
            lines += 1;
        }
        if !is_whole {
            break;
        }
    }
    let key = key.filter(|key| letters(&body[key.clone()]) >= MIN_KEY_BYTES)?;
    Some(at + digits + key.start..at + digits + key.end)
}

/// Where the block ends whose body begins at `body`.
fn end(text: &[u8], body: usize) -> usize {
    let rest = &text[body..text.len().min(body + MAX_BLOCK_BYTES)];
    // Neither another block nor what is masked already is part of this one. The latter is looked for
    // only up to the former, since there may be as many blocks as there is text.
    let rest = up_to(up_to(rest, BEGIN_MARK), OPAQUE_CHARACTER);
    if let Some(found) = memchr::memmem::find(rest, b"-----END ") {
        let after = &rest[found + 9..rest.len().min(found + 9 + 64)];
        let dashes = memchr::memmem::find(after, b"-----").map_or(0, |dashes| dashes + 5);
        if is_body(&rest[..found]) {
            return body + found + 9 + dashes;
        }
    }
    body + key_lines(rest)
}

fn up_to<'t>(text: &'t [u8], mark: &str) -> &'t [u8] {
    &text[..memchr::memmem::find(text, mark.as_bytes()).unwrap_or(text.len())]
}

/// Whether what is between two marks is lines of base64: half of it at least, with no more between
/// them than headers of a key, or what a log puts before each line.
fn is_body(between: &[u8]) -> bool {
    let mut end = 0;
    let mut long = runs(between).filter(|run| run.len() >= LONG_RUN_BYTES);
    let is_dense = long.all(|run| {
        let gap = run.start - end;
        end = run.end;
        gap <= MAX_HEADER_BYTES
    });
    is_dense && between.len() - end <= MAX_HEADER_BYTES && letters(between) * 2 >= between.len()
}

/// Letters within runs of base64 that are long enough for a key.
fn letters(text: &[u8]) -> usize {
    runs(text)
        .map(|run| run.len())
        .filter(|length| *length >= LONG_RUN_BYTES)
        .sum()
}

/// The runs of base64 in a text, without the escapes of line feeds between them.
fn runs(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() && !is_base64(text[at]) {
            // However deep a line feed is escaped, its letter is none of the key's.
            at += backslashes(text, at) + 1;
        }
        let start = at.min(text.len());
        let run = text[start..].iter().take_while(|b| is_base64(**b)).count();
        at = start + run;
        (run > 0).then_some(start..start + run)
    })
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Bytes that look like lines of a key, where its end is missing.
fn key_lines(rest: &[u8]) -> usize {
    let mut end = 0;
    for run in runs(rest) {
        let gap = run.start - end;
        let word = &rest[run.clone()];
        if gap > MAX_GAP_BYTES {
            break;
        }
        if run.len() >= KNOWN_LABEL_BYTES || is_header(word) {
            end = run.end;
        } else if end == 0 && run.start < 200 || end > 0 && is_line_number(word, gap) {
            // Names of headers, and the numbers of lines.
        } else {
            // The last line is shorter, be it the key's last or one that is cut.
            let follows = gap <= 4 && rest[end..run.start].iter().any(|b| b"\n\\".contains(b));
            if end > 0 && follows && (fills_line(rest, &run) || is_last_line(word)) {
                end = run.end;
            }
            break;
        }
    }
    end
}

fn is_header(run: &[u8]) -> bool {
    matches!(run, b"Proc" | b"Type" | b"ENCRYPTED" | b"DEK" | b"Info")
}

/// Whether a run between lines of a key is the number of the next.
fn is_line_number(run: &[u8], gap: usize) -> bool {
    run.len() <= 6 && gap < 24 && run.iter().all(u8::is_ascii_digit)
}

/// Whether nothing stands after a run in its line, or in the string that it is the end of.
fn fills_line(text: &[u8], run: &Range<usize>) -> bool {
    let next = text.get(run.end);
    next.is_none_or(|next| is_quote(*next) || b"\r\n\\<".contains(next))
}

/// Whether a short run may be the last line of a key rather than a word of what follows.
fn is_last_line(run: &[u8]) -> bool {
    let letters = run.iter().any(u8::is_ascii_alphabetic);
    run.len() >= 4 && letters && run.iter().any(|b| !b.is_ascii_alphabetic())
}

/// The block without the quotes in it and what stands between strings.
fn strings(text: &[u8], block: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = block.start;
    let mut at = block.start;
    while at <= block.end {
        if at == block.end || is_quote(text[at]) {
            let mut end = at;
            if at < block.end {
                while end > start && text[end - 1] == b'\\' {
                    end -= 1;
                }
            }
            let part = start..end;
            let body = &text[part.clone()];
            let is_key = runs(body).any(|run| run.len() >= 16)
                || memchr::memmem::find(body, b"-----").is_some()
                || (at == block.end && runs(body).any(|run| run.len() >= 4));
            if is_key {
                parts.push(trimmed(text, part));
            }
            start = at + 1;
        }
        at += 1;
    }
    parts
}

/// A part without blanks and escaped line feeds around it.
fn trimmed(text: &[u8], mut part: Range<usize>) -> Range<usize> {
    while part.start < part.end && text[part.start].is_ascii_whitespace() {
        part.start += 1;
    }
    while part.start < part.end && text[part.end - 1].is_ascii_whitespace() {
        part.end -= 1;
    }
    part
}
