//! Finds the value that is given to a name: `NAME=value`, `"name": "value"`, `name => 'value'`,
//! `--name value`, `<name>value</name>`, `name := "value"`, `the name is value`, at whatever depth of
//! JSON within JSON.

use std::ops::Range;

use super::around::{backslashes, escape_before, is_quote, skip_blanks};

/// Bytes of a name on either side of the word that it was found by.
pub(super) const MAX_NAME_BYTES: usize = 64;

/// Bytes between a name and its value: types, blanks, quotes and what assigns.
pub(super) const MAX_GAP_BYTES: usize = 160;

/// Bytes of a value that are looked at.
pub(super) const MAX_VALUE_BYTES: usize = 2048;

/// Bytes of a value without quotes from which on names within it are taken for a part of it.
pub(super) const LONG_VALUE_BYTES: usize = 512;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In quotes.
    Quoted,
    /// After `=`, without quotes.
    Equals,
    /// After `:`, without quotes.
    Colon,
    /// After a comma, as the next argument.
    Listed,
    /// After a blank that follows `--name`.
    Flag,
    /// Between tags.
    Tagged,
    /// In a sentence: the name is …
    Prose,
    /// After nothing but a blank.
    Blank,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub style: Style,
}

/// What is assigned to the name that has `hit` in it.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Assignment> {
    let name = name(text, hit);
    let (at, style) = operator(text, &name)?;
    let (value, style) = value(text, at, style)?;
    Some(Assignment { name, value, style })
}

/// The whole name that has `hit` in it.
pub(super) fn name(text: &[u8], hit: Range<usize>) -> Range<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = text[..hit.start].iter().rev().take(MAX_NAME_BYTES);
    let mut start = hit.start - before.take_while(|b| is_part(b)).count();
    // What follows a backslash is the rest of an escape, not of a name.
    if start > 0 && text[start - 1] == b'\\' && start < hit.start {
        start += 1;
        if text[start - 1] == b'u' && hit.start >= start + 4 && escape_before(text, start + 4) == 6
        {
            start += 4;
        }
    }
    let after = text[hit.end..].iter().take(MAX_NAME_BYTES);
    let mut end = hit.end + after.take_while(|b| is_part(b)).count();
    while end > hit.end && matches!(text[end - 1], b'-' | b'.') {
        end -= 1;
    }
    start..end
}

/// Skips what may close a name: quotes and brackets. Returns where, and whether there was a quote.
fn close_name(text: &[u8], mut at: usize) -> (usize, bool) {
    let mut quoted = false;
    loop {
        let escape = backslashes(text, at);
        match text.get(at + escape) {
            Some(byte) if is_quote(*byte) => {
                quoted = true;
                at += escape + 1;
            }
            Some(b']' | b')' | b'*') if escape == 0 => at += 1,
            _ => return (at, quoted),
        }
    }
}

/// Where the value may begin, after what assigns it.
fn operator(text: &[u8], name: &Range<usize>) -> Option<(usize, Style)> {
    let (mut at, quoted) = close_name(text, name.end);
    let closed = at;
    at = skip_blanks(text, at, 32);
    if let Some(found) = sign(text, at, quoted) {
        return Some(found);
    }
    if quoted || text.get(name.end) == Some(&b'>') {
        return paired(text, closed);
    }
    if at == closed {
        return paired(text, closed);
    }
    words(text, name, at).or_else(|| paired(text, closed))
}

/// A sign that assigns, at `at`.
fn sign(text: &[u8], at: usize, quoted: bool) -> Option<(usize, Style)> {
    let rest = &text[at..text.len().min(at + 6)];
    let length = rest
        .iter()
        .take_while(|b| b"=:>?|+.~!-&".contains(b))
        .count();
    if let Some(found) = escaped_sign(text, at) {
        return Some(found);
    }
    let style = match &rest[..length] {
        b"=" | b":=" | b"::=" | b":::=" | b"?=" | b"??=" | b"||=" | b"|=" | b"+=" | b".="
        | b"==" | b"===" | b"!=" | b"!==" | b"=>" | b"~>" | b"->" | b"||" | b"??" | b"&=" => {
            Style::Equals
        }
        b":" => Style::Colon,
        b">" => Style::Tagged,
        [b'>', ..] => return Some((at + 1, Style::Tagged)),
        // `NAME=-value`, `name: -value`
        [b'=', ..] => return Some((at + 1, Style::Equals)),
        [b':', b'-' | b'.', ..] => return Some((at + 1, Style::Colon)),
        b"" if quoted && rest.first() == Some(&b',') => return Some((at + 1, Style::Listed)),
        _ => return None,
    };
    let after = at + length;
    if style == Style::Colon {
        return Some((typed(text, after).unwrap_or(after), style));
    }
    Some((after, style))
}

/// A sign that is written as an escape.
fn escaped_sign(text: &[u8], at: usize) -> Option<(usize, Style)> {
    let signs = [
        (&b"%3D"[..], Style::Equals),
        (b"%3d", Style::Equals),
        (b"\\u003d", Style::Equals),
        (b"\\u003e", Style::Tagged),
    ];
    let found = signs.iter().find(|(sign, _)| text[at..].starts_with(sign));
    found.map(|(sign, style)| (at + sign.len(), *style))
}

/// Skips a type: `: &'static str =`, `: string =`.
fn typed(text: &[u8], at: usize) -> Option<usize> {
    let start = skip_blanks(text, at, 4);
    let rest = &text[start..text.len().min(start + 48)];
    if !rest
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'&')
    {
        return None;
    }
    let is_type = |b: &u8| b.is_ascii_alphanumeric() || b" _&<>[]'.?|:".contains(b);
    let length = rest.iter().take_while(|b| is_type(b)).count();
    let assigns = rest.get(length) == Some(&b'=') && !rest[..length].contains(&b'/');
    let after = skip_blanks(text, start + length + 1, 4);
    let literal = text.get(after).is_some_and(|b| is_quote(*b));
    (assigns && literal).then_some(after)
}

/// Words between a name and its value: `apiKey string = "…"`, `API key = …`, `password is …`,
/// `--password …`.
fn words(text: &[u8], name: &Range<usize>, at: usize) -> Option<(usize, Style)> {
    let is_word =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || *b >= 128;
    let before = &text[name.start.saturating_sub(1)..=name.start];
    if before.contains(&b'-') {
        return Some((at, Style::Flag));
    }
    let mut place = at;
    for _ in 0..4 {
        let rest = &text[place..text.len().min(place + 24)];
        let length = rest.iter().take_while(|b| is_word(b)).count();
        if length == 0 {
            break;
        }
        let is_verb = matches!(
            &rest[..length],
            b"is" | b"was" | b"are" | b"ist" | b"lautet" | b"est" | b"es" | b"to" | b"war"
        );
        let (closed, quoted) = close_name(text, place + length);
        let after = skip_blanks(text, closed, 4);
        if is_verb {
            let after = if text.get(after) == Some(&b':') {
                after + 1
            } else {
                after
            };
            return (after > place + length).then_some((after, Style::Prose));
        }
        if let Some(found) = sign(text, after, quoted) {
            return Some(found);
        }
        if after == place + length {
            break;
        }
        place = after;
    }
    Some((at, Style::Blank))
}

/// The value of an entry whose name stands in a field of its own: `name: X` and `value: …` on the
/// next line, `key="X" value="…"`.
fn paired(text: &[u8], at: usize) -> Option<(usize, Style)> {
    let mut place = at;
    let end = text.len().min(at + 64);
    let is_gap = |b: &u8| b.is_ascii_whitespace() || b"\\nr\"',;.-".contains(b);
    while place < end && is_gap(&text[place]) {
        place += 1;
    }
    let word = text.get(place..place + 5)?;
    if !word.eq_ignore_ascii_case(b"value") || place == at {
        return None;
    }
    let (closed, quoted) = close_name(text, place + 5);
    sign(text, skip_blanks(text, closed, 8), quoted)
}

/// The value that begins at `at` or after blanks.
fn value(text: &[u8], at: usize, mut style: Style) -> Option<(Range<usize>, Style)> {
    let mut at = skip_space(text, at, style);
    at = skip_wrapper(text, at);
    let escape = backslashes(text, at);
    if text.get(at + escape).is_some_and(|b| is_quote(*b)) {
        let start = at + escape + 1;
        let value = quoted(text, start, escape)?;
        return Some((
            value,
            if style == Style::Prose {
                style
            } else {
                Style::Quoted
            },
        ));
    }
    if escape > 0 || style == Style::Listed {
        return None;
    }
    if style == Style::Blank && text.get(at) == Some(&b'-') {
        return None;
    }
    let end = if style == Style::Tagged {
        let rest = &text[at..text.len().min(at + MAX_VALUE_BYTES)];
        let end = rest.iter().position(|b| b"<>\\\n\r\"".contains(b));
        at + end.unwrap_or(rest.len())
    } else {
        plain_end(text, at)
    };
    let closed = text[end..].starts_with(b"<") || text[end..].starts_with(b"\\u003c");
    if style == Style::Tagged && !closed {
        style = Style::Blank;
    }
    (end > at).then_some((at..end, style))
}

/// Blanks, a line's continuation, and for tags and blocks a new line.
fn skip_space(text: &[u8], at: usize, style: Style) -> usize {
    let mut at = skip_blanks(text, at, 64);
    while text.get(at) == Some(&b'*') {
        at += 1;
    }
    at = skip_blanks(text, at, 8);
    let rest = &text[at.min(text.len())..];
    // `|` and `>` begin a block of YAML.
    let block = style == Style::Colon && matches!(rest, [b'|' | b'>', ..]);
    let mut place = at
        + if block {
            rest.iter()
                .take(2)
                .take_while(|b| b"|>-+".contains(b))
                .count()
        } else {
            0
        };
    let breaks: [&[u8]; 5] = [b"\\\n", b"\\\r\n", b"\\\\\\n", b"\\\\\n", b"\\\\n"];
    let newlines: [&[u8]; 3] = [b"\n", b"\r\n", b"\\n"];
    let continued = breaks.iter().find(|mark| text[place..].starts_with(mark));
    let new = newlines.iter().find(|mark| text[place..].starts_with(mark));
    let new = new.filter(|_| block || style == Style::Tagged);
    if let Some(mark) = continued.or(new) {
        place += mark.len();
        return skip_blanks(text, place, 32);
    }
    at
}

/// Skips what wraps a literal: `b"`, `f"`, `String::from(`, `SecretStr(`.
fn skip_wrapper(text: &[u8], at: usize) -> usize {
    let rest = &text[at..text.len().min(at + 40)];
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.');
    let length = rest.iter().take_while(|b| is_name(b)).count();
    let name = &rest[..length];
    let next = rest.get(length).copied().unwrap_or_default();
    if length == 0 {
        // `@"…"`, `$"…"`
        let prefixed = matches!(rest, [b'@' | b'$', b'"' | b'\'', ..]);
        return at + usize::from(prefixed);
    }
    if length <= 2 && is_quote(next) && name.iter().all(|b| b"rbfuRBFUL".contains(b)) {
        return at + length;
    }
    let wraps = [
        &b"from"[..],
        b"new",
        b"Some",
        b"SecretStr",
        b"SecretString",
        b"String",
        b"str",
        b"bytes",
    ];
    let after = rest.get(length + 1).copied().unwrap_or_default();
    let called = next == b'(' && is_quote(after) && wraps.iter().any(|wrap| name.ends_with(wrap));
    if called { at + length + 1 } else { at }
}

/// What a call has as its second argument, if both are literals: `auth=('user', 'password')`.
pub(super) fn second(text: &[u8], at: usize) -> Option<Range<usize>> {
    let (_, end) = literal(text, at)?;
    let comma = skip_blanks(text, end, 4);
    if text.get(comma) != Some(&b',') {
        return None;
    }
    Some(literal(text, skip_blanks(text, comma + 1, 4))?.0)
}

/// A literal at `at`, and where it ends with its quotes.
fn literal(text: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let escape = backslashes(text, at);
    let start = at + escape + 1;
    is_quote(*text.get(start - 1)?).then_some(())?;
    let value = quoted(text, start, escape)?;
    let end = value.end + escape + 1;
    Some((value, end))
}

/// What stands between quotes: to the quote that has as many backslashes before it as the first, and
/// never over a line.
fn quoted(text: &[u8], start: usize, escape: usize) -> Option<Range<usize>> {
    let quote = text[start - 1];
    let limit = text.len().min(start + MAX_VALUE_BYTES);
    let mut at = start;
    while at < limit {
        match text[at] {
            b'\n' | b'\r' => return None,
            // It may be the end of what the quotes themselves stand in.
            b'"' if quote != b'"' => return None,
            byte if byte == quote => return (at > start).then_some(start..at),
            b'\\' => {
                let run = backslashes(text, at);
                let next = text.get(at + run).copied();
                if next == Some(quote) {
                    // One more level of JSON doubles the backslashes before a quote and adds one: of
                    // `run` so many belong to the quote, the others to the value.
                    let closes = run % (2 * (escape + 1)) == escape;
                    if closes || run < escape {
                        let end = at + if closes { run - escape } else { 0 };
                        return (end > start).then_some(start..end);
                    }
                }
                if next == Some(b'"') && quote != b'"' {
                    return None;
                }
                // A line feed or a blank in disguise, or the end of what the quotes are in.
                if matches!(next, Some(b'n' | b'r' | b't') | None) || (run < escape && run % 2 == 1)
                {
                    return None;
                }
                at += run + 1;
            }
            _ => at += 1,
        }
    }
    None
}

/// Where a value without quotes ends.
fn plain_end(text: &[u8], start: usize) -> usize {
    let limit = text.len().min(start + MAX_VALUE_BYTES);
    let mut at = start;
    let mut depth = 0usize;
    while at < limit {
        let byte = text[at];
        match byte {
            _ if byte.is_ascii_whitespace() || is_quote(byte) => break,
            b'\\' | b'<' | b'>' => break,
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' if depth == 0 => break,
            b')' | b'}' | b']' => depth -= 1,
            b',' | b';' | b'&' | b'|' => {
                let next = text.get(at + 1).copied().unwrap_or(b' ');
                if byte == b'&'
                    || byte == b';'
                    || next.is_ascii_whitespace()
                    || is_quote(next)
                    || next == b'\\'
                {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    while at > start && matches!(text[at - 1], b',' | b';' | b':' | b'*') {
        at -= 1;
    }
    at
}
