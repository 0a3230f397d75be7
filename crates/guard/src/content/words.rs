//! Words by what they are about: groups of people, insults, weapons, care and so on.
//!
//! Whole words are compared, without endings, after letters that were written as digits and signs
//! are read as letters, and single letters with gaps as one word.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

/// The lists. Those that nobody wants to come across by chance are in rot13 rather than hashed: who
/// reviews a change has to be able to read it.
const WORD_LISTS: &str = include_str!("words.txt");

/// Lists that a word stands in, a bit for each.
pub(super) type Lists = u32;

/// Letters of a word that are looked at.
const MAX_WORD_LETTERS: usize = 24;

/// The list whose words make a longer word crude, wherever they stand in it.
const INSIDE_LIST: &str = "inside";

/// The lists whose words are found with signs in place of some letters.
const MASKABLE_LISTS: [&str; 2] = ["crude", "hard"];

struct ContentLexicon {
    names: Vec<&'static str>,
    words: FxHashMap<String, Lists>,
    /// Finds the words of [`INSIDE_LIST`].
    inside: AhoCorasick,
    crude: Lists,
    minor: Lists,
    /// By their number of letters, those that may be written with signs.
    masked: HashMap<usize, Vec<(String, Lists)>>,
}

fn lexicon() -> &'static ContentLexicon {
    static READ_LEXICON: OnceLock<ContentLexicon> = OnceLock::new();
    READ_LEXICON.get_or_init(read)
}

fn read() -> ContentLexicon {
    let mut names = Vec::new();
    let mut words = FxHashMap::default();
    let mut inside = Vec::new();
    let mut masked = HashMap::new();
    let mut hidden = false;
    for line in WORD_LISTS.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix(['=', '~']) {
            hidden = line.starts_with('~');
            names.push(name);
            continue;
        }
        let name = names.last().copied().unwrap_or_default();
        for word in line.split_whitespace() {
            let word = if hidden { rot13(word) } else { word.to_owned() };
            if name == INSIDE_LIST {
                inside.push(word.clone());
            }
            if MASKABLE_LISTS.contains(&name) {
                let letters = word.chars().count();
                let same: &mut Vec<_> = masked.entry(letters).or_default();
                same.push((word.clone(), 1 << (names.len() - 1)));
            }
            *words.entry(word).or_default() |= 1 << (names.len().max(1) - 1);
        }
    }
    let bit = |name| names.iter().position(|known| *known == name);
    let bit = |name| bit(name).map_or(0, |at| 1 << at);
    ContentLexicon {
        crude: bit("crude"),
        minor: bit("minor"),
        names,
        words,
        inside: AhoCorasick::new(&inside).expect("words that a test reads"),
        masked,
    }
}

fn rot13(word: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' => char::from(c as u8 + 13),
        'n'..='z' => char::from(c as u8 - 13),
        _ => c,
    };
    word.chars().map(turn).collect()
}

/// How many lists there are.
pub(super) fn count() -> usize {
    lexicon().names.len()
}

/// The bits of the lists of these names; none for a name that no list has.
pub(super) fn lists(names: &[&str]) -> Lists {
    let at = |name: &&str| lexicon().names.iter().position(|known| known == name);
    names
        .iter()
        .filter_map(at)
        .fold(0, |lists, at| lists | 1 << at)
}

/// A word as it is compared, and the lists that it stands in.
#[derive(Clone, Debug)]
pub(super) struct ListedWord<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) lists: Lists,
}

impl ListedWord<'_> {
    fn into_owned(self) -> ListedWord<'static> {
        ListedWord {
            text: Cow::Owned(self.text.into_owned()),
            lists: self.lists,
        }
    }
}

/// The words of a text that is normalised and in lower case already.
pub(super) fn words(text: &str) -> Vec<ListedWord<'_>> {
    let mut out = Vec::new();
    let mut spaced = String::new();
    for token in text.split(|c: char| !is_of_word(c)) {
        let token = token.trim_matches(['\'', '*', '!', '|', '&', '#', '@']);
        if token.is_empty() {
            continue;
        }
        if token.chars().nth(1).is_none() {
            spaced.push_str(token);
            continue;
        }
        flush(&mut spaced, &mut out);
        out.push(word(token));
    }
    flush(&mut spaced, &mut out);
    ages(&mut out);
    out
}

/// `15 years`, `14 yo`: words of the list `minor`.
fn ages(words: &mut [ListedWord<'_>]) {
    let minor = lexicon().minor;
    for at in 1..words.len() {
        let is_age = words[at - 1]
            .text
            .parse()
            .is_ok_and(|age: u32| (3..18).contains(&age));
        let unit = words[at].text.as_ref();
        if is_age && matches!(unit, "year" | "years" | "yo" | "yr" | "yrs" | "old") {
            words[at - 1].lists |= minor;
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_sign(c) || c == '\'' || ('\u{1f300}'..'\u{1faff}').contains(&c)
}

/// What stands for a letter that the writer didn't want to write.
fn is_sign(c: char) -> bool {
    matches!(c, '@' | '$' | '*' | '!' | '|' | '#' | '&')
}

/// Single letters in a row: one word or several known ones if there are at least four letters, else
/// as they are.
fn flush(spaced: &mut String, out: &mut Vec<ListedWord<'_>>) {
    let letters = spaced.chars().count();
    if (4..=MAX_WORD_LETTERS).contains(&letters) {
        split(spaced, out);
    } else {
        let mut letter = [0; 4];
        let letters = spaced.chars().take(MAX_WORD_LETTERS);
        out.extend(letters.map(|c| word(c.encode_utf8(&mut letter)).into_owned()));
    }
    spaced.clear();
}

/// The known words that letters are made of, the longest first; what is left is a word of its own.
fn split(letters: &str, out: &mut Vec<ListedWord<'_>>) {
    let mut rest = letters;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(2);
        let mut known = ends.filter(|end| lexicon().words.contains_key(&rest[..*end]));
        let end = known.by_ref().last().unwrap_or(rest.len());
        out.push(word(&rest[..end]).into_owned());
        rest = &rest[end..];
    }
}

fn word(token: &str) -> ListedWord<'_> {
    let known = lookup(token);
    let is_plain = token.chars().all(|c| c.is_alphabetic() || c == '\'');
    if known != 0 || is_plain || !token.bytes().any(|b| b.is_ascii_alphabetic()) {
        let end = token.char_indices().nth(MAX_WORD_LETTERS);
        let text = &token[..end.map_or(token.len(), |(at, _)| at)];
        return ListedWord {
            text: Cow::Borrowed(text),
            lists: known | inside(token),
        };
    }
    let text: String = token.chars().take(MAX_WORD_LETTERS).map(letter).collect();
    let lists = lookup(&text) | inside(&text);
    let lists = if lists == 0 { masked(token) } else { lists };
    ListedWord {
        text: Cow::Owned(text),
        lists,
    }
}

/// `crude` if a word of the list `inside` stands in this one.
fn inside(word: &str) -> Lists {
    let lexicon = lexicon();
    if word.len() > 5 && lexicon.inside.is_match(word) {
        lexicon.crude
    } else {
        0
    }
}

/// The lists of a word some of whose letters are signs: `f**k`.
fn masked(token: &str) -> Lists {
    let letters: Vec<char> = token.chars().take(MAX_WORD_LETTERS).collect();
    let signs = letters.iter().filter(|c| is_sign(**c)).count();
    if signs == 0 || signs * 2 > letters.len() || letters.len() < 4 {
        return 0;
    }
    let fits = |word: &str| {
        word.chars()
            .zip(&letters)
            .all(|(a, b)| a == *b || is_sign(*b))
    };
    let same = lexicon().masked.get(&letters.len());
    let found = same.and_then(|same| same.iter().find(|(word, _)| fits(word)));
    found.map_or(0, |(_, lists)| *lists)
}

fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        _ => c,
    }
}

/// The lists of a word, or of what is left without an ending.
fn lookup(word: &str) -> Lists {
    if word.len() > 2 * MAX_WORD_LETTERS {
        return 0;
    }
    let words = &lexicon().words;
    if let Some(lists) = words.get(word) {
        return *lists;
    }
    for ending in ["'s", "s", "es", "ed", "d", "ing", "in", "er", "ers", "ly"] {
        let stem = word.strip_suffix(ending).filter(|stem| stem.len() > 2);
        if let Some(lists) = stem.and_then(|stem| words.get(stem)) {
            return *lists;
        }
    }
    0
}
