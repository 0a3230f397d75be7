//! How phone numbers are written down.

use super::country;
use crate::pii::checksum::{is_date as is_day, value};
use crate::pii::number::{DigitGroups, GroupMark};

/// How much a number looks like a phone's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PhoneShape {
    /// A date, an IP address, a decimal number.
    Never,
    /// Digits without groups, or groups that mean nothing.
    Plain,
    /// Three digits to a group: an amount more often than a phone.
    Amount,
    /// Groups that phones have, and other numbers too.
    Likely,
    /// Groups that only phones have.
    Grouped,
    /// `+` and a country's code.
    International,
}

impl PhoneShape {
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::International => "phone-international",
            Self::Grouped => "phone-grouped",
            Self::Likely => "phone-likely",
            Self::Never | Self::Plain | Self::Amount => "phone-context",
        }
    }

    /// The shape of the first groups of a number.
    pub(super) fn of(number: &DigitGroups<'_>, groups: usize, has_extension: bool) -> Self {
        let lengths = &number.lengths[..groups];
        let digits = number.digits(groups);
        let marks = &number.marks[..groups - 1];
        if number.plus.is_some() {
            let is_area =
                groups > 1 && matches!(number.marks[0], GroupMark::Open | GroupMark::Close);
            return match international(digits, 0, groups) {
                Self::Likely if is_area && digits.len() > 8 => Self::International,
                shape => shape,
            };
        }
        if is_date(number, groups) || is_decimal(lengths, marks, digits) {
            return Self::Never;
        }
        if digits.starts_with(&[0, 0])
            && digits.len() > 9
            && international(&digits[2..], 0, 2) == Self::International
        {
            return if groups > 1 {
                Self::Grouped
            } else {
                Self::Likely
            };
        }
        if north_american(lengths, digits, marks, number.is_open) {
            return grouped(number, groups);
        }
        if has_extension && groups > 1 && digits.len() >= 7 {
            return Self::Grouped;
        }
        if is_area(number, groups) {
            return Self::Grouped;
        }
        if is_national(lengths, digits, marks) {
            return grouped(number, groups);
        }
        if groups == 1 {
            return Self::Plain;
        }
        if is_amount(lengths, digits, marks) {
            return Self::Amount;
        }
        if lengths.iter().filter(|length| **length == 1).count() > 1 || lengths.len() > 6 {
            return Self::Plain;
        }
        Self::Likely
    }
}

/// Groups with spaces between them may be the columns of a table, if there are more of them.
fn grouped(number: &DigitGroups<'_>, groups: usize) -> PhoneShape {
    let marks = &number.marks[..groups - 1];
    let is_spaced = marks.iter().all(|mark| *mark == GroupMark::Space);
    if is_spaced && !number.is_lonely(groups) {
        PhoneShape::Likely
    } else {
        PhoneShape::Grouped
    }
}

fn international(digits: &[u8], from: usize, groups: usize) -> PhoneShape {
    let is_known = country::fits(&digits[from..]);
    match (is_known, groups) {
        (true, _) => PhoneShape::International,
        (false, 1) => PhoneShape::Plain,
        (false, _) => PhoneShape::Likely,
    }
}

/// `415-555-0132`, `(415) 555-0132`, `1 415 555 0132`.
fn north_american(lengths: &[usize], digits: &[u8], marks: &[GroupMark], is_open: bool) -> bool {
    let (lengths, digits, marks, is_long) = match lengths {
        [1, ..] if digits[0] == 1 && marks.len() == 3 => {
            (&lengths[1..], &digits[1..], &marks[1..], true)
        }
        _ => (lengths, digits, marks, false),
    };
    if lengths != [3, 3, 4] {
        return false;
    }
    let is_given_out = digits[0] > 1 && digits[3] > 1;
    match marks {
        [GroupMark::Close, _] => is_open || is_long,
        [GroupMark::Dash, GroupMark::Dash] | [GroupMark::Dot, GroupMark::Dot] => true,
        [GroupMark::Space, GroupMark::Dash] => is_given_out,
        [GroupMark::Space, GroupMark::Space] => is_given_out,
        _ => false,
    }
}

/// An area's code in parentheses: `(021) 0025-967`, `(11) 98765-4321`, `44 (20) 7123 4567`.
fn is_area(number: &DigitGroups<'_>, groups: usize) -> bool {
    let count = number.count(groups);
    let lengths = &number.lengths[..groups];
    let closes = number.marks[0] == GroupMark::Close && number.is_open && groups > 1;
    let area = if closes { lengths[0] } else { 0 };
    let is_year = area == 4 && matches!(value(&number.digits[..2]), 19 | 20);
    let rest = count - area;
    if closes && (2..=5).contains(&area) && !is_year && (6..=9).contains(&rest) && lengths[1] > 1 {
        return true;
    }
    let has_area =
        groups > 2 && number.marks[0] == GroupMark::Open && number.marks[1] == GroupMark::Close;
    has_area && count >= 9 && lengths[0] <= 3
}

/// Grouped as numbers within a country are, with the `0` that comes before an area's code.
fn is_national(lengths: &[usize], digits: &[u8], marks: &[GroupMark]) -> bool {
    if digits[0] != 0 || digits[1] == 0 || !(9..=12).contains(&digits.len()) {
        return false;
    }
    let is_even = marks.windows(2).all(|pair| pair[0] == pair[1]);
    let first = marks.first().copied();
    let rest_is_even = marks.len() < 2 || marks[1..].windows(2).all(|pair| pair[0] == pair[1]);
    match lengths {
        // French, Belgian: pairs.
        [2, 2, 2, 2, 2] => is_even,
        // British, Dutch, Japanese, Australian, Swiss and many more.
        [3..=5, 3, 3]
        | [2..=5, 3..=4, 4]
        | [3, 3..=4, 2, 2]
        | [4, 2, 2, 2]
        | [4, 3, 2, 2]
        | [5, 2, 2, 2] => rest_is_even && (first != Some(GroupMark::Dot) || digits.len() > 9),
        [5, 6] => {
            matches!(first, Some(GroupMark::Space | GroupMark::Dash)) && matches!(digits[1], 1 | 7)
        }
        [2, 8] => matches!(first, Some(GroupMark::Dash)),
        [2..=5, 5..=8] => first == Some(GroupMark::Slash),
        _ => false,
    }
}

/// Three digits to a group, as thousands are.
fn is_amount(lengths: &[usize], digits: &[u8], marks: &[GroupMark]) -> bool {
    let is_parted = marks.iter().all(|mark| *mark == GroupMark::Space)
        || marks.iter().all(|mark| *mark == GroupMark::Dot);
    is_parted && lengths[0] <= 3 && lengths[1..].iter().all(|length| *length == 3) && digits[0] != 0
}

/// A day in any of the usual orders, with what may follow it.
fn is_date(number: &DigitGroups<'_>, groups: usize) -> bool {
    if groups < 3 {
        return matches!(number.lengths[..groups], [4, 4])
            && is_years(number.digits(groups))
            && number.marks[0] != GroupMark::Space;
    }
    let digits = &number.digits;
    match number.lengths[..3] {
        [4, 1..=2, 1..=2] => {
            let middle = 4 + number.lengths[1];
            let (month, day) = (
                value(&digits[4..middle]),
                value(&digits[middle..middle + number.lengths[2]]),
            );
            matches!(value(&digits[..2]), 19..=21)
                && (number.marks[0] != GroupMark::Space || is_day(1, month, day))
        }
        [1..=2, 1..=2, 4] => {
            let year = number.lengths[0] + number.lengths[1];
            matches!(value(&digits[year..year + 2]), 19..=20)
        }
        [1..=2, 1..=2, 2] if groups == 3 => {
            number.marks[0] == GroupMark::Slash || number.marks[0] == GroupMark::Dot
        }
        _ => false,
    }
}

/// `2019-2020`.
fn is_years(digits: &[u8]) -> bool {
    matches!(value(&digits[..2]), 19..=20) && matches!(value(&digits[4..6]), 19..=20)
}

/// An IP address, a version, a fraction or a price.
fn is_decimal(lengths: &[usize], marks: &[GroupMark], digits: &[u8]) -> bool {
    if marks.is_empty() || !marks.iter().all(|mark| *mark == GroupMark::Dot) {
        // `12-34.56` is no phone either.
        return marks.last() == Some(&GroupMark::Dot) && marks.contains(&GroupMark::Space);
    }
    match lengths {
        [_, _] => true,
        [_, _, _] => digits.len() < 9,
        [_, _, _, _] => digits.len() < 8 || lengths.iter().all(|length| *length == 3),
        _ => digits.len() < 9,
    }
}
