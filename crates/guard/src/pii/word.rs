//! Words that hold a digit, and what makes them a part of something longer.

use super::context::Nearby;

/// A word (ASCII letters, digits and `_`) that holds a digit, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct DigitWord<'a> {
    pub(super) text: &'a str,
    pub(super) nearby: &'a Nearby<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is digits alone.
    pub(super) is_number: bool,
}

impl<'a> DigitWord<'a> {
    pub(super) fn as_str(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Whether it is part of something longer, to its left: `ABC-123`, `1.5`, `a/5`.
    pub(super) fn is_glued_left(&self) -> bool {
        glued_left(self.bytes(), self.start)
    }

    /// Whether it is part of something longer, to its right.
    pub(super) fn is_glued_right(&self) -> bool {
        glued_right(self.bytes(), self.end)
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn joins(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'.' | b'/' | b'_' | b'+' | b'\\' | b'@' | b'#' | b'$' | b'~'
    )
}

pub(super) fn glued_left(bytes: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map(|at| bytes[at]);
    match before(1) {
        None => false,
        Some(b'$' | b'#' | b'%') => true,
        // `\n` of a quoted string is a line's end, not part of a path.
        Some(b'n' | b'r' | b't') if before(2) == Some(b'\\') => false,
        Some(byte) if is_word(byte) => true,
        // `(516)733`
        Some(b')') => before(2).is_some_and(|byte| byte.is_ascii_digit()),
        Some(byte) if joins(byte) => before(2).is_some_and(is_word),
        Some(_) => false,
    }
}

pub(super) fn glued_right(bytes: &[u8], end: usize) -> bool {
    let after = |ahead: usize| bytes.get(end + ahead).copied();
    match after(0) {
        None => false,
        Some(b'%') => true,
        Some(byte) if is_word(byte) => true,
        Some(b'\\') => false,
        Some(b':') => after(1).is_some_and(|byte| byte.is_ascii_digit()),
        Some(byte) if joins(byte) => after(1).is_some_and(is_word),
        Some(_) => false,
    }
}
