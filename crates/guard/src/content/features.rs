//! What the model of content looks at: words and letters as every small model does, and which kinds
//! of words stand near each other, which is what little training data says most about.

use std::sync::OnceLock;

use super::words::{self, Lists, Word};
use crate::learned::{Features, mix};

/// Words that count as near.
const NEAR: usize = 3;

/// Words that count as of one sentence.
const FAR: usize = 12;

/// Words below which a text is too short for a single word to say much.
const SHORT: usize = 8;

/// Kinds of words that mean nothing bad, whatever they stand beside.
const HARMLESS: [&str; 12] = [
    "sensual", "picture", "minor", "how", "i", "you", "they", "will", "end", "calm", "tech",
    "negation",
];

/// Features of a text that is normalised and in lower case already: none where no word of it is of
/// a kind that could be meant badly, so that most text costs little and raises no alarm.
#[must_use]
pub fn features(text: &str, bits: u32) -> Features {
    let words = words::words(text);
    if is_suspect(text, &words) {
        of(text, &words, bits)
    } else {
        Features::default()
    }
}

/// Features of a text whose words are known already.
pub(super) fn of(text: &str, words: &[Word<'_>], bits: u32) -> Features {
    let mut features = crate::learned::features(text, bits);
    if words.len() < SHORT {
        let less = share(words.len(), SHORT).sqrt();
        features
            .values
            .iter_mut()
            .for_each(|(_, value)| *value *= less);
    }
    let own = kinds(words);
    let value = 1.0 / share(own.len().max(6), 1).sqrt();
    let mask = (1u32 << bits) - 1;
    let own = own.iter().map(|code| (mix(*code ^ SEED) & mask, value));
    features.values.extend(own);
    features.settle();
    features
}

#[expect(clippy::cast_precision_loss, reason = "counts of features are small")]
fn share(part: usize, all: usize) -> f32 {
    part as f32 / all as f32
}

/// Whether a text has to be looked at: some of its words could be meant badly, or they are in a
/// script that the lists don't know.
pub(super) fn is_suspect(text: &str, words: &[Word<'_>]) -> bool {
    static OF_HARMLESS: OnceLock<Lists> = OnceLock::new();
    let harmless = OF_HARMLESS.get_or_init(|| words::lists(&HARMLESS));
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

const SEED: u32 = 0x3c6e_f372;

/// Codes of the lists that words stand in, how much of the text they are, and of pairs of lists
/// whose words stand near each other.
fn kinds(words: &[Word<'_>]) -> Vec<u32> {
    let count = words::count();
    let mut times = vec![0usize; count];
    let mut near: Vec<Lists> = vec![0; count];
    let mut far: Vec<Lists> = vec![0; count];
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.lists != 0) {
        let nearest = before(words, at, NEAR);
        let sentence = before(words, at, FAR);
        for list in bits(word.lists) {
            times[list] += 1;
            near[list] |= nearest;
            far[list] |= sentence;
        }
    }
    let mut codes = Vec::new();
    for list in 0..count {
        let code = |kind: u32, other: usize| {
            kind << 16 | u32::try_from(list << 8 | other).unwrap_or_default()
        };
        if times[list] > 0 {
            codes.push(code(1, 0));
        }
        if times[list] > 2 {
            codes.push(code(1, 1));
        }
        if times[list] * 8 > words.len() {
            codes.push(code(1, 2));
        }
        codes.extend(bits(near[list]).map(|other| code(2, other)));
        codes.extend(bits(far[list]).map(|other| code(3, other)));
    }
    codes
}

fn before(words: &[Word<'_>], at: usize, count: usize) -> Lists {
    let of = &words[at.saturating_sub(count)..at];
    of.iter().fold(0, |lists, word| lists | word.lists)
}

fn bits(lists: Lists) -> impl Iterator<Item = usize> {
    (0..32).filter(move |bit| lists & (1 << bit) != 0)
}
