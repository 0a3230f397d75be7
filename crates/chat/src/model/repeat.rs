//! Finds an answer that repeats itself for ever, which small models do.

/// How much text has to be a repetition, in bytes. Long enough for tables, rulers and lists that repeat a lot.
const REPEATED_BYTES: usize = 24 << 10;

/// The longest piece whose repetition is noticed, in bytes.
const MAX_PERIOD: usize = 1 << 10;

/// How often it is looked for, in bytes.
const STEP_BYTES: usize = 8 << 10;

/// Watches a text that comes in pieces. At most a few steps for each byte.
#[derive(Clone, Debug, Default)]
pub(super) struct RepeatWatch {
    tail: Vec<u8>,
    since: usize,
}

impl RepeatWatch {
    /// Takes the next piece; whether the last [`REPEATED_BYTES`] are one short piece, over and over.
    pub(super) fn take(&mut self, piece: &str) -> bool {
        self.tail.extend_from_slice(piece.as_bytes());
        self.since += piece.len();
        if self.since < STEP_BYTES {
            return false;
        }
        self.since = 0;
        let start = self.tail.len().saturating_sub(REPEATED_BYTES);
        self.tail.drain(..start);
        self.tail.len() == REPEATED_BYTES && shortest_period(&self.tail) <= MAX_PERIOD
    }
}

/// The length of the shortest piece whose repetition a text is, the last one perhaps cut off; by the failure
/// function of Knuth, Morris and Pratt.
fn shortest_period(text: &[u8]) -> usize {
    let mut borders = vec![0; text.len()];
    let mut length = 0;
    for at in 1..text.len() {
        while length > 0 && text[at] != text[length] {
            length = borders[length - 1];
        }
        if text[at] == text[length] {
            length += 1;
        }
        borders[at] = length;
    }
    text.len() - borders.last().copied().unwrap_or(0)
}
