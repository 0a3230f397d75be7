//! A key, which nothing prints.

use std::fmt;

/// The start of a key that is enough to recognise it in an error of a provider, in characters: providers repeat
/// keys with stars in their middle.
const TELLING_CHARS: usize = 7;

/// A key or another value that must not be seen: neither `Debug` nor `Display` print anything of it, and its
/// memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderKey(String);

impl ProviderKey {
    /// Wraps a value; white space around it, which files and shells leave, is no part of it.
    #[must_use]
    pub fn new(value: &str) -> Self {
        Self(value.trim().to_owned())
    }

    /// The value itself, for the header of a request and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text without this value: words that begin as it does become `[key]`, since providers quote keys whole or
    /// with stars in their middle.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let whole = text.replace(&self.0, "[key]");
        let start: String = self.0.chars().take(TELLING_CHARS).collect();
        if start.chars().count() < TELLING_CHARS {
            return whole;
        }
        let mut scrubbed = String::with_capacity(whole.len());
        let mut rest = &*whole;
        while let Some(at) = rest.find(&start) {
            scrubbed.push_str(&rest[..at]);
            scrubbed.push_str("[key]");
            let tail = &rest[at..];
            let end = tail.find(|c: char| c.is_whitespace() || "\"'<>".contains(c));
            rest = end.map_or("", |end| &tail[end..]);
        }
        scrubbed.push_str(rest);
        scrubbed
    }
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderKey(…)")
    }
}

impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Drop for ProviderKey {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}
