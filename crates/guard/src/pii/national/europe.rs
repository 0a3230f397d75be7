//! European numbers.

use super::rule::{DigitRule, LetterRule, NationalNeed, number};
use crate::pii::checksum::{is_date, is_uniform, luhn, mod_11_10, value, weighted};
use crate::pii::number::GroupMark::{Dash, Dot, Space};
use crate::pii::words::Topics;

pub(super) const DIGIT_RULES: &[DigitRule] = &[
    DigitRule {
        entity: "UK_NHS",
        rule: "uk-nhs",
        shapes: &[&[3, 3, 4], &[10]],
        marks: &[Dash, Space],
        check: british_health,
        topics: Topics::NHS,
        need: NationalNeed::Name,
        why: "the check digit of an NHS number, which the text calls it",
    },
    DigitRule {
        entity: "PL_PESEL",
        rule: "pl-pesel",
        shapes: &[&[11]],
        marks: &[],
        check: pesel,
        topics: Topics::PESEL,
        need: NationalNeed::Name,
        why: "a date of birth and the check digit of a PESEL",
    },
    DigitRule {
        entity: "SE_PERSONNUMMER",
        rule: "se-personnummer",
        shapes: &[&[6, 4], &[8, 4], &[10], &[12]],
        marks: &[Dash],
        check: swedish,
        topics: Topics::SWEDEN,
        need: NationalNeed::GroupsOrName,
        why: "a date of birth and the check digit of a personnummer",
    },
    DigitRule {
        entity: "NO_FODSELSNUMMER",
        rule: "no-fodselsnummer",
        shapes: &[&[11], &[6, 5]],
        marks: &[Space, Dash],
        check: norwegian,
        topics: Topics::NORWAY,
        need: NationalNeed::GroupsOrName,
        why: "a date of birth and both check digits of a fødselsnummer",
    },
    DigitRule {
        entity: "DK_CPR",
        rule: "dk-cpr",
        shapes: &[&[6, 4], &[10]],
        marks: &[Dash],
        check: danish,
        topics: Topics::DENMARK,
        need: NationalNeed::NameAlways,
        why: "a date of birth at the start of what the text calls a CPR number",
    },
    DigitRule {
        entity: "NL_BSN",
        rule: "nl-bsn",
        shapes: &[&[9], &[4, 2, 3], &[3, 3, 3]],
        marks: &[Dot, Space],
        check: dutch,
        topics: Topics::BSN,
        need: NationalNeed::Name,
        why: "the eleven test of a burgerservicenummer, which the text calls it",
    },
    DigitRule {
        entity: "BE_NATIONAL_NUMBER",
        rule: "be-national-number",
        shapes: &[&[2, 2, 2, 3, 2], &[11], &[6, 3, 2]],
        marks: &[],
        check: belgian,
        topics: Topics::BELGIUM,
        need: NationalNeed::Name,
        why: "a date of birth and the check of a national register's number",
    },
    DigitRule {
        entity: "DE_TAX_ID",
        rule: "de-tax-id",
        shapes: &[&[11], &[2, 3, 3, 3]],
        marks: &[Space],
        check: german_tax,
        topics: Topics::GERMANY_TAX,
        need: NationalNeed::Name,
        why: "the digits and the check of a German tax number",
    },
    DigitRule {
        entity: "CH_AHV",
        rule: "ch-ahv",
        shapes: &[&[3, 4, 4, 2], &[13]],
        marks: &[Dot, Space],
        check: swiss,
        topics: Topics::SWITZERLAND,
        need: NationalNeed::GroupsOrName,
        why: "Switzerland's prefix and the check digit of an AHV number",
    },
    DigitRule {
        entity: "FR_NIR",
        rule: "fr-nir",
        shapes: &[&[1, 2, 2, 2, 3, 3, 2], &[15], &[13, 2], &[1, 2, 2, 2, 3, 3]],
        marks: &[Space, Dash],
        check: french,
        topics: Topics::FRANCE,
        need: NationalNeed::Nothing,
        why: "sex, year, month and the check by 97 of a French social security number",
    },
    DigitRule {
        entity: "PT_NIF",
        rule: "pt-nif",
        shapes: &[&[9], &[3, 3, 3]],
        marks: &[Space],
        check: portuguese,
        topics: Topics::PORTUGAL,
        need: NationalNeed::Name,
        why: "the check digit of a Portuguese tax number, which the text calls it",
    },
    DigitRule {
        entity: "TR_NATIONAL_ID",
        rule: "tr-national-id",
        shapes: &[&[11]],
        marks: &[Space],
        check: turkish,
        topics: Topics::TURKEY,
        need: NationalNeed::Name,
        why: "both check digits of a Turkish identity number",
    },
];

pub(super) const LETTER_RULES: &[LetterRule] = &[
    LetterRule {
        entity: "ES_NIF",
        rule: "es-nif",
        pattern: "99999999A",
        check: spanish,
        topics: Topics::SPAIN,
        need: NationalNeed::Nothing,
        why: "the check letter of a Spanish identity number",
    },
    LetterRule {
        entity: "ES_NIF",
        rule: "es-nif-short",
        pattern: "9999999A",
        check: spanish,
        topics: Topics::SPAIN,
        need: NationalNeed::Name,
        why: "the check letter of a Spanish identity number, which the text calls it",
    },
    LetterRule {
        entity: "ES_NIE",
        rule: "es-nie",
        pattern: "A9999999A",
        check: spanish_foreigner,
        topics: Topics::SPAIN,
        need: NationalNeed::Nothing,
        why: "the check letter of a Spanish foreigner's number",
    },
    LetterRule {
        entity: "IT_FISCAL_CODE",
        rule: "it-fiscal-code",
        pattern: "AAAAAAXXAXXAXXXA",
        check: italian,
        topics: Topics::ITALY,
        need: NationalNeed::Nothing,
        why: "the check letter of an Italian fiscal code",
    },
    LetterRule {
        entity: "FI_PERSONAL_IDENTITY_CODE",
        rule: "fi-personal-identity-code",
        pattern: "999999X999X",
        check: finnish,
        topics: Topics::FINLAND,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check character of a Finnish identity code",
    },
    LetterRule {
        entity: "FI_PERSONAL_IDENTITY_CODE",
        rule: "fi-personal-identity-code",
        pattern: "999999-999X",
        check: finnish,
        topics: Topics::FINLAND,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check character of a Finnish identity code",
    },
    LetterRule {
        entity: "FI_PERSONAL_IDENTITY_CODE",
        rule: "fi-personal-identity-code",
        pattern: "999999+999X",
        check: finnish,
        topics: Topics::FINLAND,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check character of a Finnish identity code",
    },
    LetterRule {
        entity: "DE_SOCIAL_SECURITY",
        rule: "de-social-security",
        pattern: "99999999A999",
        check: german_pension,
        topics: Topics::GERMANY_SOCIAL,
        need: NationalNeed::Nothing,
        why: "a date of birth and the check digit of a German social security number",
    },
    LetterRule {
        entity: "DE_HEALTH_INSURANCE",
        rule: "de-health-insurance",
        pattern: "A999999999",
        check: german_health,
        topics: Topics::INSURANCE,
        need: NationalNeed::Name,
        why: "the check digit of a German health insurance number, which the text calls it",
    },
    LetterRule {
        entity: "DE_ID_CARD",
        rule: "de-id-card",
        pattern: "AXXXXXXX9",
        check: german_card,
        topics: Topics::IDENTITY,
        need: NationalNeed::NameAlways,
        why: "letters and digits of a German identity document, which the text calls it",
    },
];

fn british_health(digits: &[u8]) -> bool {
    let check = 11 - weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    !is_uniform(digits) && check % 11 == u32::from(digits[9])
}

fn pesel(digits: &[u8]) -> bool {
    let month = value(&digits[2..4]) % 20;
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    is_date(value(&digits[..2]), month, value(&digits[4..6])) && sum.is_multiple_of(10)
}

fn swedish(digits: &[u8]) -> bool {
    let short = &digits[digits.len() - 10..];
    let is_century = digits.len() == 10 || matches!(value(&digits[..2]), 18..=20);
    let day = value(&short[4..6]);
    // Those who aren't registered have sixty added to their day.
    let day = if day > 60 { day - 60 } else { day };
    is_century && is_date(value(&short[..2]), value(&short[2..4]), day) && luhn(short)
}

fn norwegian(digits: &[u8]) -> bool {
    let day = value(&digits[..2]);
    let day = if day > 40 { day - 40 } else { day };
    let first = weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    is_date(value(&digits[4..6]), value(&digits[2..4]), day)
        && first.is_multiple_of(11)
        && second.is_multiple_of(11)
}

fn danish(digits: &[u8]) -> bool {
    is_date(
        value(&digits[4..6]),
        value(&digits[2..4]),
        value(&digits[..2]),
    )
}

fn dutch(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * u32::from(digits[8]);
    !is_uniform(digits) && sum.is_multiple_of(11)
}

fn belgian(digits: &[u8]) -> bool {
    let (first, check) = (value(&digits[..9]), value(&digits[9..]));
    let is_month = value(&digits[2..4]) % 20 <= 12;
    is_month && (97 - first % 97 == check || 97 - (2_000_000_000 + first) % 97 == check)
}

fn german_tax(digits: &[u8]) -> bool {
    // Of the first ten digits one or two come twice or three times, and the rest once.
    let mut counts = [0u8; 10];
    for digit in &digits[..10] {
        counts[usize::from(*digit)] += 1;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    digits[0] != 0 && repeated <= 2 && counts.iter().all(|count| *count <= 3) && mod_11_10(digits)
}

fn swiss(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    digits[..3] == [7, 5, 6] && sum.is_multiple_of(10)
}

fn french(digits: &[u8]) -> bool {
    let is_person = matches!(digits[0], 1 | 2 | 7 | 8);
    let is_month = matches!(value(&digits[3..5]), 1..=12 | 20..=42 | 50..=99);
    let is_checked = digits.len() == 15 && 97 - value(&digits[..13]) % 97 == value(&digits[13..]);
    is_person && is_month && is_checked
}

fn portuguese(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    matches!(digits[0], 1..=3 | 5 | 6 | 8 | 9) && check == u32::from(digits[8])
}

fn turkish(digits: &[u8]) -> bool {
    let odd = weighted(digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(digits, &[0, 1, 0, 1, 0, 1, 0, 1]);
    let all: u32 = digits[..10].iter().map(|digit| u32::from(*digit)).sum();
    let first = (odd * 7 + 90 - even) % 10;
    digits[0] != 0 && first == u32::from(digits[9]) && all % 10 == u32::from(digits[10])
}

const SPANISH_CHECK_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn spanish(token: &[u8]) -> bool {
    let (digits, letter) = token.split_at(token.len() - 1);
    spanish_letter(number(digits)) == letter[0]
}

fn spanish_letter(number: u64) -> u8 {
    SPANISH_CHECK_LETTERS[usize::try_from(number % 23).unwrap_or(0)]
}

fn spanish_foreigner(token: &[u8]) -> bool {
    let first = match token[0] {
        b'X' => 0,
        b'Y' => 10_000_000,
        b'Z' => 20_000_000,
        _ => return false,
    };
    spanish_letter(first + number(&token[1..8])) == token[8]
}

fn italian(token: &[u8]) -> bool {
    // What a letter or digit counts in the odd places.
    const ITALIAN_ODD_VALUES: [u8; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    // Digits may be written as these letters, to tell apart those who would have the same code.
    let is_digit = |byte: &u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte);
    let digits = [6, 7, 9, 10, 12, 13, 14];
    if !digits.iter().all(|at| is_digit(&token[*at])) || !b"ABCDEHLMPRST".contains(&token[8]) {
        return false;
    }
    let sum: u32 = token[..15]
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() {
                byte - b'0'
            } else {
                byte - b'A'
            };
            u32::from(if at % 2 == 0 {
                ITALIAN_ODD_VALUES[usize::from(value)]
            } else {
                value
            })
        })
        .sum();
    sum % 26 == u32::from(token[15] - b'A')
}

fn finnish(token: &[u8]) -> bool {
    let is_century = b"+-YXWVUABCDEF".contains(&token[6]);
    let is_date = is_date(
        number(&token[4..6]),
        number(&token[2..4]),
        number(&token[..2]),
    );
    let serial = &token[7..10];
    if !is_century || !is_date || !serial.iter().all(u8::is_ascii_digit) || number(serial) < 2 {
        return false;
    }
    let rest = (number(&token[..6]) * 1000 + number(serial)) % 31;
    let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[usize::try_from(rest).unwrap_or(0)];
    check == token[10]
}

fn german_pension(token: &[u8]) -> bool {
    let month = number(&token[4..6]);
    let day = number(&token[2..4]);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) && !(51..=81).contains(&day) {
        return false;
    }
    let letter = token[8] - b'A' + 1;
    let mut digits = [0u8; 12];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit = match at {
            0..=7 => token[at] - b'0',
            8 => letter / 10,
            9 => letter % 10,
            _ => token[at - 1] - b'0',
        };
    }
    let crosses = digits
        .iter()
        .zip([2u8, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| {
            let product = digit * weight;
            u32::from(product / 10 + product % 10)
        });
    crosses.sum::<u32>() % 10 == u32::from(token[11] - b'0')
}

fn german_health(token: &[u8]) -> bool {
    let letter = token[0] - b'A' + 1;
    let mut digits = [0u8; 10];
    digits[0] = letter / 10;
    digits[1] = letter % 10;
    for (digit, byte) in digits[2..].iter_mut().zip(&token[1..9]) {
        *digit = byte - b'0';
    }
    let crosses = digits.iter().enumerate().map(|(at, digit)| {
        let product = u32::from(*digit) << (at % 2);
        product / 10 + product % 10
    });
    crosses.sum::<u32>() % 10 == u32::from(token[9] - b'0')
}

fn german_card(token: &[u8]) -> bool {
    const FINAL_LETTERS: &[u8] = b"CFGHJKLMNPRTVWXYZ";
    let is_form = FINAL_LETTERS.contains(&token[0])
        && token[1..8]
            .iter()
            .all(|byte| byte.is_ascii_digit() || FINAL_LETTERS.contains(byte));
    token[1..]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .count()
        >= 3
        && is_form
}
