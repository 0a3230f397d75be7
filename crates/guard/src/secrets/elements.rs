//! The values of a list that is assigned to a name: `api_tokens = ["…", "…"]`, or a line with a dash for each.

use std::ops::Range;

use super::around::{backslashes, is_quote, skip_blanks};
use super::ends::{MAX_VALUE_BYTES, plain_end, quoted};
use super::written::{Style, close_name, sign};

/// Values of a list that are looked at.
const MAX_VALUES: usize = 32;

/// The values of the list that follows a name, and how they are written.
pub(super) fn find(text: &[u8], name_end: usize) -> Option<(Vec<Range<usize>>, Style)> {
    let (closed, is_quoted) = close_name(text, name_end);
    let (at, style) = sign(text, skip_blanks(text, closed, 8), is_quoted)?;
    if !matches!(style, Style::Equals | Style::Colon) {
        return None;
    }
    let at = skip_blanks(text, at, 8);
    let limit = text.len().min(at + MAX_VALUE_BYTES);
    match text.get(at)? {
        b'[' | b'(' | b'{' => Some((in_brackets(text, at + 1, limit), Style::Quoted)),
        b'\n' | b'\r' | b'\\' if style == Style::Colon => {
            Some((in_lines(text, at, limit), Style::Colon))
        }
        _ => None,
    }
}

/// Strings with commas between them, over lines or not.
fn in_brackets(text: &[u8], mut at: usize, limit: usize) -> Vec<Range<usize>> {
    let mut values = Vec::new();
    while values.len() < MAX_VALUES {
        at = skip_space(text, at, limit);
        let escape = backslashes(text, at);
        if !text.get(at + escape).is_some_and(|b| is_quote(*b)) {
            break;
        }
        let Some(value) = quoted(text, at + escape + 1, escape) else {
            break;
        };
        at = skip_space(text, value.end + escape + 1, limit);
        values.push(value);
        // A key of an object is none of its values.
        match text.get(at) {
            Some(b',') => at += 1,
            Some(b':' | b'=') => {
                values.pop();
                break;
            }
            _ => break,
        }
    }
    values
}

/// Lines that begin with a dash.
fn in_lines(text: &[u8], mut at: usize, limit: usize) -> Vec<Range<usize>> {
    let mut values = Vec::new();
    while values.len() < MAX_VALUES {
        let dash = skip_space(text, at, limit);
        if dash == at || !text[dash..limit].starts_with(b"- ") {
            break;
        }
        let from = skip_blanks(text, dash + 2, 8);
        let value = match text.get(from) {
            Some(quote) if is_quote(*quote) => quoted(text, from + 1, 0),
            _ => Some(from..plain_end(text, from)),
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            break;
        };
        at = value.end + usize::from(text.get(value.end).is_some_and(|b| is_quote(*b)));
        // `- name: x` is an object.
        if text[value.clone()].ends_with(b":") || text.get(at) == Some(&b':') {
            break;
        }
        values.push(value);
    }
    values
}

/// Blanks and line feeds, escaped ones too.
fn skip_space(text: &[u8], mut at: usize, limit: usize) -> usize {
    while at < limit {
        if text[at].is_ascii_whitespace() {
            at += 1;
        } else if text[at] == b'\\' && backslashes(text, at) <= 8 {
            let run = backslashes(text, at);
            match text.get(at + run) {
                Some(b'n' | b'r' | b't') => at += run + 1,
                _ => break,
            }
        } else {
            break;
        }
    }
    at
}
