//! Where a value ends: in quotes, or without them up to what can't be part of it.

use super::around::{backslashes, is_quote};

/// Bytes of a value that are looked at.
pub(super) const MAX_VALUE_BYTES: usize = 2048;

/// Bytes that escapes of JSON have after their backslash: any other backslash is a value's own.
const JSON_ESCAPES: &[u8] = b"\"\\/bfnrtu'x`0";

/// What stands between quotes: to the quote that has as many backslashes before it as the first, and
/// never over a line.
pub(super) fn quoted(text: &[u8], start: usize, escape: usize) -> Option<std::ops::Range<usize>> {
    let quote = text[start - 1];
    let limit = text.len().min(start + MAX_VALUE_BYTES);
    let mut at = start;
    while at < limit {
        match text[at] {
            b'\n' | b'\r' => return None,
            // Two of them are one of the value's: `'it''s'`.
            byte if byte == quote && escape == 0 && is_doubled(text, at, start, limit) => at += 2,
            byte if byte == quote => return (at > start).then_some(start..at),
            // It may be the end of what the quotes themselves stand in.
            b'"' if escape > 0 || !is_inner(text, at, limit, quote) => return None,
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

/// Whether a quote and the next one stand for one within a value: something follows that a closing quote
/// comes after, on the same line.
fn is_doubled(text: &[u8], at: usize, start: usize, limit: usize) -> bool {
    let quote = text[at];
    at > start
        && text.get(at + 1) == Some(&quote)
        && text.get(at + 2).is_some_and(|next| is_inside(*next))
        && closes_later(text, at + 2, limit, quote)
}

/// Whether a double quote within others is the value's: `'ab"cd'`.
fn is_inner(text: &[u8], at: usize, limit: usize, quote: u8) -> bool {
    quote != b'"'
        && text.get(at + 1).is_some_and(|next| is_inside(*next))
        && at > 0
        && is_inside(text[at - 1])
        && closes_later(text, at + 1, limit, quote)
}

fn closes_later(text: &[u8], from: usize, limit: usize, quote: u8) -> bool {
    let rest = &text[from..limit];
    let stop = rest
        .iter()
        .position(|byte| *byte == quote || byte.is_ascii_whitespace() || b"\"\\".contains(byte));
    stop.is_some_and(|stop| rest[stop] == quote)
}

/// What stands in the middle of a value rather than after its end.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!@#$%^&*_+-~?".contains(&byte)
}

/// Where a value without quotes ends.
pub(super) fn plain_end(text: &[u8], start: usize) -> usize {
    let limit = text.len().min(start + MAX_VALUE_BYTES);
    let mut at = start;
    let mut depth = 0usize;
    let is_latin = text.get(start).is_some_and(u8::is_ascii);
    while at < limit {
        let byte = text[at];
        let next = text.get(at + 1).copied().unwrap_or(b' ');
        match byte {
            _ if byte.is_ascii_whitespace() => break,
            b'\\' if JSON_ESCAPES.contains(&next) || !is_inside(next) => break,
            _ if is_quote(byte) && !(at > start && is_inside(text[at - 1]) && is_inside(next)) => {
                break;
            }
            b'<' if is_tag(&text[at + 1..limit]) => break,
            b'>' if !goes_on(&text[at + 1..limit]) => break,
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' if depth == 0 && ends_call(&text[at + 1..limit]) => break,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            b',' | b'|' if is_outside(next) => break,
            b';' if is_outside(next) || names_next(&text[at + 1..limit], b" ") => break,
            b'&' if is_outside(next) || ends_parameter(&text[at + 1..limit]) => break,
            // Signs and words of scripts without blanks follow a value at once.
            0xe3..=0xed if is_latin => break,
            0xef if is_latin && matches!(next, 0xbc | 0xbd | 0xbf) => break,
            _ => {}
        }
        at += 1;
    }
    while at > start && matches!(text[at - 1], b',' | b';' | b':' | b'*') {
        at -= 1;
    }
    at
}

/// Signs that may stand in a row in a value, behind a bracket.
const MAX_SIGNS: usize = 4;

/// Whether a value goes on behind a bracket: letters follow, or a few signs and letters.
fn goes_on(rest: &[u8]) -> bool {
    let is_sign = |byte: &&u8| b".,;=/|&<>()[]{}:".contains(*byte);
    let signs = rest.iter().take(MAX_SIGNS).take_while(is_sign).count();
    rest.get(signs).is_some_and(|next| is_inside(*next))
}

/// Whether what follows a closing bracket is code's: the next argument or statement.
fn ends_call(rest: &[u8]) -> bool {
    matches!(rest, [b',' | b';', ..]) || !goes_on(rest)
}

/// Whether an element of a page begins behind `<`, or nothing of the value does.
fn is_tag(rest: &[u8]) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || is_quote(*byte) || *byte == b'>';
    let is_named = rest
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b));
    let stop = rest.iter().position(ends);
    let closes = stop.is_some_and(|stop| rest[stop] == b'>');
    let is_end = rest.first() == Some(&b'/') && rest.get(1).is_some_and(u8::is_ascii_alphabetic);
    rest.first().is_none_or(|next| is_outside(*next)) || is_named && closes || is_end
}

fn is_outside(next: u8) -> bool {
    next.is_ascii_whitespace() || is_quote(next) || next == b'\\'
}

/// Whether what follows names the next value: `Encrypt=yes`, `User Id=sa`.
fn names_next(rest: &[u8], more: &[u8]) -> bool {
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]%".contains(byte) || more.contains(byte);
    let length = rest
        .iter()
        .take(48)
        .take_while(|byte| is_name(byte))
        .count();
    length > 0 && rest.get(length) == Some(&b'=') && rest[0].is_ascii_alphabetic()
}

/// Whether an `&` ends a parameter of an address, or begins an entity of HTML.
fn ends_parameter(rest: &[u8]) -> bool {
    let entities = [
        &b"amp;"[..],
        b"quot;",
        b"lt;",
        b"gt;",
        b"apos;",
        b"#39;",
        b"#34;",
        b"#x27;",
    ];
    let is_entity = entities.iter().any(|entity| rest.starts_with(entity));
    // `… && …` of a shell.
    let is_and = rest.first() == Some(&b'&') && rest.get(1).is_none_or(|next| is_outside(*next));
    is_and || is_entity || names_next(rest, b"")
}
