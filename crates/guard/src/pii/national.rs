//! National numbers of persons, by region.
//!
//! What is a run of digits counts only where its check digits are right and the text calls it by
//! its name, or where it is grouped in a way of its own. What has letters in places of its own and
//! a check as well counts by itself.

use super::context::NumberContext;
use super::hit::PiiHit;
use super::number::DigitGroups;
use super::word::{DigitWord, glued_left, glued_right, is_word};
use super::words::Topics;

mod rule;
mod europe;
mod asia;
mod other;

use rule::NationalNeed;

pub(super) fn find_number(number: &DigitGroups<'_>, hits: &mut Vec<PiiHit>) {
    let rules = europe::DIGIT_RULES
        .iter()
        .chain(asia::DIGIT_RULES)
        .chain(other::DIGIT_RULES);
    for rule in rules {
        let mut shapes = rule.shapes.iter();
        let fits = |shape: &&&[usize]| {
            shape[0] == number.lengths[0] && number.has_shape(shape, rule.marks)
        };
        let Some(shape) = shapes.find(fits) else {
            continue;
        };
        let groups = shape.len();
        if !(rule.check)(number.digits(groups)) {
            continue;
        }
        let context = number.context(groups);
        let is_grouped = groups > 1;
        if let Some(score) = score(
            rule.need,
            is_grouped,
            number.is_lonely(groups),
            rule.topics,
            &context,
        ) {
            hits.push(number.hit(groups, rule.entity, rule.rule, score, rule.why));
        }
    }
}

fn score(
    need: NationalNeed,
    is_grouped: bool,
    is_lonely: bool,
    topics: Topics,
    context: &NumberContext,
) -> Option<f32> {
    if context.says_within(topics, 10) {
        return Some(0.96);
    }
    if context.says_within(Topics::IDENTITY, 6) && need != NationalNeed::GroupsOrOwnName {
        return Some(0.88);
    }
    let is_enough = match need {
        NationalNeed::Nothing => true,
        NationalNeed::Capitals => is_grouped,
        NationalNeed::GroupsOrName | NationalNeed::GroupsOrOwnName => is_grouped && is_lonely,
        // A form's field holds nothing else.
        NationalNeed::Name => is_grouped && context.is_alone(),
        NationalNeed::NameAlways => false,
    };
    (is_enough && !context.denies()).then_some(0.68)
}

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    insurance_of_britain(word, hits);
    let joins = matches!(word.bytes().get(word.end), Some(b'-' | b'+'));
    let is_short = word.end - word.start < 6;
    if word.is_number && !joins
        || is_short
        || word.end - word.start > 18
        || glued_left(word.bytes(), word.start)
    {
        return;
    }
    let (compact, length, end) = compact(word);
    let whole = &compact[..length];
    let is_capital = !word.text[word.start..end]
        .bytes()
        .any(|byte| byte.is_ascii_lowercase());
    for rule in europe::LETTER_RULES
        .iter()
        .chain(asia::LETTER_RULES)
        .chain(other::LETTER_RULES)
    {
        if !fits_pattern(rule.pattern, whole) || !(rule.check)(whole) {
            continue;
        }
        let context = word.nearby.context(word.start, end);
        if let Some(score) = score(
            rule.need,
            is_capital || rule.need != NationalNeed::Capitals,
            true,
            rule.topics,
            &context,
        ) {
            hits.push(PiiHit {
                entity: rule.entity,
                rule: rule.rule,
                start: word.start,
                end,
                score,
                why: rule.why,
            });
        }
    }
}

/// The word in capitals, with the parts that dashes join to it but without these, and its end.
fn compact(word: &DigitWord<'_>) -> ([u8; 24], usize, usize) {
    let bytes = word.bytes();
    let mut compact = [0; 24];
    let (mut length, mut end) = (0, word.start);
    while let Some(byte) = bytes.get(end).copied().filter(|_| length < compact.len()) {
        let joins = matches!(byte, b'-' | b'+' | b'/' | b'.')
            && bytes
                .get(end + 1)
                .is_some_and(|next| is_word(*next) && *next != b'_');
        if !joins && !is_word(byte) {
            break;
        }
        // What a Finnish code has between its parts tells the century.
        if !joins || byte == b'+' || byte == b'-' && length == 6 {
            compact[length] = byte.to_ascii_uppercase();
            length += 1;
        }
        end += 1;
    }
    if glued_right(bytes, end) {
        length = 0;
    }
    (compact, length, end)
}

fn fits_pattern(pattern: &str, token: &[u8]) -> bool {
    pattern.len() == token.len()
        && pattern.bytes().zip(token).all(|(place, byte)| match place {
            b'A' => byte.is_ascii_uppercase(),
            b'9' => byte.is_ascii_digit(),
            b'X' => byte.is_ascii_alphanumeric(),
            _ => place == *byte,
        })
}

/// A British national insurance number, `AB123456C` or `AB 12 34 56 C`, of which `word` is the
/// first that has digits.
fn insurance_of_britain(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let bytes = word.bytes();
    let first = bytes[word.start..word.end]
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let start = match first {
        0 if word.start > 2 && bytes[word.start - 1] == b' ' => word.start - 3,
        2 => word.start,
        _ => return,
    };
    let mut token = [0u8; 9];
    let (mut at, mut length) = (start, 0);
    while length < 9 {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_alphanumeric() => {
                token[length] = byte.to_ascii_uppercase();
                length += 1;
            }
            Some(b' ' | b'-') if length % 2 == 0 && length > 0 => {}
            _ => return,
        }
        at += 1;
    }
    if !fits_pattern("AA999999A", &token)
        || !is_british(&token)
        || glued_left(bytes, start)
        || glued_right(bytes, at)
    {
        return;
    }
    let context = word.nearby.context(start, at);
    if context.denies() && !context.says(Topics::NINO) {
        return;
    }
    hits.push(PiiHit {
        entity: "UK_NINO",
        rule: "uk-nino",
        start,
        end: at,
        score: if context.says(Topics::NINO) {
            0.95
        } else {
            0.7
        },
        why: "letters and digits where national insurance numbers have them",
    });
}

/// Whether the first two letters and the last one are given out.
fn is_british(token: &[u8]) -> bool {
    let (first, second) = (token[0], token[1]);
    !b"DFIQUV".contains(&first)
        && !b"DFIQUVO".contains(&second)
        && !matches!(
            &[first, second],
            b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ"
        )
        && matches!(token[8], b'A'..=b'D')
        && token[2..8] != *b"000000"
}
