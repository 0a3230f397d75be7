//! A few words of a message, on one line.

use transcript::{MessageKind, Millis, Role};

use super::scene::Scene;
use crate::Result;
use crate::store::Row;

/// Characters of an excerpt at most, without the `…` that shows a cut.
pub(super) const QUOTE_CHARS: usize = 200;

/// Some words of a message, on one line, as the guards let them be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The id of the message: the source's own, or `#` and a number where the source gave none.
    pub message_id: String,
    /// The role of the speaker: a person, an assistant and so on.
    pub role: Role,
    /// When it was said, in milliseconds since 1970, if that is known.
    pub time: Option<Millis>,
    /// The words, from the start of the message on if nothing else is said, with all white space as single
    /// spaces; cut with a `…` after 200 characters (1,200 for a summary in
    /// [`Learnings`](super::Learnings)).
    pub text: String,
}

/// A text on one line, cut after this many characters.
pub(super) fn one_line(text: &str, characters: usize) -> String {
    let mut line = String::with_capacity(text.len().min(characters * 2));
    let mut left = characters;
    for word in text.split_whitespace() {
        if !line.is_empty() {
            if left <= 1 {
                line.push('…');
                return line;
            }
            line.push(' ');
            left -= 1;
        }
        for c in word.chars() {
            if left == 0 {
                line.push('…');
                return line;
            }
            line.push(c);
            left -= 1;
        }
    }
    line
}

/// The end of a text on one line, for what asks something at its end.
pub(super) fn last_paragraph(text: &str) -> &str {
    text.trim_end()
        .rsplit("\n\n")
        .next()
        .unwrap_or_default()
        .trim()
}

/// Whether a message is words that a person or an assistant said.
pub(super) fn is_said(row: &Row, role: Role) -> bool {
    row.flags.role() == role && row.flags.kind() == MessageKind::Said && row.text.is_some()
}

/// What a message says, if it says anything.
pub(super) fn quote(scene: &mut Scene<'_>, row: &Row) -> Result<Option<Quote>> {
    Ok(scene.text(row)?.and_then(|(message_id, text)| {
        let seen = scene.gate_of(row).start(&text, QUOTE_CHARS);
        let text = one_line(&seen.text, QUOTE_CHARS);
        (!text.is_empty()).then_some(Quote {
            message_id,
            role: row.flags.role(),
            time: row.time,
            text,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_after_whole_characters() {
        assert_eq!(one_line(" a\n\n b\tc ", 10), "a b c");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("abc def", 4), "abc…");
        assert_eq!(one_line("abc", 3), "abc");
        assert_eq!(one_line("潮汐表 在", 3), "潮汐表…");
        assert_eq!(
            last_paragraph("Done.\n\nShall I go on?\n"),
            "Shall I go on?"
        );
    }
}
