//! Phone numbers.
//!
//! A number that begins with `+` and a country's code, or is grouped as only phone numbers are, is
//! one unless the words next to it call it something else. Any other digits are one only where the
//! text speaks of phones. Which numbers a country has really given out isn't asked: the tables for
//! that take a quarter of a second to load, and what people type is often a digit off.

use super::context::NumberContext;
use super::hit::PiiHit;
use super::number::{DigitGroups, GroupMark, word_at};
use super::words::Topics;

mod country;
mod shape;

use shape::PhoneShape;

/// The most digits of a phone number, by ITU-T E.164.
const MAX_DIGITS: usize = 15;
/// How many words away a word about phones still counts for digits that could be anything.
const NEAR_WORDS: u8 = 6;
/// How many words away a word about phones still counts for digits that are grouped.
const FAR_WORDS: u8 = 12;

pub(super) fn find(number: &DigitGroups<'_>, hits: &mut Vec<PiiHit>) {
    if let Some(hit) = linked(number) {
        hits.push(hit);
        return;
    }
    let mut groups = coherent(number);
    if number.is_glued && !(number.is_labelled && groups > 2 && is_labelled(number)) {
        return;
    }
    // Single digits with spaces between them are a series.
    let singles = number.lengths[..groups]
        .iter()
        .filter(|length| **length == 1);
    if singles.count() > 2 {
        return;
    }
    if number.plus.is_some() {
        // As many groups as the country's numbers have, whatever may follow them.
        let is_international =
            |groups: &usize| PhoneShape::of(number, *groups, false) == PhoneShape::International;
        // What is whole on its lines doesn't go on with the next.
        let lines =
            (1..=groups).filter(|at| *at == groups || number.marks[at - 1] == GroupMark::Line);
        let whole = |most: usize| (1..=most).rev().find(is_international);
        let (first, found) = (lines.clone().next(), lines.filter_map(whole).next());
        groups = found.or(first).unwrap_or(groups);
    }
    while groups > 0 {
        if let Some(hit) = check(number, groups) {
            hits.push(hit);
            return;
        }
        groups -= 1;
        // Less than what belongs together is a part of something else.
        if groups > 0 && !breaks(number, groups) {
            return;
        }
    }
}

/// Whether the word before a dash says which phone it is: `OFFICE-1(516)…`.
fn is_labelled(number: &DigitGroups<'_>) -> bool {
    let end = start(number) - 1;
    let before = number.text.as_bytes()[..end].iter().rev().take(16);
    let length = before.take_while(|byte| byte.is_ascii_alphabetic()).count();
    names_phone(number.text, end - length)
}

/// A number in an address that calls it: `https://wa.me/4915112345678`.
fn linked(number: &DigitGroups<'_>) -> Option<PiiHit> {
    const CALLERS: &[&str] = &[
        "wa.me/",
        "api.whatsapp.com/send?phone=",
        "t.me/+",
        "tel:",
        "callto:",
        "sms:",
        "viber://chat?number=%2B",
    ];
    let before = &number.text[..number.start];
    let is_called = CALLERS.iter().any(|caller| before.ends_with(caller));
    let digits = number.digits(1);
    let fits = is_called && digits.len() >= 7 && country::fits(digits);
    fits.then(|| {
        number.hit(
            1,
            "PHONE_NUMBER",
            "phone-international",
            0.9,
            "an address that calls it",
        )
    })
}

/// How many groups belong together: the mark between them changes once at most.
fn coherent(number: &DigitGroups<'_>) -> usize {
    let mut kept = 1;
    let (mut last, mut changed_at) = (None, None);
    while kept < number.groups {
        let mark = number.marks[kept - 1];
        let count = number.count(kept + 1);
        let may_wrap = matches!(mark, GroupMark::Line | GroupMark::Gap);
        let is_end = mark == GroupMark::Colon || may_wrap && number.plus.is_none();
        if count > MAX_DIGITS + 3 || is_end {
            break;
        }
        match mark {
            // An area's code in parentheses comes first, or behind the country's.
            GroupMark::Open if kept > 1 || number.lengths[0] > 4 => break,
            GroupMark::Close
                if !(number.is_open && kept == 1
                    || kept > 1 && number.marks[kept - 2] == GroupMark::Open) =>
            {
                break;
            }
            GroupMark::Open | GroupMark::Close => {}
            // An area's code, with a slash behind it.
            GroupMark::Slash if kept <= 2 && number.count(kept) <= 6 => {}
            mark if last.is_none() || last == Some(mark) => last = Some(mark),
            // Who writes the country's code mixes marks as well.
            _ if number.plus.is_some() => {}
            mark if changed_at.is_none() => {
                last = Some(mark);
                changed_at = Some(kept);
            }
            // `555-1234 555-9999`: the first change parted two numbers; less than that is none.
            mark if changed_at.is_some_and(|at| number.count(at) < 7) => last = Some(mark),
            _ => return changed_at.unwrap_or(kept),
        }
        kept += 1;
    }
    kept
}

/// Whether what follows the first groups may be another number or a remark.
fn breaks(number: &DigitGroups<'_>, groups: usize) -> bool {
    matches!(
        number.marks[groups - 1],
        GroupMark::Space | GroupMark::Open | GroupMark::Slash
    ) || number.count(groups + 1) > MAX_DIGITS
}

fn check(number: &DigitGroups<'_>, groups: usize) -> Option<PiiHit> {
    let count = number.count(groups);
    if !(6..=MAX_DIGITS).contains(&count) {
        return None;
    }
    let end = number.end(groups);
    let extension = extension(number.text, end);
    if extension == 0 && ends_inside(number, groups) {
        return None;
    }
    let start = start(number);
    let shape = PhoneShape::of(number, groups, extension > 0);
    if shape == PhoneShape::Never {
        return None;
    }
    // The last groups of something longer aren't a number by themselves.
    let before = number.text[..start].trim_end_matches(' ').as_bytes();
    let follows = before.last().is_some_and(u8::is_ascii_digit) && before.len() < start;
    let is_apart = start - before.len() > 1;
    let goes_on = groups < number.groups && number.marks[groups - 1] == GroupMark::Gap;
    if goes_on && count < 9 {
        return None;
    }
    if follows && (is_apart || matches!(shape, PhoneShape::Plain | PhoneShape::Amount)) {
        return None;
    }
    let context = number.nearby.context(start, end + extension);
    let (score, why) = verdict(shape, &context)?;
    Some(PiiHit {
        entity: "PHONE_NUMBER",
        rule: shape.rule(),
        start,
        end: end + extension,
        score,
        why,
    })
}

fn verdict(shape: PhoneShape, context: &NumberContext) -> Option<(f32, &'static str)> {
    const GROUPED_AND_CALLED: (f32, &str) = (
        0.85,
        "grouped as a phone number, and the text speaks of phones",
    );
    const DIGITS_CALLED_SO: (f32, &str) = (0.8, "digits that the text calls a phone number");
    let is_phone = |words| context.says_within(Topics::PHONE, words);
    let is_call = |words| context.says_within(Topics::CALL, words);
    let is_called = is_phone(FAR_WORDS) || is_call(NEAR_WORDS);
    let is_loose = matches!(
        shape,
        PhoneShape::Likely | PhoneShape::Plain | PhoneShape::Amount
    );
    match shape {
        PhoneShape::Never => None,
        _ if is_loose && context.is_before(Topics::STREET) => None,
        PhoneShape::Plain if context.is_literal() => None,
        PhoneShape::International if !context.denies_closely() || is_called => {
            Some((0.9, "`+`, a country's code and as many digits as it has"))
        }
        PhoneShape::Grouped if is_called => Some(GROUPED_AND_CALLED),
        PhoneShape::Grouped if !context.denies_loosely() => {
            Some((0.7, "grouped as only phone numbers are"))
        }
        PhoneShape::Grouped | PhoneShape::International => None,
        PhoneShape::Likely if is_phone(FAR_WORDS) || is_call(8) && !context.is_vague(4) => {
            Some(GROUPED_AND_CALLED)
        }
        PhoneShape::Likely => None,
        PhoneShape::Amount if is_phone(3) => Some(GROUPED_AND_CALLED),
        PhoneShape::Plain if is_phone(1) => Some(DIGITS_CALLED_SO),
        PhoneShape::Plain | PhoneShape::Amount => {
            let topics = Topics::PHONE.or(Topics::CALL);
            let is_vague = context
                .distance(topics)
                .is_some_and(|own| context.is_vague(own));
            let is_near = !is_vague && (is_phone(NEAR_WORDS) || is_call(4));
            (is_near
                && (context.leads_up(topics) || is_phone(NEAR_WORDS) && context.next().is_empty())
                && !counts_something(context))
            .then_some((0.6, "digits where the text speaks of calls"))
        }
    }
}

/// Whether the word behind it is a thing that it counts: a plural or a unit.
fn counts_something(context: &NumberContext) -> bool {
    const UNIT_WORDS: &[&str] = &[
        "ms",
        "ns",
        "km",
        "m",
        "cm",
        "mm",
        "kg",
        "g",
        "mb",
        "gb",
        "kb",
        "kr",
        "eur",
        "euro",
        "usd",
        "gbp",
        "percent",
        "people",
        "times",
        "million",
        "billion",
        "thousand",
        "new",
        "more",
        "active",
        "monthly",
        "daily",
        "unique",
        "total",
        "different",
        "personen",
        "menschen",
        "leute",
        "nutzer",
        "mal",
        "fois",
        "veces",
        "volte",
        "keer",
        "gente",
        "personas",
        "utenti",
        "fps",
        "hz",
        "rpm",
        "x",
    ];
    const NOT_PLURALS: &[&str] = &[
        "is",
        "was",
        "as",
        "this",
        "his",
        "us",
        "its",
        "has",
        "plus",
        "always",
        "vs",
        "alors",
        "depuis",
        "tous",
        "si",
        "vous",
        "nous",
        "after",
        "afterwards",
        "mondays",
        "weekdays",
        "weekends",
        "mornings",
        "evenings",
    ];
    let next = context.next();
    UNIT_WORDS.contains(&next)
        || next.starts_with(|c: char| c.is_ascii_digit())
        || next.len() > 1 && next.ends_with('s') && !NOT_PLURALS.contains(&next)
}

/// Whether a letter, a digit or a sign that goes on follows.
fn ends_inside(number: &DigitGroups<'_>, groups: usize) -> bool {
    let end = number.end(groups);
    let bytes = number.text.as_bytes();
    match bytes.get(end) {
        None => false,
        Some(b'-' | b'/') => {
            let next = bytes.get(end + 1).copied().unwrap_or(b' ');
            next.is_ascii_digit()
                || next.is_ascii_alphabetic() && !names_phone(number.text, end + 1)
        }
        // `12,345`; but not the next field of a list.
        Some(b',') => {
            number.lengths[groups - 1] <= 3 && groups == 1 && word_at(number.text, end + 1)
        }
        Some(b'.') => {
            bytes.get(end + 1).is_some_and(u8::is_ascii_digit) || starts_lower(bytes, end + 1)
        }
        Some(b')' | b'\\') => false,
        _ => number.is_cut(groups),
    }
}

fn starts_lower(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_lowercase)
}

/// Whether the word at `at` says which phone it is: `-Office`, `-Fax`.
fn names_phone(text: &str, at: usize) -> bool {
    let word = &text.as_bytes()[at..];
    let length = word
        .iter()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = text[at..at + length].to_ascii_lowercase();
    super::words::lookup(&word).is_some_and(|topics| topics.has(Topics::PHONE.or(Topics::CALL)))
}

/// Where the number starts, with its `+` and parenthesis.
fn start(number: &DigitGroups<'_>) -> usize {
    let closes = number.marks[..number.groups.saturating_sub(1)].first() == Some(&GroupMark::Close);
    match number.plus {
        // `(+1 555 …)`: the parenthesis isn't the number's.
        Some(plus) if number.text.as_bytes()[plus] == b'(' && !closes => plus + 1,
        Some(plus) => plus,
        None if number.is_open && closes => number.start - 1,
        None => number.start,
    }
}

/// The length of an extension at `at`: `x123`, ` ext. 123`.
fn extension(text: &str, at: usize) -> usize {
    const EXTENSION_SIGNS: &[&str] = &["x", "ext", "extension", "#", "durchwahl", "poste"];
    let rest = &text.as_bytes()[at..];
    let spaces = |from: usize| {
        rest[from..]
            .iter()
            .take(2)
            .take_while(|byte| matches!(byte, b' ' | b',' | b'.' | b':'))
            .count()
    };
    let from = spaces(0);
    let sign = EXTENSION_SIGNS.iter().rev().find(|sign| {
        rest.get(from..from + sign.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(sign.as_bytes()))
    });
    let Some(sign) = sign else {
        return 0;
    };
    let from = from + sign.len();
    let from = from + spaces(from);
    let digits = rest[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let end = from + digits;
    if (1..=6).contains(&digits) && !word_at(text, at + end) {
        end
    } else {
        0
    }
}
