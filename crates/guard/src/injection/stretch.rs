//! A normalised text cut into stretches, with what the rules say of each.

use std::ops::Range;

use super::rules::{InjectionRule, InjectionRules, RuleMatch};
use super::signs::code_signs;
use super::windows;
use crate::learned::{TextTokens, both, signal};
use crate::normal::Normal;
use crate::unready::Unready;

/// A text ready to be judged.
pub(super) struct PreparedText {
    pub(super) tokens: TextTokens,
    /// Stretches, as ranges of words.
    pub(super) windows: Vec<Range<usize>>,
    /// Where rules match, in bytes, and whether that is within quotation marks.
    hits: Vec<(RuleMatch, bool)>,
}

impl PreparedText {
    /// Prepares a text, normalised and as it was.
    pub(super) fn of(
        normal: &Normal,
        original: &str,
        rules: &InjectionRules,
    ) -> Result<Self, Unready> {
        let text = normal.text.as_str();
        let tokens = TextTokens::of_normal(normal, original);
        let windows = windows::of(&tokens);
        let hits = if windows.is_empty() {
            Vec::new()
        } else {
            rules.find(text)?
        };
        let hits = hits.into_iter().map(|hit| {
            let quoted = is_quoted(text, &hit.range);
            (hit, quoted)
        });
        Ok(Self {
            hits: hits.collect(),
            tokens,
            windows,
        })
    }

    /// Where a stretch stands in the text.
    pub(super) fn range(&self, window: &Range<usize>) -> Range<usize> {
        self.tokens.start(window.start)..self.tokens.end(window.end - 1)
    }

    fn hits<'a>(&'a self, window: &Range<usize>) -> impl Iterator<Item = &'a (RuleMatch, bool)> {
        let mut range = self.range(window);
        // Marks such as `<|` stand before the first word that they belong to.
        range.start = range.start.saturating_sub(4);
        let starts = move |hit: &&(RuleMatch, bool)| range.contains(&hit.0.range.start);
        self.hits.iter().filter(starts)
    }

    /// The signals of a stretch: the kinds of rules that match in it, each two of them, and each
    /// with the manner of the stretch.
    pub(super) fn signals(
        &self,
        text: &str,
        window: &Range<usize>,
        rules: &InjectionRules,
    ) -> Vec<u32> {
        let names = self.hits(window).map(|(hit, quoted)| {
            let kind = signal(kind(rules.rule(hit.rule)));
            if *quoted {
                both(kind, QUOTED_SIGNAL)
            } else {
                kind
            }
        });
        let mut kinds: Vec<u32> = names.collect();
        kinds.sort_unstable();
        kinds.dedup();
        let range = self.range(window);
        let manner = manner(&text[range], window.len());
        let mut signals = manner.clone();
        for (nth, one) in kinds.iter().enumerate() {
            signals.push(*one);
            signals.extend(kinds[nth + 1..].iter().map(|other| both(*one, *other)));
            signals.extend(manner.iter().map(|other| both(*one, *other)));
        }
        signals.push(signal(match kinds.len() {
            0 => "none",
            1 => "one",
            2 => "two",
            3 => "three",
            _ => "many",
        }));
        signals
    }

    /// Whether a rule matches in a stretch that says what an attack is, rather than what also stands
    /// in much that is none.
    pub(super) fn is_named(&self, window: &Range<usize>, rules: &InjectionRules) -> bool {
        self.hits(window)
            .any(|(hit, _)| !WEAK_RULE_KINDS.contains(&kind(rules.rule(hit.rule))))
    }

    /// Whether a stretch tells the reader in another language than English to ignore its instructions.
    pub(super) fn is_foreign_override(
        &self,
        window: &Range<usize>,
        rules: &InjectionRules,
    ) -> bool {
        self.hits(window)
            .any(|(hit, quoted)| !quoted && rules.rule(hit.rule).name.starts_with("override/"))
    }

    /// The rule that says best what a stretch is: the first in their order that names something.
    pub(super) fn best(
        &self,
        window: &Range<usize>,
        rules: &InjectionRules,
    ) -> Option<&'static InjectionRule> {
        let named = self.hits(window).map(|(hit, _)| hit.rule);
        let named = named.filter(|rule| !rules.rule(*rule).entity.is_empty());
        named.min().map(|rule| rules.rule(rule))
    }
}

/// Kinds of rules that alone say little.
const WEAK_RULE_KINDS: &[&str] = &[
    "addressed",
    "exfiltration",
    "anything-goes",
    "pretext",
    "talk-about",
    "you-are-ai",
];

/// What a quoted match is combined with.
const QUOTED_SIGNAL: u32 = 0x0900_7ed1;

/// Whether a match stands in quotation marks: an odd number of them comes before it in its line.
fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let before = &text.as_bytes()[range.start.saturating_sub(160)..range.start];
    let line = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let marks = line
        .iter()
        .filter(|byte| matches!(byte, b'"' | b'`'))
        .count();
    let opens = |mark: &[u8]| memchr::memmem::rfind(line, mark);
    let is_open = |open: &str, close: &str| opens(open.as_bytes()) > opens(close.as_bytes());
    let apostrophe = line.windows(2).any(|pair| pair == b" '" || pair == b"('");
    marks % 2 == 1 || is_open("“", "”") || is_open("«", "»") || is_open("„", "“") || apostrophe
}

/// How a stretch speaks.
fn manner(text: &str, words: usize) -> Vec<u32> {
    let mut out = Vec::new();
    let mut is = |name: &str, yes: bool| {
        if yes {
            out.push(signal(name));
        }
    };
    let mut list = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let (mut mine, mut yours) = (false, false);
    let first = list.find(|word| !word.is_empty()).unwrap_or_default();
    for word in std::iter::once(first).chain(list) {
        mine |= matches!(word, "my" | "our" | "i" | "we" | "i'm" | "i've" | "us");
        yours |= matches!(word, "you" | "your" | "you're" | "yourself" | "yours");
    }
    is("manner/mine", mine);
    is("manner/yours", yours);
    let asks = [
        "what", "how", "why", "who", "when", "where", "which", "is", "are", "can", "does", "do",
        "should", "could",
    ];
    is("manner/asks", asks.contains(&first));
    is("manner/question", text.contains('?'));
    is("manner/short", words < 12);
    is("manner/long", words > 45);
    is("manner/code", code_signs(text) * 14 > text.len());
    out
}

/// What rules of all languages have in common.
fn kind(rule: &InjectionRule) -> &'static str {
    rule.name.split('/').next().unwrap_or(rule.name)
}
