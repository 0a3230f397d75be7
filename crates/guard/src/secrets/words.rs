//! Finds some hundreds of words in a text at once, whatever their case.
//!
//! Each word is filed under its rarest three bytes. A bit per hash of three bytes says whether any
//! word is filed there; nearly every place of a text is passed over by that bit alone. An automaton
//! over as many words takes milliseconds to build and is slower on text that holds few of them; this
//! takes microseconds.

use std::ops::Range;

/// Bits of a hash.
const BITS: u32 = 16;

/// Bits of a hash that choose a list.
const LISTS: usize = 1 << 12;

/// No more words in a list.
const NONE: u16 = u16::MAX;

/// Letters from the most to the least frequent.
const FREQUENT: &[u8] = b"etaoinsrhldcumfpgwybvkxjqz";

#[derive(Debug)]
struct Entry {
    word: Box<[u8]>,
    /// Where in the word the three bytes are that it is filed under.
    offset: usize,
    /// Of the words that are the same to the caller.
    id: usize,
    next: u16,
}

/// The words.
#[derive(Debug)]
pub(super) struct Words {
    bits: Box<[u64]>,
    lists: Box<[u16]>,
    entries: Vec<Entry>,
}

impl Words {
    /// Of at least three bytes each; a hit tells a word by its place among them.
    pub(super) fn new(words: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut built = Self {
            bits: vec![0; 1 << (BITS - 6)].into(),
            lists: vec![NONE; LISTS].into(),
            entries: Vec::new(),
        };
        for (id, word) in words.enumerate() {
            built.add(&word, id);
        }
        built
    }

    fn add(&mut self, word: &[u8], id: usize) {
        debug_assert!(word.len() >= 3, "words are found by three bytes");
        let rarity = |at: &usize| word[*at..at + 3].iter().map(frequency).sum::<usize>();
        let Some(offset) = (0..word.len().saturating_sub(2)).min_by_key(rarity) else {
            return;
        };
        let Ok(place) = u16::try_from(self.entries.len()) else {
            return;
        };
        let hash = hash([word[offset], word[offset + 1], word[offset + 2]]);
        self.bits[hash >> 6] |= 1 << (hash & 63);
        let list = &mut self.lists[hash & (LISTS - 1)];
        self.entries.push(Entry {
            word: word.into(),
            offset,
            id,
            next: std::mem::replace(list, place),
        });
    }

    /// Calls back for each word that a text has, with its id and where it is.
    pub(super) fn find(&self, text: &[u8], mut hit: impl FnMut(usize, Range<usize>)) {
        for (at, three) in text.windows(3).enumerate() {
            let hash = hash([three[0], three[1], three[2]]);
            if self.bits[hash >> 6] >> (hash & 63) & 1 != 0 {
                self.list(text, at, hash, &mut hit);
            }
        }
    }

    fn list(&self, text: &[u8], at: usize, hash: usize, hit: &mut impl FnMut(usize, Range<usize>)) {
        let mut next = self.lists[hash & (LISTS - 1)];
        while let Some(entry) = self.entries.get(usize::from(next)) {
            next = entry.next;
            let Some(start) = at.checked_sub(entry.offset) else {
                continue;
            };
            let end = start + entry.word.len();
            let here = text.get(start..end);
            if here.is_some_and(|here| here.eq_ignore_ascii_case(&entry.word)) {
                hit(entry.id, start..end);
            }
        }
    }
}

/// The hash of three bytes, the same whatever the case of letters.
fn hash(three: [u8; 3]) -> usize {
    let [first, second, third] = three.map(|byte| u32::from(byte | 0x20));
    let joined = first | second << 8 | third << 16;
    (joined.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

/// How often a byte is met, roughly.
fn frequency(byte: &u8) -> usize {
    let lower = byte.to_ascii_lowercase();
    let rank = FREQUENT.iter().position(|letter| *letter == lower);
    match lower {
        b' ' => 30,
        b'_' | b'-' | b'.' | b'"' | b'/' | b':' | b'=' | b'0' => 16,
        _ => rank.map_or(8, |rank| FREQUENT.len() - rank),
    }
}
