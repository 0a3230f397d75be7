//! Other forms of the same writing: Korean and Japanese in parts or at half width, digits of other scripts,
//! Latin letters that no normalisation takes apart.
//!
//! Composed and compatibility forms are those of Unicode Standard Annex 15 (NFKC).

use unicode_normalization::UnicodeNormalization as _;

/// Whether a character has another form that the same writing is mostly found in: Korean letters that make
/// a syllable together, kana at half width, and the marks that turn one kana into another.
pub(super) fn has_other_form(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3099}'..='\u{309a}' | '\u{3131}'..='\u{318e}'
        | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' | '\u{ff66}'..='\u{ffdc}')
}

/// Whether a character joins the one before it: vowels and final consonants of a Korean syllable, and marks
/// of kana.
fn joins(c: char) -> bool {
    matches!(c, '\u{1160}'..='\u{11ff}' | '\u{3099}'..='\u{309a}' | '\u{d7b0}'..='\u{d7fb}'
        | '\u{ff9e}'..='\u{ff9f}')
}

/// A text in its composed form, and where its characters stand in the text that it was made of.
pub(super) struct ComposedText {
    pub(super) text: String,
    /// Of each cluster of characters that became one or more, where it starts in the composed text and in
    /// the original; ascending, with the two ends at the end.
    starts: Vec<(usize, usize)>,
}

impl ComposedText {
    pub(super) fn of(original: &str) -> Self {
        let mut composed = Self {
            text: String::with_capacity(original.len()),
            starts: Vec::new(),
        };
        let mut from = 0;
        for (at, c) in original.char_indices() {
            if at > 0 && !joins(c) {
                composed.push(&original[from..at], from);
                from = at;
            }
        }
        composed.push(&original[from..], from);
        composed.starts.push((composed.text.len(), original.len()));
        composed
    }

    fn push(&mut self, cluster: &str, from: usize) {
        self.starts.push((self.text.len(), from));
        self.text.extend(cluster.nfkc());
    }

    /// Where the cluster starts in the original that a place in the composed text is in.
    pub(super) fn start(&self, at: usize) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        self.starts[after.saturating_sub(1)].1
    }

    /// Where the cluster ends in the original that ends at a place in the composed text, or goes beyond it.
    pub(super) fn end(&self, at: usize) -> usize {
        let from = self.starts.partition_point(|(start, _)| *start < at);
        self.starts[from.min(self.starts.len() - 1)].1
    }
}

/// A letter or digit as it is written where its script or keyboard lacks it: digits of other scripts as
/// ASCII ones, `ß` as `ss`, `ı` as `i`. `None` for all others.
pub(super) fn plain_letters(c: char) -> Option<&'static str> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    /// The zeros of scripts that put spaces between words; the other nine digits follow each.
    const ZEROS: [char; 14] = [
        '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
        '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{f20}', '\u{1810}',
    ];
    match c {
        'ß' => return Some("ss"),
        'ı' => return Some("i"),
        'ł' => return Some("l"),
        'ø' => return Some("o"),
        'đ' => return Some("d"),
        'æ' => return Some("ae"),
        'œ' => return Some("oe"),
        _ => {}
    }
    let digit = |zero: &char| usize::try_from(u32::from(c).checked_sub(u32::from(*zero))?).ok();
    let digits = ZEROS.iter().filter_map(digit);
    digits.filter_map(|digit| DIGITS.get(digit)).copied().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_composed_text_are_found_in_the_original() {
        let original = "ｶﾞか\u{3099}\u{1111}\u{1161}x";
        let composed = ComposedText::of(original);
        assert_eq!(composed.text, "ガがパ".replace('パ', "파") + "x");
        let cuts: Vec<_> = composed
            .text
            .char_indices()
            .map(|(at, c)| &original[composed.start(at)..composed.end(at + c.len_utf8())])
            .collect();
        assert_eq!(cuts, ["ｶﾞ", "か\u{3099}", "\u{1111}\u{1161}", "x"]);
    }

    #[test]
    fn digits_of_other_scripts_are_digits() {
        assert_eq!(plain_letters('٣'), Some("3"));
        assert_eq!(plain_letters('९'), Some("9"));
        assert_eq!(plain_letters('a'), None);
    }
}
