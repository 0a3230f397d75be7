//! Lines as numbers: texts are compared many times, so each is kept once. Must not know where a text
//! comes from.

use std::ops::Range;

use imara_diff::{
    Algorithm, Diff, IndentHeuristic, IndentLevel, NoSliderHeuristic, SliderHeuristic, Token,
};
use rustc_hash::FxHashMap;

/// A line's text, without white space at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LineId(u32);

impl LineId {
    /// Of no line.
    pub(super) const NO_LINE: Self = Self(u32::MAX);
}

/// Words that stand alone on many lines, so that such a line says nothing of who wrote it.
const COMMON_WORDS: [&str; 24] = [
    "else", "end", "break", "continue", "return", "pass", "default", "try", "finally", "do",
    "then", "fi", "done", "esac", "begin", "none", "null", "true", "false", "ok", "self", "const",
    "endif", "private",
];

/// The texts of all lines that were met.
#[derive(Default)]
pub(super) struct LineTable {
    known: FxHashMap<Box<str>, LineId>,
    loose: FxHashMap<Box<str>, LineId>,
    all: Vec<KnownLine>,
}

struct KnownLine {
    text: Box<str>,
    /// The first line that differs from this one in white space only.
    loose: LineId,
    is_telling: bool,
    indent: IndentLevel,
}

impl LineTable {
    /// The number of a line.
    pub(super) fn id(&mut self, text: &str) -> LineId {
        let text = text.trim_end();
        if let Some(id) = self.known.get(text) {
            return *id;
        }
        let id = LineId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let loose = *self.loose.entry(squeezed.into()).or_insert(id);
        self.all.push(KnownLine {
            text: text.into(),
            loose,
            is_telling: is_telling(text),
            indent: IndentLevel::for_line(text.chars(), 4),
        });
        self.known.insert(text.into(), id);
        id
    }

    /// The numbers of a text's lines.
    pub(super) fn ids(&mut self, text: &str) -> Vec<LineId> {
        text.lines().map(|line| self.id(line)).collect()
    }

    pub(super) fn text(&self, id: LineId) -> &str {
        &self.all[id.0 as usize].text
    }

    /// The same for all lines that differ in white space only.
    pub(super) fn loose(&self, id: LineId) -> LineId {
        self.all[id.0 as usize].loose
    }

    /// Whether a line says enough to tell who wrote it, unlike a bracket.
    pub(super) fn is_telling(&self, id: LineId) -> bool {
        self.all[id.0 as usize].is_telling
    }

    /// What has to be replaced to get from one state of a file to the next, in order. Where an
    /// insertion could stand in several places, it stands where blocks begin.
    pub(super) fn diff(&self, before: &[LineId], after: &[LineId]) -> Vec<LineChange> {
        let indent = |token: Token| self.all[token.0 as usize].indent;
        self.diff_by(before, after, |id| id, IndentHeuristic::new(indent))
    }

    /// As [`Self::diff`], where white space doesn't count.
    pub(super) fn loose_diff(&self, before: &[LineId], after: &[LineId]) -> Vec<LineChange> {
        self.diff_by(before, after, |id| self.loose(id), NoSliderHeuristic)
    }

    /// What an edit brings in. An edit that adds something mostly repeats what stands before it, so
    /// what could be kept at either end is kept at the start.
    pub(super) fn edit_diff(&self, before: &[LineId], after: &[LineId]) -> Vec<LineChange> {
        self.diff_by(before, after, |id| id, NoSliderHeuristic)
    }

    fn diff_by(
        &self,
        before: &[LineId],
        after: &[LineId],
        key: impl Fn(LineId) -> LineId,
        sliders: impl SliderHeuristic,
    ) -> Vec<LineChange> {
        let same = |(a, b): &(&LineId, &LineId)| key(**a) == key(**b);
        let head = before.iter().zip(after).take_while(same).count();
        let (before, after) = (&before[head..], &after[head..]);
        if before.is_empty() && after.is_empty() {
            return Vec::new();
        }
        let token = |id: &LineId| Token(key(*id).0);
        let (old, new): (Vec<Token>, Vec<Token>) = (
            before.iter().map(token).collect(),
            after.iter().map(token).collect(),
        );
        let mut diff = Diff::default();
        let tokens = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        diff.compute_with(Algorithm::Histogram, &old, &new, tokens);
        diff.postprocess_with(&old, &new, sliders);
        let shift = |range: Range<u32>| range.start as usize + head..range.end as usize + head;
        diff.hunks()
            .map(|hunk| LineChange {
                before: shift(hunk.before),
                after: shift(hunk.after),
            })
            .collect()
    }
}

/// Lines that were replaced by others; either may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineChange {
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
}

/// The pairs of equal lines between changes: ranges of one length in both sequences.
pub(super) fn kept(
    changes: &[LineChange],
    before: usize,
    after: usize,
) -> Vec<(Range<usize>, Range<usize>)> {
    let mut kept = Vec::with_capacity(changes.len() + 1);
    let (mut old, mut new) = (0, 0);
    for change in changes {
        kept.push((old..change.before.start, new..change.after.start));
        (old, new) = (change.before.end, change.after.end);
    }
    kept.push((old..before, new..after));
    kept
}

fn is_telling(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    if letters < 4 {
        // Scripts without spaces say much in few characters.
        return text.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()) && letters > 1;
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words
        .any(|word| !word.is_empty() && !COMMON_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_lone_keywords_tell_nothing() {
        for text in [
            "",
            "}",
            "    });",
            "  end",
            "} else {",
            "return None;",
            "fi",
            "*/",
            "ab",
        ] {
            assert!(!is_telling(text), "{text}");
        }
        for text in [
            "let x = 12;",
            "fn run() {",
            "名前",
            "    break_loop();",
            "return total;",
        ] {
            assert!(is_telling(text), "{text}");
        }
    }

    #[test]
    fn changes_are_between_what_is_kept() {
        let mut lines = LineTable::default();
        let before = lines.ids("a\nb\nc\nd");
        let after = lines.ids("a\nx\nc\nd\ne  ");
        let changes = lines.diff(&before, &after);
        assert_eq!(changes.len(), 2);
        assert_eq!(
            kept(&changes, before.len(), after.len()),
            [(0..1, 0..1), (2..4, 2..4), (4..4, 5..5)]
        );
        let wide = lines.ids("a\n  b\nc\nd");
        assert!(lines.loose_diff(&before, &wide).is_empty());
    }
}
