//! The values of a Kubernetes secret, in YAML or JSON: `kind: Secret` and base64 under `data`.

use std::ops::Range;

/// How the kind is written, in lower case.
pub(super) const SECRET_KINDS: &[&str] = &["kind: secret", "kind\": \"secret", "kind\":\"secret"];

/// Bytes before the kind and after it that belong to a secret.
pub(super) const MAX_BYTES_BEHIND: usize = 1024;
/// See [`MAX_BYTES_BEHIND`].
pub(super) const MAX_BYTES_AHEAD: usize = 4096;

/// What a secret's values stand under: `data`, `stringData`.
const DATA_KEY: &[u8] = b"data";

/// Bytes of a value at least.
const MIN_VALUE_BYTES: usize = 8;

/// Bytes of a key at most, by the API of Kubernetes.
const KEY_BYTES: usize = 253;

/// The values of the secret whose kind is at `hit`, as far as they stand after `done`, up to which
/// those of kinds before it were looked for; and up to where they are looked for now.
pub(super) fn find(text: &[u8], hit: &Range<usize>, done: usize) -> (Vec<Range<usize>>, usize) {
    // `SecretStore`, `SecretList`
    if text.get(hit.end).is_some_and(u8::is_ascii_alphanumeric) {
        return (Vec::new(), done);
    }
    let end = text.len().min(hit.end + MAX_BYTES_AHEAD);
    let mut at = done.max(hit.start.saturating_sub(MAX_BYTES_BEHIND));
    let mut values = Vec::new();
    while at < end
        && let Some(data) = memchr::memmem::find(&text[at..end], DATA_KEY)
    {
        let data = at + data;
        at = data + DATA_KEY.len();
        // What stands in another document before this one is none of its.
        let between = &text[data.min(hit.start)..hit.start];
        let is_word = text[..data].last().is_some_and(u8::is_ascii_alphanumeric);
        if is_word || memchr::memmem::find(between, b"---").is_some() {
            continue;
        }
        while let Some(value) = entry(text, at).filter(|value| value.start < end) {
            at = value.end;
            if value.len() >= MIN_VALUE_BYTES {
                values.push(value);
            }
        }
    }
    (values, at.max(end))
}

/// Where in the last bytes of a text `data` stands with values, or the beginning of one, that a kind
/// which is still to come would make a secret's.
pub(super) fn open(text: &[u8]) -> Option<usize> {
    let most = MAX_BYTES_BEHIND + SECRET_KINDS[0].len() + 1;
    let near = text.len().saturating_sub(most);
    let mut places = memchr::memmem::find_iter(&text[near..], DATA_KEY).map(|at| near + at);
    places.find(|at| may_be_entry(text, at + DATA_KEY.len()))
}

/// Whether an entry stands at `at`, as far as there is text.
fn may_be_entry(text: &[u8], at: usize) -> bool {
    let key = skip(text, at, BEFORE_KEY);
    let colon = take(text, key, IN_KEY, KEY_BYTES);
    let value = skip(text, colon, BEFORE_VALUE);
    value == text.len() || entry(text, at).is_some()
}

/// Bytes before the key of an entry.
const BEFORE_KEY: &[u8] = b" \t\r\n\\\"'{,:";

/// Bytes of a key beside letters and digits.
const IN_KEY: &[u8] = b"._-";

/// Bytes between a key and its value.
const BEFORE_VALUE: &[u8] = b" \t\\\"':";

/// The value of the entry after `at`.
fn entry(text: &[u8], at: usize) -> Option<Range<usize>> {
    let key = skip(text, at, BEFORE_KEY);
    let colon = take(text, key, IN_KEY, KEY_BYTES);
    let value = skip(text, colon, BEFORE_VALUE);
    if colon == key || value == colon || !text[colon..value].contains(&b':') {
        return None;
    }
    let end = take(text, value, b"+/=", usize::MAX);
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

/// Where letters, digits and some other bytes end, at most so many.
fn take(text: &[u8], at: usize, others: &[u8], most: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default().iter().take(most);
    at + rest
        .take_while(|b| b.is_ascii_alphanumeric() || others.contains(b))
        .count()
}
