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
    /// Whether the left is empty but for signs, and the right too.
    alone: bool,
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
        let right = before_word(right.lines().next().unwrap_or_default(), right.len());
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
        self.elsewhere().is_some_and(|distance| distance <= 2)
    }

    /// The word right of it, in small letters, if nothing but spaces part them.
    pub(super) fn next(&self) -> &str {
        &self.next
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

fn before_word(line: &str, window: usize) -> &str {
    if line.len() < window || window < CONTEXT_RIGHT - 4 {
        return line;
    }
    let start = line.rfind(|c: char| !c.is_alphanumeric());
    start.map_or("", |start| &line[..start])
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
        for c in text.chars() {
            if !c.is_alphabetic() {
                gap += break_of(last, c);
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

    /// `my number`, `her new number`: a phone's, if nothing else is said.
    fn numbered(&self, end: usize) -> Topics {
        let places = self.places();
        let word = |back: usize| {
            let place = end.checked_sub(back + 1).and_then(|at| places.get(at));
            place.map_or("", |place| &self.joined[place.0..place.1])
        };
        let is_own = |word: &str| {
            matches!(
                word,
                "my" | "his" | "her" | "our" | "their" | "your" | "new" | "s"
            )
        };
        let is_plain = |word: &str| lookup(word).is_none();
        if matches!(word(0), "number" | "numbers")
            && (is_own(word(1)) || is_own(word(2)) && is_plain(word(1)))
        {
            Topics::CALL
        } else {
            Topics::NONE
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

fn break_of(last: char, c: char) -> u8 {
    match c {
        '\n' => BREAK,
        ' ' if matches!(last, '.' | '!' | '?') => 1,
        _ => 0,
    }
}

/// Whether a script is written without spaces, so that each character is a word of its own.
fn is_dense(c: char) -> bool {
    ('\u{2e80}'..'\u{fb00}').contains(&c)
}
