//! Words written with digits for letters, or with something between their letters, undone where
//! the outcome is a word that attacks are made of; a product's name stays what it is.

use super::placed::PlacedChar;

/// Words that attacks are made of, in order.
#[rustfmt::skip]
const DISGUISED_WORDS: &[&str] = &[
    "above", "access", "admin", "after", "all", "and", "answer", "any", "anything", "are", "as", "before", "bomb", "bypass",
    "commands", "confidential", "content", "contents", "developer", "directives", "disable", "disregard", "do", "everything",
    "filter", "filters", "follow", "forget", "give", "granted", "guidelines", "hack", "hidden", "how", "ignore", "in", "initial",
    "instruction", "instructions", "is", "jailbreak", "jailbroken", "key", "leak", "limits", "make", "me", "mode", "my", "new",
    "no", "not", "now", "of", "orders", "out", "output", "override", "password", "pass", "policy", "previous", "print", "prior",
    "prompt", "prompts", "repeat", "restrictions", "reveal", "rules", "safety", "say", "secret", "send", "show", "stop",
    "system", "tell", "that", "the", "these", "this", "those", "to", "unrestricted", "user", "what", "with", "without", "word",
    "words", "write", "you", "your",
];

/// Fewer letters than this prove nothing.
const MIN_WORD_LETTERS: usize = 5;
/// A run of letters with something between them has at least so many.
const MIN_SPACED_LETTERS: usize = 4;
/// The longest run that is put together.
const LONGEST_RUN: usize = 200;

fn is_word(word: &str) -> bool {
    DISGUISED_WORDS.contains(&word)
}

/// Undoes disguises.
pub(super) fn undo(chars: &mut Vec<PlacedChar>) {
    digits_for_letters(chars);
    letters_apart(chars);
}

/// The letter that a digit or sign stands for.
fn letter(c: char, for_one: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => for_one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => c,
    }
}

fn digits_for_letters(chars: &mut [PlacedChar]) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '$' | '!' | '|');
    for word in chars.split_mut(|(c, _)| !is_part(*c)) {
        let end = word
            .iter()
            .rposition(|(c, _)| *c != '!')
            .map_or(0, |last| last + 1);
        let word = &mut word[..end];
        let signs = word
            .iter()
            .filter(|(c, _)| !c.is_ascii_alphabetic())
            .count();
        if signs == 0 || signs == word.len() || !(MIN_WORD_LETTERS - 1..=16).contains(&word.len()) {
            continue;
        }
        for for_one in ['i', 'l'] {
            let plain: String = word.iter().map(|(c, _)| letter(*c, for_one)).collect();
            if is_word(&plain) {
                for (c, _) in word.iter_mut() {
                    *c = letter(*c, for_one);
                }
                break;
            }
        }
    }
}

fn letters_apart(chars: &mut Vec<PlacedChar>) {
    let mut at = 0;
    let mut out: Option<Vec<PlacedChar>> = None;
    let mut done = 0;
    while at < chars.len() {
        let end = run_end(chars, at);
        if end - at >= 2 * MIN_SPACED_LETTERS - 1
            && let Some(words) = put_together(&chars[at..end])
        {
            let out = out.get_or_insert_with(|| Vec::with_capacity(chars.len()));
            out.extend_from_slice(&chars[done..at]);
            out.extend(words);
            done = end;
        }
        at = end.max(at + 1);
    }
    if let Some(mut out) = out {
        out.extend_from_slice(&chars[done..]);
        *chars = out;
    }
}

/// The end of a run of single letters with the same sign between them that starts at `start`, or
/// `start` if there is none. What comes between two words may be up to three such signs.
fn run_end(chars: &[PlacedChar], start: usize) -> usize {
    let get = |at: usize| chars.get(at).map(|(c, _)| *c);
    let is_letter = |at: usize| get(at).is_some_and(char::is_alphabetic);
    let is_sign = |c: char| matches!(c, ' ' | '-' | '.' | '_' | '*' | '·' | '|' | '/' | '+' | '~');
    if !is_letter(start) || (start > 0 && get(start - 1).is_some_and(char::is_alphanumeric)) {
        return start;
    }
    let Some(sign) = get(start + 1).filter(|c| is_sign(*c)) else {
        return start;
    };
    let mut end = start + 1;
    while end < start + LONGEST_RUN {
        let gap = (end..end + 4)
            .take_while(|at| get(*at).is_some_and(is_sign))
            .count();
        let follows = (1..=3).contains(&gap)
            && (gap > 1 || get(end) == Some(sign) || get(end) == Some(' '))
            && is_letter(end + gap)
            && !get(end + gap + 1).is_some_and(char::is_alphanumeric);
        if !follows {
            break;
        }
        end += gap + 1;
    }
    end
}

/// The words of a run, if one of them is a word that attacks are made of.
fn put_together(run: &[PlacedChar]) -> Option<Vec<PlacedChar>> {
    let sign = run[1].0;
    let mut out: Vec<PlacedChar> = Vec::with_capacity(run.len());
    let mut word: Vec<PlacedChar> = Vec::new();
    let mut found = false;
    let mut gap: Vec<PlacedChar> = Vec::new();
    for placed in run {
        if placed.0.is_alphabetic() {
            let apart = gap.len() > 1 || gap.first().is_some_and(|(c, _)| *c != sign);
            if apart {
                found |= take(&mut word, &mut out);
                out.append(&mut gap);
            }
            gap.clear();
            word.push(*placed);
        } else {
            gap.push(*placed);
        }
    }
    found |= take(&mut word, &mut out);
    found.then_some(out)
}

/// Moves a word over, with a space between the words that are known in it; whether there are any.
fn take(word: &mut Vec<PlacedChar>, out: &mut Vec<PlacedChar>) -> bool {
    let text: String = word.iter().map(|(c, _)| *c).collect();
    if is_word(&text) {
        out.append(word);
        return text.len() >= MIN_WORD_LETTERS - 1;
    }
    let mut found = false;
    let mut rest = text.as_str();
    let mut letters = word.drain(..);
    while !rest.is_empty() {
        let known = DISGUISED_WORDS
            .iter()
            .filter(|word| rest.starts_with(**word));
        let known = known.max_by_key(|word| word.len());
        let count = known.map_or(1, |word| word.len());
        if let Some(word) = known {
            if out.last().is_some_and(|(c, _)| c.is_alphabetic()) {
                let start = letters.as_slice()[0].1;
                out.push((' ', start));
            }
            found |= word.len() > MIN_WORD_LETTERS;
        }
        let bytes = if known.is_some() {
            count
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        out.extend(letters.by_ref().take(count));
        rest = &rest[bytes..];
        if known.is_some() && !rest.is_empty() {
            let start = letters.as_slice()[0].1;
            out.push((' ', start));
        }
    }
    drop(letters);
    found
}
