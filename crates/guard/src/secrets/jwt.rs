//! JSON web tokens: three runs of base64 with dots between them, the first of which says so.

use std::ops::Range;

use super::around::starts_word;

/// What a header begins with: `{"` in base64.
pub(super) const TOKEN_START: &str = "eyJ";

/// Bytes of a token.
pub(super) const MAX_TOKEN_BYTES: usize = 8 << 10;

/// The token that begins at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Range<usize>> {
    if !text[at..].starts_with(TOKEN_START.as_bytes()) || !starts_word(text, at) {
        return None;
    }
    let limit = text.len().min(at + MAX_TOKEN_BYTES);
    let header = run(text, at, limit);
    if header - at < 16 || text.get(header) != Some(&b'.') || !is_header(&text[at..header]) {
        return None;
    }
    let payload = run(text, header + 1, limit);
    if payload - header < 8 {
        return None;
    }
    if text.get(payload) != Some(&b'.') {
        // A token that is cut off has its claims all the same.
        return (text[header + 1..].starts_with(b"eyJ") && payload - header > 24)
            .then_some(at..payload);
    }
    let mut end = run(text, payload + 1, limit);
    // An encrypted token has five parts.
    while text.get(end) == Some(&b'.') && run(text, end + 1, limit) > end + 9 {
        end = run(text, end + 1, limit);
    }
    while end > at && matches!(text[end - 1], b'.') {
        end -= 1;
    }
    Some(at..end)
}

fn run(text: &[u8], at: usize, limit: usize) -> usize {
    let rest = text.get(at..limit).unwrap_or_default();
    let is_letter =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'=' | b'+' | b'/');
    at + rest.iter().take_while(|b| is_letter(b)).count()
}

/// Whether the header, decoded, names an algorithm.
fn is_header(encoded: &[u8]) -> bool {
    let decoded = decode(encoded);
    decoded.starts_with(b"{")
        && [&b"\"alg\""[..], b"\"typ\"", b"\"enc\"", b"\"kid\""]
            .iter()
            .any(|field| memchr::memmem::find(&decoded, field).is_some())
}

/// Base64 in either alphabet, as far as it goes.
pub(super) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for byte in encoded {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    out
}
