//! Finds some hundreds of words in a text at once, whatever their case.
//!
//! Each word is filed under its rarest three bytes. A bit per hash of three bytes says whether any
//! word is filed there; nearly every place of a text is passed over by that bit alone. An automaton
//! over as many words takes milliseconds to build and is slower on text that holds few of them; this
//! takes microseconds.

use std::collections::HashSet;
use std::ops::Range;

/// Bits of a hash.
const PREFIX_BITS: u32 = 16;

/// Bits of a hash that choose a list.
const MAX_LISTS: usize = 1 << 12;

/// No more words in a list.
const NO_LIST: u16 = u16::MAX;

/// Letters from the most to the least frequent.
const FREQUENT_LETTERS: &[u8] = b"etaoinsrhldcumfpgwybvkxjqz";

/// Letters that stand together in many words, in order.
const FREQUENT_THREES: &str = "\
    abl ace ack act add ade age ail ain ali all als alu ame anc and ang api app ara are arg ars
    art ase ass ata ate ath ati att bac ber bje ble buf cal can cat cep ces cha che cla cod com
    con cre cri cti cto dat dec ded def dej dep der des din dir doc dul ead eam eat eco ect efa
    ejs ele elf eme emo enc end ent ept equ era ere err ers ert ess est eth ett etu eve exc exp
    ext fer ffe fil fin fix for fro fun get git han har hat hea hen her his htt hub ica ich ign
    ild ile ill ime imp ind ine ing ini ins int ion ire ise ist ite ith iti ive ize jec ken key
    las lat lea len les let lib lin lis loc log lse lue man mat men mes met min mit mmi mod mov
    mpl mpo nal nam nce nco nct nde ner nge ngs nin nod non not nst nta nte nti nts obj oce ock
    ode odu omm omp one ons ont ope opt ord ore orm ort ose out ove par pat pec pen per ple por
    pos pre pri pro pti pul que rac rai ram rat rea rec ref rem ren rep req res ret ric rin rip
    rit rma roc rom ror rot rro rsi scr sed sel sen ser set sin sio spe sse ssi sta ste str tal
    tan tar tat ted tem ten ter tes tex tha the thi tho thu tim tin tio tor tps tra tre tri tro
    tru tte ttp tur typ ues uff ule ull ult ume unc ure url urn use val ven ver whe wit wor wri
    xce ype";

#[derive(Debug)]
struct WordEntry {
    word: Box<[u8]>,
    /// Where in the word the three bytes are that it is filed under.
    offset: usize,
    /// Of the words that are the same to the caller.
    id: usize,
    next: u16,
}

/// The words.
#[derive(Debug)]
pub(super) struct WordFinder {
    bits: Box<[u64; 1 << (PREFIX_BITS - 6)]>,
    lists: Box<[u16]>,
    entries: Vec<WordEntry>,
}

impl WordFinder {
    /// Of at least three bytes each; a hit tells a word by its place among them.
    pub(super) fn new(words: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut built = Self {
            bits: Box::new([0; 1 << (PREFIX_BITS - 6)]),
            lists: vec![NO_LIST; MAX_LISTS].into(),
            entries: Vec::new(),
        };
        let threes = FREQUENT_THREES.split_ascii_whitespace();
        let frequent: HashSet<&[u8]> = threes.map(str::as_bytes).collect();
        for (id, word) in words.enumerate() {
            built.add(&word, id, &frequent);
        }
        built
    }

    fn add(&mut self, word: &[u8], id: usize, frequent: &HashSet<&[u8]>) {
        debug_assert!(word.len() >= 3, "words are found by three bytes");
        let rarity = |at: &usize| {
            let three = &word[*at..at + 3];
            let lower = [three[0], three[1], three[2]].map(|byte| byte.to_ascii_lowercase());
            let is_frequent = frequent.contains(&lower[..]);
            three.iter().map(frequency).sum::<usize>() + 100 * usize::from(is_frequent)
        };
        let Some(offset) = (0..word.len().saturating_sub(2)).min_by_key(rarity) else {
            return;
        };
        let Ok(place) = u16::try_from(self.entries.len()) else {
            return;
        };
        let hash = hash([word[offset], word[offset + 1], word[offset + 2]]);
        self.bits[hash >> 6] |= 1 << (hash & 63);
        let list = &mut self.lists[hash & (MAX_LISTS - 1)];
        self.entries.push(WordEntry {
            word: word.into(),
            offset,
            id,
            next: std::mem::replace(list, place),
        });
    }

    /// Calls back for each word that a text has, with its id and where it is.
    pub(super) fn find(&self, text: &[u8], mut hit: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        // Four places at a time, out of eight bytes.
        while let Some(eight) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let eight = u64::from_le_bytes(*eight) | 0x2020_2020_2020_2020;
            let hashes = [0, 8, 16, 24].map(|shift| spread(eight >> shift & 0xff_ffff));
            if hashes.iter().any(|hash| self.has(*hash)) {
                for (place, hash) in (at..).zip(hashes) {
                    if self.has(hash) {
                        self.list(text, place, hash, &mut hit);
                    }
                }
            }
            at += 4;
        }
        for (place, three) in text[at..].windows(3).enumerate() {
            let hash = hash([three[0], three[1], three[2]]);
            if self.has(hash) {
                self.list(text, at + place, hash, &mut hit);
            }
        }
    }

    fn has(&self, hash: usize) -> bool {
        self.bits[hash >> 6] >> (hash & 63) & 1 != 0
    }

    /// Not inlined: it would take the registers that the loop over all of a text needs.
    #[inline(never)]
    fn list(&self, text: &[u8], at: usize, hash: usize, hit: &mut impl FnMut(usize, Range<usize>)) {
        let mut next = self.lists[hash & (MAX_LISTS - 1)];
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
    let [first, second, third] = three.map(|byte| u64::from(byte | 0x20));
    spread(first | second << 8 | third << 16)
}

fn spread(joined: u64) -> usize {
    ((joined * 0x9e37_79b1) >> (32 - PREFIX_BITS) & ((1 << PREFIX_BITS) - 1)) as usize
}

/// How often a byte is met, roughly.
fn frequency(byte: &u8) -> usize {
    let lower = byte.to_ascii_lowercase();
    let rank = FREQUENT_LETTERS.iter().position(|letter| *letter == lower);
    match lower {
        b' ' => 30,
        b'_' | b'-' | b'.' | b'"' | b'/' | b':' | b'=' | b'0' => 16,
        _ => rank.map_or(8, |rank| FREQUENT_LETTERS.len() - rank),
    }
}
