//! The values of a Kubernetes secret, in YAML or JSON: `kind: Secret` and what stands under `data` and
//! `stringData` beside it, in whatever order the keys are.

use std::ops::Range;

use super::around::{backslashes, is_quote};
use super::value::{Sorts, is_weak, stands_in};

mod lines;

use lines::{Line, Lines};

/// How the kind is written, in lower case.
pub(super) const SECRET_KINDS: &[&str] = &[
    "kind: secret",
    "kind: \"secret",
    "kind: 'secret",
    "kind\": \"secret",
    "kind\":\"secret",
    "kind\\\": \\\"secret",
    "kind\\\":\\\"secret",
    "kind\\\\\\\":\\\\\\\"secret",
];

/// Bytes before the kind and after it that belong to a secret.
pub(super) const MAX_BYTES_BEHIND: usize = 1024;
/// See [`MAX_BYTES_BEHIND`].
pub(super) const MAX_BYTES_AHEAD: usize = 4096;

/// What a secret's values stand under, the first in base64.
const DATA_KEYS: [&[u8]; 2] = [b"data", b"stringData"];

/// Bytes of a value at least: of base64, and of plain text.
const MIN_ENCODED_BYTES: usize = 8;
const MIN_PLAIN_BYTES: usize = 5;

/// Keys of plain values that tell who and where rather than a secret.
#[rustfmt::skip]
const OPEN_KEYS: &[&[u8]] = &[
    b"username", b"user", b"host", b"hostname", b"port", b"database", b"dbname", b"db", b"type", b"name", b"namespace",
    b"region", b"endpoint", b"server", b"email", b"project", b"url", b"engine", b"bucket", b"realm",
];

/// How a certificate begins in base64: what all may read.
const CERTIFICATE_START: &[u8] = b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR";

/// The values of the secret whose kind is at `hit`, as far as they stand after `done`, up to which
/// those of kinds before it were looked for; and up to where they are looked for now.
pub(super) fn find(text: &[u8], hit: &Range<usize>, done: usize) -> (Vec<Range<usize>>, usize) {
    // `SecretStore`, `SecretList`
    let is_other = text.get(hit.end).is_some_and(u8::is_ascii_alphanumeric);
    if is_other || hit.start < done {
        return (Vec::new(), done);
    }
    let end = text.len().min(hit.end + MAX_BYTES_AHEAD);
    let start = done
        .max(hit.start.saturating_sub(MAX_BYTES_BEHIND))
        .min(hit.start);
    let mut values = Vec::new();
    let kind = text[hit.start..hit.end].get(4).copied();
    let read = if kind == Some(b':') {
        in_lines(text, hit.start, start..end, &mut values)
    } else {
        in_braces(text, hit.start, start..end, &mut values)
    };
    (values, read.max(hit.end))
}

/// The values of a secret in YAML; returns where the secret ends.
fn in_lines(
    text: &[u8],
    kind: usize,
    within: Range<usize>,
    values: &mut Vec<Range<usize>>,
) -> usize {
    let lines = Lines::around(text, kind, within);
    let Some(own) = lines.all.iter().position(|line| line.contains(kind)) else {
        return kind;
    };
    let column = lines.all[own].column;
    let (first, last) = object(text, &lines.all, own);
    let end = lines.all[last - 1].end;
    let mut at = first;
    while at < last {
        let line = &lines.all[at];
        at += 1;
        let Some(key) = line.key(text).filter(|_| line.column == column) else {
            continue;
        };
        let Some(nth) = DATA_KEYS
            .iter()
            .position(|data| *data == &text[key.clone()])
        else {
            continue;
        };
        let rest = line.after_key(text, &key);
        if text[rest.clone()].starts_with(b"{") {
            fields(text, rest.start + 1, rest.end, nth == 0, values);
            continue;
        }
        let children = lines.all[at..last].iter();
        let count = children
            .take_while(|line| line.is_blank || line.column > column)
            .count();
        entries(text, &lines.all[at..at + count], nth == 0, values);
        at += count;
    }
    end
}

/// The lines of the object that a line is part of: from the first to behind the last.
fn object(text: &[u8], lines: &[Line], own: usize) -> (usize, usize) {
    let column = lines[own].column;
    let is_inside = |line: &&Line| line.is_blank || line.column >= column;
    let is_kind = |line: &Line, keys: &[&[u8]]| {
        let key = line.key(text).filter(|_| line.column == column);
        key.is_some_and(|key| keys.contains(&&text[key]))
    };
    // A dash begins another entry of a list: no line before it belongs to this.
    let mut first = own;
    if !lines[own].has_dash {
        for line in lines[..own].iter().rev().take_while(is_inside) {
            if is_kind(line, &[b"kind"]) {
                break;
            }
            first -= 1;
            if line.has_dash && line.column == column {
                break;
            }
        }
    }
    let is_next = |line: &&Line| {
        !is_inside(line)
            || line.has_dash && line.column == column
            || is_kind(line, &[b"kind", b"apiVersion"])
                && lines[first..own]
                    .iter()
                    .any(|line| is_kind(line, &[b"apiVersion"]))
            || is_kind(line, &[b"kind"])
    };
    let after = lines[own + 1..].iter().take_while(|line| !is_next(line));
    (first, own + 1 + after.count())
}

/// The values of lines of which each has a key, or continues the value before it.
fn entries(text: &[u8], lines: &[Line], is_encoded: bool, values: &mut Vec<Range<usize>>) {
    let Some(column) = lines
        .iter()
        .find(|line| !line.is_blank)
        .map(|line| line.column)
    else {
        return;
    };
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        at += 1;
        let Some(key) = line.key(text).filter(|_| line.column == column) else {
            continue;
        };
        let rest = line.after_key(text, &key);
        let name = &text[key];
        let inner = lines[at..].iter();
        let count = inner
            .take_while(|line| line.is_blank || line.column > column)
            .count();
        let block = &lines[at..at + count];
        at += count;
        let filled: Vec<&Line> = block.iter().filter(|line| !line.is_blank).collect();
        match (text[rest.clone()].first(), filled.first(), filled.last()) {
            (None | Some(b'|' | b'>'), Some(first), Some(last)) => {
                let value = first.start..last.end;
                push(text, name, value, is_encoded, true, values);
            }
            (Some(_), ..) => {
                let value = unquoted(text, rest);
                push(text, name, value, is_encoded, false, values);
            }
            _ => {}
        }
    }
}

/// Without its quotes, or a remark behind it.
fn unquoted(text: &[u8], range: Range<usize>) -> Range<usize> {
    let escape = backslashes(text, range.start);
    let open = range.start + escape;
    if let Some(quote) = text[..range.end]
        .get(open)
        .copied()
        .filter(|b| is_quote(*b))
    {
        let close = memchr::memrchr(quote, &text[open + 1..range.end]);
        let end = close.map_or(range.end, |close| open + 1 + close);
        return open + 1..end.saturating_sub(escape).max(open + 1);
    }
    let remark = memchr::memmem::find(&text[range.clone()], b" #");
    range.start..remark.map_or(range.end, |remark| range.start + remark)
}

fn push(
    text: &[u8],
    key: &[u8],
    value: Range<usize>,
    is_encoded: bool,
    is_block: bool,
    values: &mut Vec<Range<usize>>,
) {
    let own = &text[value.clone()];
    let sorts = Sorts::of(own);
    let is_open = OPEN_KEYS.iter().any(|open| key.eq_ignore_ascii_case(open));
    let fits = if is_encoded {
        let of_base64 = |b: &u8| {
            b.is_ascii_alphanumeric()
                || b"+/=".contains(b)
                || b.is_ascii_whitespace()
                || (is_block && b"\\nr".contains(b))
        };
        own.len() >= MIN_ENCODED_BYTES
            && own.iter().all(of_base64)
            && !own.starts_with(CERTIFICATE_START)
    } else {
        own.len() >= MIN_PLAIN_BYTES
            && !is_open
            && !is_weak(own)
            && (sorts.digits > 0 || own.len() >= 8)
    };
    if fits && (is_block || !stands_in(own)) && !own.is_empty() {
        values.push(value);
    }
}

/// The values of a secret in JSON; returns where the secret ends.
fn in_braces(
    text: &[u8],
    kind: usize,
    within: Range<usize>,
    values: &mut Vec<Range<usize>>,
) -> usize {
    let mut depth = 0;
    let mut open = kind;
    while open > within.start {
        open -= 1;
        match text[open] {
            b'}' => depth += 1,
            b'{' if depth == 0 => break,
            b'{' => depth -= 1,
            _ => {}
        }
    }
    let mut depth = 0usize;
    let mut at = open + usize::from(text[open] == b'{');
    while at < within.end {
        match text[at] {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            quote if depth == 0 && is_quote(quote) => {
                let nth = DATA_KEYS.iter().position(|data| {
                    text[at + 1..].starts_with(data)
                        && text
                            .get(at + 1 + data.len())
                            .is_some_and(|b| is_quote(*b) || *b == b'\\')
                });
                if let Some(nth) = nth {
                    let rest = &text[at + 1 + DATA_KEYS[nth].len()..within.end];
                    let gap = rest
                        .iter()
                        .take_while(|b| b" \t\r\n\\\"':".contains(b) || **b == b'n')
                        .count();
                    let from = at + 1 + DATA_KEYS[nth].len() + gap;
                    if text.get(from) == Some(&b'{') {
                        at = fields(text, from + 1, within.end, nth == 0, values);
                        continue;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    within.end
}

/// The values of the fields of an object, flat as those of a secret are; and where they end.
fn fields(
    text: &[u8],
    mut at: usize,
    end: usize,
    is_encoded: bool,
    values: &mut Vec<Range<usize>>,
) -> usize {
    while at < end {
        at += skip_space(&text[at..end]);
        let Some((key, after)) = word(text, at, end) else {
            return at;
        };
        let colon = after + skip(&text[after..end], b" \t");
        if text.get(colon) != Some(&b':') {
            return colon;
        }
        let from = colon + 1 + skip_space(&text[colon + 1..end]);
        let Some((value, after)) = word(text, from, end) else {
            return from;
        };
        push(text, &text[key], value, is_encoded, false, values);
        at = after;
    }
    at
}

/// A string with its quotes, or what stands without them up to a sign of JSON; and where it ends.
fn word(text: &[u8], at: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let escape = backslashes(text, at);
    let open = at + escape;
    let quote = text[..end].get(open).copied().filter(|b| is_quote(*b));
    let Some(quote) = quote else {
        let rest = text.get(at..end)?;
        let length = rest.iter().position(|b| b" \t\r\n,}{:\\\"".contains(b));
        let length = length.unwrap_or(rest.len());
        return (length > 0).then_some((at..at + length, at + length));
    };
    let mut place = open + 1;
    while place < end {
        let run = backslashes(text, place);
        match text.get(place + run) {
            Some(byte) if *byte == quote && run <= escape => {
                return Some((open + 1..place, place + run + 1));
            }
            _ => place += run + 1,
        }
    }
    None
}

/// Bytes of blanks, commas and line feeds, escaped ones too.
fn skip_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [b' ' | b'\t' | b'\r' | b'\n' | b',', ..] => at += 1,
            [b'\\', b'n' | b'r' | b't', ..] => at += 2,
            [b'\\', b'\\', b'n' | b'r' | b't', ..] => at += 3,
            _ => break,
        }
    }
    at
}

fn skip(bytes: &[u8], over: &[u8]) -> usize {
    bytes.iter().take_while(|b| over.contains(b)).count()
}

/// Where in the last bytes of a text `data` stands as a key of what a kind that is still to come would
/// make a secret's.
pub(super) fn open(text: &[u8]) -> Option<usize> {
    let most = MAX_BYTES_BEHIND + SECRET_KINDS[0].len() + 1;
    let near = text.len().saturating_sub(most);
    let mut places = memchr::memmem::find_iter(&text[near..], b"ata").map(|at| near + at);
    places.find_map(|at| {
        let start = match text[..at].last() {
            Some(b'd') => at - 1,
            Some(b'D') if text[..at].ends_with(b"stringD") => at - 7,
            _ => return None,
        };
        let is_word = text[..start]
            .last()
            .is_none_or(|b| !b.is_ascii_alphanumeric());
        (is_word && may_hold_values(&text[at + 3..])).then_some(start)
    })
}

/// Whether what follows `data` begins an object or a block of lines, as far as there is text.
fn may_hold_values(rest: &[u8]) -> bool {
    let gap = skip(rest, b" \t\\\"'");
    match rest.get(gap) {
        None => true,
        Some(b':') => {
            let rest = &rest[gap + 1..];
            matches!(
                rest.get(skip(rest, b" \t")),
                None | Some(b'\n' | b'\r' | b'\\' | b'{')
            )
        }
        Some(_) => false,
    }
}
