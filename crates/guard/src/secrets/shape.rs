//! A small language for the forms of keys, matched in place: nothing is compiled, nothing is kept,
//! and a match costs at most the length of what it matches.
//!
//! A shape is literal text and runs, `[class]{least,most}`: `ghp_[w]{36,255}`. In a class, `w` is
//! letters and digits, `l` and `U` lower and upper case letters, `d` digits, `h` lower-case and `H`
//! any hexadecimal digits, `B` base32; anything else is itself. A run takes as much as it can and
//! gives nothing back. A shape may begin with one run, which is then matched backwards from the
//! literal that follows; or with parts of fixed length and `^`, before the literal that it is looked
//! for by.

use std::ops::Range;

use super::around::starts_word;

/// The most that a run without an upper limit takes.
pub(super) const MAX_SHAPE_BYTES: usize = 6 << 10;

/// The bytes that a class holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShapeClass(u128);

impl ShapeClass {
    /// The class of these letters.
    pub(super) const fn new(letters: &[u8]) -> Self {
        let mut set = 0;
        let mut at = 0;
        while at < letters.len() {
            set |= match letters[at] {
                b'w' => span(b'0', b'9') | span(b'a', b'z') | span(b'A', b'Z'),
                b'l' => span(b'a', b'z'),
                b'U' => span(b'A', b'Z'),
                b'd' => span(b'0', b'9'),
                b'h' => span(b'0', b'9') | span(b'a', b'f'),
                b'H' => span(b'0', b'9') | span(b'a', b'f') | span(b'A', b'F'),
                b'B' => span(b'A', b'Z') | span(b'2', b'7'),
                other => 1 << other,
            };
            at += 1;
        }
        Self(set)
    }

    /// Whether a byte is in it.
    pub(super) const fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 != 0
    }
}

const fn span(first: u8, last: u8) -> u128 {
    (u128::MAX >> (127 - last)) & (u128::MAX << first)
}

enum ShapePart<'s> {
    Literal(&'s [u8]),
    Run {
        class: ShapeClass,
        least: usize,
        most: usize,
    },
}

impl ShapePart<'_> {
    /// The most bytes that it takes.
    fn most(&self) -> usize {
        match self {
            Self::Literal(literal) => literal.len(),
            Self::Run { most, .. } => *most,
        }
    }
}

/// The parts of a shape.
struct ShapeParts<'s>(&'s [u8]);

impl<'s> Iterator for ShapeParts<'s> {
    type Item = ShapePart<'s>;

    fn next(&mut self) -> Option<ShapePart<'s>> {
        if self.0.first()? != &b'[' {
            let length = self.0.iter().position(|b| *b == b'[');
            let (literal, rest) = self.0.split_at(length.unwrap_or(self.0.len()));
            self.0 = rest;
            return Some(ShapePart::Literal(literal));
        }
        let close = self.0.iter().position(|b| *b == b']')?;
        let class = ShapeClass::new(&self.0[1..close]);
        let rest = self.0.get(close + 2..)?;
        let end = rest.iter().position(|b| *b == b'}')?;
        let mut counts = rest[..end].split(|b| *b == b',').map(number);
        let least = counts.next()?.unwrap_or(0);
        let most = counts
            .next()
            .map_or(least, |most| most.unwrap_or(MAX_SHAPE_BYTES).max(least));
        self.0 = &rest[end + 1..];
        Some(ShapePart::Run { class, least, most })
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Bytes of the literal that a shape begins with.
pub(super) fn literal(shape: &str) -> usize {
    shape.find('[').unwrap_or(shape.len())
}

/// The words that a shape is looked for by, of three bytes at least: its literal, or that and each
/// byte that may follow.
pub(super) fn keywords(literal: &str, shape: &str) -> Vec<Vec<u8>> {
    let start = shape.find(literal).unwrap_or(0) + literal.len();
    let literal = literal.as_bytes();
    if literal.len() >= 3 {
        return vec![literal.to_vec()];
    }
    let Some(ShapePart::Run { class, .. }) = ShapeParts(&shape.as_bytes()[start..]).next() else {
        return Vec::new();
    };
    let next = (0..128u8).filter(|byte| class.has(*byte));
    let next: std::collections::BTreeSet<u8> = next.map(|byte| byte.to_ascii_lowercase()).collect();
    next.into_iter()
        .map(|byte| [literal, &[byte]].concat())
        .collect()
}

/// Where a shape matches if its keyword is at `at`: as a whole, from where a word starts, with nothing after it that could
/// belong to it.
pub(super) fn find(shape: &str, text: &[u8], at: usize) -> Option<Range<usize>> {
    if let Some((before, rest)) = shape.split_once('^') {
        let start = at.checked_sub(ShapeParts(before.as_bytes()).map(|part| part.most()).sum())?;
        if !starts_word(text, start) {
            return None;
        }
        let met = run(ShapeParts(before.as_bytes()), text, start)?;
        let end = follow(ShapeParts(rest.as_bytes()), text, at)?;
        return (met.0 == at).then_some(start..end);
    }
    let mut parts = ShapeParts(shape.as_bytes());
    let mut start = at;
    if shape.starts_with('[')
        && let Some(ShapePart::Run { class, least, most }) = parts.next()
    {
        let before = text[..at].iter().rev().take(most);
        let count = before.take_while(|b| class.has(**b)).count();
        start -= count;
        if count < least || !starts_word(text, start) {
            return None;
        }
    }
    let end = follow(parts, text, at)?;
    Some(start..end)
}

/// Where what matches a shape ends, whatever follows it.
pub(super) fn prefix(shape: &str, text: &[u8], at: usize) -> Option<usize> {
    Some(run(ShapeParts(shape.as_bytes()), text, at)?.0)
}

/// Whether all of a value is of a shape, case apart in its literals.
pub(super) fn is_whole(shape: &str, value: &[u8]) -> bool {
    follow(ShapeParts(shape.as_bytes()), value, 0) == Some(value.len())
}

/// Where parts that begin at `at` end, if nothing follows that could belong to the last.
fn follow(parts: ShapeParts<'_>, text: &[u8], at: usize) -> Option<usize> {
    let (end, last) = run(parts, text, at)?;
    let more = text.get(end).is_some_and(|next| {
        next.is_ascii_alphanumeric() || *next == b'_' || last.is_some_and(|class| class.has(*next))
    });
    (!more).then_some(end)
}

/// Where parts that begin at `at` end, and the class of the last if it is a run.
fn run(parts: ShapeParts<'_>, text: &[u8], mut at: usize) -> Option<(usize, Option<ShapeClass>)> {
    let mut last = None;
    for part in parts {
        match part {
            ShapePart::Literal(literal) => {
                if !text.get(at..)?.starts_with(literal) {
                    return None;
                }
                at += literal.len();
                last = None;
            }
            ShapePart::Run { class, least, most } => {
                let run = text[at..].iter().take(most);
                let count = run.take_while(|b| class.has(**b)).count();
                if count < least {
                    return None;
                }
                at += count;
                last = Some(class);
            }
        }
    }
    Some((at, last))
}

/// A value of a shape, as long as its runs are at least, with bytes that `choose` chooses.
pub(super) fn make(shape: &str, choose: &mut dyn FnMut(usize) -> usize, more: usize) -> String {
    let (before, after) = shape.split_once('^').unwrap_or(("", shape));
    let mut value = String::new();
    for part in ShapeParts(before.as_bytes()).chain(ShapeParts(after.as_bytes())) {
        match part {
            ShapePart::Literal(literal) => value.extend(literal.iter().map(|b| char::from(*b))),
            ShapePart::Run { class, least, most } => {
                let letters: Vec<u8> = (33..127).filter(|byte| class.has(*byte)).collect();
                for _ in 0..least.max(1.min(most)).max(more.min(most)) {
                    value.push(char::from(letters[choose(letters.len())]));
                }
            }
        }
    }
    value
}
