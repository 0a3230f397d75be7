//! The escape sequences of terminals (ECMA-48) in texts: tools colour what they print, and logs keep it. On
//! a page of our own such a sequence says nothing, so that it is taken out whole.

use std::borrow::Cow;
use std::ops::Range;

/// Bytes that a command for the terminal itself, such as the title of its window, may have. A longer one
/// is text behind a stray control character.
const MAX_COMMAND_BYTES: usize = 4096;

/// The text without sequences.
pub(super) fn without_sequences(text: &str) -> Cow<'_, str> {
    let ranges = sequences(text);
    if ranges.is_empty() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(&text[at..range.start]);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out.into()
}

/// The text without sequences, and byte ranges of it moved along. A range that doesn't lie on the text's
/// characters is dropped.
pub(super) fn without_sequences_between<'a>(
    text: &'a str,
    marks: &[Range<usize>],
) -> (Cow<'a, str>, Vec<Range<usize>>) {
    let ranges = sequences(text);
    let moved = |at: usize| {
        let before = ranges.iter().take_while(|range| range.start < at);
        at - before
            .map(|range| range.end.min(at) - range.start)
            .sum::<usize>()
    };
    let fits = |mark: &&Range<usize>| text.get((**mark).clone()).is_some();
    let marks = marks.iter().filter(fits);
    let marks = marks
        .map(|mark| moved(mark.start)..moved(mark.end))
        .collect();
    (without_sequences(text), marks)
}

/// Where sequences stand in the text, in order.
fn sequences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(['\u{1b}', '\u{9b}', '\u{9d}']) {
        let start = at + start;
        match sequence(&text[start..]) {
            Some(length) => {
                found.push(start..start + length);
                at = start + length;
            }
            None => at = start + text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The bytes of the sequence that the text begins with, if it does.
fn sequence(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let (kind, rest) = match chars.next()? {
        '\u{1b}' => (chars.next()?, chars.as_str()),
        '\u{9b}' => ('[', chars.as_str()),
        '\u{9d}' => (']', chars.as_str()),
        _ => return None,
    };
    let before = text.len() - rest.len();
    match kind {
        '[' => control(rest).map(|length| before + length),
        ']' | 'P' | '^' | '_' => command(rest).map(|length| before + length),
        '(' | ')' | '*' | '+' => {
            let set = rest.chars().next().filter(char::is_ascii_alphanumeric)?;
            Some(before + set.len_utf8())
        }
        '7' | '8' | '=' | '>' | 'c' | 'D' | 'E' | 'H' | 'M' | 'N' | 'O' | 'Z' => Some(before),
        _ => None,
    }
}

/// Parameters, then intermediate bytes, then the final one; cut off at the text's end it is one, too.
fn control(rest: &str) -> Option<usize> {
    let parameters = rest
        .bytes()
        .take_while(|byte| matches!(byte, 0x30..=0x3f))
        .count();
    let between = rest[parameters..].bytes();
    let end = parameters
        + between
            .take_while(|byte| matches!(byte, 0x20..=0x2f))
            .count();
    match rest.as_bytes().get(end) {
        None => Some(end),
        Some(0x40..=0x7e) => Some(end + 1),
        // An excerpt ends here.
        Some(_) if &rest[end..] == "…" => Some(end),
        Some(_) => None,
    }
}

/// Text up to a bell or a string terminator, on one line.
fn command(rest: &str) -> Option<usize> {
    for (at, c) in rest
        .char_indices()
        .take_while(|(at, _)| *at < MAX_COMMAND_BYTES)
    {
        match c {
            '\u{7}' | '\u{9c}' => return Some(at + c.len_utf8()),
            '\u{1b}' => return rest[at + 1..].starts_with('\\').then_some(at + 2),
            '\n' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_and_all_else_stays() {
        let check = |text, expected| assert_eq!(without_sequences(text), expected, "{text:?}");
        check("plain [91m text", "plain [91m text");
        check("\u{1b}[91merror\u{1b}[0m: x", "error: x");
        check("\u{1b}[38;5;12mblue\u{1b}[m", "blue");
        check(
            "\u{1b}]8;;http://a/\u{1b}\\a link\u{1b}]8;;\u{1b}\\!",
            "a link!",
        );
        check("\u{1b}(Bset", "set");
        check("cut \u{1b}[3", "cut ");
        check("cut \u{1b}[3…", "cut …");
        check("\u{1b}[é", "\u{1b}[é");
        check("\u{1b}]0;open\nline", "\u{1b}]0;open\nline");
        check("\u{1b}", "\u{1b}");
    }

    #[test]
    fn marks_move_along() {
        let text = "a \u{1b}[91mred\u{1b}[0m word";
        let marks = [7..10, 15..19];
        let (text, marks) = without_sequences_between(text, &marks);
        let marked: Vec<&str> = marks.into_iter().map(|mark| &text[mark]).collect();
        assert_eq!(text, "a red word");
        assert_eq!(marked, ["red", "word"]);
    }
}
