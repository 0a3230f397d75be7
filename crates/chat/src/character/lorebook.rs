//! Lorebooks: what a character knows when something is spoken of.
//!
//! Fields as in the card formats of versions 2 and 3, and as SillyTavern writes them into files of their own. What is
//! spoken of is found in the last messages by keys: as parts of the text, in any case unless an entry says
//! otherwise, or by regular expressions, which run in linear time. All keys are looked for in one pass.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use wire::tokens;

use super::fields::{count_of, is_set};
use super::lore_entry::{self, LoreEntry};

/// Messages that are looked through, where a book doesn't say.
const SCAN_DEPTH: usize = 4;

/// Tokens that entries may take, where a book doesn't say, and whatever it says.
const TOKEN_BUDGET: usize = 1_000;
const MAX_TOKEN_BUDGET: usize = 32_000;

/// Entries of one book, and rounds in which what entries say brings in others.
const MAX_ENTRIES: usize = 20_000;
const MAX_ROUNDS: usize = 4;

/// How large a compiled regular expression may get, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A lorebook.
#[derive(Clone, Debug)]
pub struct Lorebook {
    entries: Vec<LoreEntry>,
    scan_depth: usize,
    token_budget: usize,
    is_recursive: bool,
    keys: KeyFinder,
}

/// What of a book is put before the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lore<'a> {
    /// What it says, with macros in it.
    pub text: &'a str,
    /// The entry's own name, or empty.
    pub name: &'a str,
}

/// Finds keys, by the entry and the place among its keys that they belong to.
#[derive(Clone, Debug)]
struct KeyFinder {
    /// Keys in lower case, and what they belong to.
    any_case: Option<AhoCorasick>,
    any_case_of: Vec<KeyPlace>,
    exact: Option<AhoCorasick>,
    exact_of: Vec<KeyPlace>,
    patterns: Vec<(Regex, KeyPlace)>,
}

/// A key of an entry: whether it is one of the second list, and the entry.
type KeyPlace = (usize, bool);

impl PartialEq for Lorebook {
    fn eq(&self, other: &Self) -> bool {
        (
            &self.entries,
            self.scan_depth,
            self.token_budget,
            self.is_recursive,
        ) == (
            &other.entries,
            other.scan_depth,
            other.token_budget,
            other.is_recursive,
        )
    }
}

impl Lorebook {
    /// Reads a book; nothing if it is no object. What can't be used of it is noted.
    pub(super) fn read(book: &Value, problems: &mut Vec<String>) -> Option<Self> {
        let Some(book) = book.as_object() else {
            problems.push("the lorebook is no object".to_owned());
            return None;
        };
        let listed: Vec<&Value> = match book.get("entries") {
            Some(Value::Array(entries)) => entries.iter().collect(),
            Some(Value::Object(entries)) => entries.values().collect(),
            _ => Vec::new(),
        };
        if listed.len() > MAX_ENTRIES {
            problems.push(format!("the lorebook has more than {MAX_ENTRIES} entries"));
        }
        let mut entries = Vec::new();
        for (nth, entry) in listed.into_iter().take(MAX_ENTRIES).enumerate() {
            match lore_entry::read(entry) {
                Some(entry) => entries.push(entry),
                None => problems.push(format!("entry {nth} of the lorebook is no object")),
            }
        }
        let keys = KeyFinder::new(&entries, problems);
        let number = |name: &str| book.get(name).and_then(count_of);
        Some(Self {
            scan_depth: number("scan_depth").unwrap_or(SCAN_DEPTH),
            token_budget: number("token_budget")
                .unwrap_or(TOKEN_BUDGET)
                .min(MAX_TOKEN_BUDGET),
            is_recursive: is_set(book, "recursive_scanning"),
            entries,
            keys,
        })
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many of the last messages are looked through.
    #[must_use]
    pub fn scan_depth(&self) -> usize {
        self.scan_depth
    }

    /// What the last messages bring up, in the order in which it is put before the model, within the budget of tokens:
    /// what counts least is left out. `messages` are those said so far.
    #[must_use]
    pub fn brought_up<'a>(&'a self, last: &[&str], messages: usize) -> Vec<Lore<'a>> {
        let mut on: BTreeSet<usize> = BTreeSet::new();
        let mut texts: Vec<&str> = last.to_vec();
        for round in 0..MAX_ROUNDS {
            let found = self.keys.find(&texts);
            let mut new = Vec::new();
            for (at, entry) in self.entries.iter().enumerate() {
                let keys = found.get(&at).copied().unwrap_or_default();
                let is_on = entry.is_constant && round == 0 || entry.is_brought_up(keys);
                if entry.is_enabled && messages >= entry.activate_after && is_on && on.insert(at) {
                    new.push(at);
                }
            }
            if !self.is_recursive || new.is_empty() {
                break;
            }
            texts = new
                .iter()
                .map(|at| self.entries[*at].text.as_str())
                .collect();
        }
        self.within_budget(on)
    }

    fn within_budget(&self, on: BTreeSet<usize>) -> Vec<Lore<'_>> {
        let mut by_weight: Vec<&LoreEntry> = on.into_iter().map(|at| &self.entries[at]).collect();
        // What counts most is taken first.
        by_weight.sort_by_key(|entry| std::cmp::Reverse((entry.is_constant, entry.priority)));
        let mut left = self.token_budget;
        by_weight.retain(|entry| {
            let takes = tokens::estimate(&entry.text);
            let fits = takes <= left;
            left -= if fits { takes } else { 0 };
            fits
        });
        by_weight.sort_by_key(|entry| (!entry.is_before, entry.order));
        by_weight
            .into_iter()
            .map(|entry| Lore {
                text: &entry.text,
                name: &entry.name,
            })
            .collect()
    }
}

impl KeyFinder {
    fn new(entries: &[LoreEntry], problems: &mut Vec<String>) -> Self {
        let (mut any_case, mut exact, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        let (mut any_case_of, mut exact_of) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            let lists = [(&entry.keys, false), (&entry.secondary_keys, true)];
            let keys = lists
                .iter()
                .flat_map(|(keys, second)| keys.iter().map(move |key| (key, *second)));
            for (key, second) in keys {
                let place = (at, second);
                match pattern_of(key, entry.is_regex, entry.is_case_sensitive) {
                    Some(Ok(pattern)) => patterns.push((pattern, place)),
                    Some(Err(problem)) => {
                        problems.push(format!(
                            "key `{key}` of the lorebook's entry {at} {problem}"
                        ));
                    }
                    None if entry.is_case_sensitive => {
                        exact.push(key.clone());
                        exact_of.push(place);
                    }
                    None => {
                        any_case.push(key.to_lowercase());
                        any_case_of.push(place);
                    }
                }
            }
        }
        Self {
            any_case: automaton(&any_case),
            any_case_of,
            exact: automaton(&exact),
            exact_of,
            patterns,
        }
    }

    /// The entries whose keys stand in any of the texts: whether one of the first list does, and one of the second.
    fn find(&self, texts: &[&str]) -> BTreeMap<usize, (bool, bool)> {
        let mut found: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
        let mut note = |(entry, second): KeyPlace| {
            let keys = found.entry(entry).or_default();
            *(if second { &mut keys.1 } else { &mut keys.0 }) = true;
        };
        for text in texts {
            if let Some(keys) = &self.any_case {
                let text = text.to_lowercase();
                for hit in keys.find_overlapping_iter(&text) {
                    note(self.any_case_of[hit.pattern().as_usize()]);
                }
            }
            if let Some(keys) = &self.exact {
                for hit in keys.find_overlapping_iter(text) {
                    note(self.exact_of[hit.pattern().as_usize()]);
                }
            }
            for (pattern, place) in &self.patterns {
                if pattern.is_match(text) {
                    note(*place);
                }
            }
        }
        found
    }
}

fn automaton(keys: &[String]) -> Option<AhoCorasick> {
    if keys.is_empty() {
        return None;
    }
    // Too many to be built is none.
    AhoCorasick::new(keys).ok()
}

/// The regular expression that a key is: one between slashes, or any of an entry that says so. Nothing for plain
/// keys.
fn pattern_of(key: &str, is_regex: bool, is_case_sensitive: bool) -> Option<Result<Regex, String>> {
    let slashed = key
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
        .filter(|(inner, flags)| !inner.is_empty() && flags.chars().all(|c| "gimsuy".contains(c)));
    let (pattern, flags) = match slashed {
        Some((pattern, flags)) => (pattern, flags),
        None if is_regex => (key, if is_case_sensitive { "" } else { "i" }),
        None => return None,
    };
    let pattern = RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(MAX_REGEX_BYTES)
        .build();
    Some(pattern.map_err(|_| "is no regular expression that can be used here".to_owned()))
}
