//! What the model of content looks at: words and letters as every small model does, and which kinds
//! of words stand near each other, which is what little training data says most about.

use std::borrow::Cow;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization as _;

use super::words::{self, ListedWord, Lists};
use crate::hidden::is_ignorable;
use crate::learned::Features;

/// Letters of a word that count; longer ones are keys or noise.
const MAX_WORD_LETTERS: usize = 40;

/// Words that count as near.
const NEAR_WORDS: usize = 3;

/// Words that count as of one sentence.
const FAR_WORDS: usize = 12;

/// Words below which a text is too short for a single word to say much.
const SHORT_TEXT_WORDS: usize = 8;

/// Kinds of words that mean nothing bad, whatever they stand beside.
const HARMLESS_LISTS: [&str; 14] = [
    "sensual", "picture", "minor", "how", "i", "you", "they", "will", "end", "calm", "tech",
    "negation", "counter", "praise",
];

/// Features of a text: none where no word of it is of a kind that could be meant badly, so that
/// most text costs little and raises no alarm.
///
/// There are three groups, each of about unit length, less for short texts: words and pairs of words;
/// sequences of three to five letters within padded words; which kinds of words there are and stand near
/// each other. Groups follow one another, each in rising order of buckets, so that a bucket may come in
/// several. `bits` is as for [`features`](crate::features()); the text is normalised here. For training the
/// model of content.
#[must_use]
pub fn features(text: &str, bits: u32) -> Features {
    let plain = normal(text);
    let words = words::words(&plain);
    if is_suspect(&plain, &words) {
        of(&plain, &words, bits)
    } else {
        Features::default()
    }
}

/// A text as it is compared: compatibility forms composed, in lower case, without what can't be
/// seen. Other guards' forms undo more, which words do for themselves here.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let is_seen = |c: &char| !is_ignorable(*c);
    let straight = |c| if c == '’' { '\'' } else { c };
    let folded = text.nfkc().flat_map(char::to_lowercase);
    Cow::Owned(folded.filter(is_seen).map(straight).collect())
}

/// Features of a text whose words are known already.
pub(super) fn of(text: &str, words: &[ListedWord<'_>], bits: u32) -> Features {
    let mut group = Group::new(bits);
    hash_words(text, &mut group);
    let less = share(words.len().min(SHORT_TEXT_WORDS), SHORT_TEXT_WORDS).sqrt();
    let mut values = Vec::new();
    group.take(less, 1, &mut values);
    hash_letters(text, &mut group);
    group.take(less, 1, &mut values);
    hash_kinds(words, &mut group);
    hash_quotation(text, words, &mut group);
    group.take(1.0, 6, &mut values);
    Features { values }
}

/// Buckets, each once.
struct Group {
    seen: Vec<u64>,
    mask: u32,
}

impl Group {
    fn new(bits: u32) -> Self {
        Self {
            seen: vec![0; (1 << bits) / 64],
            mask: (1 << bits) - 1,
        }
    }

    fn add(&mut self, hash: u32) {
        let bucket = hash & self.mask;
        self.seen[bucket as usize / 64] |= 1 << (bucket % 64);
    }

    /// Moves the buckets out, in order, all with the value that makes them, or at least so many, of
    /// unit length.
    fn take(&mut self, scale: f32, least: usize, out: &mut Vec<(u32, f32)>) {
        let first = out.len();
        for (at, word) in self.seen.iter_mut().enumerate() {
            let mut bits = std::mem::take(word);
            while bits != 0 {
                let bucket = u32::try_from(at).unwrap_or_default() * 64 + bits.trailing_zeros();
                out.push((bucket, 0.0));
                bits &= bits - 1;
            }
        }
        let count = (out.len() - first).max(least);
        let value = scale / share(count, 1).sqrt();
        out[first..].iter_mut().for_each(|(_, each)| *each = value);
    }
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let tokens = text.split(|c: char| !c.is_alphanumeric());
    tokens.filter(|token| !token.is_empty())
}

fn hash_words(text: &str, out: &mut Group) {
    let mut previous: Option<u32> = None;
    for token in tokens(text) {
        let bytes = token.as_bytes().iter();
        let hash = bytes.fold(0x517c_c1b7, |hash, byte| mix(hash ^ u32::from(*byte)));
        out.add(hash);
        if let Some(previous) = previous {
            out.add(mix(previous.rotate_left(5) ^ hash));
        }
        previous = Some(hash);
    }
}

fn hash_letters(text: &str, out: &mut Group) {
    let mut padded: Vec<char> = Vec::new();
    for token in tokens(text) {
        padded.clear();
        padded.push(' ');
        padded.extend(token.chars().take(MAX_WORD_LETTERS));
        padded.push(' ');
        for from in 0..padded.len() {
            let mut hash = 0x9e37_79b9;
            for (length, c) in (1..=5).zip(&padded[from..]) {
                hash = mix(hash ^ u32::from(*c));
                if length >= 3 {
                    out.add(hash);
                }
            }
        }
    }
}

fn mix(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash ^ (hash >> 12)
}

#[expect(clippy::cast_precision_loss, reason = "counts of features are small")]
fn share(part: usize, all: usize) -> f32 {
    part as f32 / all as f32
}

/// Whether a text has to be looked at: some of its words could be meant badly, or they are in a
/// script that the lists don't know.
pub(super) fn is_suspect(text: &str, words: &[ListedWord<'_>]) -> bool {
    static OF_HARMLESS: OnceLock<Lists> = OnceLock::new();
    let harmless = OF_HARMLESS.get_or_init(|| words::lists(&HARMLESS_LISTS));
    let all = words.iter().fold(0, |all, word| all | word.lists);
    if all & !harmless != 0 {
        return true;
    }
    let has = |name| all & words::lists(&[name]) != 0;
    let ends = words::lists(&["end"]);
    let ends = words.iter().filter(|word| word.lists & ends != 0).count();
    // "I don't want to live any more" has no bad word, nor has what a child is asked for.
    let is_tired = has("i") && (ends > 1 || ends == 1 && (has("will") || has("negation")));
    let is_asked = has("minor") && (has("picture") || has("sensual"));
    let foreign = text.chars().filter(|c| *c > '\u{24f}').count();
    is_tired || is_asked || foreign * 5 > text.len()
}

/// Keeps codes of kinds apart from hashes of words.
const HASH_SEED: u32 = 0x3c6e_f372;

/// Codes of the lists that words stand in, how much of the text they are, and of pairs of lists
/// whose words stand near each other.
fn hash_kinds(words: &[ListedWord<'_>], out: &mut Group) {
    let count = words::count();
    let mut times = vec![0usize; count];
    let mut near: Vec<Lists> = vec![0; count];
    let mut far: Vec<Lists> = vec![0; count];
    let known = words.iter().enumerate();
    for (at, word) in known.filter(|(_, word)| word.lists != 0) {
        let nearest = before(words, at, NEAR_WORDS);
        let sentence = before(words, at, FAR_WORDS);
        for list in bits(word.lists) {
            times[list] += 1;
            near[list] |= nearest;
            far[list] |= sentence;
        }
    }
    for list in 0..count {
        let code = |kind: u32, other: usize| {
            let lists = u32::try_from(list << 8 | other).unwrap_or_default();
            mix(kind << 16 ^ lists ^ HASH_SEED)
        };
        let how_many = [
            times[list] > 0,
            times[list] > 2,
            times[list] * 8 > words.len(),
        ];
        for (nth, _) in how_many.iter().enumerate().filter(|(_, is)| **is) {
            out.add(code(1, nth));
        }
        bits(near[list]).for_each(|other| out.add(code(2, other)));
        bits(far[list]).for_each(|other| out.add(code(3, other)));
    }
}

/// Codes of whether words are quoted, and of whether somebody speaks of what is said: what a text quotes to
/// reject it, it doesn't say.
fn hash_quotation(text: &str, words: &[ListedWord<'_>], out: &mut Group) {
    let is_quoted = text.matches('"').count() > 1 || (text.contains('“') && text.contains('”'));
    if !is_quoted {
        return;
    }
    let counter = words::lists(&["counter"]);
    let is_rejected = words.iter().any(|word| word.lists & counter != 0);
    out.add(mix(4 << 16 ^ HASH_SEED));
    if is_rejected {
        out.add(mix(4 << 16 ^ 1 ^ HASH_SEED));
    }
}

fn before(words: &[ListedWord<'_>], at: usize, count: usize) -> Lists {
    let of = &words[at.saturating_sub(count)..at];
    of.iter().fold(0, |lists, word| lists | word.lists)
}

fn bits(mut lists: Lists) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = lists.trailing_zeros();
        lists &= lists.wrapping_sub(1);
        (bit < Lists::BITS).then_some(bit as usize)
    })
}
