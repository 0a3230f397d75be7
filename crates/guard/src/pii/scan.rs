//! The one pass over a text that finds where personal data may be.

use super::context::Nearby;
use super::{Hit, address, crypto, date, document, email, iban, national, network, number, us};

/// Words longer than this many bytes are no identifier.
const LONGEST_WORD: usize = 90;

/// A word (ASCII letters, digits and `_`) that holds a digit, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) nearby: &'a Nearby<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is digits alone.
    pub(super) is_number: bool,
}

impl<'a> Word<'a> {
    pub(super) fn as_str(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Whether it is part of something longer, to its left: `ABC-123`, `1.5`, `a/5`.
    pub(super) fn is_glued_left(&self) -> bool {
        glued_left(self.bytes(), self.start)
    }

    /// Whether it is part of something longer, to its right.
    pub(super) fn is_glued_right(&self) -> bool {
        glued_right(self.bytes(), self.end)
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn joins(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'.' | b'/' | b'_' | b'+' | b'\\' | b'@' | b'#' | b'$' | b'~'
    )
}

pub(super) fn glued_left(bytes: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map(|at| bytes[at]);
    match before(1) {
        None => false,
        Some(b'$' | b'#' | b'%') => true,
        // `\n` of a quoted string is a line's end, not part of a path.
        Some(b'n' | b'r' | b't') if before(2) == Some(b'\\') => false,
        Some(byte) if is_word(byte) => true,
        Some(byte) if joins(byte) => before(2).is_some_and(is_word),
        Some(_) => false,
    }
}

pub(super) fn glued_right(bytes: &[u8], end: usize) -> bool {
    let after = |ahead: usize| bytes.get(end + ahead).copied();
    match after(0) {
        None => false,
        Some(b'%') => true,
        Some(byte) if is_word(byte) => true,
        Some(b'\\') => false,
        Some(b':') => after(1).is_some_and(|byte| byte.is_ascii_digit()),
        Some(byte) if joins(byte) => after(1).is_some_and(is_word),
        Some(_) => false,
    }
}

/// What a byte is to the scanner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Letter,
    Digit,
    At,
    Colon,
    /// `-` and `.`, which part the groups of MAC addresses.
    Joint,
    Escape,
    Wide,
}

const fn class(byte: usize) -> Class {
    const fn is(byte: usize, first: u8, last: u8) -> bool {
        first as usize <= byte && byte <= last as usize
    }
    match byte {
        _ if is(byte, b'0', b'9') => Class::Digit,
        _ if is(byte, b'a', b'z') || is(byte, b'A', b'Z') || is(byte, b'_', b'_') => Class::Letter,
        _ if is(byte, b'@', b'@') => Class::At,
        _ if is(byte, b':', b':') => Class::Colon,
        _ if is(byte, b'-', b'.') => Class::Joint,
        _ if is(byte, b'\\', b'\\') => Class::Escape,
        128.. => Class::Wide,
        _ => Class::Other,
    }
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = class(byte);
        byte += 1;
    }
    classes
};

/// Everything in a text that a recogniser takes for personal data; hits may overlap.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    let nearby = Nearby::new(text);
    let (mut at, mut start, mut addressed) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match CLASSES[usize::from(byte)] {
            Class::Letter => at += 1,
            Class::Other => {
                at += 1;
                start = at;
            }
            Class::Digit => {
                at = word_end(bytes, at);
                visit(&nearby, text, start, at, hits);
            }
            Class::At => {
                email::find(text, at, hits);
                at += 1;
                start = at;
            }
            Class::Colon => {
                if at >= addressed {
                    addressed = network::find_colons(&nearby, text, at, hits);
                }
                at += 1;
                start = at;
            }
            Class::Joint => {
                network::find_mac(text, at, hits);
                at += 1;
                start = at;
            }
            Class::Escape => {
                at += escape(&bytes[at..]);
                start = at;
            }
            Class::Wide => {
                let letter = text[at..].chars().next();
                at += letter.map_or(1, char::len_utf8);
                // Scripts that put no space between words begin a new word with each character.
                if !letter.is_some_and(|c| c.is_alphabetic() && c < '\u{590}') {
                    start = at;
                }
            }
        }
    }
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    let length = bytes[from..].iter().position(|byte| !is_word(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

/// The length of an escape sequence as quoted strings have it, so that the `n` of `\n` isn't taken
/// for the start of a word.
fn escape(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        Some(b'n' | b'r' | b't') => 2,
        Some(b'u') if bytes.len() >= 6 && bytes[2..6].iter().all(u8::is_ascii_hexdigit) => 6,
        _ => 1,
    }
}

fn visit(nearby: &Nearby<'_>, text: &str, start: usize, end: usize, hits: &mut Vec<Hit>) {
    if end - start > LONGEST_WORD || !text.is_char_boundary(start) {
        return;
    }
    let word = Word {
        text,
        nearby,
        start,
        end,
        is_number: text.as_bytes()[start..end].iter().all(u8::is_ascii_digit),
    };
    if text.as_bytes()[start].is_ascii_digit() {
        number::visit(&word, hits);
        network::find_dotted(&word, hits);
        date::find(&word, hits);
        address::find(&word, hits);
    }
    if !word.is_number {
        iban::find(&word, hits);
        crypto::find(&word, hits);
    }
    us::find(&word, hits);
    national::find(&word, hits);
    document::find(&word, hits);
}
