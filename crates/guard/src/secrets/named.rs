//! Keys that look like any other, which the provider's name before them tells apart.

mod hosting;
mod services;

use std::ops::Range;

use super::around::escape_before;
use super::rule::NamedKeyRule;

/// Every key with a name.
pub(super) fn all() -> impl Iterator<Item = &'static NamedKeyRule> {
    hosting::HOSTING_NAMED
        .iter()
        .chain(services::SERVICES_NAMED)
}

/// Whether a provider's name is a part of a name by itself rather than of another word.
pub(super) fn is_own_part(text: &[u8], hit: &Range<usize>) -> bool {
    let name = &text[hit.clone()];
    let border = |outer: Option<&u8>, inner: u8, before: bool| match outer {
        None => true,
        Some(outer) if !outer.is_ascii_alphabetic() => true,
        Some(outer) if before => outer.is_ascii_lowercase() && inner.is_ascii_uppercase(),
        Some(outer) => outer.is_ascii_uppercase() && !name.iter().all(u8::is_ascii_uppercase),
    };
    let before = hit.start.checked_sub(1).map(|at| &text[at]);
    let starts = border(before, name[0], true) || escape_before(text, hit.start) > 0;
    let ends = border(text.get(hit.end), name[name.len() - 1], false) || name.len() >= 6;
    starts && ends
}

/// Whether a name says that its value is a secret.
pub(super) fn tells(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = [
        &b"key"[..],
        b"token",
        b"secret",
        b"pass",
        b"auth",
        b"cred",
        b"pat",
        b"client",
        b"api",
        b"license",
    ];
    words
        .iter()
        .any(|word| memchr::memmem::find(&lower, word).is_some())
}
