//! Finds the value that is given to a name: `NAME=value`, `"name": "value"`, `name => 'value'`,
//! `--name value`, `<name>value</name>`, `name := "value"`, `the name is value`, at whatever depth of
//! JSON within JSON.

use std::ops::Range;

use super::around::{backslashes, escape_before, is_quote, skip_blanks};
use super::ends::{MAX_VALUE_BYTES, plain_end, quoted};
use super::written::{Style, close_name, sign, value};
use super::{pairs, verbs};

/// Bytes of a name on either side of the word that it was found by.
pub(super) const MAX_NAME_BYTES: usize = 64;

/// Bytes between a name and its value: types, blanks, quotes and what assigns.
pub(super) const MAX_GAP_BYTES: usize = 160;

/// Bytes of a value without quotes from which on names within it are taken for a part of it.
pub(super) const LONG_VALUE_BYTES: usize = 512;

/// Bytes of a line before the name of a variable: `export`, and an indent.
const MAX_KEYWORD_BYTES: usize = 32;

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
    let (mut value, style) = value(text, at, style)?;
    if style == Style::Equals && is_variable(text, &name) {
        value.end = past_parameters(text, value.clone());
    }
    Some(Assignment { name, value, style })
}

/// Whether a name is a variable's, at the start of a line or after `export`, rather than that of a parameter.
fn is_variable(text: &[u8], name: &Range<usize>) -> bool {
    let near = &text[name.start.saturating_sub(MAX_KEYWORD_BYTES)..name.start];
    let line_end = memchr::memrchr(b'\n', near);
    if line_end.is_none() && near.len() == MAX_KEYWORD_BYTES {
        return false;
    }
    let before = near[line_end.map_or(0, |at| at + 1)..].trim_ascii();
    let is_own = matches!(
        before,
        b"" | b"export" | b"set" | b"ENV" | b"-" | b"-e" | b"+"
    );
    // `user=…&password=…` in the body of a form.
    is_own
        && text[name.clone()]
            .iter()
            .any(|b| b.is_ascii_uppercase() || *b == b'.')
}

/// The end of a value that parameters seem to follow: `PASSWORD=ab&cd=ef` of a variable is one value.
fn past_parameters(text: &[u8], value: Range<usize>) -> usize {
    let mut end = value.end;
    while text.get(end) == Some(&b'&') && end - value.start < MAX_VALUE_BYTES {
        let next = plain_end(text, end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    end
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

/// Where the value may begin, after what assigns it.
fn operator(text: &[u8], name: &Range<usize>) -> Option<(usize, Style)> {
    let (mut at, quoted) = close_name(text, name.end);
    at = inflected(text, at);
    let closed = at;
    if quoted {
        let aside = pairs::beside(text, closed).or_else(|| pairs::default(text, name, closed));
        if aside.is_some() {
            return aside;
        }
    }
    at = skip_blanks(text, at, 32);
    if let Some(found) = sign(text, at, quoted) {
        return Some(found);
    }
    let particle = verbs::particle(&text[at..]);
    if particle > 0 && !quoted {
        at = skip_blanks(text, at + particle, 4);
        let colon = usize::from(text.get(at) == Some(&b':'));
        return Some((at + colon, Style::Prose));
    }
    if quoted || text.get(name.end) == Some(&b'>') {
        return pairs::beside(text, closed);
    }
    if at == closed {
        return pairs::beside(text, closed);
    }
    words(text, name, at).or_else(|| pairs::beside(text, closed))
}

/// Where the ending of a word ends that isn't written in ASCII: `пароля`, `şifrem`; what leads to a value
/// at once is none.
fn inflected(text: &[u8], at: usize) -> usize {
    let rest = &text[at..text.len().min(at + 12)];
    let wide = rest.iter().take_while(|b| **b >= 128).count();
    let is_ending = (0xc3..=0xdb).contains(&rest.first().copied().unwrap_or(0));
    if is_ending && at + wide < text.len() && wide < 12 {
        at + wide
    } else {
        at
    }
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
    for _ in 0..5 {
        let rest = &text[place..text.len().min(place + 40)];
        let length = rest.iter().take_while(|b| is_word(b)).count();
        if length == 0 {
            break;
        }
        let is_verb = verbs::is_verb(&rest[..length]) && !leads_to_a_word(text, place + length);
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

/// Whether a word of letters alone follows, as no value in a sentence is.
fn leads_to_a_word(text: &[u8], at: usize) -> bool {
    let start = skip_blanks(text, at, 4);
    let rest = text[start.min(text.len())..].iter().take(40);
    let length = rest
        .take_while(|b| b.is_ascii_alphabetic() || **b >= 128)
        .count();
    let next = text.get(start + length).copied().unwrap_or(b'.');
    length > 0 && (next == b' ' || next == b':')
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
