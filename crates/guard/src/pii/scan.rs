//! The one pass over a text that finds where personal data may be.

use super::context::Nearby;
use super::hit::PiiHit;
use super::number::DigitGroups;
use super::word::{DigitWord, is_word};
use super::{address, card, crypto, date, document, email, iban, national, network, phone, us};

/// Fewer digits than this are no card's or person's.
const MIN_DIGITS: usize = 9;
/// Words longer than this many bytes are no identifier.
const LONGEST_WORD: usize = 90;

/// What a byte is to the scanner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteClass {
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

const fn class(byte: usize) -> ByteClass {
    const fn is(byte: usize, first: u8, last: u8) -> bool {
        first as usize <= byte && byte <= last as usize
    }
    match byte {
        _ if is(byte, b'0', b'9') => ByteClass::Digit,
        _ if is(byte, b'a', b'z') || is(byte, b'A', b'Z') || is(byte, b'_', b'_') => {
            ByteClass::Letter
        }
        _ if is(byte, b'@', b'@') => ByteClass::At,
        _ if is(byte, b':', b':') => ByteClass::Colon,
        _ if is(byte, b'-', b'.') => ByteClass::Joint,
        _ if is(byte, b'\\', b'\\') => ByteClass::Escape,
        128.. => ByteClass::Wide,
        _ => ByteClass::Other,
    }
}

const BYTE_CLASSES: [ByteClass; 256] = {
    let mut classes = [ByteClass::Other; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = class(byte);
        byte += 1;
    }
    classes
};

/// Everything in a text that a recogniser takes for personal data; hits may overlap.
pub(super) fn scan(text: &str, hits: &mut Vec<PiiHit>) {
    let bytes = text.as_bytes();
    let nearby = Nearby::new(text);
    let (mut at, mut start, mut addressed) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match BYTE_CLASSES[usize::from(byte)] {
            ByteClass::Letter => at += 1,
            ByteClass::Other => {
                at += 1;
                start = at;
            }
            ByteClass::Digit => {
                at = word_end(bytes, at);
                visit(&nearby, text, start, at, hits);
            }
            ByteClass::At => {
                email::find(text, at, hits);
                at += 1;
                start = at;
            }
            ByteClass::Colon => {
                if at >= addressed {
                    addressed = network::find_colons(&nearby, text, at, hits);
                }
                at += 1;
                start = at;
            }
            ByteClass::Joint => {
                network::find_mac(text, at, hits);
                at += 1;
                start = at;
            }
            ByteClass::Escape => {
                at += escape(&bytes[at..]);
                start = at;
            }
            ByteClass::Wide => {
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

fn visit(nearby: &Nearby<'_>, text: &str, start: usize, end: usize, hits: &mut Vec<PiiHit>) {
    if end - start > LONGEST_WORD || !text.is_char_boundary(start) {
        return;
    }
    let word = DigitWord {
        text,
        nearby,
        start,
        end,
        is_number: text.as_bytes()[start..end].iter().all(u8::is_ascii_digit),
    };
    if text.as_bytes()[start].is_ascii_digit() {
        visit_number(&word, hits);
        network::find_dotted(&word, hits);
        date::find(&word, hits);
        address::find(&word, hits);
    }
    if !word.is_number {
        visit_named(&word, hits);
        iban::find(&word, hits);
        crypto::find(&word, hits);
    }
    us::find(&word, hits);
    national::find(&word, hits);
    document::find(&word, hits);
}

/// A number at the end of a word that names it.
fn visit_named(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let digits = word
        .as_str()
        .bytes()
        .rev()
        .take_while(u8::is_ascii_digit)
        .count();
    let start = word.end - digits;
    if digits < 4 || start == word.start || digits > 19 {
        return;
    }
    let inner = DigitWord {
        start,
        is_number: true,
        ..*word
    };
    if let Some(number) = DigitGroups::parse(&inner)
        && number.count(number.groups) >= MIN_DIGITS
    {
        card::find_named(&number, &word.text[word.start..start], hits);
    }
}

/// Numbers in groups, which begin with a word.
fn visit_number(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let Some(number) = DigitGroups::parse(word) else {
        return;
    };
    phone::find(&number, hits);
    if number.is_glued {
        return;
    }
    if number.count(number.groups) < MIN_DIGITS {
        return;
    }
    card::find(&number, hits);
    us::find_number(&number, hits);
    national::find_number(&number, hits);
}
