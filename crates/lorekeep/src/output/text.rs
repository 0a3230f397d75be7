//! Text from logs as data: what a terminal would act on is made visible, and widths are measured as
//! a terminal shows them.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::ansi;

/// The text with everything that a terminal would act on, and all that no reader sees, replaced by
/// something visible; line breaks and tabs stay. Colours and other sequences of terminals are left out,
/// as they say nothing; what remains of C0 controls becomes its picture (`␛`), all else `\u{…}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    match ansi::without_sequences(text) {
        Cow::Borrowed(text) => pictured(text),
        Cow::Owned(text) => pictured(&text).into_owned().into(),
    }
}

fn pictured(text: &str) -> Cow<'_, str> {
    shown(text, |c, out| match c {
        '\u{0}'..='\u{1f}' => out.extend(char::from_u32(0x2400 + u32::from(c))),
        '\u{7f}' => out.push('\u{2421}'),
        c => {
            out.push_str("\\u{");
            out.push_str(&format!("{:x}}}", u32::from(c)));
        }
    })
}

/// The text on one line: as [`visible`], and each run of white space is one space.
pub(crate) fn one_line(text: &str) -> String {
    let text = ansi::without_sequences(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&pictured(word));
    }
    out
}

/// JSON text with the same characters escaped. They occur in strings only, where the escape means the
/// same, so that the document stays what it was.
pub(crate) fn visible_json(json: &str) -> Cow<'_, str> {
    shown(json, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

/// Line ends that only some programs know as such.
const LINE_SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// The text with something instead of each character that no reader sees or that only some programs
/// break lines at.
fn shown(text: &str, instead: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let mut hidden = guard::hidden_ranges(text).peekable();
    if hidden.peek().is_none() && !text.contains(LINE_SEPARATORS) {
        return match text.contains('\r') {
            true => text.replace('\r', "").into(),
            false => text.into(),
        };
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        while hidden.next_if(|range| range.end <= at).is_some() {}
        let is_within = hidden.peek().is_some_and(|range| range.start <= at);
        match c {
            c if LINE_SEPARATORS.contains(&c) || is_within && guard::is_hidden(c) => {
                instead(c, &mut out);
            }
            // One that isn't hidden only ends a line, and does nothing.
            '\r' => {}
            c => out.push(c),
        }
    }
    out.into()
}

/// How many columns a terminal needs for the text.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to at most `columns`, with `…` where something was cut.
pub(crate) fn clip(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut end = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        let next = used + width(grapheme);
        if next + 1 > columns {
            break;
        }
        used = next;
        end = start + grapheme.len();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Cuts text into lines of at most `columns` (at least 8): at its own line breaks, between words,
/// and between characters where a script has no spaces or a word is longer than a line.
///
/// Returns byte ranges, so that marks within the text keep their places; the white space at which a
/// line was broken belongs to no line.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut wrapping = Wrapping {
        columns: columns.max(8),
        lines: Vec::new(),
        line: 0..0,
        used: 0,
    };
    let mut chunk = 0..0;
    for (start, word) in text.split_word_bound_indices() {
        let is_space = word.trim().is_empty();
        if is_space || may_break(&text[chunk.clone()], word) {
            wrapping.word(chunk.start, &text[chunk.clone()]);
            chunk = start..start;
        }
        if is_space {
            wrapping.word(start, word);
            chunk = start + word.len()..start + word.len();
        } else {
            chunk.end = start + word.len();
        }
    }
    wrapping.word(chunk.start, &text[chunk]);
    wrapping.end_line(text.len());
    wrapping.lines
}

/// Whether a line may end between two pieces without white space between them: beside characters of
/// scripts that have none (they are two columns wide), but not before punctuation.
fn may_break(before: &str, after: &str) -> bool {
    let is_wide = |c: Option<char>| c.and_then(UnicodeWidthChar::width) == Some(2);
    let beside_wide = is_wide(before.chars().next_back()) || is_wide(after.chars().next());
    beside_wide && after.chars().next().is_some_and(char::is_alphanumeric)
}

struct Wrapping {
    columns: usize,
    lines: Vec<Range<usize>>,
    /// The line so far, without white space that may turn out to be its end.
    line: Range<usize>,
    /// Columns from the line's start, with such white space.
    used: usize,
}

impl Wrapping {
    fn word(&mut self, start: usize, word: &str) {
        if word.is_empty() {
            return;
        }
        let width = width(word);
        if word.contains('\n') {
            self.end_line(start + word.len());
        } else if word.trim().is_empty() {
            // White space at the start of a line is dropped.
            if self.line.is_empty() {
                self.line = start + word.len()..start + word.len();
            } else {
                self.used += width;
            }
        } else if self.used + width <= self.columns {
            self.take(start, word, width);
        } else if width <= self.columns {
            self.end_line(start);
            self.take(start, word, width);
        } else {
            self.long(start, word);
        }
    }

    /// A word longer than a line: filled in grapheme by grapheme.
    fn long(&mut self, start: usize, word: &str) {
        for (offset, grapheme) in word.grapheme_indices(true) {
            let width = width(grapheme);
            if self.used + width > self.columns {
                self.end_line(start + offset);
            }
            self.take(start + offset, grapheme, width);
        }
    }

    fn take(&mut self, start: usize, text: &str, width: usize) {
        self.line.end = start + text.len();
        self.used += width;
    }

    fn end_line(&mut self, next: usize) {
        if !self.line.is_empty() {
            self.lines.push(self.line.clone());
        }
        self.line = next..next;
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_act_on_becomes_visible() {
        let check = |input, expected| assert_eq!(visible(input), expected, "{input:?}");
        check("plain\ttext\n", "plain\ttext\n");
        check("\u{1b}[2Jgone", "gone");
        check("\u{1b}]0;title\u{7}", "");
        check("\u{1b}]0;never ended", "␛]0;never ended");
        check("a\u{9b}31m", "a");
        check("\u{1b}\u{1b}[91mred\u{1b}[0m", "␛red");
        check("\u{1b}[3\u{1b}[91m1m", "␛[31m");
        check("abc\rxyz\r\n", "abc␍xyz\n");
        check("\u{202e}cba", "\\u{202e}cba");
        check("nul\0del\u{7f}", "nul␀del␡");
        check("tag\u{e0041}", "tag\\u{e0041}");
        check(
            "x\u{fe0f}\u{200b}y\u{2028}",
            "x\\u{fe0f}\\u{200b}y\\u{2028}",
        );
        check("⚠\u{fe0f} \u{9d}\u{1b}", "⚠\u{fe0f} \\u{9d}␛");
        check("日本語 👩‍👩‍👧 é", "日本語 👩‍👩‍👧 é");
    }

    #[test]
    fn json_means_the_same_with_controls_escaped() {
        let text = "\u{1b}[31m \u{9b}2J \u{202e} \u{e0041} \u{7f} é\r\n";
        let json = serde_json::to_string(text).expect("a string");
        let safe = visible_json(&json);
        assert_eq!(guard::hidden_ranges(&safe).next(), None, "{safe}");
        assert_eq!(
            serde_json::from_str::<String>(&safe).expect("a string"),
            text
        );
    }

    #[test]
    fn clipping_counts_columns() {
        assert_eq!(clip("lorekeep", 8), "lorekeep");
        assert_eq!(clip("lorekeeper", 8), "lorekee…");
        assert_eq!(clip("日本語テキスト", 8), "日本語…");
        assert_eq!(clip("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5), "👩‍👩‍👧👩‍👩‍👧…");
    }

    #[test]
    fn wrapping_keeps_within_the_columns() {
        let lines = |text, columns| -> Vec<String> {
            wrap(text, columns)
                .into_iter()
                .map(|line| text[line].to_owned())
                .collect()
        };
        assert_eq!(lines("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(lines("one\n\n  two", 20), ["one", "two"]);
        assert_eq!(lines("abcdefghijklmnop", 8), ["abcdefgh", "ijklmnop"]);
        assert_eq!(lines("日本語のテキスト", 8), ["日本語の", "テキスト"]);
        assert_eq!(lines("日本語。テキスト", 8), ["日本語。", "テキスト"]);
        assert_eq!(lines("min(8 min, 15 s)", 9), ["min(8", "min, 15", "s)"]);
        assert_eq!(lines("", 8), Vec::<String>::new());
    }
}
