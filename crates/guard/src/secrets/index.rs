//! The words that rules are found by, and the rules that each leads to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::command::COMMAND_RULES;
use super::generic;
use super::lead::Lead;
use super::pass::SecretScan;
use super::rule::KeyRule;
use super::words::WordFinder;
use super::{header, jwt, keys, kubernetes, logins, named, pem, shape, url};
use crate::finding::Finding;

/// Calls whose arguments are a user and a password.
const LOGIN_CALLS: &[&str] = &[
    "auth=(",
    "basicauth(",
    "basic_auth(",
    "plainauth(",
    ".login(",
];

/// The words and what they lead to.
#[derive(Debug)]
pub(super) struct Index {
    words: WordFinder,
    leads: Vec<Vec<Lead>>,
    /// Keys that are looked for by their dots.
    dotted: Vec<&'static KeyRule>,
}

impl Index {
    pub(super) fn new() -> Self {
        let mut leads: BTreeMap<Vec<u8>, Vec<Lead>> = BTreeMap::new();
        let mut lead = |word: &[u8], lead: Lead| {
            let word = word.to_ascii_lowercase();
            leads.entry(word).or_default().push(lead);
        };
        for key in keys::all().filter(|key| !key.by_dots) {
            for word in shape::keywords(key.literal(), key.shape) {
                lead(&word, Lead::Key(key));
            }
        }
        for named in named::all() {
            let names = named.names.iter();
            names.for_each(|name| lead(name.as_bytes(), Lead::Named(named)));
        }
        for (word, sort) in generic::words() {
            lead(word.as_bytes(), Lead::Word(sort));
        }
        for (at, command) in COMMAND_RULES.iter().enumerate() {
            lead(command.program.as_bytes(), Lead::Command(at));
        }
        for scheme in header::HEADER_SCHEMES {
            let basic = scheme.starts_with("basic");
            let scheme = scheme.as_bytes();
            lead(scheme, if basic { Lead::Basic } else { Lead::Bearer });
        }
        for kind in kubernetes::SECRET_KINDS {
            lead(kind.as_bytes(), Lead::Kubernetes);
        }
        for word in logins::READING_WORDS {
            lead(word.as_bytes(), Lead::Piped);
        }
        for word in logins::SLASHED_WORDS {
            lead(word.as_bytes(), Lead::Slashed);
        }
        for call in LOGIN_CALLS {
            lead(call.as_bytes(), Lead::Login);
        }
        lead(pem::BEGIN_MARK.as_bytes(), Lead::Block);
        lead(pem::PUTTY_MARK.as_bytes(), Lead::Putty);
        lead(url::SCHEME_MARK.as_bytes(), Lead::Address);
        lead(jwt::TOKEN_START.as_bytes(), Lead::Jwt);
        let (words, leads): (Vec<_>, Vec<_>) = leads.into_iter().unzip();
        Self {
            words: WordFinder::new(words.into_iter()),
            leads,
            dotted: keys::all().filter(|key| key.by_dots).collect(),
        }
    }

    /// Calls back for each word of a text that rules are found by, in about the order of the text: with where
    /// it starts, and whether what it leads to may be far away.
    pub(super) fn words(&self, text: &str, mut met: impl FnMut(usize, bool)) {
        let bytes = text.as_bytes();
        // A longer word counts from its start on, a shorter one by its form.
        let leads = |lead: &Lead, hit: &Range<usize>| match lead {
            Lead::Key(key) => key.open || bytes[hit.start..].starts_with(key.literal().as_bytes()),
            Lead::Named(_) => named::is_own_part(bytes, hit),
            _ => true,
        };
        self.words.find(bytes, |id, hit| {
            if self.leads[id].iter().any(|lead| leads(lead, &hit)) {
                let is_far = self.leads[id]
                    .iter()
                    .any(|lead| matches!(lead, Lead::Kubernetes));
                met(hit.start, is_far);
            }
        });
    }

    /// What is found in a text, in no order.
    pub(super) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        let mut scan = SecretScan::new(text);
        self.words.find(text.as_bytes(), |id, hit| {
            if scan.is_in_key(hit.start) {
                return;
            }
            for lead in &self.leads[id] {
                scan.follow(*lead, hit.clone());
            }
        });
        for place in dots(text.as_bytes()) {
            scan.dotted(&self.dotted, place);
        }
        scan.settle(out);
    }
}

/// Letters between two dots that a key is looked for by.
const DOTTED_BYTES: usize = 6;

/// Where dots are that another follows after as many letters.
fn dots(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'.', text).filter(|place| {
        let after = text.get(place + 1..place + 2 + DOTTED_BYTES);
        after.is_some_and(|after| {
            let (letters, dot) = after.split_at(DOTTED_BYTES);
            let is_letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            dot == b"." && letters.iter().all(is_letter)
        })
    })
}
