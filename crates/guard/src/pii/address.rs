//! Street addresses, where the pattern is sure: a house's number with a street that says that it is
//! one.
//!
//! Places, zip codes and streets without a number aren't looked for.

use std::sync::LazyLock;

use regex::Regex;

use super::Hit;
use super::context::floor;
use super::scan::Word;

/// Bytes that an address takes at most, from its number to its end.
const AHEAD: usize = 80;
/// Bytes of a street's name before its number.
const BEHIND: usize = 48;

/// A pattern that the tests hold to be sound.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// `12 North Oak Street, Apt 4`; streets whose kind is an everyday word need a comma behind them.
static ENGLISH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^\d{1,5}[A-Za-z]?(?: (?:N|S|E|W|NE|NW|SE|SW)\.?)?(?: [A-Z][A-Za-z'’.-]*| \d{1,3}(?:st|nd|rd|th)){1,4}? ",
        r"(?:(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Parkway|Pkwy|Highway|Hwy|Dr|Terrace|Crescent)\b\.?",
        r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor)\.? ?#?[A-Za-z0-9-]{1,6}\b|,? #[A-Za-z0-9-]{1,6}\b)?",
        r"|(?:Drive|Court|Ct|Place|Pl|Square|Way|Close|Circle|Cir|Trail|Plaza|Row|Mews|Gardens)\b",
        r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit)\.? ?#?[A-Za-z0-9-]{1,6}\b|(?P<comma>,|\n|$)))",
    ))
});

/// `12 bis, rue de la Paix`.
static FRENCH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|Rue|avenue|Avenue|boulevard|Boulevard|bd|place|Place|chemin|Chemin|impasse|Impasse|quai|Quai|allée|route)",
        r"(?: (?:de la|de l'|des|du|de|d'))? ?\p{Lu}[\p{L}'’-]+(?:[ -]\p{Lu}[\p{L}'’-]+){0,3}",
    ))
});

/// Kinds of streets that come before a name.
const KINDS: &[&str] = &[
    "Calle ",
    "Avenida ",
    "Paseo ",
    "Via ",
    "Viale ",
    "Piazza ",
    "Corso ",
    "Rua ",
    "Travessa ",
    "Ulica ",
    "ul. ",
    "Aleja ",
];

/// `Via Roma 12`, `Calle Mayor, 12`, up to the number.
static BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"(?:^|[^\p{L}\p{N}])(?P<street>(?:Calle|Avenida|Paseo|Via|Viale|Piazza|Corso|Rua|Travessa|Ulica|ul\.|Aleja)",
        r"(?: (?:de|del|della|dei|di|da|do|dos|la|las|los))*(?: \p{Lu}[\p{L}'.]*){1,3}),? $",
    ))
});

pub(super) fn find(word: &Word<'_>, hits: &mut Vec<Hit>) {
    if word.end - word.start > 6 || word.is_glued_left() || word.is_glued_right() {
        return;
    }
    let found = ahead(word).or_else(|| behind(word));
    if let Some((start, end)) = found {
        hits.push(Hit {
            entity: "STREET_ADDRESS",
            rule: "street-address",
            start,
            end,
            score: 0.75,
            why: "a house's number and the name of a street that says it is one",
        });
    }
}

/// An address whose number comes first.
fn ahead(word: &Word<'_>) -> Option<(usize, usize)> {
    let text = word.text;
    let tail = &text[word.start..floor(text, (word.end + AHEAD).min(text.len()))];
    let mut rest = tail[word.end - word.start..]
        .strip_prefix([' ', ','])?
        .trim_start_matches(' ')
        .chars();
    let first = rest.next()?;
    let found = if first.is_ascii_uppercase() || first.is_ascii_digit() {
        english(tail).or_else(|| FRENCH.as_ref()?.find(tail).map(|found| found.end()))
    } else if matches!(first, 'r' | 'a' | 'b' | 'p' | 'c' | 'i' | 'q' | 't') {
        FRENCH.as_ref()?.find(tail).map(|found| found.end())
    } else {
        None
    };
    found.map(|length| (word.start, word.start + length))
}

fn english(tail: &str) -> Option<usize> {
    let captures = ENGLISH.as_ref()?.captures(tail)?;
    let whole = captures.get(0)?;
    let comma = captures.name("comma").map_or(0, |comma| comma.len());
    Some(whole.end() - comma)
}

/// An address whose number comes last.
fn behind(word: &Word<'_>) -> Option<(usize, usize)> {
    let text = word.text;
    let before = text[..word.start].strip_suffix(' ')?;
    if !before.ends_with(|c: char| c.is_alphabetic() || matches!(c, '.' | ',')) {
        return None;
    }
    let from = floor(text, word.start.saturating_sub(BEHIND));
    let window = &text[from..before.len()];
    let last = window.rsplit([' ', '\n']).next()?;
    if is_compound(last) {
        return Some((before.len() - last.len(), word.end));
    }
    let is_named =
        last.starts_with(char::is_uppercase) && KINDS.iter().any(|kind| window.contains(kind));
    let street = BEFORE
        .as_ref()
        .filter(|_| is_named)?
        .captures(&text[from..word.start])?
        .name("street")?;
    Some((from + street.start(), word.end))
}

/// Whether a word is a street's name that says so: `Hauptstraße`.
fn is_compound(word: &str) -> bool {
    const ENDS: &[&str] = &[
        "straße", "strasse", "str.", "gasse", "allee", "straat", "laan", "gracht", "gatan",
        "vägen", "gade", "vej", "veien", "katu",
    ];
    let word = word.strip_suffix(',').unwrap_or(word);
    word.starts_with(char::is_uppercase)
        && ENDS
            .iter()
            .any(|end| word.ends_with(end) && word.len() > end.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_are_sound() {
        assert!(ENGLISH.is_some() && FRENCH.is_some() && BEFORE.is_some());
    }
}
