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

/// Parts of names whose value is public or tells nothing: what was built, run or seen.
#[rustfmt::skip]
const OTHER_PARTS: &[&[u8]] = &[
    b"revision", b"rev", b"commit", b"sha", b"sha1", b"sha256", b"sha512", b"md5", b"digest", b"hash", b"checksum",
    b"trace", b"span", b"version", b"release", b"build", b"ref", b"tag", b"etag", b"fingerprint", b"integrity",
    b"zone", b"account", b"tenant", b"subscription", b"image", b"head", b"previous", b"branch", b"baseline", b"merge",
];

/// Parts of names whose value is a secret all the same.
const SECRET_PARTS: &[&[u8]] = &[
    b"key",
    b"token",
    b"secret",
    b"password",
    b"pass",
    b"apikey",
    b"pat",
    b"credential",
];

/// Whether a name says that its value is something else: `sonar.scm.revision`, `datadog_trace_id`.
pub(super) fn is_other(name: &[u8]) -> bool {
    let parts = || {
        name.chunk_by(|a, b| {
            a.is_ascii_alphanumeric()
                && b.is_ascii_alphanumeric()
                && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
    };
    let has = |words: &[&[u8]]| {
        parts().any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
    };
    has(OTHER_PARTS) && !has(SECRET_PARTS)
}
