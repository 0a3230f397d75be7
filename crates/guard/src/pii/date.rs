//! Dates of birth: dates that the text calls so.

use super::checksum::is_date;
use super::hit::PiiHit;
use super::word::DigitWord;
use super::words::Topics;

/// The first letters of months in the languages of western Europe.
const MONTH_STARTS: &[(&str, u64)] = &[
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("feb", 2),
    ("fév", 2),
    ("mar", 3),
    ("mär", 3),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("may", 5),
    ("mai", 5),
    ("mag", 5),
    ("mei", 5),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("juil", 7),
    ("jul", 7),
    ("lug", 7),
    ("aug", 8),
    ("aoû", 8),
    ("ago", 8),
    ("sep", 9),
    ("set", 9),
    ("oct", 10),
    ("okt", 10),
    ("ott", 10),
    ("out", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("déc", 12),
    ("dic", 12),
];
/// A month and a year take no more bytes than this.
const MAX_BYTES_AHEAD: usize = 32;
/// How many words may part a date from what calls it a birth's.
const MAX_BIRTH_DISTANCE_WORDS: u8 = 5;

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let length = word.end - word.start;
    if !matches!(length, 1 | 2 | 4) || !word.is_number {
        return;
    }
    let Some((start, end)) = numeric(word).or_else(|| named(word)) else {
        return;
    };
    let context = word.nearby.context(start, end);
    let is_birth = context
        .distance(Topics::BIRTH)
        .is_some_and(|distance| distance <= MAX_BIRTH_DISTANCE_WORDS);
    if is_birth {
        hits.push(PiiHit {
            entity: "DATE_OF_BIRTH",
            rule: "date-of-birth",
            start,
            end,
            score: 0.9,
            why: "a date that the text calls somebody's birth",
        });
    }
}

fn digits(bytes: &[u8], at: usize) -> usize {
    bytes[at.min(bytes.len())..]
        .iter()
        .take(5)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

fn number(text: &str, start: usize, length: usize) -> u64 {
    text[start..start + length].parse().unwrap_or(0)
}

/// `1980-03-05`, `5.3.1980`, `3/5/80`.
fn numeric(word: &DigitWord<'_>) -> Option<(usize, usize)> {
    let (bytes, text) = (word.bytes(), word.text);
    let mark = *bytes.get(word.end)?;
    if !matches!(mark, b'-' | b'/' | b'.') || word.is_glued_left() {
        return None;
    }
    let first = word.end - word.start;
    let middle_at = word.end + 1;
    let middle = digits(bytes, middle_at);
    if !(1..=2).contains(&middle) || bytes.get(middle_at + middle) != Some(&mark) {
        return None;
    }
    let last_at = middle_at + middle + 1;
    let last = digits(bytes, last_at);
    let end = last_at + last;
    if bytes.get(end).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (a, b, c) = (
        number(text, word.start, first),
        number(text, middle_at, middle),
        number(text, last_at, last),
    );
    let fits = match (first, last) {
        (4, 1 | 2) => is_year(a) && is_date(a, b, c),
        (1 | 2, 4) => is_year(c) && (is_date(c, a, b) || is_date(c, b, a)),
        (1 | 2, 2) => is_date(c, a, b) || is_date(c, b, a),
        _ => false,
    };
    fits.then_some((word.start, end))
}

fn is_year(year: u64) -> bool {
    (1880..2100).contains(&year)
}

/// `March 5, 1980`, `5 March 1980`, `5. März 1980`.
fn named(word: &DigitWord<'_>) -> Option<(usize, usize)> {
    let limit = super::context::floor(word.text, (word.end + MAX_BYTES_AHEAD).min(word.text.len()));
    let text = &word.text[..limit];
    let length = word.end - word.start;
    let day = number(text, word.start, length);
    if length > 2 || !(1..=31).contains(&day) {
        return None;
    }
    let rest = text.get(word.end..)?;
    if let Some(start) = month_before(text, word.start) {
        let rest = strip_ordinal(rest).trim_start_matches([',', '.', ' ']);
        let end = text.len() - rest.len();
        return year_at(text, end).map(|end| (start, end));
    }
    let rest = strip_ordinal(rest).trim_start_matches(['.', ' ', '-']);
    let rest = rest
        .strip_prefix("of ")
        .or_else(|| rest.strip_prefix("de "))
        .unwrap_or(rest);
    let month = rest.find(|c: char| !c.is_alphabetic())?;
    if !is_month(&rest[..month]) {
        return None;
    }
    let rest = rest[month..].trim_start_matches([',', '.', ' ', '-']);
    let rest = rest.strip_prefix("de ").unwrap_or(rest);
    year_at(text, text.len() - rest.len()).map(|end| (word.start, end))
}

fn strip_ordinal(rest: &str) -> &str {
    let strip = |rest: &'_ str| {
        ["st", "nd", "rd", "th"]
            .iter()
            .find(|end| rest.starts_with(**end))
            .map(|end| end.len())
    };
    strip(rest).map_or(rest, |length| &rest[length..])
}

fn year_at(text: &str, at: usize) -> Option<usize> {
    let length = digits(text.as_bytes(), at);
    (length == 4 && is_year(number(text, at, 4))).then_some(at + 4)
}

/// Where the month's name before `at` starts.
fn month_before(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].strip_suffix(' ')?;
    let before = before.strip_suffix('.').unwrap_or(before);
    let mut start = before.len();
    for (place, c) in before.char_indices().rev().take(12) {
        if !c.is_alphabetic() {
            break;
        }
        start = place;
    }
    is_month(&before[start..]).then_some(start)
}

fn is_month(word: &str) -> bool {
    let word = word.to_lowercase();
    (3..=12).contains(&word.len())
        && MONTH_STARTS
            .iter()
            .any(|(month, _)| word.starts_with(month))
}
