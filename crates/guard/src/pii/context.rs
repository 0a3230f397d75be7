//! What the words around a number call it.
//!
//! Only whole words count: `phone` says something, `phonetic` nothing. `phoneNumber` and
//! `phone_number` are two words each. Of several words the nearest decides, so that in "order 12,
//! phone 34" each number goes by its own.

use std::cell::RefCell;
use std::rc::Rc;

use super::bounds::{CONTEXT_LEFT_BYTES, CONTEXT_RIGHT_BYTES};
use super::terms::TermWords;
use super::words::{CONNECTOR_WORDS, Topics};

/// The contexts of a text. Recognisers ask for that of one place in turn: it is read once.
pub(super) struct Nearby<'a> {
    text: &'a str,
    left: RefCell<(usize, Rc<LeftContext>)>,
    right: RefCell<(usize, Rc<RightContext>)>,
}

/// The words around a place in a text.
pub(super) struct NumberContext {
    left: Rc<LeftContext>,
    right: Rc<RightContext>,
}

#[derive(Default)]
struct LeftContext {
    /// What the words are about and how many words away they are, the nearest first.
    labels: Vec<(Topics, u8)>,
    /// The last word, in small letters, if no sign that announces something follows it.
    previous: String,
    /// The last sign, if no letter or digit follows it, or a space.
    sign: char,
    /// Whether it is nothing but signs.
    is_empty: bool,
    /// Whether something is assigned.
    is_assigned: bool,
}

#[derive(Default)]
struct RightContext {
    labels: Vec<(Topics, u8)>,
    /// The first word, in small letters, if only spaces are before it.
    next: String,
    is_empty: bool,
    /// Whether a statement or an element ends.
    is_ended: bool,
}

impl<'a> Nearby<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            left: RefCell::new((usize::MAX, Rc::default())),
            right: RefCell::new((usize::MAX, Rc::default())),
        }
    }

    /// The context of what is from `start` to `end`, both at characters' starts.
    pub(super) fn context(&self, start: usize, end: usize) -> NumberContext {
        let mut left = self.left.borrow_mut();
        if left.0 != start {
            *left = (start, Rc::new(LeftContext::new(self.text, start)));
        }
        let mut right = self.right.borrow_mut();
        if right.0 != end {
            *right = (end, Rc::new(RightContext::new(self.text, end)));
        }
        NumberContext {
            left: Rc::clone(&left.1),
            right: Rc::clone(&right.1),
        }
    }
}

impl LeftContext {
    fn new(text: &str, start: usize) -> Self {
        let left = &text[ceil(text, start.saturating_sub(CONTEXT_LEFT_BYTES))..start];
        // A word that the window cuts off isn't whole.
        let is_cut = left.len() >= CONTEXT_LEFT_BYTES - 4;
        let left = if is_cut { after_word(left) } else { left };
        let words = TermWords::new(left);
        Self {
            labels: words.labels(),
            previous: previous_word(left, &words),
            sign: last_sign(left),
            is_empty: is_empty(left),
            is_assigned: left.trim_end_matches('-').ends_with("= "),
        }
    }
}

impl RightContext {
    fn new(text: &str, end: usize) -> Self {
        let window = &text[end..floor(text, (end + CONTEXT_RIGHT_BYTES).min(text.len()))];
        let right = before_word(clause(window), window.len());
        let suffix = window.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        Self {
            labels: TermWords::new(right).first_labels(),
            next: next_word(right),
            is_empty: is_empty(window),
            is_ended: suffix.starts_with([';', ',']),
        }
    }
}

fn is_empty(side: &str) -> bool {
    !side
        .bytes()
        .any(|byte| byte.is_ascii_alphanumeric() || byte >= 128)
}

impl NumberContext {
    /// How many words away the nearest word of these topics is; one on the right counts as one
    /// more.
    pub(super) fn distance(&self, topics: Topics) -> Option<u8> {
        let near = |labels: &[(Topics, u8)]| {
            let found = labels.iter().find(|(label, _)| label.has(topics));
            found.map(|(_, distance)| *distance)
        };
        let left = near(&self.left.labels);
        let right = near(&self.right.labels).map(|distance| distance.saturating_add(1));
        left.into_iter().chain(right).min()
    }

    /// Whether the words call it this, rather than something that is no personal data.
    pub(super) fn says(&self, topics: Topics) -> bool {
        self.says_within(topics, u8::MAX)
    }

    /// Whether the words call it this, as [`Self::says`], by words at most so many words away.
    pub(super) fn says_within(&self, topics: Topics, words: u8) -> bool {
        let Some(own) = self.distance(topics) else {
            return false;
        };
        own <= words && self.elsewhere().is_none_or(|other| own <= other)
    }

    /// How many words to the left something is named that isn't personal data.
    pub(super) fn elsewhere(&self) -> Option<u8> {
        let found = self
            .left
            .labels
            .iter()
            .find(|(label, _)| label.has(Topics::OTHER));
        found.map(|(_, distance)| *distance)
    }

    /// Whether the words next to it call it something that isn't personal data.
    pub(super) fn denies(&self) -> bool {
        let is_near = |distance| match distance {
            0 => true,
            // `ticket by Ann, 12` is no ticket's number; `ticket for Ann: 12` may be.
            1..=3 => self.left.sign != ',' && (self.left.previous.len() < 2 || self.is_plain()),
            _ => false,
        };
        self.elsewhere().is_some_and(is_near)
    }

    /// Whether the word next to it, or the one before that, does.
    pub(super) fn denies_closely(&self) -> bool {
        self.elsewhere().is_some_and(|distance| distance <= 1)
    }

    /// Whether the words deny it as [`Self::denies`], or call it something that seldom has numbers like
    /// it.
    pub(super) fn denies_loosely(&self) -> bool {
        self.denies() || self.is_vague(2)
    }

    /// Whether the word right of it is about one of these topics.
    pub(super) fn is_followed(&self, topics: Topics) -> bool {
        let first = self.right.labels.first();
        first.is_some_and(|(label, distance)| *distance == 0 && label.has(topics))
    }

    /// Whether one of the first words right of it is about one of these topics.
    pub(super) fn is_before(&self, topics: Topics) -> bool {
        self.right.labels.iter().any(|(label, _)| label.has(topics))
    }

    /// Whether what calls it one of these topics leads up to it: next to it or with nothing but such
    /// words between them as in `call me at`, `the number is`.
    pub(super) fn leads_up(&self, topics: Topics) -> bool {
        self.is_plain() || self.distance(topics) == Some(0) || self.is_followed(topics)
    }

    /// Whether the word before it is one that a number follows, or announces one.
    fn is_plain(&self) -> bool {
        CONNECTOR_WORDS.contains(&self.left.previous.as_str())
    }

    /// Whether a word nearby, nearer than so many words, may be about a number of another sort.
    pub(super) fn is_vague(&self, words: u8) -> bool {
        self.distance(Topics::VAGUE)
            .is_some_and(|distance| distance < words)
    }

    /// The word right of it, in small letters, if nothing but spaces part them.
    pub(super) fn next(&self) -> &str {
        &self.right.next
    }

    /// Whether it is a number in a program: `= 12345;`, where what a person's is would be quoted.
    pub(super) fn is_literal(&self) -> bool {
        self.left.is_assigned && self.right.is_ended
    }

    /// Whether it is the whole text.
    pub(super) fn is_alone(&self) -> bool {
        self.left.is_empty && self.right.is_empty
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
    // What a program's option is called isn't about the one before it.
    let right = right.find("--").map_or(right, |end| &right[..end]);
    match right.find([',', ';', '|', '\n', ':', '=']) {
        Some(end) if matches!(right.as_bytes()[end], b':' | b'=') => "",
        Some(end) => &right[..end],
        None => right,
    }
}

fn before_word(line: &str, window: usize) -> &str {
    if line.len() < window || window < CONTEXT_RIGHT_BYTES - 4 {
        return line;
    }
    let start = line.rfind(|c: char| !c.is_alphanumeric());
    start.map_or("", |start| &line[..start])
}

fn last_sign(left: &str) -> char {
    let last = left.trim_end_matches(' ').chars().next_back();
    last.filter(|sign| !sign.is_alphanumeric()).unwrap_or(' ')
}

fn previous_word(left: &str, words: &TermWords) -> String {
    if matches!(
        last_sign(left),
        ':' | '(' | '=' | '|' | ',' | '\n' | '"' | '\''
    ) {
        String::new()
    } else {
        words.last().to_owned()
    }
}

fn next_word(right: &str) -> String {
    let right = right.trim_start_matches(' ');
    let end = right
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(right.len());
    right[..end].to_lowercase()
}
