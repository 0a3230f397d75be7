//! Up to where a text that is still to go on is certain: what is behind that place could be, or decide on, a
//! finding once more has come.

use std::ops::Range;

use super::bounds::{BLOCK_BYTES, BYTES_AFTER};
use crate::engine::Engine;
use crate::finding::{Kind, Kinds};
use crate::hidden::is_hidden;
use crate::mask::PLACEHOLDER_START;
use crate::reading::Readings;
use crate::{pii, secrets};

/// Bytes after a number, an address or what looks like one in which it shows whether that is all of it, and
/// what it is.
const NUMBER_BYTES: usize = 64;

/// The same after a number that a name follows, as in `221 North Oak Street, Apt 4`.
const HOUSE_NUMBER_BYTES: usize = 104;

/// Bytes between two numbers that may be parts of one finding, at most.
const GAP_BYTES: usize = 24;

/// Bytes after the start of a capitalised word in which what it begins, such as an address or a
/// number with letters before it, shows to be that.
const NAME_BYTES: usize = 48;

/// Letters that a number begins with, at most.
const MAX_PREFIX_LETTERS: usize = 4;

/// Bytes of what stands before an `@`, with quotes.
const MAX_MAILBOX_BYTES: usize = 68;

/// Bytes before a word by which secrets are found that may belong to it.
const BEFORE_WORD_BYTES: usize = 64;

/// What the end of a block begins with, and how many bytes may follow up to its dashes.
const BLOCK_END: &str = "-----END ";
const LABEL_BYTES: usize = 80;

/// Where something begins, from `from` on, of which only more text shows whether it is a finding, or how
/// much of it is one: a block or a list whose end is missing, the beginning of a match of a pattern.
pub(super) fn open(engine: &Engine, kinds: Kinds, text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let built_in = kinds.has(Kind::Secret).then(|| secrets::open(rest));
    let places = [open_block(rest), built_in.flatten()];
    let place = places.into_iter().flatten().min().unwrap_or(rest.len());
    from + place.min(begun(engine, kinds, rest))
}

/// Where a match of a pattern begins that isn't over.
fn begun(engine: &Engine, kinds: Kinds, text: &str) -> usize {
    let mut patterns = engine.all_patterns().iter();
    if !patterns.any(|pattern| kinds.has(pattern.kind())) {
        return text.len();
    }
    let readings = Readings::of(text, &[]);
    let mut first = text.len();
    for (nth, reading) in readings.texts().enumerate() {
        let patterns = engine.all_patterns().iter();
        let places = patterns
            .filter(|pattern| kinds.has(pattern.kind()))
            .map(|pattern| pattern.begun(reading));
        let place = places.min().unwrap_or(reading.len());
        if place < reading.len() {
            let source = readings.source(nth, place..reading.len()).next();
            first = first.min(source.map_or(text.len(), |source| source.start));
        }
    }
    first
}

/// Where the part at the end begins that may decide on something in a wide circle: from the first word on
/// that secrets are found by, or that isn't read as it is written; the text's length if there is none.
pub(super) fn wide(engine: &Engine, kinds: Kinds, text: &str) -> usize {
    let near = text.floor_char_boundary(text.len().saturating_sub(BYTES_AFTER + BEFORE_WORD_BYTES));
    let part = &text[near..];
    let is_other = |c: char| is_hidden(c) || matches!(c, '\u{ff00}'..='\u{ffef}');
    let mut word: Option<usize> = None;
    if kinds.has(Kind::Secret) {
        engine.secret_words(part, |at, _| {
            word = Some(word.map_or(at, |first| first.min(at)));
        });
    }
    let places = [
        word,
        part.find(PLACEHOLDER_START),
        // A word that is cut is known by none of its parts.
        part.find(is_other).map(|at| word_start(part, at)),
        part.find("\\u").map(|at| word_start(part, at)),
    ];
    let place = places.into_iter().flatten().min();
    place.map_or(text.len(), |at| near + at.saturating_sub(BEFORE_WORD_BYTES))
}

/// Where the part at the end begins that could still be, or decide on, a finding: the last word, numbers
/// shortly before it, and from `wide` on whatever looks like more than a word. What is masked doesn't count
/// as bytes that follow something: it is one letter to what stands before it.
pub(super) fn calm(text: &str, from: usize, wide: usize, masked: &[Range<usize>]) -> usize {
    let covered: usize = masked.iter().map(|part| part.len()).sum();
    let near = text.floor_char_boundary(text.len().saturating_sub(BYTES_AFTER + covered));
    let near = near.max(from);
    // A word that began before is looked at whole.
    let start = from + word_start(&text[from..], near - from);
    let mut held = text.len();
    for (start, word) in words_from_the_end(text, start) {
        let shown = word.trim_end();
        let end = start + shown.len();
        let after = bytes_after(text, end, masked);
        let is_last = start + word.len() == text.len();
        let may_go_on = is_last && !word.ends_with(is_break);
        let may_name = start + NAME_BYTES > text.len() && word.starts_with(char::is_uppercase);
        let may_be_number = may_be_personal(shown)
            && (may_go_on_to(&text[end..held])
                || after < NUMBER_BYTES
                || (after < HOUSE_NUMBER_BYTES && pii::may_be_address(&text[end..])));
        let holds = start >= wide && is_more_than_a_word(shown);
        // Letters before a number, as in `AB 12 34 56 C`, go with it however far its end is.
        let may_begin_number = held == start + word.len() && is_number_prefix(shown);
        if may_go_on || may_name || may_be_number || holds || may_begin_number {
            held = start;
        }
    }
    // An `@` may have come already, and scripts without spaces stand right before what is held.
    let before = mailbox(&text[..held], from);
    before.min(mailbox(text, from))
}

/// Whether a number may go on with the next one, behind a gap: of signs, or of words as in `5 March 1980`.
fn may_go_on_to(gap: &str) -> bool {
    let is_short = gap.len() <= GAP_BYTES / 3;
    let is_of_words = |c: char| c.is_alphabetic() || matches!(c, ' ' | ',' | '-');
    is_short || (gap.len() <= GAP_BYTES && gap.chars().all(is_of_words))
}

/// How many bytes follow a place, what is masked apart.
pub(super) fn bytes_after(text: &str, place: usize, masked: &[Range<usize>]) -> usize {
    let behind = masked.iter().filter(|part| part.end > place);
    let covered: usize = behind.map(|part| part.end - part.start.max(place)).sum();
    text.len() - place - covered
}

/// Where at the end of a text begins what could be a mailbox once an `@` follows: letters of any script, with or
/// without a space between words, or a name in quotes.
fn mailbox(text: &str, from: usize) -> usize {
    let near = text.floor_char_boundary(text.len().saturating_sub(MAX_MAILBOX_BYTES));
    let part = &text[near.max(from).min(text.len())..];
    let is_sign = |c: char| matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let run = part.trim_end_matches(|c: char| c.is_alphanumeric() || is_sign(c));
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '+');
    let quoted = part
        .strip_suffix('"')
        .unwrap_or(part)
        .trim_end_matches(is_of_name);
    let length = match quoted.strip_suffix('"') {
        Some(before) => before.len().min(run.len()),
        None => run.len(),
    };
    text.len() - part.len() + length
}

fn words_from_the_end(text: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut end = text.len();
    std::iter::from_fn(move || {
        if end <= from {
            return None;
        }
        let part = &text[from..end];
        let mut before = part.char_indices().rev();
        // The break after a word belongs to it.
        before.next();
        let start = before
            .find(|(_, c)| is_break(*c))
            .map_or(from, |(at, c)| from + at + c.len_utf8());
        let word = &text[start..end];
        end = start;
        Some((start, word))
    })
}

/// Whether a word ends with a character: white space, or one of the scripts that have none.
fn is_break(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// The start of the word at a place.
fn word_start(text: &str, at: usize) -> usize {
    let before = text[..at].char_indices().rfind(|(_, c)| is_break(*c));
    before.map_or(0, |(at, c)| at + c.len_utf8())
}

/// Whether something could be part of a number, key or address, or name one.
fn is_more_than_a_word(word: &str) -> bool {
    let of_words = |c: char| c.is_alphabetic() || matches!(c, '.' | ',' | ';' | '!' | '?' | '’');
    word.len() > 20 || !word.chars().all(of_words)
}

/// Whether a word may be the letters that numbers of passports, cars and the like begin with.
fn is_number_prefix(word: &str) -> bool {
    word.len() <= MAX_PREFIX_LETTERS && word.chars().all(|c| c.is_ascii_uppercase())
}

/// Whether something could be a part of personal data: digits, `@`, and signs that aren't read as such.
fn may_be_personal(word: &str) -> bool {
    let is_sign = |c: char| {
        c.is_numeric()
            || c == '@'
            || !c.is_ascii() && !c.is_alphabetic() && !matches!(c, '’' | '‘' | '“' | '”' | '…')
    };
    let of_address = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | '.');
    word.chars().any(is_sign)
        || word.contains([':', '-', '.'])
            && word.len() >= 5
            && word
                .trim_matches(|c: char| c.is_ascii_punctuation())
                .chars()
                .all(of_address)
}

/// Where a block begins that hasn't ended yet, or the word that runs into it: the value of a key may.
fn open_block(text: &str) -> Option<usize> {
    let near = text.floor_char_boundary(text.len().saturating_sub(BLOCK_BYTES));
    let begin = text[near..].find("-----BEGIN")? + near;
    let last = text.rfind("-----BEGIN").unwrap_or(begin);
    let end = text[last..]
        .find(BLOCK_END)
        .map(|end| &text[last + end + BLOCK_END.len()..]);
    let is_ended = end.is_some_and(|label| label.len() > LABEL_BYTES || label.contains("-----"));
    (!is_ended).then(|| word_start(text, last))
}
