//! Pieces of words and their numbers.

use rustc_hash::FxHashMap;

/// What marks a piece that goes on within a word.
const CONTINUATION_MARK: &str = "##";

pub(super) struct Vocabulary {
    starting: Pieces,
    continuing: Pieces,
}

/// Pieces without their mark.
#[derive(Default)]
struct Pieces {
    numbers: FxHashMap<Box<str>, u32>,
    /// The length in bytes of the longest: no need to look for more.
    longest: usize,
}

impl Vocabulary {
    /// A piece a line; the number of the line, from 0, is the piece's.
    pub(super) fn parse(text: &str) -> Self {
        let mut result = Self {
            starting: Pieces::default(),
            continuing: Pieces::default(),
        };
        // As many as the real one has; growing on the way would hash everything anew.
        result.starting.numbers.reserve(24_700);
        result.continuing.numbers.reserve(5_900);
        for (number, line) in (0..).zip(text.lines()) {
            match line
                .strip_prefix(CONTINUATION_MARK)
                .filter(|piece| !piece.is_empty())
            {
                Some(piece) => result.continuing.insert(piece, number),
                None => result.starting.insert(line, number),
            }
        }
        result
    }

    /// The number of a piece that is a whole word.
    pub(super) fn whole(&self, piece: &str) -> Option<u32> {
        self.starting.numbers.get(piece).copied()
    }

    /// The longest piece that `text` starts with, and its length in bytes.
    pub(super) fn longest(&self, text: &str, continues: bool) -> Option<(u32, usize)> {
        let pieces = if continues {
            &self.continuing
        } else {
            &self.starting
        };
        let mut end = text.floor_char_boundary(pieces.longest);
        while end > 0 {
            if let Some(number) = pieces.numbers.get(&text[..end]) {
                return Some((*number, end));
            }
            end = text.floor_char_boundary(end - 1);
        }
        None
    }
}

impl Pieces {
    fn insert(&mut self, piece: &str, number: u32) {
        self.longest = self.longest.max(piece.len());
        self.numbers.insert(piece.into(), number);
    }
}
