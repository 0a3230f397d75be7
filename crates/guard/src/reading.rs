//! The forms in which rules read a text: without what is masked already, and with and without what no
//! reader sees, with the way back to where each part of it stands in the original.

use std::borrow::Cow;
use std::ops::Range;

use crate::hidden::{self, Hidden};

mod fold;

/// What stands for a part that rules don't read: no letter, digit, blank or sign of any of them.
pub(crate) const OPAQUE_CHARACTER: &str = "\u{fffc}";

/// A text in which parts were left out or replaced.
#[derive(Debug)]
pub(crate) struct TextReading<'t> {
    pub(crate) text: Cow<'t, str>,
    /// After each change, where the same place is in both texts.
    anchors: Vec<Anchor>,
    /// Whether characters stand in the place of others, so that what ends with one has it in it.
    is_folded: bool,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    here: usize,
    source: usize,
}

impl<'t> TextReading<'t> {
    /// `text` with something in the place of each range; ranges are in order and don't overlap.
    fn replacing(text: &'t str, ranges: impl Iterator<Item = Range<usize>>, instead: &str) -> Self {
        let mut ranges = ranges.peekable();
        if ranges.peek().is_none() {
            return Self {
                text: Cow::Borrowed(text),
                anchors: Vec::new(),
                is_folded: false,
            };
        }
        let mut out = String::with_capacity(text.len());
        let mut anchors = Vec::new();
        let mut done = 0;
        for range in ranges {
            out.push_str(&text[done..range.start]);
            out.push_str(instead);
            done = range.end;
            anchors.push(Anchor {
                here: out.len(),
                source: done,
            });
        }
        out.push_str(&text[done..]);
        Self {
            text: Cow::Owned(out),
            anchors,
            is_folded: false,
        }
    }

    /// `text` with characters in the place of others.
    fn folded(text: &str, others: Vec<(Range<usize>, char)>) -> TextReading<'static> {
        let mut out = String::with_capacity(text.len());
        let mut anchors = Vec::with_capacity(others.len());
        let mut done = 0;
        for (range, plain) in others {
            out.push_str(&text[done..range.start]);
            out.push(plain);
            done = range.end;
            anchors.push(Anchor {
                here: out.len(),
                source: done,
            });
        }
        out.push_str(&text[done..]);
        TextReading {
            text: Cow::Owned(out),
            anchors,
            is_folded: true,
        }
    }

    /// Where a range of it stands in the original: what was left out within it is part of that, what
    /// was left out around it isn't.
    fn source(&self, range: Range<usize>) -> Range<usize> {
        let place = |at: usize, passed: usize| {
            let last = passed.checked_sub(1).map(|last| self.anchors[last]);
            last.map_or(at, |last| last.source + (at - last.here))
        };
        let before_start = self.anchors.partition_point(|one| one.here <= range.start);
        let is_within = |one: &Anchor| one.here < range.end + usize::from(self.is_folded);
        let before_end = self.anchors.partition_point(is_within);
        place(range.start, before_start)..place(range.end, before_end.max(before_start))
    }
}

/// All forms of a text.
#[derive(Debug)]
pub(crate) struct Readings<'t> {
    base: TextReading<'t>,
    /// Where in the base parts stand that rules don't read.
    opaque: Vec<Range<usize>>,
    /// The base without what is hidden, if anything is: first without all of it, then with what may
    /// part words.
    seen: Vec<TextReading<'t>>,
    /// What is left of it once nothing is hidden, with signs and digits in ASCII, if others are in it.
    plain: Option<TextReading<'static>>,
    /// Whether control characters are hidden in it rather than ignorable ones alone, which models leave
    /// out themselves.
    has_controls: bool,
}

impl<'t> Readings<'t> {
    /// The forms of a text of which rules don't read some parts, which are in order and don't overlap.
    pub(crate) fn of(text: &'t str, parts: &[Range<usize>]) -> Self {
        let base = TextReading::replacing(text, parts.iter().cloned(), OPAQUE_CHARACTER);
        let opaque = base.anchors.iter();
        let opaque = opaque
            .map(|end| end.here - OPAQUE_CHARACTER.len()..end.here)
            .collect();
        let mut hidden: Vec<Hidden> = hidden::ranges(&base.text).collect();
        let has_controls = hidden.iter().any(|hidden| {
            base.text[hidden.range.clone()]
                .chars()
                .any(char::is_control)
        });
        add_escaped(&base.text, &mut hidden);
        let mut seen = Vec::new();
        if !hidden.is_empty() {
            seen.push(without(&base.text, &hidden));
            let glue: Vec<Hidden> = hidden.iter().filter(|one| !one.parts).cloned().collect();
            if !glue.is_empty() && glue.len() < hidden.len() {
                seen.push(without(&base.text, &glue));
            }
        }
        let plain = fold::replaced(seen.first().map_or(&base.text, |seen| &seen.text));
        let plain = (!plain.is_empty()).then(|| {
            TextReading::folded(seen.first().map_or(&base.text, |seen| &seen.text), plain)
        });
        Self {
            base,
            opaque,
            seen,
            plain,
            has_controls,
        }
    }

    /// The forms that rules of bytes and words read: each of them can hold what the others don't.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.base.text)
            .chain(self.seen.iter().map(|seen| &*seen.text))
            .chain(self.plain.iter().map(|plain| &*plain.text))
    }

    /// How many of them models read: they compose characters themselves.
    pub(crate) fn for_models(&self) -> usize {
        if self.has_controls {
            1 + self.seen.len()
        } else {
            1
        }
    }

    /// Where a range of one of the forms stands in the original, less the parts that aren't read: a value
    /// of which something is masked already is a value all the same, and the rest of it is found.
    pub(crate) fn source(
        &self,
        nth: usize,
        range: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> {
        let in_base = match (nth.checked_sub(1), self.seen.first()) {
            (None, _) => range,
            (Some(nth), _) if nth < self.seen.len() => self.seen[nth].source(range),
            (_, seen) => {
                let folded = self
                    .plain
                    .as_ref()
                    .map_or(range.clone(), |plain| plain.source(range));
                seen.map_or(folded.clone(), |seen| seen.source(folded))
            }
        };
        let first = self
            .opaque
            .partition_point(|part| part.end <= in_base.start);
        let end = in_base.end;
        let within = self.opaque[first..]
            .iter()
            .take_while(move |part| part.start < end)
            .cloned();
        let mut at = in_base.start;
        within
            .chain(std::iter::once(end..end))
            .filter_map(move |part| {
                let read = at..part.start;
                at = part.end;
                (!read.is_empty()).then(|| self.base.source(read))
            })
    }
}

/// Adds escapes that stand for what is hidden; those within a sequence that is hidden as a whole aren't needed.
fn add_escaped(text: &str, hidden: &mut Vec<Hidden>) {
    let characters = hidden.len();
    for escaped in hidden::escaped_ranges(text) {
        let next = hidden[..characters].partition_point(|one| one.range.end <= escaped.range.start);
        let is_within = hidden[..characters]
            .get(next)
            .is_some_and(|one| one.range.start < escaped.range.end);
        if !is_within {
            hidden.push(escaped);
        }
    }
    if hidden.len() > characters {
        hidden.sort_by_key(|one| one.range.start);
    }
}

fn without<'t>(text: &str, hidden: &[Hidden]) -> TextReading<'t> {
    let ranges = hidden.iter().map(|hidden| hidden.range.clone());
    let TextReading { text, anchors, .. } = TextReading::replacing(text, ranges, "");
    TextReading {
        is_folded: false,
        text: Cow::Owned(text.into_owned()),
        anchors,
    }
}
