//! The words of a text and the terms that they make.

use super::words::{Topics, longest, lookup};

/// Words that a line's end or a sentence's end counts for.
const BREAK_DISTANCE_WORDS: u8 = 3;
/// Further right than this many words, a word is about something else.
const RIGHT_WORDS: usize = 2;
/// The most words that are one term: `social security number`.
const MAX_TERM_WORDS: usize = 4;

/// Words in small letters with one space between each two.
#[derive(Default)]
pub(super) struct TermWords {
    joined: String,
    /// Start and end of each word, and by how much it is further away from the next than one word.
    places: Vec<(usize, usize, u8)>,
}

impl TermWords {
    pub(super) fn new(text: &str) -> Self {
        let mut words = Self {
            joined: String::with_capacity(text.len() + 16),
            places: Vec::with_capacity(24),
        };
        let mut last = ' ';
        let mut gap = 0;
        // What a mailbox is called says nothing of the number behind it.
        let mut is_mail = false;
        // Where digits stand right behind letters: `4` of `cards4u` is part of its word.
        let mut digits = None;
        let mut next = 0;
        while let Some(c) = text[next..].chars().next() {
            let at = next;
            next += c.len_utf8();
            is_mail = c == '@' && last.is_alphanumeric()
                || is_mail && (c.is_alphanumeric() || matches!(c, '.' | '-'));
            if !c.is_alphabetic() || is_mail {
                digits = match c {
                    '0'..='9' if last.is_alphabetic() => Some(at),
                    '0'..='9' => digits,
                    _ => None,
                };
                // Any number of line feeds may stand between two words.
                gap = break_of(last, c, words.last_length()).saturating_add(gap);
                last = c;
                continue;
            }
            match digits.take() {
                Some(from) if last.is_ascii_digit() => words.joined.push_str(&text[from..at]),
                _ if !last.is_alphabetic()
                    || c.is_uppercase() && last.is_lowercase()
                    || is_dense(c) =>
                {
                    words.begin(&mut gap);
                }
                _ => {}
            }
            words.push(c);
            last = c;
            // The rest of a word in small letters, which most are.
            let small = &text.as_bytes()[next..];
            let small = small.iter().take_while(|byte| byte.is_ascii_lowercase());
            let end = next + small.count();
            if end > next {
                words.push_small(&text[next..end]);
                (next, last) = (end, 'a');
            }
        }
        // What parts the last word from the place counts as well.
        words.begin(&mut gap);
        words
    }

    fn push(&mut self, c: char) {
        if c.is_ascii() {
            self.joined.push(c.to_ascii_lowercase());
        } else {
            self.joined.extend(c.to_lowercase());
        }
        if let Some(place) = self.places.last_mut() {
            place.1 = self.joined.len();
        }
    }

    fn push_small(&mut self, letters: &str) {
        self.joined.push_str(letters);
        if let Some(place) = self.places.last_mut() {
            place.1 = self.joined.len();
        }
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

    /// The last word, or nothing.
    pub(super) fn last(&self) -> &str {
        self.places()
            .last()
            .map_or("", |place| &self.joined[place.0..place.1])
    }

    /// The terms that say something, the last first, and how many words from the end they are.
    pub(super) fn labels(&self) -> Vec<(Topics, u8)> {
        let places = self.places();
        let mut labels = Vec::new();
        let (mut end, mut distance) = (places.len(), 0u8);
        while end > 0 {
            distance = distance.saturating_add(places[end - 1].2);
            let (topics, length) = self.term(end);
            if topics != Topics::NO_TOPICS {
                labels.push((topics, distance));
            }
            let inner = &places[end - length..end - 1];
            let breaks: u8 = inner
                .iter()
                .map(|place| place.2)
                .fold(0, u8::saturating_add);
            distance = distance
                .saturating_add(u8::try_from(length).unwrap_or(u8::MAX))
                .saturating_add(breaks);
            end -= length;
        }
        labels
    }

    /// The longest term that ends with the word before `end`, and its length in words.
    fn term(&self, end: usize) -> (Topics, usize) {
        let places = self.places();
        let most = longest(self.last_of(end)).min(end);
        for length in (1..=most).rev() {
            let term = &self.joined[places[end - length].0..places[end - 1].1];
            if let Some(topics) = lookup(term) {
                return (topics, length);
            }
        }
        (self.numbered(end), 1)
    }

    /// The word before `end`.
    fn last_of(&self, end: usize) -> &str {
        let place = self.places()[end - 1];
        &self.joined[place.0..place.1]
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
            return Topics::NO_TOPICS;
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
            None if is_filler(word(1)) => Topics::NO_TOPICS,
            None => Topics::OTHER,
        }
    }

    /// The terms of the first words that say something, and how many words from the start they are.
    pub(super) fn first_labels(&self) -> Vec<(Topics, u8)> {
        let count = self.places().len().min(RIGHT_WORDS + MAX_TERM_WORDS - 1);
        let mut labels = Vec::new();
        let mut start = 0;
        while start < count.min(RIGHT_WORDS) {
            let longest = (start + 1..=count.min(start + MAX_TERM_WORDS)).rev();
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
        '\n' => BREAK_DISTANCE_WORDS,
        ' ' if matches!(last, '!' | '?') || last == '.' && letters > 3 => BREAK_DISTANCE_WORDS,
        _ => 0,
    }
}

/// Whether a script is written without spaces, so that each character is a word of its own.
fn is_dense(c: char) -> bool {
    ('\u{2e80}'..'\u{fb00}').contains(&c)
}

/// Whether a word before `number` doesn't say whose or what number.
fn is_filler(word: &str) -> bool {
    const FILLER_WORDS: &[&str] = &[
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
    FILLER_WORDS.contains(&word)
}
