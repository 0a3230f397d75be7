//! Documents and accounts that have no check digit: only where the text calls them what they are.

use super::hit::PiiHit;
use super::word::{DigitWord, glued_left, glued_right};
use super::words::Topics;

/// What a text may call a number.
struct DocumentRule {
    topics: Topics,
    entity: &'static str,
    rule: &'static str,
    /// Fewest and most letters and digits.
    length: (usize, usize),
    /// The fewest digits.
    digits: usize,
    /// How many words may part the name from the number.
    words: u8,
    why: &'static str,
}

const DOCUMENT_RULES: &[DocumentRule] = &[
    DocumentRule {
        topics: Topics::PASSPORT,
        entity: "PASSPORT",
        rule: "passport",
        length: (6, 10),
        digits: 5,
        words: 5,
        why: "letters and digits that the text calls a passport's",
    },
    DocumentRule {
        topics: Topics::LICENCE,
        entity: "US_DRIVER_LICENSE",
        rule: "driver-license",
        length: (6, 16),
        digits: 4,
        words: 5,
        why: "letters and digits that the text calls a driver's license",
    },
    DocumentRule {
        topics: Topics::BANK,
        entity: "US_BANK_NUMBER",
        rule: "bank-account",
        length: (6, 17),
        digits: 6,
        words: 5,
        why: "digits that the text calls a bank account's",
    },
    DocumentRule {
        topics: Topics::RECORD,
        entity: "MEDICAL_RECORD",
        rule: "medical-record",
        length: (5, 14),
        digits: 4,
        words: 4,
        why: "letters and digits that the text calls a patient's",
    },
    DocumentRule {
        topics: Topics::INSURANCE,
        entity: "MEDICAL_INSURANCE",
        rule: "medical-insurance",
        length: (6, 14),
        digits: 5,
        words: 4,
        why: "letters and digits that the text calls an insurance's",
    },
];

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let length = word.end - word.start;
    let digits = word.as_str().bytes().filter(u8::is_ascii_digit).count();
    if !(5..=17).contains(&length) || digits < 4 || word.as_str().contains('_') {
        return;
    }
    let start = with_letters(word);
    if glued_left(word.bytes(), start) || glued_right(word.bytes(), word.end) {
        return;
    }
    if let Some(hit) = strict_licence(word) {
        hits.push(hit);
        return;
    }
    if digits < length && is_code(word.as_str()) {
        return;
    }
    let context = word.nearby.context(start, word.end);
    if context.is_literal() {
        return;
    }
    let fits = |document: &&DocumentRule| {
        let (fewest, most) = document.length;
        (fewest..=most).contains(&length)
            && digits >= document.digits
            && context.says_within(document.topics, document.words)
            && context.leads_up(document.topics)
    };
    let fitting = DOCUMENT_RULES.iter().filter(fits);
    let nearest = fitting.min_by_key(|document| context.distance(document.topics));
    hits.extend(nearest.map(|document| hit(document, word, start)));
}

fn hit(document: &DocumentRule, word: &DigitWord<'_>, start: usize) -> PiiHit {
    let (entity, rule) = match document.entity {
        "PASSPORT" if is_us_passport(word.as_str()) => ("US_PASSPORT", "us-passport"),
        entity => (entity, document.rule),
    };
    PiiHit {
        entity,
        rule,
        start,
        end: word.end,
        score: 0.8,
        why: document.why,
    }
}

/// Where it starts if letters and a dash come before it: `MRN-123456` is `123456`, since the name
/// is no part of it, but `P-123456` is whole.
fn with_letters(word: &DigitWord<'_>) -> usize {
    let bytes = word.bytes();
    match word.start.checked_sub(1).map(|at| bytes[at]) {
        Some(b'-') => {
            let letters = bytes[..word.start - 1]
                .iter()
                .rev()
                .take(4)
                .take_while(|byte| byte.is_ascii_uppercase())
                .count();
            if (1..=3).contains(&letters) {
                word.start - 1 - letters
            } else {
                word.start
            }
        }
        _ => word.start,
    }
}

/// Whether letters and digits alternate as in hashes and ids of programs.
fn is_code(token: &str) -> bool {
    let bytes = token.as_bytes();
    let turns = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    turns > 5
}

/// A letter or none, and eight or nine digits.
fn is_us_passport(token: &str) -> bool {
    let digits = token.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = token.len() - digits.len();
    (letters == 1 && digits.len() == 8 || letters == 0 && digits.len() == 9)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A British driving licence: five letters of the name, the date of birth and more, in 16 places.
fn strict_licence(word: &DigitWord<'_>) -> Option<PiiHit> {
    let token = word.as_str().as_bytes();
    if token.len() != 16 {
        return None;
    }
    let is_name = token[..5]
        .iter()
        .rev()
        .skip_while(|byte| **byte == b'9')
        .all(u8::is_ascii_alphabetic)
        && token[0].is_ascii_alphabetic();
    let digits = &token[5..11];
    if !is_name || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let month = (digits[1] - b'0') * 10 + digits[2] - b'0';
    let day = (digits[3] - b'0') * 10 + digits[4] - b'0';
    let is_date = matches!(month, 1..=12 | 51..=62) && (1..=31).contains(&day);
    let is_end = token[11..13]
        .iter()
        .all(|byte| byte.is_ascii_alphabetic() || *byte == b'9')
        && token[13..14].iter().all(u8::is_ascii_alphanumeric)
        && token[14..].iter().all(u8::is_ascii_alphabetic);
    (is_date && is_end).then_some(PiiHit {
        entity: "UK_DRIVING_LICENCE",
        rule: "uk-driving-licence",
        start: word.start,
        end: word.end,
        score: 0.95,
        why: "a name, a date and letters where British driving licences have them",
    })
}
