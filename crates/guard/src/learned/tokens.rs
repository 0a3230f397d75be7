//! The words of a text, from which the features of any stretch of it are made.

use std::ops::Range;

use super::buckets::{Features, combine, mix};
use super::classes::{self, WordClass};
use super::names::NameFinder;
use super::script::{ends_sentence, writes_no_spaces};
use crate::normal::Normal;

/// Letters of a word that count; longer ones are keys or noise.
const MAX_WORD_LETTERS: usize = 40;
/// Letters that are taken together in scripts that write no spaces.
const MAX_UNSPACED_LETTERS: usize = 16;

/// The features of a text that [`plain`](crate::plain) has normalised and put in lower case, hashed into
/// 2^`bits` buckets; other text gives other features, without an error.
///
/// They are two groups, each scaled to about unit length: the words (with sequences of two and three, and
/// openings of sentences: what follows a sign such as `.`, `:` or a line's end), and the sequences of
/// letters. Signals, by which the guard for injections tells its model which rules fit, aren't among them.
/// `bits` is the [`LinearModel::bits()`](crate::LinearModel::bits) of the model that is to take them, 8 to 24: with more,
/// [`LinearModel::scores`](crate::LinearModel::scores) may panic, and with fewer its scores mean nothing.
#[must_use]
pub fn features(text: &str, bits: u32) -> Features {
    let tokens = TextTokens::of(text);
    tokens.features(0..tokens.len(), &[], bits)
}

/// Hashes of the runs of five words in a text, or of all of it if it has fewer; `None` for fewer than four.
pub(crate) fn shingles(normal: &Normal, original: &str) -> Option<Vec<u32>> {
    let tokens = TextTokens::of_normal(normal, original);
    if tokens.len() < 4 {
        return None;
    }
    let runs = tokens.list.windows(tokens.len().min(5));
    let hash = |run: &[TextToken]| {
        run.iter().fold(0x811c_9dc5, |hash: u32, token| {
            mix(hash.rotate_left(5) ^ token.hash)
        })
    };
    Some(runs.map(hash).collect())
}

/// The words of a text and their hashes, from which the features of any stretch of it are made.
#[derive(Debug, Default)]
pub(crate) struct TextTokens {
    list: Vec<TextToken>,
    letters: Vec<u32>,
}

#[derive(Debug)]
struct TextToken {
    start: usize,
    end: usize,
    hash: u32,
    /// Whether it is the first word of a sentence.
    opens: bool,
    /// Where its letters' hashes end in the list of all.
    letters_end: usize,
}

impl TextTokens {
    /// The words of a text that is normalised and in lower case already: addresses, file names and numbers
    /// as the classes that they are of.
    pub(crate) fn of(text: &str) -> Self {
        Self::with(text, &classes::classes(text))
    }

    /// The same of a normalised text whose original is known, with its capitals: names are a class, too.
    pub(crate) fn of_normal(normal: &Normal, original: &str) -> Self {
        let mut tokens = Self::of(&normal.text);
        let names = NameFinder::of(original, &normal.text);
        let mut kept = 0;
        let mut from = 0;
        for at in 0..tokens.list.len() {
            let token = &mut tokens.list[at];
            let letters = from..token.letters_end;
            from = token.letters_end;
            let word = &normal.text[token.start..token.end];
            let source = normal.source(token.start..token.end).start;
            if !letters.is_empty() && names.has(word, token.hash, token.opens, source) {
                token.hash = WordClass::Name.hash();
            } else {
                tokens.letters.copy_within(letters.clone(), kept);
                kept += letters.len();
            }
            tokens.list[at].letters_end = kept;
        }
        tokens.letters.truncate(kept);
        tokens
    }

    /// Every word as it is.
    fn plain(text: &str) -> Self {
        Self::with(text, &[])
    }

    fn with(text: &str, classes: &[(Range<usize>, WordClass)]) -> Self {
        let mut tokens = Self::default();
        let mut chars: Vec<char> = Vec::new();
        let mut opens = true;
        let mut start = 0;
        let mut unspaced = false;
        let mut classes = classes.iter().peekable();
        for (at, c) in text.char_indices() {
            if let Some((range, class)) = classes.next_if(|(range, _)| range.end <= at) {
                tokens.push_class(range.clone(), *class, opens);
                opens = false;
            }
            let in_class = classes.peek().is_some_and(|(range, _)| range.start <= at);
            let is_word = !in_class && c.is_alphanumeric();
            let is_unspaced = is_word && !c.is_ascii() && writes_no_spaces(c);
            let ends = !is_word
                || is_unspaced != unspaced
                || (unspaced && chars.len() == MAX_UNSPACED_LETTERS);
            if ends && !chars.is_empty() {
                tokens.push(start..at, &mut chars, unspaced, opens);
                opens = false;
            }
            if is_word {
                if chars.is_empty() {
                    start = at;
                    unspaced = is_unspaced;
                }
                chars.push(c);
            } else if !in_class && ends_sentence(c) {
                opens = true;
            }
        }
        if !chars.is_empty() {
            tokens.push(start..text.len(), &mut chars, unspaced, opens);
        }
        if let Some((range, class)) = classes.next() {
            tokens.push_class(range.clone(), *class, opens);
        }
        tokens
    }

    fn push_class(&mut self, range: Range<usize>, class: WordClass, opens: bool) {
        self.list.push(TextToken {
            start: range.start,
            end: range.end,
            hash: class.hash(),
            opens,
            letters_end: self.letters.len(),
        });
    }

    fn push(&mut self, range: Range<usize>, chars: &mut Vec<char>, unspaced: bool, opens: bool) {
        let hash = chars
            .iter()
            .fold(0x517c_c1b7, |hash, c| mix(hash ^ u32::from(*c)));
        chars.truncate(MAX_WORD_LETTERS);
        if unspaced {
            self.push_letters(chars, 2);
        } else {
            chars.insert(0, ' ');
            chars.push(' ');
            self.push_letters(chars, 3);
        }
        chars.clear();
        self.list.push(TextToken {
            start: range.start,
            end: range.end,
            hash,
            opens,
            letters_end: self.letters.len(),
        });
    }

    /// Hashes of the sequences of `shortest` to `shortest + 2` letters.
    fn push_letters(&mut self, chars: &[char], shortest: usize) {
        for from in 0..chars.len() {
            let mut hash = 0x9e37_79b9;
            for (length, c) in (1..shortest + 3).zip(&chars[from..]) {
                hash = mix(hash ^ u32::from(*c));
                if length >= shortest {
                    self.letters.push(hash);
                }
            }
        }
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Where a word starts in the text.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.list[at].start
    }

    /// Where a word ends in the text.
    pub(crate) fn end(&self, at: usize) -> usize {
        self.list[at].end
    }

    /// Whether a word is the first of a sentence.
    pub(crate) fn opens(&self, at: usize) -> bool {
        self.list[at].opens
    }

    /// Whether a stretch says the same few words over and over.
    pub(crate) fn is_repetitive(&self, range: Range<usize>) -> bool {
        let count = range.len();
        let mut hashes: Vec<u32> = self.list[range].iter().map(|token| token.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        count > 20 && hashes.len() * 5 < count
    }

    /// Features of a stretch of words.
    pub(crate) fn features(&self, range: Range<usize>, signals: &[u32], bits: u32) -> Features {
        let mask = (1u32 << bits) - 1;
        let mut words = Vec::new();
        self.words(range.clone(), |hash| words.push(hash & mask));
        let letters = self.letters(range).iter().map(|hash| hash & mask);
        combine(words, letters.collect(), signals, mask)
    }

    /// Hashes of the words in a stretch, and of their sequences.
    pub(super) fn words(&self, range: Range<usize>, mut each: impl FnMut(u32)) {
        let (mut before, mut previous): (Option<u32>, Option<u32>) = (None, None);
        let mut opened = false;
        for (nth, token) in self.list[range].iter().enumerate() {
            each(token.hash);
            let pair = previous.map(|previous: u32| mix(previous.rotate_left(5) ^ token.hash));
            if let Some(pair) = pair {
                each(pair);
                if opened {
                    each(mix(pair ^ 0x0005_eed5));
                }
            }
            if let Some(before) = before {
                each(mix(before.rotate_left(7) ^ token.hash));
            }
            opened = token.opens || nth == 0;
            if opened {
                each(mix(token.hash ^ 0x00c0_ffee));
            }
            before = pair;
            previous = Some(token.hash);
        }
    }

    /// Hashes of letter sequences in a stretch.
    pub(super) fn letters(&self, range: Range<usize>) -> &[u32] {
        let end_before = |at: usize| match at.checked_sub(1) {
            Some(last) => self.list[last].letters_end,
            None => 0,
        };
        &self.letters[end_before(range.start)..end_before(range.end)]
    }
}

/// The hashes of the words of a text that have no capital there, and of those that open a sentence; for
/// training.
#[must_use]
pub(crate) fn common_words(text: &str) -> Vec<u32> {
    let normal = Normal::of(text);
    let tokens = TextTokens::plain(&normal.text);
    let lower = tokens.list.iter().filter(|token| {
        let from = normal.source(token.start..token.end).start;
        let first = text[from..].chars().next();
        first.is_some_and(char::is_alphabetic) && !first.is_some_and(char::is_uppercase)
    });
    lower.map(|token| token.hash).collect()
}
