//! The values of a Kubernetes secret, in YAML or JSON: `kind: Secret` and base64 under `data`.

use std::ops::Range;

/// How the kind is written, in lower case.
pub(super) const KINDS: &[&str] = &["kind: secret", "kind\": \"secret", "kind\":\"secret"];

/// Bytes before the kind and after it that belong to a secret.
pub(super) const BEHIND: usize = 1024;
/// See [`BEHIND`].
pub(super) const AHEAD: usize = 4096;

/// The values of the secret whose kind is at `hit`; and where to go on looking.
pub(super) fn find(text: &[u8], hit: &Range<usize>) -> (Vec<Range<usize>>, usize) {
    // `SecretStore`, `SecretList`
    if text.get(hit.end).is_some_and(u8::is_ascii_alphanumeric) {
        return (Vec::new(), hit.end);
    }
    let start = hit.start.saturating_sub(BEHIND);
    let end = text.len().min(hit.end + AHEAD);
    // Another document before this one is none of its.
    let before = memchr::memmem::rfind(&text[start..hit.start], b"---");
    let start = start + before.unwrap_or(0);
    let Some(data) = memchr::memmem::find(&text[start..end], b"data") else {
        return (Vec::new(), end - AHEAD.min(end) / 4);
    };
    let mut values = Vec::new();
    let mut at = start + data + 4;
    while let Some(value) = entry(&text[..end], at) {
        at = value.end;
        if value.len() >= 8 {
            values.push(value);
        }
    }
    (values, at)
}

/// The value of the entry after `at`.
fn entry(text: &[u8], at: usize) -> Option<Range<usize>> {
    let key = skip(text, at, b" \t\r\n\\\"'{,:");
    let colon = take(text, key, b"._-");
    let value = skip(text, colon, b" \t\\\"':");
    if colon == key || value == colon || !text[colon..value].contains(&b':') {
        return None;
    }
    let end = take(text, value, b"+/=");
    let ends = text.get(end).is_none_or(|b| b" \t\r\n\\\"',}".contains(b));
    (end > value && ends).then_some(value..end)
}

/// Skips some bytes, and line feeds that are escaped.
fn skip(text: &[u8], mut at: usize, bytes: &[u8]) -> usize {
    while let Some(byte) = text.get(at) {
        let escaped = matches!(byte, b'n' | b't') && text[at - 1] == b'\\';
        if !bytes.contains(byte) && !escaped {
            break;
        }
        at += 1;
    }
    at
}

/// Where letters, digits and some other bytes end.
fn take(text: &[u8], at: usize, others: &[u8]) -> usize {
    let rest = text.get(at..).unwrap_or_default().iter();
    at + rest
        .take_while(|b| b.is_ascii_alphanumeric() || others.contains(b))
        .count()
}
