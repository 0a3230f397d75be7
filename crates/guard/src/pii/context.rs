//! What the words around a number call it.
//!
//! Only whole words count: `phone` says something, `phonetic` nothing. `phoneNumber` and
//! `phone_number` are two words each. Of several words the nearest decides, so that in "order 12,
//! phone 34" each number goes by its own.

use super::words::{Topics, lookup};
use super::{CONTEXT_LEFT, CONTEXT_RIGHT};

/// Words that a line's end or a sentence's end counts for.
const BREAK: u8 = 3;
/// Further right than this many words, a word is about something else.
const RIGHT_WORDS: usize = 2;
/// The most words that are one term: `social security number`.
const TERM: usize = 4;

/// The words around a place in a text.
#[derive(Debug)]
pub(super) struct Context {
    /// What the words on the left are about and how many words away they are, the nearest first.
    labels: Vec<(Topics, u8)>,
    /// The same of the right.
    after: Vec<(Topics, u8)>,
    /// The first word of the right, in small letters, if only spaces part it from the place.
    next: String,
    /// The word left of it, in small letters.
    previous: String,
    /// Whether the left is empty but for signs, and the right too.
    alone: bool,
    /// Whether it is what a program assigns to a variable.
    literal: bool,
}

/// Words in small letters with one space between each two.
#[derive(Default)]
struct Words {
    joined: String,
    /// Start and end of each word, and by how much it is further away from the next than one word.
    places: Vec<(usize, usize, u8)>,
}

impl Context {
    /// The context of what is from `start` to `end`, both at characters' starts.
    pub(super) fn new(text: &str, start: usize, end: usize) -> Self {
        let left = &text[ceil(text, start.saturating_sub(CONTEXT_LEFT))..start];
        // A word that the window cuts off isn't whole.
        let cut = left.len() >= CONTEXT_LEFT - 4;
        let left = if cut { after_word(left) } else { left };
        let right = &text[end..floor(text, (end + CONTEXT_RIGHT).min(text.len()))];
        let right = before_word(clause(right), right.len());
        let (before, behind) = (Words::new(left), Words::new(right));
        let is_empty = |side: &str| {
            !side
                .bytes()
                .any(|byte| byte.is_ascii_alphanumeric() || byte >= 128)
        };
        Self {
            labels: before.labels(),
            after: behind.first_labels(),
            next: next_word(right),
            previous: previous_word(left, &before),
            literal: is_literal(left, right),
            alone: is_empty(left)
                && is_empty(&text[end..floor(text, (end + CONTEXT_RIGHT).min(text.len()))]),
        }
    }

    /// How many words away the nearest word of these topics is; one on the right counts as one
    /// more.
    pub(super) fn distance(&self, topics: Topics) -> Option<u8> {
        let near = |labels: &[(Topics, u8)]| {
            let found = labels.iter().find(|(label, _)| label.has(topics));
            found.map(|(_, distance)| *distance)
        };
        let left = near(&self.labels);
        let right = near(&self.after).map(|distance| distance + 1);
        left.into_iter().chain(right).min()
    }

    /// Whether the words call it this, rather than something that is no personal data.
    pub(super) fn says(&self, topics: Topics) -> bool {
        self.says_within(topics, u8::MAX)
    }

    /// The same, by words at most so many words away.
    pub(super) fn says_within(&self, topics: Topics, words: u8) -> bool {
        let Some(own) = self.distance(topics) else {
            return false;
        };
        own <= words && self.elsewhere().is_none_or(|other| own <= other)
    }

    /// How many words to the left something is named that isn't personal data.
    pub(super) fn elsewhere(&self) -> Option<u8> {
        let found = self
            .labels
            .iter()
            .find(|(label, _)| label.has(Topics::OTHER));
        found.map(|(_, distance)| *distance)
    }

    /// Whether the words next to it call it something that isn't personal data.
    pub(super) fn denies(&self) -> bool {
        self.elsewhere().is_some_and(|distance| distance <= 3)
    }

    /// The same, or that they call it something that seldom has numbers like it.
    pub(super) fn denies_loosely(&self) -> bool {
        self.denies() || self.is_vague(2)
    }

    /// The word left of it, in small letters, if none of the signs that announce something parts
    /// them.
    pub(super) fn previous(&self) -> &str {
        &self.previous
    }

    /// Whether the word right of it is about one of these topics.
    pub(super) fn is_followed(&self, topics: Topics) -> bool {
        let first = self.after.first();
        first.is_some_and(|(label, distance)| *distance == 0 && label.has(topics))
    }

    /// Whether one of the first words right of it is about one of these topics.
    pub(super) fn is_before(&self, topics: Topics) -> bool {
        self.after.iter().any(|(label, _)| label.has(topics))
    }

    /// Whether a word nearby, nearer than so many words, may be about a number of another sort.
    pub(super) fn is_vague(&self, words: u8) -> bool {
        self.distance(Topics::VAGUE)
            .is_some_and(|distance| distance < words)
    }

    /// The word right of it, in small letters, if nothing but spaces part them.
    pub(super) fn next(&self) -> &str {
        &self.next
    }

    /// Whether it is a number in a program: `= 12345;`, where what a person's is would be quoted.
    pub(super) fn is_literal(&self) -> bool {
        self.literal
    }

    /// Whether it is the whole text.
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

fn after_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric());
    end.map_or("", |end| &text[end..])
}

/// What belongs to a number on its left: to the end of the clause, but not what announces the next
/// one (`555-0100 fax: 555-0101`).
fn clause(right: &str) -> &str {
    match right.find([',', ';', '|', '\n', ':', '=']) {
        Some(end) if matches!(right.as_bytes()[end], b':' | b'=') => "",
        Some(end) => &right[..end],
        None => right,
    }
}

fn before_word(line: &str, window: usize) -> &str {
    if line.len() < window || window < CONTEXT_RIGHT - 4 {
        return line;
    }
    let start = line.rfind(|c: char| !c.is_alphanumeric());
    start.map_or("", |start| &line[..start])
}

/// Whether a word before `number` doesn't say whose or what number.
fn is_filler(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "",
        "the",
        "a",
        "an",
        "this",
        "that",
        "at",
        "on",
        "in",
        "is",
        "and",
        "or",
        "with",
        "following",
        "same",
        "correct",
        "right",
        "wrong",
        "only",
        "full",
        "valid",
        "old",
        "other",
        "second",
        "first",
        "alternate",
        "alternative",
        "personal",
        "private",
        "main",
        "direct",
        "local",
        "us",
        "uk",
        "international",
        "toll",
        "free",
        "says",
        "say",
        "by",
        "to",
        "under",
        "of",
        "for",
        "me",
        "you",
        "there",
        "have",
        "has",
        "had",
        "oh",
        "yes",
        "said",
        "are",
    ];
    WORDS.contains(&word)
}

fn previous_word(left: &str, words: &Words) -> String {
    let sign = left.trim_end_matches(' ').chars().next_back();
    let is_announced =
        sign.is_some_and(|sign| matches!(sign, ':' | '(' | '=' | '|' | ',' | '\n' | '"' | '\''));
    if is_announced {
        String::new()
    } else {
        words.last().to_owned()
    }
}

fn is_literal(left: &str, right: &str) -> bool {
    let is_assigned = left.trim_end_matches('-').ends_with("= ");
    is_assigned
        && right
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric())
            .starts_with([';', ','])
}

fn next_word(right: &str) -> String {
    let right = right.trim_start_matches(' ');
    let end = right
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(right.len());
    right[..end].to_lowercase()
}

impl Words {
    fn new(text: &str) -> Self {
        let mut words = Self::default();
        let mut last = ' ';
        let mut gap = 0;
        // What a mailbox is called says nothing of the number behind it.
        let mut is_mail = false;
        for c in text.chars() {
            is_mail = c == '@' && last.is_alphanumeric()
                || is_mail && (c.is_alphanumeric() || matches!(c, '.' | '-'));
            if !c.is_alphabetic() || is_mail {
                gap += break_of(last, c, words.last_length());
                last = c;
                continue;
            }
            let begins =
                !last.is_alphabetic() || c.is_uppercase() && last.is_lowercase() || is_dense(c);
            if begins {
                words.begin(&mut gap);
            }
            words.joined.extend(c.to_lowercase());
            if let Some(place) = words.places.last_mut() {
                place.1 = words.joined.len();
            }
            last = c;
        }
        // What parts the last word from the place counts as well.
        words.begin(&mut gap);
        words
    }

    fn begin(&mut self, gap: &mut u8) {
        if let Some(place) = self.places.last_mut() {
            place.2 = std::mem::take(gap);
            self.joined.push(' ');
        }
        *gap = 0;
        self.places.push((self.joined.len(), self.joined.len(), 0));
    }

    /// The words but for the empty one at the end.
    fn places(&self) -> &[(usize, usize, u8)] {
        self.places.split_last().map_or(&[], |(_, places)| places)
    }

    /// The bytes of the word that is being read.
    fn last_length(&self) -> usize {
        self.places.last().map_or(0, |place| place.1 - place.0)
    }

    fn last(&self) -> &str {
        self.places()
            .last()
            .map_or("", |place| &self.joined[place.0..place.1])
    }

    /// The terms that say something, the last first, and how many words from the end they are.
    fn labels(&self) -> Vec<(Topics, u8)> {
        let places = self.places();
        let mut labels = Vec::new();
        let (mut end, mut distance) = (places.len(), 0u8);
        while end > 0 {
            distance = distance.saturating_add(places[end - 1].2);
            let (topics, length) = self.term(end);
            if topics != Topics::NONE {
                labels.push((topics, distance));
            }
            let inner = &places[end - length..end - 1];
            let breaks: u8 = inner
                .iter()
                .map(|place| place.2)
                .fold(0, u8::saturating_add);
            distance = distance.saturating_add(length as u8).saturating_add(breaks);
            end -= length;
        }
        labels
    }

    /// The longest term that ends with the word before `end`, and its length in words.
    fn term(&self, end: usize) -> (Topics, usize) {
        let places = self.places();
        for length in (1..=TERM.min(end)).rev() {
            let term = &self.joined[places[end - length].0..places[end - 1].1];
            if let Some(topics) = lookup(term) {
                return (topics, length);
            }
        }
        (self.numbered(end), 1)
    }

    /// `my number`, `her new number`: a phone's, if nothing else is said; `the pump number` is the
    /// pump's.
    fn numbered(&self, end: usize) -> Topics {
        let word = |back: usize| {
            let place = end
                .checked_sub(back + 1)
                .and_then(|at| self.places().get(at));
            place.map_or("", |place| &self.joined[place.0..place.1])
        };
        if !matches!(word(0), "number" | "numbers" | "no" | "nr" | "num") {
            return Topics::NONE;
        }
        let owned = |word: &str| {
            matches!(
                word,
                "my" | "his" | "her" | "our" | "their" | "your" | "new" | "s"
            )
        };
        match lookup(word(1)) {
            Some(topics) if topics.has(Topics::VAGUE) => Topics::OTHER,
            Some(topics) => topics,
            None if word(0) == "number" && (owned(word(1)) || owned(word(2))) => Topics::CALL,
            None if is_filler(word(1)) => Topics::NONE,
            None => Topics::OTHER,
        }
    }

    fn first_labels(&self) -> Vec<(Topics, u8)> {
        let count = self.places().len().min(RIGHT_WORDS + TERM - 1);
        let mut labels = Vec::new();
        let mut start = 0;
        while start < count.min(RIGHT_WORDS) {
            let longest = (start + 1..=count.min(start + TERM)).rev();
            let found = longest
                .map(|end| (end, self.term_between(start, end)))
                .find(|(_, topics)| topics.is_some());
            let (end, topics) = found.unwrap_or((start + 1, None));
            if let Some(topics) = topics {
                labels.push((topics, u8::try_from(start).unwrap_or(u8::MAX)));
            }
            start = end;
        }
        labels
    }

    fn term_between(&self, start: usize, end: usize) -> Option<Topics> {
        let places = self.places();
        lookup(&self.joined[places[start].0..places[end - 1].1])
    }
}

/// How much further away what is before `c` is, by the sign before `c` and the letters of the word
/// before that: what ends abbreviations ends no sentence.
fn break_of(last: char, c: char, letters: usize) -> u8 {
    match c {
        '\n' => BREAK,
        ' ' if matches!(last, '!' | '?') || last == '.' && letters > 3 => BREAK,
        _ => 0,
    }
}

/// Whether a script is written without spaces, so that each character is a word of its own.
fn is_dense(c: char) -> bool {
    ('\u{2e80}'..'\u{fb00}').contains(&c)
}
