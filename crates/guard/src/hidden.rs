//! Characters that no reader sees, and escape sequences that terminals act on instead of showing
//! them. Both can cut a secret or an attack in pieces that no rule knows, and can carry text that
//! only a program reads.

use std::borrow::Cow;
use std::ops::Range;

/// Whether a character shows nothing to a reader: control characters apart from `\n` and `\t`, and what
/// Unicode calls default-ignorable or uses for formatting: soft hyphens, zero-width characters,
/// direction marks, overrides and isolates, fillers, variation selectors, tags, the byte order mark.
///
/// `\r` is one, and so are the joiners and selectors of emoji and of scripts such as Arabic:
/// [`without_hidden`], which knows what stands around them, keeps those that do no harm. Blanks of
/// every width and the line ends U+2028 and U+2029 are not hidden.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        ..'\u{7f}' => c < ' ',
        _ => c.is_control() || is_ignorable(c),
    }
}

/// Default-ignorable characters, and the marks around interlinear annotations.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// `text` without what no reader sees: hidden characters, and escape sequences of terminals (ECMA-48)
/// with what they hold, in both their forms, `ESC [` and the C1 character U+009B.
///
/// What stays although it is hidden:
/// - `\r` right before `\n`, which is a line's end;
/// - one variation selector U+FE0E or U+FE0F after a pictograph, or within a keycap (`1️⃣`);
/// - a zero-width joiner between two pictographs (`👩‍👧`);
/// - one zero-width joiner or non-joiner after a letter of the scripts that need them, such as Arabic,
///   Persian and those of India.
///
/// None of these can stand within a word of Latin letters, digits or ASCII signs. Tags are always
/// dropped: the flags of England, Scotland and Wales become black flags.
///
/// Borrows where nothing is dropped. The result is the same when taken again. Linear in the text.
#[must_use]
pub fn without_hidden(text: &str) -> Cow<'_, str> {
    let mut dropped = ranges(text).peekable();
    if dropped.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for hidden in dropped {
        out.push_str(&text[done..hidden.range.start]);
        done = hidden.range.end;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The parts of a text that [`without_hidden`] leaves out, as ranges of bytes in the order of the text,
/// for callers that show something else in their place. Takes time linear in the text.
pub fn hidden_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    ranges(text).map(|hidden| hidden.range)
}

/// A hidden character, or an escape sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hidden {
    pub(crate) range: Range<usize>,
    /// Whether programs part words or records with it (`\0`, `\r`, form feeds), so that what stands
    /// before it and after it may be two words as well as one.
    pub(crate) parts: bool,
}

/// What [`without_hidden`] leaves out of a text, in order.
pub(crate) fn ranges(text: &str) -> impl Iterator<Item = Hidden> {
    let mut at = 0;
    // What the reader sees before `at`, with what is kept although it is hidden.
    let mut kept = None;
    std::iter::from_fn(move || {
        loop {
            let next = next_suspect(text.as_bytes(), at)?;
            if next > at {
                kept = text[..next].chars().next_back();
            }
            let c = text[next..].chars().next()?;
            let end = next + c.len_utf8();
            if !is_hidden(c) || is_harmless(c, kept, text[end..].chars().next()) {
                kept = Some(c);
                at = end;
                continue;
            }
            at = end + sequence(c, &text[end..]);
            return Some(Hidden {
                range: next..at,
                parts: at == end
                    && matches!(c, '\0' | '\u{b}'..='\r' | '\u{1c}'..='\u{1f}' | '\u{85}'),
            });
        }
    })
}

/// Escapes of source code and JSON that stand for what no reader sees, such as `\u200b` and `\u001b[32m`,
/// in order. However often the backslash is escaped itself.
pub(crate) fn escaped_ranges(text: &str) -> impl Iterator<Item = Hidden> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr::memchr(b'\\', bytes.get(at..)?)?;
            let Some(length) = escape_at(bytes, start) else {
                at = start + 1;
                continue;
            };
            at = start + length;
            return Some(Hidden {
                range: start..at,
                parts: false,
            });
        }
    })
}

/// Bytes of the escape at `at` that stands for what no reader sees, with the rest of a terminal's sequence.
pub(crate) fn escape_at(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let count = rest
        .iter()
        .take(MAX_BACKSLASHES)
        .take_while(|byte| **byte == b'\\');
    let count = count.count();
    if count == 0 {
        return None;
    }
    let rest = &rest[count..];
    let number = |from: usize, digits: usize, radix: u32| {
        let digits = std::str::from_utf8(rest.get(from..from + digits)?).ok()?;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    };
    let (c, length) = match rest.first()? {
        b'u' => (number(1, 4, 16)?, 5),
        b'x' => (number(1, 2, 16)?, 3),
        b'0' if rest.starts_with(b"033") => ('\u{1b}', 3),
        b'e' if rest.starts_with(b"e[") => ('\u{1b}', 1),
        _ => return None,
    };
    let after = &rest[length..];
    let sequence = match (c, after.first()) {
        ('\u{1b}', Some(b'[')) => control(&after[1..]).map_or(0, |length| length + 1),
        _ => 0,
    };
    is_hidden(c).then_some(count + length + sequence)
}

/// Backslashes before a character that is escaped in JSON within JSON.
const MAX_BACKSLASHES: usize = 16;

/// Bytes that are compared at once: the compiler makes a few vector instructions of it.
const BLOCK_BYTES: usize = 32;

/// Where the first character from `from` on is that may be hidden. Line ends and most text of any
/// script are passed over without being decoded.
fn next_suspect(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        while let Some(block) = bytes.get(at..)?.first_chunk::<BLOCK_BYTES>() {
            if block.iter().fold(false, |any, byte| any | !is_plain(*byte)) {
                break;
            }
            at += BLOCK_BYTES;
        }
        let end = bytes.len().min(at + BLOCK_BYTES);
        let may_begin =
            |at: &usize| STARTS_HIDDEN[usize::from(bytes[*at])] && is_suspect(&bytes[*at..]);
        match (at..end).find(may_begin) {
            Some(place) if bytes[place..].starts_with(b"\r\n") => at = place + 2,
            Some(place) => return Some(place),
            None if end == bytes.len() => return None,
            None => at = end,
        }
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.wrapping_sub(b' ') < 0x5f || byte == b'\n' || byte == b'\t'
}

/// The bytes that hidden characters begin with.
const STARTS_HIDDEN: [bool; 256] = {
    let mut leads = [false; 256];
    let mut byte: u8 = 0;
    while byte < 0x80 {
        leads[byte as usize] = !is_plain(byte);
        byte += 1;
    }
    let others: [usize; 9] = [0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf0, 0xf3];
    let mut nth = 0;
    while nth < others.len() {
        leads[others[nth]] = true;
        nth += 1;
    }
    leads
};

/// Whether UTF-8 that begins so may be a hidden character's.
fn is_suspect(bytes: &[u8]) -> bool {
    let next = bytes.get(1).copied().unwrap_or_default();
    match bytes[0] {
        byte @ ..=0x7f => !is_plain(byte),
        0xc2 => next < 0xa0 || next == 0xad,
        0xcd => next == 0x8f,
        0xd8 => next == 0x9c,
        0xe1 => matches!(next, 0x85 | 0x9e | 0xa0),
        0xe2 => matches!(next, 0x80 | 0x81),
        0xe3 => next == 0x85,
        0xef => matches!(next, 0xb8 | 0xbb | 0xbe | 0xbf),
        0xf0 => matches!(next, 0x9b | 0x9d),
        0xf3 => true,
        _ => false,
    }
}

/// Whether a hidden character between these two belongs to what the reader sees.
fn is_harmless(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_before = |fits: fn(char) -> bool| before.is_some_and(fits);
    match c {
        '\u{fe0e}' | '\u{fe0f}' => {
            let is_keycap = is_before(|c| c.is_ascii_digit() || matches!(c, '#' | '*'));
            is_before(is_pictograph) || is_keycap && after == Some('\u{20e3}')
        }
        '\u{200c}' | '\u{200d}' => {
            let of_pictograph = |c| is_pictograph(c) || matches!(c, '\u{fe0e}' | '\u{fe0f}');
            let joins = c == '\u{200d}' && after.is_some_and(is_pictograph);
            is_before(is_joining) || joins && is_before(of_pictograph)
        }
        _ => false,
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(
        c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}'
    )
}

/// Whether a character is of a script whose letters joiners change the form of: Arabic, Syriac, N'Ko
/// and their like, those of India, of Myanmar, of the Khmer and of Mongolia.
fn is_joining(c: char) -> bool {
    !is_hidden(c)
        && matches!(
            c,
            '\u{620}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
            | '\u{a840}'..='\u{a8ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        )
}

/// Bytes of what belongs to the control character `c` that stands before `rest`, if that begins an
/// escape sequence. One that isn't complete is none: only its first character is hidden.
fn sequence(c: char, rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let length = match (c, bytes.first()) {
        ('\u{9b}', _) => control(bytes),
        ('\u{1b}', Some(b'[')) => control(&bytes[1..]).map(|length| length + 1),
        ('\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}', _) => string(rest),
        ('\u{1b}', Some(b'P' | b'X' | b']' | b'^' | b'_')) => {
            string(&rest[1..]).map(|length| length + 1)
        }
        ('\u{1b}', _) => short(bytes),
        _ => None,
    };
    length.unwrap_or(0)
}

/// Parameters, intermediates and the last byte of a control sequence.
fn control(bytes: &[u8]) -> Option<usize> {
    let parameters = run(bytes, |byte| matches!(byte, b'0'..=b'?'));
    let between = run(&bytes[parameters..], |byte| matches!(byte, b' '..=b'/'));
    let last = bytes.get(parameters + between)?;
    matches!(last, b'@'..=b'~').then_some(parameters + between + 1)
}

/// A short sequence: `ESC ( B`, `ESC =`. A letter or digit right after `ESC` stays, since it may as
/// well be the rest of a word that `ESC` cuts.
fn short(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'#' | b'%' | b'('..=b'+', b'0'..=b'~', ..] => Some(2),
        [b'=' | b'>' | b'\\' | b'|'..=b'~', ..] => Some(1),
        _ => None,
    }
}

fn run(bytes: &[u8], fits: fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| fits(**byte)).count()
}

/// A title, link or other string up to what ends it: `BEL`, `ESC \` or U+009C. It holds no control
/// character, and so no other escape sequence: each byte is looked at once.
fn string(rest: &str) -> Option<usize> {
    let end = rest.find(char::is_control)?;
    let closes = ["\u{7}", "\u{1b}\\", "\u{9c}"];
    let close = closes
        .iter()
        .find(|close| rest[end..].starts_with(**close))?;
    Some(end + close.len())
}
