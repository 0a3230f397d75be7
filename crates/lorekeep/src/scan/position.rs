//! Lines and columns of places in a text that goes by.

/// How far the text went by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The line, from 1.
    pub(super) line: u64,
    /// The column, from 1, in characters.
    pub(super) column: u64,
}

impl Position {
    /// The start of a text.
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// After some more text.
    pub(super) fn after(self, text: &str) -> Self {
        let Some(last) = text.rfind('\n') else {
            return Self {
                column: self.column + text.chars().count() as u64,
                ..self
            };
        };
        let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
        Self {
            line: self.line + breaks as u64,
            column: 1 + text[last + 1..].chars().count() as u64,
        }
    }
}
