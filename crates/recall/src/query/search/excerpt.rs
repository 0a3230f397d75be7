//! The part of a text that shows why it was found.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::guards::{FieldFinding, Gate};
use crate::text::Analyzer;

/// Characters of an excerpt, about.
const EXCERPT_BYTES: usize = 320;

/// A cut of a text, and where the matched words are in it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) matches: Vec<(usize, usize)>,
}

/// A part of a text that is to be an excerpt of it.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// What is shown.
    part: Range<usize>,
    /// The matched words in it, as places in the text.
    pub(super) matches: Vec<Range<usize>>,
    /// Whether something stands before and after it.
    is_cut: (bool, bool),
}

impl Cut {
    /// The same as a part of what the text is a part of.
    pub(super) fn within(mut self, start: usize) -> Self {
        for range in self.matches.iter_mut().chain([&mut self.part]) {
            *range = range.start + start..range.end + start;
        }
        self
    }

    /// The excerpt of its text as it may be shown: words that were found to be more than words are
    /// no matches any more.
    pub(super) fn show(self, gate: Gate<'_>, text: &str, all: &mut Vec<FieldFinding>) -> Excerpt {
        let mut seen = gate.part(text, self.part.clone());
        let lead = if self.is_cut.0 { "…" } else { "" };
        let trail = if self.is_cut.1 { "…" } else { "" };
        // Where something was taken out of it, places in it have moved.
        let is_as_it_was = seen.text.len() == self.part.len();
        let matches = if seen.findings.is_empty() && is_as_it_was {
            let shift = |at: usize| at - self.part.start + lead.len();
            let shifted = self.matches.iter();
            shifted.map(|at| (shift(at.start), shift(at.end))).collect()
        } else {
            for judged in &mut seen.findings {
                judged.finding.start += lead.len();
                judged.finding.end += lead.len();
            }
            seen.tell("excerpt", all);
            Vec::new()
        };
        Excerpt {
            text: format!("{lead}{}{trail}", seen.text),
            matches,
        }
    }
}

/// The places of the given terms in a text.
pub(super) fn places(
    text: &str,
    terms: &FxHashSet<&str>,
    prefixes: &[&str],
    analyzer: &mut Analyzer,
) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    analyzer.terms(text, &mut |term| {
        let matches =
            terms.contains(term.text) || prefixes.iter().any(|p| term.text.starts_with(p));
        if matches {
            match found.last_mut() {
                // A part of an identifier whose whole matched, or pairs of characters in a row.
                Some(last) if term.start <= last.end => last.end = last.end.max(term.end),
                _ => found.push(term.start..term.end),
            }
        }
    });
    found
}

/// Cuts a text around where most matches are, at the ends of words.
pub(super) fn cut(text: &str, places: &[Range<usize>]) -> Cut {
    let window = densest(text, places);
    let start = widen_left(text, window.start);
    let mut end = text.ceil_char_boundary((start + EXCERPT_BYTES).min(text.len()));
    if end < text.len() {
        end = text[..end]
            .rfind(char::is_whitespace)
            .filter(|at| *at > window.start)
            .unwrap_or(end);
    }
    let slice = &text[start..end];
    let from = start + slice.len() - slice.trim_start().len();
    let part = from..from + slice.trim().len();
    let within = |place: &&Range<usize>| place.start >= part.start && place.end <= part.end;
    Cut {
        matches: places.iter().filter(within).cloned().collect(),
        is_cut: (
            !text[..start].trim().is_empty(),
            !text[end..].trim().is_empty(),
        ),
        part,
    }
}

/// The matches that stand together within an excerpt's length, most of them.
fn densest(text: &str, places: &[Range<usize>]) -> Range<usize> {
    let mut best = (0, 0..0);
    for (at, place) in places.iter().enumerate() {
        let within = places[at..]
            .iter()
            .take_while(|other| other.end <= place.start + EXCERPT_BYTES * 3 / 4);
        let (count, end) = within.fold((0, place.end), |(count, _), other| (count + 1, other.end));
        if count > best.0 {
            best = (count, place.start..end);
        }
    }
    debug_assert!(best.1.end <= text.len(), "places lie in the text");
    best.1
}

/// A little context before the first match, from the start of a word or line.
fn widen_left(text: &str, start: usize) -> usize {
    if start < EXCERPT_BYTES / 4 {
        return 0;
    }
    let earliest = text.floor_char_boundary(start - EXCERPT_BYTES / 4);
    let lead = &text[earliest..start];
    match lead.rfind('\n').or_else(|| lead.find(char::is_whitespace)) {
        Some(at) => text.ceil_char_boundary(earliest + at + 1).min(start),
        None => earliest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guards;
    use crate::guards::ArchiveGuards;

    fn check(text: &str, terms: &[&str]) -> Excerpt {
        let terms = terms.iter().copied().collect();
        let places = places(text, &terms, &[], &mut Analyzer::new());
        let guards = ArchiveGuards::passing(&Guards::default());
        let excerpt = cut(text, &places).show(Gate::new(&guards), text, &mut Vec::new());
        for (start, end) in &excerpt.matches {
            assert!(excerpt.text.is_char_boundary(*start) && excerpt.text.is_char_boundary(*end));
        }
        excerpt
    }

    #[test]
    fn a_short_text_is_kept_whole() {
        let excerpt = check("We chose the retry policy.", &["retri", "polici"]);
        assert_eq!(excerpt.text, "We chose the retry policy.");
        assert_eq!(excerpt.matches, [(13, 18), (19, 25)]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_match() {
        let text = format!(
            "{} the retry policy {}",
            "before ".repeat(200),
            "after ".repeat(200)
        );
        let excerpt = check(&text, &["retri", "polici"]);
        assert!(excerpt.text.len() < 400 && excerpt.text.starts_with('…'));
        let (start, end) = excerpt.matches[0];
        assert_eq!(&excerpt.text[start..end], "retry");
    }

    #[test]
    fn wide_characters_are_not_split() {
        let excerpt = check(
            &format!("{}重试策略{}", "前".repeat(500), "后".repeat(500)),
            &["重试", "试策"],
        );
        assert!(excerpt.text.contains("重试策略"));
        check(&"👩‍👩‍👧 ".repeat(300), &[]);
    }
}
