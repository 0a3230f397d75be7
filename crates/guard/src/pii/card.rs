//! Payment cards: an issuer's range, its length and Luhn's check digit.

use super::checksum::{is_uniform, luhn, value};
use super::hit::PiiHit;
use super::number::{DigitGroups, GroupMark};
use super::words::Topics;

/// How cards are grouped when they are printed.
const CARD_SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 3],
    &[4, 6, 5],
    &[4, 6, 4],
    &[6, 13],
    &[8, 8],
    &[4, 4, 5],
    &[4, 4, 4],
    &[4, 4, 4, 1],
];

/// How sure a range is of being a card's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Rare or as long as other numbers: only where the text speaks of cards.
    Doubtful,
    Sure,
}

pub(super) fn find(number: &DigitGroups<'_>, hits: &mut Vec<PiiHit>) {
    let Some(groups) = groups(number) else {
        return;
    };
    let digits = number.digits(groups);
    let Some(range) = range(digits) else {
        return;
    };
    if is_uniform(digits) || !luhn(digits) {
        return;
    }
    let context = number.context(groups);
    let is_called = context.says_within(Topics::CARD, 12);
    let (score, why) = match (is_called, range) {
        (true, _) => (
            1.0,
            "an issuer's range, Luhn's check digit and words about cards",
        ),
        // Grouped as cards are printed, it is one even where an order or a ticket is spoken of.
        (false, Range::Sure) if groups > 1 || !context.denies_loosely() => {
            (0.9, "an issuer's range and Luhn's check digit")
        }
        _ => return,
    };
    hits.push(number.hit(groups, "CREDIT_CARD", "card-luhn", score, why));
}

/// How many groups make a card's number.
fn groups(number: &DigitGroups<'_>) -> Option<usize> {
    const CARD_MARKS: &[GroupMark] = &[
        GroupMark::Space,
        GroupMark::Dash,
        GroupMark::Dot,
        GroupMark::Gap,
    ];
    let is_single = (12..=19).contains(&number.lengths[0]);
    if is_single && (!number.is_cut(1) || is_before_a_field(number)) {
        return Some(1);
    }
    let shape = CARD_SHAPES.iter().find(|shape| {
        number.has_shape(shape, CARD_MARKS)
            || number.is_wrapped(shape, &CARD_MARKS[..2])
            || number.is_mixed(shape, CARD_MARKS)
    });
    shape.map(|shape| shape.len())
}

/// Whether a slash or a sign of a magnetic stripe is what follows the number: `4111…/0127/123`, `4111…^DOE`.
fn is_before_a_field(number: &DigitGroups<'_>) -> bool {
    let rest = &number.text.as_bytes()[number.end(1)..];
    match rest {
        [b'^' | b'=' | b'|', ..] => true,
        [b'/', b'0' | b'1', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    }
}

/// A number that hangs together with a name of cards before it, or with the start of a magnetic stripe:
/// `card_4111…`, `%B4111…`.
pub(super) fn find_named(number: &DigitGroups<'_>, name: &str, hits: &mut Vec<PiiHit>) {
    const NAMES: &[&str] = &[
        "card",
        "cc",
        "ccn",
        "pan",
        "visa",
        "mastercard",
        "amex",
        "creditcard",
        "cardnumber",
        "number",
    ];
    let is_stripe = name == "B" && number.text[..number.start - 1].ends_with('%');
    let lower = name.to_ascii_lowercase();
    let is_card = lower.split('_').any(|part| NAMES.contains(&part));
    if is_stripe || is_card {
        find(number, hits);
    }
}

/// Who issues such numbers, by their first six digits and their length.
fn range(digits: &[u8]) -> Option<Range> {
    use Range::{Doubtful, Sure};
    let first = value(&digits[..6]);
    Some(match (digits.len(), first) {
        // Visa; of 13 digits are also the bar codes of goods.
        (16, 400_000..=499_999) => Sure,
        (13 | 19, 400_000..=499_999) => Doubtful,
        // Mastercard.
        (16, 510_000..=559_999 | 222_100..=272_099) => Sure,
        // American Express, JCB's old range, UATP.
        (15, 340_000..=349_999 | 370_000..=379_999 | 213_100..=213_199 | 180_000..=180_099) => Sure,
        (15, 100_000..=199_999) => Doubtful,
        // Diners.
        (14, 300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999) => Sure,
        (16, 300_000..=305_999 | 360_000..=369_999 | 380_000..=399_999) => Doubtful,
        // JCB, Discover, UnionPay, Mir, RuPay, Troy.
        (16, 352_800..=358_999) => Sure,
        (16, 350_000..=359_999) => Doubtful,
        (16, 601_100..=601_199 | 644_000..=659_999 | 620_000..=629_999) => Sure,
        (17..=19, 601_100..=601_199 | 644_000..=659_999 | 620_000..=629_999) => Doubtful,
        (16, 220_000..=220_499 | 979_200..=979_299) => Sure,
        (16, 600_000..=609_999 | 810_000..=829_999) => Doubtful,
        // Maestro.
        (16, 500_000..=509_999 | 560_000..=589_999 | 630_400..=630_499 | 675_900..=676_999) => Sure,
        (
            12..=19,
            500_000..=509_999
            | 560_000..=589_999
            | 60_400..=60_499
            | 630_000..=639_999
            | 670_000..=679_999,
        ) => Doubtful,
        _ => return None,
    })
}
