//! What a rule for the numbers of a country consists of.

use crate::pii::number::GroupMark;
use crate::pii::words::Topics;

/// When a number counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NationalNeed {
    /// Its form and check are enough, unless the text calls it something else.
    Nothing,
    /// Grouped as given it counts by itself; as a run of digits the text has to name it.
    GroupsOrName,
    /// As [`Self::GroupsOrName`], but "identity number" doesn't name it well enough, since it has no
    /// check digit.
    GroupsOrOwnName,
    /// Its form is enough if its letters are capitals; else the text has to name it.
    Capitals,
    /// The text has to name it, unless it is all of the text.
    Name,
    /// The text has to name it: it has no check digit.
    NameAlways,
}

/// A number of digits alone.
pub(super) struct DigitRule {
    pub(super) entity: &'static str,
    pub(super) rule: &'static str,
    /// How it is grouped; a single group is a run.
    pub(super) shapes: &'static [&'static [usize]],
    pub(super) marks: &'static [GroupMark],
    pub(super) check: fn(&[u8]) -> bool,
    pub(super) topics: Topics,
    pub(super) need: NationalNeed,
    pub(super) why: &'static str,
}

/// A number with letters in it.
pub(super) struct LetterRule {
    pub(super) entity: &'static str,
    pub(super) rule: &'static str,
    /// For each place: `A` a letter, `9` a digit, `X` either, anything else itself.
    pub(super) pattern: &'static str,
    /// Takes the characters in capitals.
    pub(super) check: fn(&[u8]) -> bool,
    pub(super) topics: Topics,
    pub(super) need: NationalNeed,
    pub(super) why: &'static str,
}

/// The digits of a token, as numbers.
pub(super) fn numbers(token: &[u8]) -> impl Iterator<Item = u8> + '_ {
    token.iter().map(|byte| byte.wrapping_sub(b'0'))
}

/// The number that the digits of a token spell.
pub(super) fn number(token: &[u8]) -> u64 {
    numbers(token).fold(0, |sum, digit| sum * 10 + u64::from(digit))
}
