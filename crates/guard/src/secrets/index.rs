//! The words that rules are found by, and the rules that each leads to.

use std::collections::BTreeMap;

use super::command::COMMAND_RULES;
use super::generic;
use super::lead::Lead;
use super::pass::SecretScan;
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
}

impl Index {
    pub(super) fn new() -> Self {
        let mut leads: BTreeMap<Vec<u8>, Vec<Lead>> = BTreeMap::new();
        let mut lead = |word: &[u8], lead: Lead| {
            let word = word.to_ascii_lowercase();
            leads.entry(word).or_default().push(lead);
        };
        for key in keys::all() {
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
        }
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
        scan.settle(out);
    }
}
