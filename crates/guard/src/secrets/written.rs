//! How a name ends, what assigns a value to it, and where that value is.

use std::ops::Range;

use super::around::{backslashes, is_quote, skip_blanks};
use super::ends::{MAX_VALUE_BYTES, plain_end, quoted};

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

/// Skips what may close a name: quotes and brackets. Returns where, and whether there was a quote.
pub(super) fn close_name(text: &[u8], mut at: usize) -> (usize, bool) {
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

/// A sign that assigns, at `at`.
pub(super) fn sign(text: &[u8], at: usize, quoted: bool) -> Option<(usize, Style)> {
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

/// The value that begins at `at` or after blanks.
pub(super) fn value(text: &[u8], at: usize, mut style: Style) -> Option<(Range<usize>, Style)> {
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
    if style == Style::Equals
        && let Some(value) = braced(text, at)
    {
        return Some((value, Style::Quoted));
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

/// A value of a connection string in braces: `Pwd={a;b}`. What could be a name in them is a variable, and a quotation mark
/// ends the string that it stands in.
fn braced(text: &[u8], at: usize) -> Option<Range<usize>> {
    let inner = text.get(at..)?.strip_prefix(b"{")?;
    let inner = &inner[..inner.len().min(128)];
    let end = inner
        .iter()
        .position(|b| matches!(b, b'}' | b'"') || b.is_ascii_whitespace())?;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_.()[]:{$'".contains(b);
    let follows = text
        .get(at + end + 2)
        .is_none_or(|b| b";\"'\\\r\n".contains(b));
    let is_value = inner[end] == b'}' && follows && !inner[..end].iter().all(is_name);
    is_value.then_some(at + 1..at + 1 + end)
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
