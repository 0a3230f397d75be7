//! Letters of other scripts that look like Latin ones, inside what is otherwise Latin.

use super::placed::PlacedChar;

/// Lower-case letters and the Latin ones that they, or their capitals, look like.
#[rustfmt::skip]
const LOOKALIKE_PAIRS: &[(char, char)] = &[
    // Latin letters of their own that look like plain ones.
    ('ı', 'i'), ('ɑ', 'a'), ('ɡ', 'g'), ('ɩ', 'i'), ('ɪ', 'i'), ('ɴ', 'n'), ('ʀ', 'r'), ('ʏ', 'y'),
    ('ʙ', 'b'), ('ʜ', 'h'), ('ʟ', 'l'), ('ꜱ', 's'), ('ᴀ', 'a'), ('ᴄ', 'c'), ('ᴅ', 'd'), ('ᴇ', 'e'),
    ('ᴊ', 'j'), ('ᴋ', 'k'), ('ᴍ', 'm'), ('ᴏ', 'o'), ('ᴘ', 'p'), ('ᴛ', 't'), ('ᴜ', 'u'), ('ᴠ', 'v'),
    ('ᴡ', 'w'), ('ᴢ', 'z'), ('ɢ', 'g'), ('ꜰ', 'f'),
    // Greek.
    ('α', 'a'), ('β', 'b'), ('γ', 'y'), ('ε', 'e'), ('ζ', 'z'), ('η', 'n'), ('ι', 'i'), ('κ', 'k'),
    ('μ', 'm'), ('ν', 'v'), ('ο', 'o'), ('ρ', 'p'), ('τ', 't'), ('υ', 'u'), ('χ', 'x'), ('ω', 'w'),
    ('ϲ', 'c'), ('ϳ', 'j'), ('σ', 'o'),
    // Cyrillic.
    ('а', 'a'), ('в', 'b'), ('г', 'r'), ('е', 'e'), ('к', 'k'), ('м', 'm'), ('н', 'h'), ('о', 'o'),
    ('п', 'n'), ('р', 'p'), ('с', 'c'), ('т', 't'), ('у', 'y'), ('х', 'x'), ('ь', 'b'), ('ѕ', 's'),
    ('і', 'i'), ('ј', 'j'), ('һ', 'h'), ('ԁ', 'd'), ('ԛ', 'q'), ('ԝ', 'w'), ('ѵ', 'v'), ('ӏ', 'l'),
    ('ո', 'n'), ('ս', 'u'), ('օ', 'o'), ('հ', 'h'), ('ց', 'g'),
];

fn latin(c: char) -> Option<char> {
    let found = LOOKALIKE_PAIRS.iter().find(|(other, _)| *other == c);
    found.map(|(_, latin)| *latin)
}

/// Replaces them in words that have Latin letters too, and, where most of the text is Latin, in
/// words that are made of nothing else.
pub(super) fn replace(chars: &mut [PlacedChar]) {
    let (mut plain, mut other) = (0_usize, 0_usize);
    for (c, _) in chars.iter() {
        plain += usize::from(c.is_ascii_alphabetic());
        other += usize::from(is_foreign(*c));
    }
    if plain == 0 || other == 0 {
        return;
    }
    let is_latin = plain > 2 * other;
    for word in chars.split_mut(|(c, _)| !c.is_alphabetic()) {
        let has_latin = word.iter().any(|(c, _)| c.is_ascii_alphabetic());
        let foreign = || word.iter().filter(|(c, _)| is_foreign(*c));
        if foreign().next().is_none() || !(has_latin || is_latin) {
            continue;
        }
        if foreign().all(|(c, _)| latin(*c).is_some()) {
            for (c, _) in word {
                *c = latin(*c).unwrap_or(*c);
            }
        }
    }
}

/// Letters of the scripts that look-alikes come from.
fn is_foreign(c: char) -> bool {
    matches!(c, 'ı' | '\u{250}'..='\u{2af}' | '\u{370}'..='\u{58f}' | '\u{1d00}'..='\u{1d7f}'
        | '\u{a730}'..='\u{a7ff}')
}
