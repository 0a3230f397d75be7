//! What becomes of a word that was met in a text: the rules that it leads to are tried there.

use std::borrow::Cow;
use std::ops::Range;

use super::around::{ends_word, starts_word};
use super::command::{self, COMMAND_RULES};
use super::lead::Lead;
use super::pass::{Rank, SecretScan};
use super::rule::{
    ACCESS_TOKEN, CONNECTION_STRING, JWT_ENTITY, KeyRule, PASSWORD_ENTITY, PRIVATE_KEY,
    with_article,
};
use super::value::{Sorts, entropy, is_made_of_words, is_unreal, is_wordy};
use super::{glue, header, jwt, kubernetes, pem, shape, url, wrapped};

impl SecretScan<'_> {
    /// Tries a rule where its word is.
    pub(super) fn follow(&mut self, lead: Lead, hit: Range<usize>) {
        match lead {
            Lead::Key(key) => self.key(key, hit.start),
            Lead::Named(named) => self.named(named, hit),
            Lead::Word(sort) => self.word(sort, hit),
            Lead::Command(at) => self.command(at, hit),
            Lead::Bearer => {
                if let Some(range) = header::bearer(self.bytes, hit) {
                    self.push(
                        range,
                        Rank::Context,
                        "authorization-header",
                        ACCESS_TOKEN,
                        0.85,
                        "follows an authorization scheme or header",
                    );
                }
            }
            Lead::Basic => {
                if let Some(range) = header::basic(self.bytes, hit) {
                    self.push(
                        range,
                        Rank::Context,
                        "authorization-header",
                        PASSWORD_ENTITY,
                        0.9,
                        "is a user and a password in base64 after `Basic`",
                    );
                }
            }
            Lead::Block => self.block(hit.start),
            Lead::Putty => {
                if let Some(range) = pem::putty(self.bytes, hit.end) {
                    self.push(
                        range,
                        Rank::Form,
                        "private-key",
                        PRIVATE_KEY,
                        1.0,
                        "is the private part of a key of PuTTY's",
                    );
                }
            }
            Lead::Kubernetes => {
                self.kubernetes(&hit);
            }
            Lead::Login => self.login(hit.end),
            Lead::Address => self.address(hit.start),
            Lead::Jwt if starts_word(self.bytes, hit.start) => {
                let whole = jwt::find(self.bytes, hit.start);
                let wrapped = wrapped::find(self.bytes, hit.start, whole.as_ref(), jwt::find);
                if let Some(range) = wrapped.map(|key| key.range).or(whole) {
                    self.push(
                        range,
                        Rank::Form,
                        "jwt",
                        JWT_ENTITY,
                        0.95,
                        "is a JSON web token: its header names an algorithm",
                    );
                }
            }
            Lead::Jwt => {}
            Lead::Piped => self.piped(&hit),
            Lead::Slashed => self.slashed(hit.end),
        }
    }

    fn key(&mut self, key: &KeyRule, at: usize) {
        let literal = key.literal();
        if !self.bytes[at..].starts_with(literal.as_bytes())
            || (!key.open && self.is_joined(key, at))
        {
            return;
        }
        let is_glued = !key.open && !starts_word(self.bytes, at);
        if is_glued && !glue::may_be_glued(key, self.bytes[at - 1]) {
            return;
        }
        let whole = shape::find(key.shape, self.bytes, at)
            .or_else(|| glue::before_a_name(key, self.bytes, at));
        let form = |text: &[u8], at: usize| shape::find(key.shape, text, at);
        let wrapped = wrapped::find(self.bytes, at, whole.as_ref(), form);
        let (mut range, value) = match (wrapped, whole) {
            (Some(key), _) => (key.range, Cow::Owned(key.value)),
            (None, Some(range)) => (range.clone(), Cow::Borrowed(&self.bytes[range])),
            (None, None) => return,
        };
        if self.is_joined(key, range.start) {
            return;
        }
        let value = &*value;
        let own = &value[shape::literal(key.shape)..];
        if is_unreal(own) || is_made_of_words(own) || self.is_in_base64(&range) {
            return;
        }
        let checked = key.checksum.is_some_and(|fits| fits(value));
        if (is_glued || !ends_word(self.bytes, range.end)) && !checked && !glue::is_random(own) {
            return;
        }
        if let Some(after) = key.after
            && let Some(place) = memchr::memchr(after, &self.bytes[range.clone()])
        {
            range.start += place + 1;
        }
        let (score, why) = if checked {
            (
                1.0,
                format!(
                    "has the form and the checksum of {}",
                    with_article(key.what)
                ),
            )
        } else {
            (0.9, format!("has the form of {}", with_article(key.what)))
        };
        if key.id == "aws-access-token" {
            self.beside(&range);
        }
        self.push(range, Rank::Form, key.id, key.entity, score, why);
    }

    /// Tries keys whose first dot is at `dot`.
    pub(super) fn dotted(&mut self, keys: &[&'static KeyRule], dot: usize) {
        let before = self.bytes[..dot].iter().rev().take(MAX_BYTES_BEFORE_DOT);
        let run = before.take_while(|b| b.is_ascii_alphanumeric()).count();
        for start in dot - run..dot {
            for key in keys {
                if self.bytes[start..].starts_with(key.literal().as_bytes()) {
                    self.key(key, start);
                }
            }
        }
    }

    /// Whether a short mark is the end of a longer name: `cache-key-…`. Marks that end in `_` are none.
    fn is_joined(&self, key: &KeyRule, start: usize) -> bool {
        let before = &self.bytes[start.saturating_sub(2)..start];
        key.literal().len() <= 5
            && !key.literal().ends_with('_')
            && matches!(before, [first, b'-' | b'.'] if first.is_ascii_alphanumeric())
    }

    /// Whether what looks like a key is a stretch of longer base64.
    fn is_in_base64(&self, range: &Range<usize>) -> bool {
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        let before = self.bytes[..range.start].iter().rev().take(64);
        let after = self.bytes[range.end..].iter().take(64);
        let more = before.take_while(|b| part(b)).count() + after.take_while(|b| part(b)).count();
        more >= 40
    }

    /// A secret key beside an AWS key id.
    fn beside(&mut self, id: &Range<usize>) {
        let start = id.start.saturating_sub(AWS_BESIDE_BYTES);
        let end = self.bytes.len().min(id.end + AWS_BESIDE_BYTES);
        for range in aws_secrets(self.bytes, start..end) {
            self.push(
                range,
                Rank::Name,
                "aws-secret-access-key",
                "API_KEY",
                0.9,
                "stands beside an AWS access key id",
            );
        }
    }

    fn kubernetes(&mut self, hit: &Range<usize>) {
        let (values, end) = kubernetes::find(self.bytes, hit, self.kubernetes);
        self.kubernetes = end;
        for value in values {
            let why = "is a value of a Kubernetes secret";
            self.push(
                value,
                Rank::Context,
                "kubernetes-secret-yaml",
                PASSWORD_ENTITY,
                0.7,
                why,
            );
        }
    }

    fn command(&mut self, at: usize, hit: Range<usize>) {
        if !starts_word(self.bytes, hit.start) {
            return;
        }
        if let Some(range) = command::find(&COMMAND_RULES[at], self.bytes, hit.end) {
            let id = if COMMAND_RULES[at].program == "curl" {
                "curl-auth-user"
            } else {
                "command-password"
            };
            self.push(
                range,
                Rank::Context,
                id,
                PASSWORD_ENTITY,
                0.8,
                "is given to a program as a password",
            );
        }
    }

    fn block(&mut self, at: usize) {
        self.key = pem::find(self.bytes, at);
        for part in self.key.clone() {
            self.push(
                part,
                Rank::Form,
                "private-key",
                PRIVATE_KEY,
                1.0,
                "is a private key between its marks",
            );
        }
    }

    fn address(&mut self, at: usize) {
        let Some(password) = url::find(self.bytes, at) else {
            return;
        };
        let entity = if password.is_connection {
            CONNECTION_STRING
        } else {
            PASSWORD_ENTITY
        };
        let id = if password.is_sidekiq {
            "sidekiq-sensitive-url"
        } else {
            "url-password"
        };
        self.push(
            password.range,
            Rank::Name,
            id,
            entity,
            0.85,
            "is the password in an address",
        );
    }
}

/// Bytes of a key before its first dot, with an escape that they may run into.
const MAX_BYTES_BEFORE_DOT: usize = 36;

/// Bytes around an AWS key id in which its secret key is looked for.
pub(super) const AWS_BESIDE_BYTES: usize = 256;

/// Bytes of an AWS key id, and of a secret key.
const AWS_ID_BYTES: usize = 20;
const AWS_SECRET_BYTES: usize = 40;

/// What looks like AWS secret keys and begins within a range; those that the range cuts are none.
fn aws_secrets(text: &[u8], within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mut at = within.start;
    // A run that began before the range is no whole key.
    at += if at > 0 && part(&text[at - 1]) {
        text[at..within.end].iter().take_while(|b| part(b)).count()
    } else {
        0
    };
    std::iter::from_fn(move || {
        while at < within.end {
            let rest = text[at..within.end].iter();
            let mut run = at..at + rest.take_while(|b| part(b)).count();
            at = run.end + 1;
            let is_cut = run.end == within.end && text.get(run.end).is_some_and(part);
            // The letter of an escaped line feed is none of the key's.
            if run.len() == AWS_SECRET_BYTES + 1 && run.start > 0 && text[run.start - 1] == b'\\' {
                run.start += 1;
            }
            if !is_cut && is_aws_secret(&text[run.clone()]) {
                return Some(run);
            }
        }
        None
    })
}

fn is_aws_secret(value: &[u8]) -> bool {
    let sorts = Sorts::of(value);
    value.len() == AWS_SECRET_BYTES
        && sorts.upper > 0
        && sorts.lower > 0
        && sorts.digits > 0
        && !is_unreal(value)
        && !is_wordy(value)
        && entropy(value) > 4.0
}

/// Where in the last bytes of a text something stands that an AWS key id which is still to come would
/// make a secret key.
pub(super) fn open(text: &[u8]) -> Option<usize> {
    let near = text.len().saturating_sub(AWS_BESIDE_BYTES + AWS_ID_BYTES);
    Some(aws_secrets(text, near..text.len()).next()?.start)
}
