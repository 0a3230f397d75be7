//! Street addresses, where the pattern is sure: a house's number with a street that says that it is
//! one.
//!
//! Places, zip codes and streets without a number aren't looked for.

use super::context::floor;
use super::hit::PiiHit;
use super::word::DigitWord;

/// Bytes that an address takes at most, from its number's end to its own.
const MAX_BYTES_AHEAD: usize = 80;
/// Bytes of a street's name before its number.
const MAX_BYTES_BEHIND: usize = 48;

/// What streets are called that nothing else is.
const SURE_STREET_WORDS: &[&str] = &[
    "Street",
    "St",
    "Avenue",
    "Ave",
    "Road",
    "Rd",
    "Boulevard",
    "Blvd",
    "Lane",
    "Ln",
    "Parkway",
    "Pkwy",
    "Highway",
    "Hwy",
    "Dr",
    "Terrace",
    "Crescent",
];
/// What streets are called and other things too: only with a comma, a line's end or a flat behind.
const DOUBTFUL_STREET_WORDS: &[&str] = &[
    "Drive", "Court", "Ct", "Place", "Pl", "Square", "Way", "Close", "Circle", "Cir", "Trail",
    "Plaza", "Row", "Mews", "Gardens",
];
const UNIT_WORDS: &[&str] = &["Apt", "Apartment", "Suite", "Ste", "Unit", "Floor"];
const FRENCH_STREET_WORDS: &[&str] = &[
    "rue",
    "avenue",
    "boulevard",
    "bd",
    "place",
    "chemin",
    "impasse",
    "quai",
    "allée",
    "route",
];
/// Kinds of streets that come before a name, and the number last.
const LEADING_STREET_WORDS: &[&str] = &[
    "Calle", "Avenida", "Paseo", "Via", "Viale", "Piazza", "Corso", "Rua", "Travessa", "Ulica",
    "ul.", "Aleja",
];
/// What stands between a kind of street and its name.
const NAME_PARTICLES: &[&str] = &[
    "de", "del", "della", "dei", "di", "da", "do", "dos", "des", "du", "la", "las", "los", "le",
    "les",
];
/// Ends of the words that are a street's name.
const STREET_ENDINGS: &[&str] = &[
    "straße", "strasse", "str.", "gasse", "allee", "straat", "laan", "gracht", "gatan", "vägen",
    "gade", "vej", "veien", "katu",
];

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let letters = word.as_str().bytes().filter(u8::is_ascii_alphabetic);
    let is_long = word.end - word.start > 6 || letters.count() > 1;
    if is_long || word.is_glued_left() || word.is_glued_right() {
        return;
    }
    if let Some((start, end)) = ahead(word).or_else(|| behind(word)) {
        hits.push(PiiHit {
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
fn ahead(word: &DigitWord<'_>) -> Option<(usize, usize)> {
    let text = word.text;
    let limit = floor(text, (word.end + MAX_BYTES_AHEAD).min(text.len()));
    let rest = &text[word.end..limit];
    let length = english(rest).or_else(|| french(rest))?;
    Some((word.start, word.end + length))
}

/// Whether the name of a street may follow a number, as far as there is text.
pub(super) fn may_follow(rest: &str) -> bool {
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    let Some((word, _)) = next(rest) else {
        return rest.trim_start().is_empty();
    };
    let is_french = FRENCH_STREET_WORDS.contains(&word.to_lowercase().as_str());
    is_name(word) || is_french || matches!(word, "bis" | "ter")
}

/// The first word of `rest`, after one space, and what follows it.
fn next(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix(' ')?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')));
    let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
    (!word.is_empty()).then_some((word, rest))
}

fn is_name(word: &str) -> bool {
    let is_ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .any(|end| word.ends_with(end) && word.starts_with(|c: char| c.is_ascii_digit()));
    word.starts_with(char::is_uppercase) || is_ordinal
}

/// The length of ` North Oak Street, Apt 4`.
fn english(rest: &str) -> Option<usize> {
    let (mut after, mut names) = (rest, 0);
    while names < 6 {
        let (word, behind) = next(after)?;
        if names > 0 && (SURE_STREET_WORDS.contains(&word) || DOUBTFUL_STREET_WORDS.contains(&word))
        {
            let flat = unit(behind);
            let is_end = flat > 0 || behind.is_empty() || behind.starts_with([',', '\n']);
            if SURE_STREET_WORDS.contains(&word) || is_end {
                return Some(rest.len() - behind.len() + flat);
            }
        }
        if !is_name(word) {
            return None;
        }
        names += 1;
        after = match behind.strip_prefix('.') {
            // `N. Oak Street`.
            Some(behind) if word.len() < 3 => behind,
            _ => behind,
        };
    }
    None
}

/// The length of `, Apt. 4`, or 0.
fn unit(rest: &str) -> usize {
    let start = rest.strip_prefix('.').unwrap_or(rest);
    let start = start.strip_prefix(',').unwrap_or(start);
    let number = match next(start) {
        Some((word, behind)) if UNIT_WORDS.contains(&word) => {
            behind.strip_prefix('.').unwrap_or(behind)
        }
        _ => match start.strip_prefix(" #") {
            Some(_) => start,
            None => return 0,
        },
    };
    let digits = number.trim_start_matches([' ', '#']);
    if number.len() - digits.len() > 2 {
        return 0;
    }
    let length = digits.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if (1..=6).contains(&length) {
        rest.len() - digits.len() + length
    } else {
        0
    }
}

/// The length of ` bis, rue de la Paix`.
fn french(rest: &str) -> Option<usize> {
    let bis = ["bis", "ter"]
        .iter()
        .find_map(|word| rest.strip_prefix(' ')?.strip_prefix(word));
    let after = bis.unwrap_or(rest);
    let after = after.strip_prefix(',').unwrap_or(after);
    let (kind, mut after) = next(after)?;
    if !FRENCH_STREET_WORDS.contains(&kind.to_lowercase().as_str()) {
        return None;
    }
    let mut end = None;
    for _ in 0..6 {
        let Some((word, behind)) = next(after) else {
            break;
        };
        let name = word.split_once(['\'', '’']).map_or(word, |(_, name)| name);
        if name.starts_with(char::is_uppercase) {
            end = Some(rest.len() - behind.len());
        } else if end.is_some() || !NAME_PARTICLES.contains(&word) {
            break;
        }
        after = behind;
    }
    end
}

/// An address whose number comes last: `Hauptstraße 12`, `Via Roma 12`, `Calle Mayor, 12`.
fn behind(word: &DigitWord<'_>) -> Option<(usize, usize)> {
    let text = word.text;
    let before = text[..word.start].strip_suffix(' ')?;
    let before = before.strip_suffix(',').unwrap_or(before);
    if !before.ends_with(|c: char| c.is_alphabetic() || c == '.') {
        return None;
    }
    let from = floor(text, word.start.saturating_sub(MAX_BYTES_BEHIND)).min(before.len());
    let window = &text[from..before.len()];
    let (mut end, mut names) = (window.len(), 0);
    for (count, name) in window.rsplit([' ', '\n', '"', '(', ':']).enumerate() {
        let start = end - name.len();
        if count == 0 && is_compound(name) || names > 0 && LEADING_STREET_WORDS.contains(&name) {
            return Some((from + start, word.end));
        }
        let is_capital = name.starts_with(char::is_uppercase);
        if count > 5 || !is_capital && (names == 0 || !NAME_PARTICLES.contains(&name)) {
            return None;
        }
        names += usize::from(is_capital);
        end = start.checked_sub(1)?;
    }
    None
}

/// Whether a word is a street's name that says so: `Hauptstraße`.
fn is_compound(word: &str) -> bool {
    let is_one = |end: &&str| word.ends_with(*end) && word.len() > end.len() + 2;
    word.starts_with(char::is_uppercase) && STREET_ENDINGS.iter().any(is_one)
}
