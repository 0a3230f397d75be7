//! Asian numbers.

use super::rule::{DigitRule, LetterRule, NationalNeed, number};
use crate::pii::checksum::{is_date, is_uniform, value, verhoeff, weighted};
use crate::pii::number::GroupMark::{Colon, Dash, Space};
use crate::pii::words::Topics;

pub(super) const DIGIT_RULES: &[DigitRule] = &[
    DigitRule {
        entity: "IN_AADHAAR",
        rule: "in-aadhaar",
        shapes: &[&[4, 4, 4], &[12]],
        marks: &[Space, Dash, Colon],
        check: aadhaar,
        topics: Topics::AADHAAR,
        need: NationalNeed::Name,
        why: "the check digit of an Aadhaar number",
    },
    DigitRule {
        entity: "KR_RRN",
        rule: "kr-rrn",
        shapes: &[&[6, 7], &[13]],
        marks: &[Dash],
        check: |digits| korean(digits, &[1, 2, 3, 4]),
        topics: Topics::KOREA,
        need: NationalNeed::GroupsOrOwnName,
        why: "a date of birth and the form of a Korean resident's number",
    },
    DigitRule {
        entity: "KR_FRN",
        rule: "kr-frn",
        shapes: &[&[6, 7], &[13]],
        marks: &[Dash],
        check: |digits| korean(digits, &[5, 6, 7, 8]),
        topics: Topics::KOREA,
        need: NationalNeed::GroupsOrOwnName,
        why: "a date of birth and the form of a Korean foreigner's number",
    },
    DigitRule {
        entity: "TH_TNIN",
        rule: "th-tnin",
        shapes: &[&[1, 4, 5, 2, 1], &[13]],
        marks: &[Dash, Space],
        check: thai,
        topics: Topics::THAILAND,
        need: NationalNeed::GroupsOrName,
        why: "the check digit of a Thai identity number",
    },
    DigitRule {
        entity: "CN_RESIDENT_ID",
        rule: "cn-resident-id",
        shapes: &[&[18]],
        marks: &[],
        check: |digits| chinese(digits, digits[17]),
        topics: Topics::CHINA,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check digit of a Chinese identity number",
    },
];

pub(super) const LETTER_RULES: &[LetterRule] = &[
    LetterRule {
        entity: "CN_RESIDENT_ID",
        rule: "cn-resident-id",
        pattern: "99999999999999999X",
        check: |token| token[17] == b'X' && chinese(&numbers(token), 10),
        topics: Topics::CHINA,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check digit of a Chinese identity number",
    },
    LetterRule {
        entity: "SG_NRIC_FIN",
        rule: "sg-nric-fin",
        pattern: "A9999999A",
        check: singaporean,
        topics: Topics::SINGAPORE,
        need: NationalNeed::Nothing,
        why: "the check letter of a Singaporean identity number",
    },
    LetterRule {
        entity: "IN_PAN",
        rule: "in-pan",
        pattern: "AAAAA9999A",
        check: |token| b"ABCFGHJLPT".contains(&token[3]),
        topics: Topics::INDIA,
        need: NationalNeed::Capitals,
        why: "letters and digits where India's account numbers have them",
    },
    LetterRule {
        entity: "IN_GSTIN",
        rule: "in-gstin",
        pattern: "99AAAAA9999AXZX",
        check: |token| (1..=37).contains(&number(&token[..2])),
        topics: Topics::INDIA,
        need: NationalNeed::Capitals,
        why: "a state's code and the form of an Indian tax number",
    },
    LetterRule {
        entity: "IN_VOTER",
        rule: "in-voter",
        pattern: "AAA9999999",
        check: |_| true,
        topics: Topics::INDIA,
        need: NationalNeed::NameAlways,
        why: "letters and digits of what the text calls a voter's card",
    },
];

fn aadhaar(digits: &[u8]) -> bool {
    let is_mirrored = digits.iter().eq(digits.iter().rev());
    digits[0] > 1 && !is_uniform(digits) && !is_mirrored && verhoeff(digits)
}

fn korean(digits: &[u8], kinds: &[u8]) -> bool {
    let is_birth = is_date(
        value(&digits[..2]),
        value(&digits[2..4]),
        value(&digits[4..6]),
    );
    is_birth && kinds.contains(&digits[6]) && value(&digits[7..9]) <= 95
}

fn thai(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    digits[0] != 0
        && digits[0] != 9
        && !is_uniform(digits)
        && (11 - sum % 11) % 10 == u32::from(digits[12])
}

fn chinese(digits: &[u8], check: u8) -> bool {
    let is_birth = is_date(
        value(&digits[6..10]),
        value(&digits[10..12]),
        value(&digits[12..14]),
    );
    let is_century = matches!(value(&digits[6..8]), 18..=20);
    let sum = weighted(
        digits,
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    );
    is_birth && is_century && (12 - sum % 11) % 11 == u32::from(check)
}

fn numbers(token: &[u8]) -> [u8; 18] {
    let mut digits = [0; 18];
    for (digit, byte) in digits.iter_mut().zip(token) {
        *digit = byte.wrapping_sub(b'0');
    }
    digits
}

fn singaporean(token: &[u8]) -> bool {
    let digits = super::rule::numbers(&token[1..8]).collect::<Vec<_>>();
    let sum = weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]);
    let (added, letters): (u32, &[u8; 11]) = match token[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    let rest = usize::try_from((sum + added) % 11).unwrap_or(0);
    let at = if token[0] == b'M' { 10 - rest } else { rest };
    letters[at] == token[8]
}
