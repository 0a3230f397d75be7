//! What stands around a place in text that may be JSON, JSON within JSON, a URL or a terminal's
//! output: escapes of all of these are borders of words.

/// Whether a word may start at `at`: nothing before it belongs to it.
pub(super) fn starts_word(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| text[before]) else {
        return true;
    };
    let in_word = before.is_ascii_alphanumeric() || before == b'_';
    !in_word || escape_before(text, at) > 0
}

/// Whether a word ends before `at`: no letter, digit or `_` goes on with it.
pub(super) fn ends_word(text: &[u8], at: usize) -> bool {
    let next = text.get(at).copied().unwrap_or(b' ');
    !next.is_ascii_alphanumeric() && next != b'_'
}

/// Bytes of the escape that ends at `at`: `\n`, `\u001b`, `\x1b`, `%3D`, the end of a terminal's
/// colour, or none.
pub(super) fn escape_before(text: &[u8], at: usize) -> usize {
    let head = &text[at.saturating_sub(16)..at];
    let hex = |count: usize| {
        let digits = head.len().checked_sub(count).map(|from| &head[from..]);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let has = |mark: &[u8], digits: usize| {
        let rest = head.len().checked_sub(digits).map(|end| &head[..end]);
        rest.is_some_and(|rest| rest.ends_with(mark)) && hex(digits)
    };
    match head {
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0'] => 2,
        _ if has(b"\\u", 4) => 6,
        _ if has(b"\\x", 2) => 4,
        _ if has(b"%", 2) => 3,
        [.., b'm'] => colour_before(head),
        _ => 0,
    }
}

/// Bytes of `[32;1m` at the end of `head`.
fn colour_before(head: &[u8]) -> usize {
    let body = &head[..head.len() - 1];
    let codes = body.iter().rev();
    let count = codes
        .take_while(|b| b.is_ascii_digit() || **b == b';')
        .count();
    let opens = body[..body.len() - count].last() == Some(&b'[');
    if opens { count + 2 } else { 0 }
}

/// Where blanks end, at most `most` of them.
pub(super) fn skip_blanks(text: &[u8], at: usize, most: usize) -> usize {
    let blanks = text[at.min(text.len())..].iter().take(most);
    at + blanks.take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Backslashes from `at` on, up to a number that no nesting of JSON reaches in earnest.
pub(super) fn backslashes(text: &[u8], at: usize) -> usize {
    let rest = text[at.min(text.len())..].iter().take(64);
    rest.take_while(|b| **b == b'\\').count()
}

/// Whether a byte is a quote.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The largest place up to `at` that no character of a text stretches over.
pub(super) fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
