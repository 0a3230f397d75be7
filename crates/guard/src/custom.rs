//! Regular expressions that a person adds in the settings: what else is to be found, and which values are
//! never to be reported. Their syntax is that of the `regex` crate.

mod beginnings;

use std::ops::Range;

use regex::{Regex, RegexSet};
use sha2::{Digest as _, Sha256};

use crate::finding::{Finding, Kind};

/// Bytes that a compiled pattern may take: one that needs more is refused.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Values so unlike each other that only a pattern for anything matches them all.
const UNRELATED_TEXTS: [&str; 3] = ["k7-Qz_93", "two words", "ключ@例.org:443/?a=b"];

/// A regular expression that a person added in the settings, with the kind and entity of what it finds.
#[derive(Clone, Debug)]
pub struct Pattern {
    kind: Kind,
    entity: String,
    regex: Regex,
    /// Where at the end of a text a match may have begun; `None` where that takes too much memory to tell.
    begun: Option<Regex>,
}

/// Bytes that are held back of a text that comes in pieces where it can't be told whether a match began.
const UNKNOWN_BYTES: usize = 256;

/// A pattern of the settings that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The pattern as the person wrote it; several with `, ` between them, if only all together are too
    /// large.
    pub pattern: String,
    /// What is wrong with it, in words.
    pub what: String,
    /// The character of the pattern, counted from 1, at which it goes wrong; `None` where it isn't a
    /// matter of one place, such as a pattern that is too large.
    pub at: Option<usize>,
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pattern, what, at } = self;
        write!(f, "bad pattern `{pattern}`")?;
        if let Some(at) = at {
            write!(f, " at character {at}")?;
        }
        write!(f, ": {what}")
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Findings of `kind` and `entity` where the regular expression matches: the part that its group
    /// `value` matches if it has one, else all of the match; empty matches are none. `entity` may be any
    /// name. The findings have the rule `custom/` with the entity after it, and the score 1.
    ///
    /// # Errors
    ///
    /// If the expression is wrong, takes more than a mebibyte when made ready, or matches nothing but empty
    /// text, so that it would never find anything.
    pub fn new(kind: Kind, entity: &str, regex: &str) -> Result<Self, PatternError> {
        let compiled = compile(regex)?;
        let longest = regex_syntax::parse(regex).map(|parsed| parsed.properties().maximum_len());
        if longest == Ok(Some(0)) {
            return Err(PatternError {
                pattern: regex.to_owned(),
                what: "it matches nothing but empty text".to_owned(),
                at: None,
            });
        }
        Ok(Self {
            kind,
            entity: entity.to_owned(),
            regex: compiled,
            begun: beginnings::at_the_end(regex),
        })
    }

    /// The kind of the findings that this pattern gives.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The entity of the findings that this pattern gives, as the person named it.
    #[must_use]
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The regular expression as the person wrote it.
    #[must_use]
    pub fn regex(&self) -> &str {
        self.regex.as_str()
    }

    /// Where the part at the end of a text begins in which a match has begun that what is still to come may
    /// end, make longer or prevent; the text's length if none has.
    pub(crate) fn begun(&self, text: &str) -> usize {
        match &self.begun {
            Some(begun) => begun.find(text).map_or(text.len(), |found| found.start()),
            None => text.floor_char_boundary(text.len().saturating_sub(UNKNOWN_BYTES)),
        }
    }

    /// Where the matches in a text are, empty ones too.
    pub(crate) fn matches(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        self.regex.find_iter(text).map(|found| found.range())
    }

    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        for captures in self.regex.captures_iter(text) {
            let Some(found) = captures.name("value").or_else(|| captures.get(0)) else {
                continue;
            };
            if found.is_empty() {
                continue;
            }
            out.push(Finding {
                kind: self.kind,
                entity: self.entity.clone().into(),
                rule: format!("custom/{}", self.entity).into(),
                start: found.start(),
                end: found.end(),
                score: 1.0,
                why: "matches a pattern of the settings".into(),
            });
        }
    }
}

/// A number that stands for patterns and exceptions, in whatever order they are; 0 for none.
pub(crate) fn version(patterns: &[Pattern], allow: &Allow) -> u32 {
    let patterns = patterns.iter().map(|pattern| {
        let (kind, entity) = (pattern.kind.name(), &pattern.entity);
        format!("{kind}\0{entity}\0{}", pattern.regex())
    });
    let allowed = allow.set.patterns().iter();
    let allowed = allowed.map(|allowed| format!("\0{allowed}"));
    let mut all: Vec<String> = patterns.chain(allowed).collect();
    if all.is_empty() {
        return 0;
    }
    all.sort_unstable();
    all.dedup();
    let hash = Sha256::digest(all.join("\0\0"));
    let start = hash.first_chunk().copied().unwrap_or_default();
    // 0 stands for none.
    u32::from_be_bytes(start).max(1)
}

/// Makes a pattern ready, which takes at most [`MAX_COMPILED_BYTES`] bytes and matches in linear time.
fn compile(pattern: &str) -> Result<Regex, PatternError> {
    check_syntax(pattern)?;
    regex::RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED_BYTES)
        .dfa_size_limit(MAX_COMPILED_BYTES)
        .build()
        .map_err(|error| unusable(pattern, &error))
}

/// The regular expression's own error is a drawing over several lines; this tells the place alone.
fn check_syntax(pattern: &str) -> Result<(), PatternError> {
    let Err(error) = regex_syntax::parse(pattern) else {
        return Ok(());
    };
    let (what, span) = match &error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
        error => (error.to_string(), None),
    };
    Err(PatternError {
        pattern: pattern.to_owned(),
        what,
        at: span.map(|span| {
            let before = pattern.get(..span.start.offset).unwrap_or(pattern);
            before.chars().count() + 1
        }),
    })
}

fn unusable(pattern: &str, error: &regex::Error) -> PatternError {
    let what = match error {
        regex::Error::CompiledTooBig(_) => {
            format!("it takes more than {MAX_COMPILED_BYTES} bytes when made ready")
        }
        error => error.to_string(),
    };
    PatternError {
        pattern: pattern.to_owned(),
        what,
        at: None,
    }
}

/// Patterns of values that a person allows: a finding whose whole value one of them matches isn't
/// reported, of whatever kind it is. The default allows nothing.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    set: RegexSet,
}

impl Allow {
    /// Allows values that one of these regular expressions matches from start to end.
    ///
    /// # Errors
    ///
    /// If an expression is wrong, one of them or all together take more than a mebibyte when made ready,
    /// or one allows whatever there is, such as `.*`, which would switch the guards off without saying so.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        for pattern in patterns {
            compile(pattern)?;
            let whole = compile(&format!("^(?:{pattern})$"))?;
            if UNRELATED_TEXTS.iter().all(|value| whole.is_match(value)) {
                return Err(PatternError {
                    pattern: pattern.clone(),
                    what: "it allows anything".to_owned(),
                    at: None,
                });
            }
        }
        let whole = patterns.iter().map(|pattern| format!("^(?:{pattern})$"));
        let set = regex::RegexSetBuilder::new(whole)
            .size_limit(MAX_COMPILED_BYTES)
            .build();
        let set = set.map_err(|error| unusable(&patterns.join(", "), &error))?;
        Ok(Self { set })
    }

    pub(crate) fn allows(&self, value: &str) -> bool {
        !self.set.is_empty() && self.set.is_match(value)
    }
}
