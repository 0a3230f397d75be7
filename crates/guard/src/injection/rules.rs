//! What attacks say, as patterns over normalised text. A pattern that matches is a signal to the
//! model, which weighs it against the rest of the stretch; words alone prove nothing.

mod rule;
mod phrases;
mod languages;
mod told;

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

pub(crate) use rule::InjectionRule;

use crate::unready::Unready;

/// Where a rule matched.
#[derive(Clone, Debug)]
pub(super) struct RuleMatch {
    /// Which rule, as a number in the order of [`Rules::all`].
    pub(super) rule: usize,
    pub(super) range: Range<usize>,
}

/// All rules. The patterns are compiled when their keywords turn up.
pub(crate) struct InjectionRules {
    keywords: AhoCorasick,
    /// For each keyword its rule.
    rule_of: Vec<usize>,
    rules: Vec<&'static InjectionRule>,
    compiled: Vec<OnceLock<Result<Regex, Unready>>>,
}

/// Matches of one rule that are kept of one text.
const MAX_MATCHES: usize = 64;

impl InjectionRules {
    pub(crate) fn new() -> Self {
        Self::of(Self::named().collect())
    }

    /// Every compiled-in rule.
    pub(crate) fn named() -> impl Iterator<Item = &'static InjectionRule> {
        phrases::PHRASE_RULES
            .iter()
            .chain(languages::LANGUAGE_RULES)
    }

    /// Rules in the order in which they name what was found.
    pub(crate) fn of(rules: Vec<&'static InjectionRule>) -> Self {
        let mut words: Vec<&str> = Vec::new();
        let mut rule_of = Vec::new();
        for (nth, rule) in rules.iter().enumerate() {
            words.extend(rule.keywords);
            rule_of.resize(words.len(), nth);
        }
        #[expect(clippy::expect_used, reason = "a test builds it from these very words")]
        let keywords = AhoCorasick::new(words).expect("keywords");
        let compiled = rules.iter().map(|_| OnceLock::new()).collect();
        Self {
            keywords,
            rule_of,
            rules,
            compiled,
        }
    }

    /// The rule of a number.
    pub(super) fn rule(&self, nth: usize) -> &'static InjectionRule {
        self.rules[nth]
    }

    /// Where rules match in a normalised text.
    pub(super) fn find(&self, text: &str) -> Result<Vec<RuleMatch>, Unready> {
        let mut present = vec![false; self.rules.len()];
        for found in self.keywords.find_overlapping_iter(text) {
            present[self.rule_of[found.pattern().as_usize()]] = true;
        }
        let mut hits = Vec::new();
        for (nth, _) in present.iter().enumerate().filter(|(_, is)| **is) {
            let regex = self.regex(nth)?;
            let name = self.rules[nth].name;
            let found = regex
                .find_iter(text.as_bytes())
                .take(MAX_MATCHES)
                .filter(|found| {
                    let range = whole_chars(text, found.range());
                    !told::is_told(name, text, &range)
                });
            hits.extend(found.map(|found| RuleMatch {
                rule: nth,
                range: whole_chars(text, found.range()),
            }));
        }
        Ok(hits)
    }

    fn regex(&self, nth: usize) -> Result<&Regex, Unready> {
        let rule = self.rules[nth];
        let regex = self.compiled[nth]
            .get_or_init(|| compile(rule.pattern).map_err(|_| Unready::Rule(rule.name)));
        regex.as_ref().map_err(|unready| *unready)
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let pattern = pattern.replace(" .. ", r"[^.!?\n]+?");
    let pattern: String = pattern.split('\n').map(str::trim).collect();
    regex::bytes::RegexBuilder::new(&pattern)
        .unicode(false)
        .build()
}

/// A range of bytes with the characters that it cuts.
fn whole_chars(text: &str, mut range: Range<usize>) -> Range<usize> {
    while !text.is_char_boundary(range.start) {
        range.start -= 1;
    }
    while !text.is_char_boundary(range.end) {
        range.end += 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::{InjectionRules, compile};

    #[test]
    fn every_pattern_is_sound() {
        for rule in InjectionRules::new().rules {
            if let Err(error) = compile(rule.pattern) {
                panic!("{}: {error}", rule.name);
            }
            assert!(!rule.keywords.is_empty(), "{}", rule.name);
        }
    }
}
