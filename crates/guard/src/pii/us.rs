//! Numbers of the United States: social security, taxpayers, bank routing, medicine.

use super::checksum::{is_uniform, luhn, value, weighted};
use super::hit::PiiHit;
use super::number::{DigitGroups, GroupMark};
use super::word::{DigitWord, glued_left, glued_right};
use super::words::Topics;

const SSN_MARKS: &[GroupMark] = &[GroupMark::Dash, GroupMark::Space];
/// Numbers that were printed in advertisements or are everybody's example of a wrong one.
const WELL_KNOWN_SSNS: &[u64] = &[78_051_120, 219_099_999];

pub(super) fn find_number(number: &DigitGroups<'_>, hits: &mut Vec<PiiHit>) {
    hits.extend(social_security(number));
    hits.extend(routing(number));
    hits.extend(provider(number));
}

fn social_security(number: &DigitGroups<'_>) -> Option<PiiHit> {
    let joints = &[GroupMark::Dash, GroupMark::Space, GroupMark::Dot];
    let is_grouped = number.has_shape(&[3, 2, 4], joints);
    let groups = [&[3, 2, 4][..], &[3, 6], &[5, 4], &[9]]
        .into_iter()
        .find(|shape| number.has_shape(shape, joints))?
        .len();
    let digits = number.digits(groups);
    let (area, group, serial) = (
        value(&digits[..3]),
        value(&digits[3..5]),
        value(&digits[5..]),
    );
    if is_uniform(digits)
        || WELL_KNOWN_SSNS.contains(&value(digits))
        || group == 0
        || serial == 0
        || matches!(area, 0 | 666)
    {
        return None;
    }
    let context = number.context(groups);
    let is_dashed = is_grouped && number.marks[0] == GroupMark::Dash;
    let is_spaced = is_grouped && number.marks[0] == GroupMark::Space && number.is_lonely(groups);
    if area < 900 {
        let (score, why) = match () {
            () if context.says_within(Topics::SSN, 12) => (
                1.0,
                "grouped as a social security number, which the text calls it",
            ),
            // People write social security numbers where a taxpayer's number is asked for.
            () if is_dashed && (!context.denies_loosely() || context.says(Topics::TAX)) => (
                0.85,
                "grouped as only social security numbers are, within their ranges",
            ),
            () if is_spaced && !context.denies_loosely() && !context.says(Topics::PHONE) => (
                0.65,
                "grouped as social security numbers are, within their ranges",
            ),
            () => return None,
        };
        return Some(number.hit(groups, "US_SSN", "us-ssn", score, why));
    }
    let is_taxpayer = matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    if is_taxpayer
        && (is_dashed && !context.denies_loosely() && !context.says(Topics::SSN)
            || context.says_within(Topics::TAX, 12))
    {
        let why = "grouped as a taxpayer's number, within its ranges";
        return Some(number.hit(groups, "US_ITIN", "us-itin", 0.85, why));
    }
    // Nobody has such a number, but whoever calls it one means it to be.
    if is_dashed && context.says_within(Topics::SSN, 4) {
        let why =
            "grouped as a social security number, which the text calls it, outside of the ranges";
        return Some(number.hit(groups, "US_SSN", "us-ssn-called", 0.6, why));
    }
    None
}

fn routing(number: &DigitGroups<'_>) -> Option<PiiHit> {
    let is_grouped = number.has_shape(&[4, 4, 1], &[GroupMark::Dash]);
    if !is_grouped && !number.has_shape(&[9], SSN_MARKS) {
        return None;
    }
    let groups = if is_grouped { 3 } else { 1 };
    let digits = number.digits(groups);
    let is_district = matches!(value(&digits[..2]), 1..=12 | 21..=32 | 61..=72 | 80);
    if !is_district || !weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10) {
        return None;
    }
    let context = number.context(groups);
    let is_called = context.says_within(Topics::ROUTING, 10);
    (is_called || is_grouped && !context.denies_loosely()).then(|| {
        let why = "a Federal Reserve district and the check digit of a bank's routing number";
        number.hit(
            groups,
            "ABA_ROUTING_NUMBER",
            "aba-routing",
            if is_called { 0.95 } else { 0.6 },
            why,
        )
    })
}

fn provider(number: &DigitGroups<'_>) -> Option<PiiHit> {
    let is_grouped = number.has_shape(&[4, 3, 3], SSN_MARKS);
    if !is_grouped && !number.has_shape(&[10], SSN_MARKS) {
        return None;
    }
    let groups = if is_grouped { 3 } else { 1 };
    let digits = number.digits(groups);
    if !matches!(digits[0], 1 | 2) {
        return None;
    }
    let mut full = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    full[5..].copy_from_slice(digits);
    if is_uniform(&digits[..9])
        || !luhn(&full)
        || !number.context(groups).says_within(Topics::NPI, 8)
    {
        return None;
    }
    let why = "the check digit of a provider's number, which the text calls it";
    Some(number.hit(groups, "US_NPI", "us-npi", 0.95, why))
}

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    if word.is_number {
        return;
    }
    hits.extend(beneficiary(word));
    hits.extend(prescriber(word));
}

/// A Medicare beneficiary's identifier: eleven places, each for a digit or some letters.
fn beneficiary(word: &DigitWord<'_>) -> Option<PiiHit> {
    const MBI_PATTERN: &[u8; 11] = b"CAXNAXNAANN";
    let bytes = word.bytes();
    let (end, is_dashed) = match word.end - word.start {
        11 => (word.end, false),
        4 if bytes.get(word.end) == Some(&b'-') => (word.start + 13, true),
        _ => return None,
    };
    let token = word.text.get(word.start..end)?.as_bytes();
    if is_dashed && (token[4] != b'-' || token[8] != b'-') {
        return None;
    }
    let places = token
        .iter()
        .enumerate()
        .filter(|(at, _)| !(is_dashed && matches!(at, 4 | 8)));
    let letter =
        |byte: u8| byte.is_ascii_alphabetic() && !b"SLOIBZ".contains(&byte.to_ascii_uppercase());
    let fits = |byte: u8, place: u8| match place {
        b'C' => matches!(byte, b'1'..=b'9'),
        b'A' => letter(byte),
        b'N' => byte.is_ascii_digit(),
        _ => byte.is_ascii_digit() || letter(byte),
    };
    if !places
        .map(|(_, byte)| *byte)
        .zip(MBI_PATTERN)
        .all(|(byte, place)| fits(byte, *place))
    {
        return None;
    }
    if glued_left(bytes, word.start) || glued_right(bytes, end) {
        return None;
    }
    let context = word.nearby.context(word.start, end);
    let is_called = context.says_within(Topics::MEDICARE.or(Topics::INSURANCE), 12);
    (is_called || is_dashed && !context.denies_loosely() || context.is_alone()).then_some(PiiHit {
        entity: "US_MBI",
        rule: "us-mbi",
        start: word.start,
        end,
        score: if is_called { 0.95 } else { 0.7 },
        why: "digits and letters where Medicare's identifiers have them",
    })
}

/// A prescriber's DEA number: two letters and seven digits, the last one a check.
fn prescriber(word: &DigitWord<'_>) -> Option<PiiHit> {
    let token = word.as_str().as_bytes();
    if token.len() != 9 || !b"ABCDEFGHJKLMNPQRSTUXabcdefghjklmnprstux".contains(&token[0]) {
        return None;
    }
    let is_form = token[1].is_ascii_alphabetic() && token[2..].iter().all(u8::is_ascii_digit);
    if !is_form || word.is_glued_left() || word.is_glued_right() {
        return None;
    }
    let mut digits = [0; 7];
    for (digit, byte) in digits.iter_mut().zip(&token[2..]) {
        *digit = byte - b'0';
    }
    let sum = weighted(&digits, &[1, 2, 1, 2, 1, 2]);
    if sum % 10 != u32::from(digits[6]) {
        return None;
    }
    let context = word.nearby.context(word.start, word.end);
    (context.says_within(Topics::DEA, 10) || context.is_alone()).then_some(PiiHit {
        entity: "MEDICAL_LICENSE",
        rule: "us-dea",
        start: word.start,
        end: word.end,
        score: 0.95,
        why: "the check digit of a prescriber's number, which the text calls it",
    })
}
