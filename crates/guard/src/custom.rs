//! Patterns that a person adds, and what they allow.

use regex::{Regex, RegexSet};

use crate::{Finding, Kind};

/// Bytes that a compiled pattern may take: one that needs more is refused.
const SIZE: usize = 1 << 20;

/// A pattern of a person's own.
#[derive(Clone, Debug)]
pub struct Pattern {
    kind: Kind,
    entity: String,
    regex: Regex,
}

/// A pattern that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad pattern `{pattern}`: {what}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it, and where.
    pub what: String,
}

impl Pattern {
    /// Findings of `kind` and `entity` where the regular expression matches: its group `value` if it
    /// has one, else all of the match.
    pub fn new(kind: Kind, entity: &str, regex: &str) -> Result<Self, PatternError> {
        Ok(Self {
            kind,
            entity: entity.to_owned(),
            regex: compile(regex)?,
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
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

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    let error = |error: &regex::Error| PatternError {
        pattern: pattern.to_owned(),
        what: error.to_string(),
    };
    regex::RegexBuilder::new(pattern)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .build()
        .map_err(|e| error(&e))
}

/// Values that are never findings.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    set: RegexSet,
}

impl Allow {
    /// Findings whose whole value one of these regular expressions matches are left out.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        for pattern in patterns {
            compile(pattern)?;
        }
        let whole = patterns.iter().map(|pattern| format!("^(?:{pattern})$"));
        let set = regex::RegexSetBuilder::new(whole).size_limit(SIZE).build();
        let set = set.map_err(|error| PatternError {
            pattern: patterns.join(", "),
            what: error.to_string(),
        })?;
        Ok(Self { set })
    }

    pub(crate) fn allows(&self, value: &str) -> bool {
        !self.set.is_empty() && self.set.is_match(value)
    }
}
