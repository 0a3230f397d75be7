//! Text for people in the making. Everything that is put on a page is made harmless on the way, so
//! that no log can talk to the terminal; only the page's own colours are escape sequences.

use std::ops::Range;

use super::ansi;
use super::look::{Ink, StreamLook};
use super::text;

/// Text for people, for a stream that looks a certain way.
pub(crate) struct TextPage {
    look: StreamLook,
    text: String,
}

impl TextPage {
    /// An empty page.
    pub(crate) fn new(look: StreamLook) -> Self {
        Self {
            look,
            text: String::new(),
        }
    }

    /// The colours and the width that the text is laid out for.
    pub(crate) fn look(&self) -> StreamLook {
        self.look
    }

    /// Adds text; line breaks are kept.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&text::visible(text));
        self
    }

    /// Adds text in a colour.
    pub(crate) fn paint(&mut self, ink: Ink, text: &str) -> &mut Self {
        if !self.look.color || ink == Ink::Plain || text.is_empty() {
            return self.push(text);
        }
        self.text.push_str("\x1b[");
        self.text.push_str(ink.code());
        self.text.push('m');
        self.push(text);
        self.text.push_str("\x1b[0m");
        self
    }

    /// Adds a line in a colour, on one line whatever it holds.
    pub(crate) fn line(&mut self, ink: Ink, text: &str) -> &mut Self {
        self.paint(ink, &text::one_line(text)).end()
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// Adds text in lines that fit the width, each indented, with some byte ranges of it marked.
    pub(crate) fn wrapped(&mut self, indent: usize, text: &str, marks: &[Range<usize>], ink: Ink) {
        let (text, marks) = harmless(text, marks);
        let columns = self.look.width.saturating_sub(indent);
        for line in text::wrap(&text, columns) {
            self.text.push_str(&" ".repeat(indent));
            self.marked(&text, line, &marks, ink);
            self.end();
        }
    }

    /// Adds short pieces in a row, two spaces between them, going on in a new line before one that
    /// would not fit.
    pub(crate) fn pieces(&mut self, indent: usize, pieces: &[(Ink, String)]) {
        let mut used = 0;
        for (ink, piece) in pieces.iter().filter(|(_, piece)| !piece.is_empty()) {
            let piece = text::one_line(piece);
            let width = text::width(&piece);
            if used > 0 && used + 2 + width <= self.look.width {
                self.text.push_str("  ");
                used += 2 + width;
            } else {
                if used > 0 {
                    self.end();
                }
                self.text.push_str(&" ".repeat(indent));
                used = indent + width;
            }
            self.paint(*ink, &piece);
        }
        if used > 0 {
            self.end();
        }
    }

    /// Adds a part of a text, its marked parts in the colour of matches.
    fn marked(&mut self, text: &str, part: Range<usize>, marks: &[Range<usize>], ink: Ink) {
        let mut at = part.start;
        for mark in marks {
            let (start, end) = (mark.start.clamp(at, part.end), mark.end.clamp(at, part.end));
            self.paint(ink, &text[at..start]);
            self.paint(Ink::Match, &text[start..end]);
            at = end;
        }
        self.paint(ink, &text[at..part.end]);
    }

    /// What was put on it.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// The text made visible piece by piece, so that the marks can be moved along; white space at its
/// ends and marks that don't fit the text are dropped.
fn harmless(text: &str, marks: &[Range<usize>]) -> (String, Vec<Range<usize>>) {
    // A mark may begin within a sequence, which each half alone wouldn't look like.
    let (text, marks) = ansi::without_sequences_between(text, marks);
    let mut out = String::with_capacity(text.len());
    let mut moved = Vec::with_capacity(marks.len());
    let mut at = 0;
    for mark in &marks {
        let fits = mark.start >= at && mark.start < mark.end && text.get(mark.clone()).is_some();
        if !fits {
            continue;
        }
        out.push_str(&text::visible(&text[at..mark.start]));
        let start = out.len();
        out.push_str(&text::visible(&text[mark.clone()]));
        moved.push(start..out.len());
        at = mark.end;
    }
    out.push_str(&text::visible(&text[at..]));
    (out.replace('\t', " "), moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_keep_their_places_when_text_is_made_visible_and_wrapped() {
        let look = StreamLook {
            color: true,
            width: 22,
            clip: true,
        };
        let mut page = TextPage::new(look);
        let text = "a \u{9b}31m red retry policy";
        let start = text.find("retry").expect("it is there");
        let marks = vec![(start, start + 5)];
        let marks: Vec<_> = marks.into_iter().map(|(start, end)| start..end).collect();
        page.wrapped(2, text, &marks, Ink::Plain);
        assert_eq!(page.into_text(), "  a  red \x1b[1;33mretry\x1b[0m policy\n");
    }

    #[test]
    fn marks_that_do_not_fit_are_left_out() {
        let mut page = TextPage::new(StreamLook {
            color: true,
            ..StreamLook::plain()
        });
        page.wrapped(0, "é retry", &[1..2, 90..95, 3..8], Ink::Plain);
        assert_eq!(page.into_text(), "é \x1b[1;33mretry\x1b[0m\n");
    }

    #[test]
    fn only_the_pages_own_escapes_reach_the_terminal() {
        let mut page = TextPage::new(StreamLook {
            color: true,
            ..StreamLook::plain()
        });
        page.paint(Ink::Bad, "\u{1b}[2J\u{1b}\u{7}")
            .line(Ink::Plain, "two\nlines");
        assert_eq!(page.into_text(), "\x1b[1;31m␛␇\x1b[0mtwo lines\n");
    }
}
