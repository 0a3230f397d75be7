//! Keys, tokens, passwords, private keys and connection strings.
//!
//! One pass over the text looks for some hundreds of words: what keys begin with (`ghp_`), the names
//! of providers, `password` and its like, `://`, `-----BEGIN`. Only where one of them stands are the
//! rules tried that it leads to, on a stretch of bounded length. Rules are data: a form that is
//! matched in place, so that there is nothing to compile but the words. What a rule finds is the
//! secret alone, never the quotes around it or half of an escape: text within JSON stays JSON when a
//! finding is replaced.
//!
//! Placeholders, examples, variables, hashes and words are left alone; a checksum raises the score
//! and never lowers it below what is reported.

mod rule;
mod shape;
mod words;
mod around;
mod wrapped;
mod value;
mod keys;
mod named;
mod assignment;
mod ends;
mod pairs;
mod verbs;
mod logins;
mod elements;
mod glue;
mod written;
mod generic;
mod pem;
mod kubernetes;
mod jwt;
mod url;
mod command;
mod header;
mod lead;
mod pass;
mod assigned;
mod scan;
mod index;
mod examples;

pub use examples::examples;

use crate::finding::Finding;

/// Bytes before the word that a rule is found by (see the file's head) which may matter: a longer name, an
/// AWS secret key before its id, the values of a Kubernetes secret before its kind. Whoever looks at a text in
/// pieces must keep that much; a [`StreamScanner`](crate::stream_scanner::StreamScanner) does.
pub const MAX_BYTES_BEHIND: usize = 2 << 10;

/// Bytes after that word up to which a finding may reach, private keys apart.
pub const MAX_BYTES_AHEAD: usize = 8 << 10;

/// Bytes from a word that a rule is found by to the start of its finding, unless the word is the kind of a
/// Kubernetes secret: the last value of a list is as far away.
pub(crate) const NEAR_BYTES: usize = 2304;

/// Bytes from a private key's `-----BEGIN` to its end, at most.
pub const MAX_PRIVATE_KEY_BYTES: usize = pem::MAX_BLOCK_BYTES + 256;

/// Bytes after a finding that may show it to be a part of something longer, which isn't one.
pub(crate) const MAX_BYTES_AFTER: usize = assignment::LONG_VALUE_BYTES + 1;

const _: () = assert!(
    assignment::MAX_NAME_BYTES + assignment::MAX_GAP_BYTES + ends::MAX_VALUE_BYTES
        < MAX_BYTES_AHEAD
);
const _: () = assert!(
    assignment::MAX_NAME_BYTES + assignment::MAX_GAP_BYTES + ends::MAX_VALUE_BYTES < NEAR_BYTES
        && command::MAX_LINE_BYTES < NEAR_BYTES
        && header::MAX_HEADER_BYTES < NEAR_BYTES
);
const _: () = assert!(shape::MAX_SHAPE_BYTES + 2048 <= MAX_BYTES_AHEAD);
const _: () = assert!(
    jwt::MAX_TOKEN_BYTES <= MAX_BYTES_AHEAD
        && header::MAX_HEADER_BYTES < MAX_BYTES_AHEAD
        && command::MAX_LINE_BYTES < MAX_BYTES_AHEAD
);
const _: () =
    assert!(url::MAX_URL_BYTES < MAX_BYTES_AHEAD && kubernetes::MAX_BYTES_AHEAD < MAX_BYTES_AHEAD);
const _: () = assert!(
    scan::AWS_BESIDE_BYTES < MAX_BYTES_BEHIND && kubernetes::MAX_BYTES_BEHIND < MAX_BYTES_BEHIND
);

/// Where in a text something stands that text to come, further away than the next words, could make a
/// secret: the values of a Kubernetes secret whose kind follows them, an AWS secret key before its id, a value
/// before the field with its name.
pub(crate) fn open(text: &str) -> Option<usize> {
    let places = [
        kubernetes::open(text.as_bytes()),
        scan::open(text.as_bytes()),
        logins::open(text.as_bytes()),
        pairs::open(text.as_bytes()),
    ];
    places.into_iter().flatten().min()
}

/// The names of all rules, some more than once.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    const OTHERS: &[&str] = &[
        "authorization-header",
        "private-key",
        "jwt",
        "generic-password",
        "generic-api-key",
        "kubernetes-secret-yaml",
        "command-password",
        "curl-auth-user",
        "url-password",
        "sidekiq-sensitive-url",
    ];
    keys::all()
        .map(|key| key.id)
        .chain(named::all().map(|named| named.id))
        .chain(OTHERS.iter().copied())
}

/// The detector.
#[derive(Debug)]
pub(crate) struct SecretsGuard {
    index: index::Index,
}

impl SecretsGuard {
    pub(crate) fn new() -> Self {
        Self {
            index: index::Index::new(),
        }
    }

    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        self.index.find(text, out);
    }

    /// Calls back for each word of a text that rules are found by: with where it starts, and whether a finding
    /// may be more than [`NEAR_BYTES`] away from it.
    pub(crate) fn words(&self, text: &str, met: impl FnMut(usize, bool)) {
        self.index.words(text, met);
    }
}
