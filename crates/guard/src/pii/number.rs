//! Groups of digits with single signs between them: what phones, cards and national numbers are
//! written as.

use super::context::{Nearby, NumberContext};
use super::hit::PiiHit;
use super::word::{DigitWord, glued_left, glued_right, is_word};

/// More groups than this are a table, not a number.
pub(super) const MAX_GROUPS: usize = 10;
/// More digits than this are no identifier.
const MAX_DIGITS: usize = 24;

/// What stands between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupMark {
    Space,
    Dash,
    Dot,
    Slash,
    Colon,
    /// `(`, with or without a space before it.
    Open,
    /// `)`, with or without a space or a dash behind it.
    Close,
    /// The end of a line, with or without blanks around it.
    Line,
    /// Two spaces.
    Gap,
}

/// Groups of digits, from the first one on.
pub(super) struct DigitGroups<'a> {
    pub(super) text: &'a str,
    pub(super) nearby: &'a Nearby<'a>,
    /// Where the first digit stands.
    pub(super) start: usize,
    pub(super) digits: [u8; MAX_DIGITS],
    /// How many digits each group has.
    pub(super) lengths: [usize; MAX_GROUPS],
    /// Where each group ends.
    ends: [usize; MAX_GROUPS],
    /// What stands behind each group; meaningless behind the last.
    pub(super) marks: [GroupMark; MAX_GROUPS],
    pub(super) groups: usize,
    /// Whether `(` stands right before it.
    pub(super) is_open: bool,
    /// Where `+` stands, if right before it or its parenthesis.
    pub(super) plus: Option<usize>,
    /// Whether something longer ends with it, by the signs and letters on its left.
    pub(super) is_glued: bool,
    /// Whether that is a word and a dash alone: `OFFICE-`.
    pub(super) is_labelled: bool,
}

impl<'a> DigitGroups<'a> {
    /// The groups that begin with a word of digits; nothing, if there are none.
    pub(super) fn parse(word: &DigitWord<'a>) -> Option<Self> {
        let bytes = word.bytes();
        let (is_open, plus) = opening(bytes, word.start);
        let mut number = Self {
            text: word.text,
            nearby: word.nearby,
            start: word.start,
            digits: [0; MAX_DIGITS],
            lengths: [0; MAX_GROUPS],
            ends: [0; MAX_GROUPS],
            marks: [GroupMark::Space; MAX_GROUPS],
            groups: 0,
            is_open,
            plus,
            is_glued: glued_left(bytes, plus.unwrap_or(word.start - usize::from(is_open))),
            is_labelled: is_labelled(&bytes[..plus.unwrap_or(word.start - usize::from(is_open))]),
        };
        let (mut at, mut count) = (word.start, 0);
        while number.groups < MAX_GROUPS {
            let length = bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if length == 0 || count + length > MAX_DIGITS {
                break;
            }
            for byte in &bytes[at..at + length] {
                number.digits[count] = byte - b'0';
                count += 1;
            }
            at += length;
            number.lengths[number.groups] = length;
            number.ends[number.groups] = at;
            number.groups += 1;
            let Some((mark, width)) = mark(&bytes[at..]) else {
                break;
            };
            number.marks[number.groups - 1] = mark;
            at += width;
        }
        (number.groups > 0).then_some(number)
    }

    /// How many digits the first groups have.
    pub(super) fn count(&self, groups: usize) -> usize {
        self.lengths[..groups].iter().sum()
    }

    /// The digits of the first groups.
    pub(super) fn digits(&self, groups: usize) -> &[u8] {
        &self.digits[..self.count(groups)]
    }

    /// Where the first groups end.
    pub(super) fn end(&self, groups: usize) -> usize {
        self.ends[groups - 1]
    }

    /// Whether what is right of the first groups makes them part of something longer.
    pub(super) fn is_cut(&self, groups: usize) -> bool {
        glued_right(self.text.as_bytes(), self.end(groups))
    }

    /// Whether the first groups have these lengths and one of these marks between all of them; if
    /// there are no marks given, any will do.
    pub(super) fn has_shape(&self, lengths: &[usize], marks: &[GroupMark]) -> bool {
        let groups = lengths.len();
        self.groups >= groups
            && self.lengths[0] == lengths[0]
            && self.lengths[..groups] == *lengths
            && !self.marks[..groups - 1].contains(&GroupMark::Line)
            && (!self.marks[..groups - 1].contains(&GroupMark::Gap)
                || marks.contains(&GroupMark::Gap))
            && (groups < 2
                || marks.is_empty()
                || self.is_even(groups) && marks.contains(&self.marks[0]))
            && !self.is_cut(groups)
            && !self.goes_on(groups)
            && !self.is_continued(groups)
    }

    /// Whether the first groups have these lengths and a line's end once between them, and nothing but them
    /// stands on the second line.
    pub(super) fn is_wrapped(&self, lengths: &[usize], marks: &[GroupMark]) -> bool {
        let groups = lengths.len();
        if self.groups < groups || self.lengths[..groups] != *lengths || self.is_cut(groups) {
            return false;
        }
        let own = &self.marks[..groups - 1];
        let mut others = own.iter().filter(|mark| **mark != GroupMark::Line);
        let first = others.next();
        first.is_some_and(|first| marks.contains(first) && others.all(|other| other == first))
            && own.iter().filter(|mark| **mark == GroupMark::Line).count() == 1
            && (self.groups == groups || self.marks[groups - 1] == GroupMark::Line)
            && !self.is_continued(groups)
    }

    /// Whether these are all groups, of these lengths, with any of these marks between them.
    pub(super) fn is_mixed(&self, lengths: &[usize], marks: &[GroupMark]) -> bool {
        let groups = lengths.len();
        self.groups == groups
            && groups > 2
            && self.lengths[..groups] == *lengths
            && self.marks[..groups - 1]
                .iter()
                .all(|mark| marks.contains(mark))
            && !self.is_cut(groups)
            && !self.is_continued(groups)
    }

    /// Whether the same mark stands between the first groups.
    pub(super) fn is_even(&self, groups: usize) -> bool {
        let marks = &self.marks[..groups.saturating_sub(1)];
        marks.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// Whether another group follows in the same manner as the first groups follow each other.
    fn goes_on(&self, groups: usize) -> bool {
        groups > 1
            && self.groups > groups
            && self.marks[groups - 1] == self.marks[0]
            && self.lengths[groups] == self.lengths[groups - 1]
    }

    /// The words around the first groups.
    pub(super) fn context(&self, groups: usize) -> NumberContext {
        self.nearby.context(self.start, self.end(groups))
    }

    /// Whether no other digits stand next to the first groups, as they do in tables.
    pub(super) fn is_lonely(&self, groups: usize) -> bool {
        let bytes = self.text.as_bytes();
        let left = bytes[..self.start]
            .iter()
            .rev()
            .take(3)
            .any(u8::is_ascii_digit);
        let right = bytes[self.end(groups)..]
            .iter()
            .take(3)
            .any(u8::is_ascii_digit);
        !left && !right
    }

    /// Whether a group with the same mark behind it stands before the first one.
    fn is_continued(&self, groups: usize) -> bool {
        let bytes = self.text.as_bytes();
        let mark = match self.marks[0] {
            GroupMark::Space => b' ',
            GroupMark::Dash => b'-',
            GroupMark::Dot => b'.',
            _ => return false,
        };
        groups > 1
            && self.start > 3
            && bytes[self.start - 1] == mark
            && bytes[self.start - 4..self.start - 1]
                .iter()
                .all(u8::is_ascii_digit)
    }

    pub(super) fn hit(
        &self,
        groups: usize,
        entity: &'static str,
        rule: &'static str,
        score: f32,
        why: &'static str,
    ) -> PiiHit {
        PiiHit {
            entity,
            rule,
            start: self.start,
            end: self.end(groups),
            score,
            why,
        }
    }
}

/// Whether a word of three letters at least and a dash end a text.
fn is_labelled(before: &[u8]) -> bool {
    let Some(word) = before.strip_suffix(b"-") else {
        return false;
    };
    let letters = word
        .iter()
        .rev()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let ahead = word.len().checked_sub(letters + 1).map(|at| word[at]);
    letters >= 3 && ahead.is_none_or(|byte| byte.is_ascii_whitespace() || byte == b':')
}

/// Whether `(` is before `start`, and where a `+` before that is.
fn opening(bytes: &[u8], start: usize) -> (bool, Option<usize>) {
    let before = |at: usize, byte: u8| at > 0 && bytes[at - 1] == byte;
    let is_open = before(start, b'(');
    if before(start, b'+') && before(start - 1, b'(') {
        return (true, Some(start - 2));
    }
    let mut at = start - usize::from(is_open);
    if is_open && before(at, b' ') && before(at - 1, b'+') {
        at -= 1;
    }
    (is_open, before(at, b'+').then(|| at - 1))
}

/// Blanks that a line begins with.
fn indent(bytes: &[u8]) -> usize {
    let blanks = bytes.iter().take(8);
    blanks
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

/// The mark at the start of `bytes` and its length, if a digit follows it.
fn mark(bytes: &[u8]) -> Option<(GroupMark, usize)> {
    let (mark, width) = match bytes {
        [b')', b' ', b'/' | b'-', b' ', ..] => (GroupMark::Close, 4),
        [b')', b' ' | b'-' | b'/' | b'.', ..] => (GroupMark::Close, 2),
        [b')', ..] => (GroupMark::Close, 1),
        [b' ' | b'-', b'(', ..] => (GroupMark::Open, 2),
        [b'(', ..] => (GroupMark::Open, 1),
        [b' ', b'-', b' ', ..] => (GroupMark::Dash, 3),
        [b' ', b'/', b' ', ..] => (GroupMark::Slash, 3),
        [b' ', b' ', b'0'..=b'9', ..] => (GroupMark::Gap, 2),
        [b' ', b'\n', ..] | [b'\r', b'\n', ..] => (GroupMark::Line, 2 + indent(&bytes[2..])),
        [b'\n', ..] => (GroupMark::Line, 1 + indent(&bytes[1..])),
        [b' ', ..] => (GroupMark::Space, 1),
        [b'-', ..] => (GroupMark::Dash, 1),
        [b'.', ..] => (GroupMark::Dot, 1),
        [b'/', ..] => (GroupMark::Slash, 1),
        [b':', ..] => (GroupMark::Colon, 1),
        [0xc2, 0xa0, ..] => (GroupMark::Space, 2),
        // A narrow space that doesn't break, and hyphens that aren't the ASCII one.
        [0xe2, 0x80, 0xaf, ..] => (GroupMark::Space, 3),
        [0xe2, 0x80, 0x90..=0x93, ..] => (GroupMark::Dash, 3),
        _ => return None,
    };
    bytes
        .get(width)
        .is_some_and(u8::is_ascii_digit)
        .then_some((mark, width))
}

/// Whether a letter, digit or `_` stands at `at`.
pub(super) fn word_at(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|byte| is_word(*byte))
}
