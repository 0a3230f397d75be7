//! Markdown that comes in pieces, for a terminal: headings, emphasis and code are told by their looks, and every
//! character of the text stays where it is.

use std::borrow::Cow;

use super::look::{Ink, StreamLook};
use super::text::visible;

/// Prints Markdown as it comes.
pub(crate) struct MarkdownStream {
    look: StreamLook,
    /// What isn't printed yet: its looks depend on what comes.
    held: String,
    /// Whether the start of the line was printed.
    is_within: bool,
    /// Whether the lines are code.
    is_code: bool,
}

impl MarkdownStream {
    pub(crate) fn new(look: StreamLook) -> Self {
        Self {
            look,
            held: String::new(),
            is_within: false,
            is_code: false,
        }
    }

    /// What is printed of the next piece.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        if !self.look.color {
            return visible(piece).into_owned();
        }
        let mut out = String::new();
        for part in piece.split_inclusive('\n') {
            self.held.push_str(part);
            if part.ends_with('\n') {
                self.end_line(&mut out);
            } else {
                self.go_on(&mut out);
            }
        }
        out
    }

    /// What is left.
    pub(crate) fn finish(&mut self) -> String {
        let mut out = String::new();
        if !self.held.is_empty() {
            self.end_line(&mut out);
        }
        out
    }

    /// Prints what is held of a line that is whole.
    fn end_line(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        let was_within = std::mem::take(&mut self.is_within);
        let text = held.trim_end_matches(['\n', '\r']);
        out.push_str(&match was_within {
            true => self.inner(text),
            false => self.line(text),
        });
        if held.ends_with('\n') {
            out.push('\n');
        }
    }

    /// Prints what of an unfinished line can't look otherwise any more.
    fn go_on(&mut self, out: &mut String) {
        if !self.is_within {
            match self.held.trim_start().chars().next() {
                None | Some('#' | '`' | '~') => return,
                Some(_) => self.is_within = true,
            }
        }
        let safe = match self.is_code {
            true => self.held.len(),
            false => closed(&self.held),
        };
        let rest = self.held.split_off(safe);
        let text = std::mem::replace(&mut self.held, rest);
        out.push_str(&self.inner(&text));
    }

    /// A whole line.
    fn line(&mut self, text: &str) -> String {
        let start = text.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            self.is_code = !self.is_code;
            return self.painted(Ink::Dim, text);
        }
        let marks = start.bytes().take_while(|byte| *byte == b'#').count();
        if !self.is_code && (1..=6).contains(&marks) && start[marks..].starts_with(' ') {
            return self.painted(Ink::Title, text);
        }
        self.inner(text)
    }

    /// Text within a line.
    fn inner(&self, text: &str) -> String {
        if self.is_code {
            return self.painted(Ink::Name, text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['`', '*']) {
            out.push_str(&visible(&rest[..at]));
            rest = &rest[at..];
            let (mark, ink) = mark_of(rest);
            let inner = &rest[mark.len()..];
            match inner.find(mark).filter(|end| *end > 0 && ink != Ink::Plain) {
                Some(end) => {
                    let whole = &rest[..mark.len() + end + mark.len()];
                    out.push_str(&self.painted(ink, whole));
                    rest = &rest[whole.len()..];
                }
                None => {
                    out.push_str(mark);
                    rest = inner;
                }
            }
        }
        out.push_str(&visible(rest));
        out
    }

    fn painted(&self, ink: Ink, text: &str) -> String {
        let text: Cow<'_, str> = visible(text);
        match text.is_empty() {
            true => String::new(),
            false => format!("\u{1b}[{}m{text}\u{1b}[0m", ink.code()),
        }
    }
}

/// The mark that a text begins with, and what it does.
fn mark_of(text: &str) -> (&'static str, Ink) {
    if text.starts_with('`') {
        ("`", Ink::Name)
    } else if text.starts_with("**") {
        ("**", Ink::Title)
    } else {
        ("*", Ink::Plain)
    }
}

/// How much of a text has no mark that something may still close.
fn closed(text: &str) -> usize {
    let mut at = 0;
    while let Some(next) = text[at..].find(['`', '*']) {
        let start = at + next;
        let (mark, ink) = mark_of(&text[start..]);
        let inner = start + mark.len();
        // A star at the very end may be the first of two.
        if ink == Ink::Plain && inner < text.len() {
            at = inner;
            continue;
        }
        match text[inner..].find(mark) {
            Some(end) => at = inner + end + mark.len(),
            None => return start,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Title\nSome **strong** words, a * star and `code`.\n```rust\nlet a = 1; // **no**\n```\n\
        un**closed and `open\n* list\n";

    fn coloured() -> StreamLook {
        StreamLook {
            color: true,
            ..StreamLook::plain()
        }
    }

    fn plain_of(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('\u{1b}') {
            out.push_str(&rest[..at]);
            let end = rest[at..].find('m').expect("the end of a sequence");
            rest = &rest[at + end + 1..];
        }
        out + rest
    }

    #[test]
    fn however_it_is_cut_every_character_is_there_and_looks_the_same() {
        let mut whole = MarkdownStream::new(coloured());
        let expected = whole.push(TEXT) + &whole.finish();
        assert_eq!(plain_of(&expected), TEXT);
        assert!(
            expected.contains("\u{1b}[1m**strong**\u{1b}[0m"),
            "{expected:?}"
        );
        for size in 1..9 {
            let mut stream = MarkdownStream::new(coloured());
            let mut out = String::new();
            for piece in TEXT.as_bytes().chunks(size) {
                out += &stream.push(std::str::from_utf8(piece).expect("ASCII"));
            }
            out += &stream.finish();
            assert_eq!(plain_of(&out), TEXT, "{size}");
        }
    }

    #[test]
    fn text_is_no_order_to_the_terminal() {
        for look in [coloured(), StreamLook::plain()] {
            let mut stream = MarkdownStream::new(look);
            let out = stream.push("a \u{1b}]0;title\u{7} b `\u{1b}[2J`\n") + &stream.finish();
            let out = plain_of(&out);
            assert!(!out.contains('\u{1b}') && !out.contains('\u{7}'), "{out:?}");
        }
    }
}
