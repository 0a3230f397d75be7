//! Private keys between `-----BEGIN … PRIVATE KEY-----` and `-----END …`, in plain text, in strings
//! with `\n`, in literals over several lines, in diffs; and those whose end is missing.

use std::ops::Range;

use super::around::{backslashes, is_quote};

/// What a block begins with.
pub(super) const BEGIN: &str = "-----BEGIN ";

/// What stands before the private lines of PuTTY's files, and how many there are.
pub(super) const PUTTY: &str = "private-lines: ";

/// Bytes from a private key's beginning to its end: a key of 16,384 bits has 13,000.
pub(super) const BLOCK: usize = 64 << 10;

/// Letters of base64 that a block must have to be a key rather than an example.
const LEAST: usize = 48;

/// The parts of a private key that begins at `at`, one for each string that it is written in; and
/// where to go on looking.
pub(super) fn find(text: &[u8], at: usize) -> (Vec<Range<usize>>, usize) {
    let label = &text[at + BEGIN.len()..text.len().min(at + BEGIN.len() + 64)];
    let Some(dashes) = memchr::memmem::find(label, b"-----") else {
        return (Vec::new(), at + BEGIN.len());
    };
    let body = at + BEGIN.len() + dashes + 5;
    if memchr::memmem::find(&label[..dashes], b"PRIVATE KEY").is_none() {
        return (Vec::new(), body);
    }
    let end = end(text, body);
    if letters(&text[body..end]) < LEAST {
        return (Vec::new(), body);
    }
    (strings(text, at..end), end)
}

/// The private lines of a key of PuTTY's, whose number is at `at`.
pub(super) fn putty(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &text[at..text.len().min(at + BLOCK)];
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let lines: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let mut runs = runs(&rest[digits..]).take(lines.min(1 << 10));
    let first = runs.next()?;
    let last = runs.last().unwrap_or_else(|| first.clone());
    let (start, end) = (digits + first.start, digits + last.end);
    (first.start < 8 && letters(&rest[start..end]) >= LEAST).then_some(at + start..at + end)
}

/// Where the block ends whose body begins at `body`.
fn end(text: &[u8], body: usize) -> usize {
    let rest = &text[body..text.len().min(body + BLOCK)];
    let rest = &rest[..memchr::memmem::find(rest, b"-----BEGIN ").unwrap_or(rest.len())];
    if let Some(found) = memchr::memmem::find(rest, b"-----END ") {
        let after = &rest[found + 9..rest.len().min(found + 9 + 64)];
        let dashes = memchr::memmem::find(after, b"-----").map_or(0, |dashes| dashes + 5);
        if is_body(&rest[..found]) {
            return body + found + 9 + dashes;
        }
    }
    body + key_lines(rest)
}

/// Whether most of what is between two marks is base64.
fn is_body(between: &[u8]) -> bool {
    letters(between) * 10 >= between.len() * 5
}

/// Letters within runs of base64 that are long enough for a key.
fn letters(text: &[u8]) -> usize {
    runs(text)
        .map(|run| run.len())
        .filter(|length| *length >= 24)
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
        let gap = run.start.saturating_sub(end);
        let known = run.len() >= 16 || is_header(&rest[run.clone()]);
        // Between two lines stand at most quotes, line feeds, indentation or a number; after the
        // last there may be a shorter one.
        if gap > 64
            || (!known
                && (end == 0 || gap > 4 || run.len() < 4 || !is_last_line(&rest[run.clone()])))
        {
            if end > 0
                && run.len() <= 6
                && gap < 24
                && rest[run.clone()].iter().all(u8::is_ascii_digit)
            {
                continue;
            }
            if end == 0 && gap < 64 && run.len() < 16 && run.start < 200 {
                continue;
            }
            break;
        }
        end = run.end;
    }
    end
}

fn is_header(run: &[u8]) -> bool {
    matches!(run, b"Proc" | b"Type" | b"ENCRYPTED" | b"DEK" | b"Info")
}

/// Whether a short run may be the last line of a key rather than a word of what follows.
fn is_last_line(run: &[u8]) -> bool {
    let letters = run.iter().any(u8::is_ascii_alphabetic);
    letters && run.iter().any(|b| !b.is_ascii_alphabetic())
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
