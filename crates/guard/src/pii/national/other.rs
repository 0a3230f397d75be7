//! Numbers of Africa, America and Australia.

use super::rule::{DigitRule, LetterRule, NationalNeed};
use crate::pii::checksum::{is_date, is_uniform, luhn, value, weighted};
use crate::pii::number::GroupMark::{Dash, Space};
use crate::pii::words::Topics;

pub(super) const DIGIT_RULES: &[DigitRule] = &[
    DigitRule {
        entity: "AU_ABN",
        rule: "au-abn",
        shapes: &[&[2, 3, 3, 3], &[11]],
        marks: &[Space],
        check: australian_business,
        topics: Topics::AUSTRALIA,
        need: NationalNeed::Name,
        why: "the check of an Australian business number",
    },
    DigitRule {
        entity: "AU_ACN",
        rule: "au-acn",
        shapes: &[&[3, 3, 3], &[9]],
        marks: &[Space],
        check: australian_company,
        topics: Topics::AUSTRALIA,
        need: NationalNeed::Name,
        why: "the check digit of an Australian company number, which the text calls it",
    },
    DigitRule {
        entity: "AU_TFN",
        rule: "au-tfn",
        shapes: &[&[3, 3, 3], &[9]],
        marks: &[Space],
        check: australian_tax,
        topics: Topics::AUSTRALIA.or(Topics::TAX),
        need: NationalNeed::Name,
        why: "the check of an Australian tax file number, which the text calls it",
    },
    DigitRule {
        entity: "AU_MEDICARE",
        rule: "au-medicare",
        shapes: &[&[4, 5, 1], &[10]],
        marks: &[Space, Dash],
        check: australian_medicare,
        topics: Topics::MEDICARE,
        need: NationalNeed::GroupsOrName,
        why: "the check digit of an Australian Medicare number",
    },
    DigitRule {
        entity: "CA_SIN",
        rule: "ca-sin",
        shapes: &[&[3, 3, 3], &[9]],
        marks: &[Space, Dash],
        check: canadian,
        topics: Topics::CANADA,
        need: NationalNeed::Name,
        why: "the check digit of a Canadian social insurance number, which the text calls it",
    },
    DigitRule {
        entity: "ZA_ID_NUMBER",
        rule: "za-id-number",
        shapes: &[&[13], &[6, 4, 3]],
        marks: &[Space],
        check: south_african,
        topics: Topics::SOUTH_AFRICA,
        need: NationalNeed::GroupsOrName,
        why: "a date of birth and the check digit of a South African identity number",
    },
    DigitRule {
        entity: "BR_CPF",
        rule: "br-cpf",
        shapes: &[&[3, 3, 3, 2], &[11]],
        marks: &[],
        check: brazilian,
        topics: Topics::BRAZIL,
        need: NationalNeed::GroupsOrName,
        why: "both check digits of a CPF, which the text calls it",
    },
    DigitRule {
        entity: "BR_CNPJ",
        rule: "br-cnpj",
        shapes: &[&[2, 3, 3, 4, 2], &[14]],
        marks: &[],
        check: brazilian_company,
        topics: Topics::BRAZIL,
        need: NationalNeed::GroupsOrName,
        why: "both check digits of a CNPJ, which the text calls it",
    },
];

pub(super) const LETTER_RULES: &[LetterRule] = &[];

fn australian_business(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digits[0] != 0 && (sum - 10).is_multiple_of(89)
}

fn australian_company(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1]);
    !is_uniform(digits) && (10 - sum % 10) % 10 == u32::from(digits[8])
}

fn australian_tax(digits: &[u8]) -> bool {
    !is_uniform(digits) && weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn australian_medicare(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9]);
    matches!(digits[0], 2..=6) && sum % 10 == u32::from(digits[8])
}

fn canadian(digits: &[u8]) -> bool {
    !matches!(digits[0], 0 | 8) && !is_uniform(digits) && luhn(digits)
}

fn south_african(digits: &[u8]) -> bool {
    let is_birth = is_date(
        value(&digits[..2]),
        value(&digits[2..4]),
        value(&digits[4..6]),
    );
    is_birth && digits[10] <= 2 && luhn(digits)
}

fn brazilian(digits: &[u8]) -> bool {
    let first = weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second = weighted(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let fits = |sum: u32, digit: u8| sum * 10 % 11 % 10 == u32::from(digit);
    !is_uniform(digits) && fits(first, digits[9]) && fits(second, digits[10])
}

fn brazilian_company(digits: &[u8]) -> bool {
    let first = weighted(digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second = weighted(digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    let fits = |sum: u32, digit: u8| sum * 10 % 11 % 10 == u32::from(digit);
    !is_uniform(digits) && fits(first, digits[12]) && fits(second, digits[13])
}
