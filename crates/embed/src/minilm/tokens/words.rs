//! Text → words as the vocabulary has them: lower case, without accents, punctuation apart.

use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

/// Calls `each` with every word in order until it returns false; with `None` for a word of more
/// than `longest` characters. A word is a run without white space, or one punctuation mark, or one
/// Chinese character with what is attached to it.
pub(super) fn for_each(text: &str, longest: usize, mut each: impl FnMut(Option<&str>) -> bool) {
    let mut word = PendingWord {
        text: String::new(),
        characters: 0,
        longest,
    };
    for character in normalised(text) {
        let stands_alone = is_punctuation(character);
        if stands_alone || character.is_whitespace() {
            if !word.end(&mut each) {
                return;
            }
            if stands_alone && !each(Some(character.encode_utf8(&mut [0; 4]))) {
                return;
            }
        } else {
            word.push(character);
        }
    }
    word.end(&mut each);
}

/// A word that is being read; what exceeds the limit is counted, not kept.
struct PendingWord {
    text: String,
    characters: usize,
    longest: usize,
}

impl PendingWord {
    fn push(&mut self, character: char) {
        self.characters += 1;
        if self.characters <= self.longest {
            self.text.push(character);
        }
    }

    /// Hands the word over, if there is one, and starts another.
    fn end(&mut self, each: &mut impl FnMut(Option<&str>) -> bool) -> bool {
        let goes_on = match self.characters {
            0 => true,
            length => each((length <= self.longest).then_some(&self.text)),
        };
        self.text.clear();
        self.characters = 0;
        goes_on
    }
}

/// The order of the steps is the training's and matters: accents are found in the decomposed form,
/// and only what is left becomes lower case.
fn normalised(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|c| !is_dropped(*c))
        .flat_map(|c| {
            let space = is_chinese(c).then_some(' ');
            space.into_iter().chain([c]).chain(space)
        })
        .nfd()
        .filter(|c| !c.is_mark_nonspacing())
        .flat_map(char::to_lowercase)
}

/// Control, format, private and unassigned characters, except those that separate words.
fn is_dropped(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0' | '\u{fffd}' => true,
        _ => c.is_other(),
    }
}

/// All that is printed in ASCII and neither letter nor digit counts, symbols too.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}

/// Characters that are words by themselves: the Unicode blocks of unified ideographs, as far as
/// the training's tokenizer knew them.
fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x3400..=0x4DBF
            | 0x4E00..=0x9FFF
            | 0xF900..=0xFAFF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0x2F800..=0x2FA1F
    )
}
