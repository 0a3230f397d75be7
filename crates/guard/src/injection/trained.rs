//! Which texts the models were trained on, so that nobody measures them on these. Of each a sketch is kept
//! rather than the text: near copies, also such with other names and numbers, mostly have the same one.

use crate::learned::shingles;
use crate::normal::Normal;

/// Sketches of the training texts: the first number of each in rising order, then the second of each in
/// rising order, four bytes each, little endian.
const TRAINED_ON: &[u8] = include_bytes!("../../weights/trained.bin");

/// Two numbers that texts have in common whose runs of five words are mostly the same; `None` for a text of
/// fewer than four words, which many have said.
#[must_use]
pub fn sketch(text: &str) -> Option<[u32; 2]> {
    let normal = Normal::of(text);
    let runs = shingles(&normal, text)?;
    let least = |seed: u32| {
        let mixed = runs.iter().map(|run| {
            let run = (run ^ seed).wrapping_mul(0x9e37_79b1);
            (run ^ (run >> 15)).wrapping_mul(0x85eb_ca77)
        });
        mixed.min().unwrap_or_default()
    };
    Some([least(0x1357_9bdf), least(0x2468_ace0)])
}

/// Whether a text, or one that differs from it in little, was among those that the models for injections were
/// trained on. Some near copies aren't told, and of a million other texts some ten are.
#[must_use]
pub fn is_trained_on(text: &str) -> bool {
    let (numbers, _) = TRAINED_ON.as_chunks::<4>();
    let (first, second) = numbers.split_at(numbers.len() / 2);
    let has = |list: &[[u8; 4]], number: u32| {
        list.binary_search_by_key(&number, |entry| u32::from_le_bytes(*entry))
            .is_ok()
    };
    sketch(text).is_some_and(|[one, other]| has(first, one) && has(second, other))
}
