//! Text → terms: what is indexed and what is looked up.
//!
//! - Words of letters and digits, lower case, without diacritics; English ones by their stem
//!   (Snowball's Porter 2).
//! - Identifiers as a whole (`retryPolicy` and `retry_policy` are both `retrypolicy`) and by parts.
//! - Scripts without spaces by overlapping pairs of characters.
//!
//! A term is at most [`MAX_TERM`] bytes; longer runs (keys, encoded data) are cut, here and in
//! queries alike, so that they are still found by their start.

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization as _;

use super::forms::{ComposedText, has_other_form, plain_letters};

/// The longest term in bytes.
const MAX_TERM: usize = 64;

/// Stems remembered; beyond that the table starts anew, so that memory stays bounded.
const MAX_STEMS: usize = 1 << 16;

/// What ASCII characters words are made of, and which of them tell an identifier from a word: bits of
/// [`ASCII_CLASSES`].
const LOWER_OR_DIGIT: u8 = 1;
const UPPER: u8 = 2;
const UNDERSCORE: u8 = 4;

/// The class of each byte; 0 for what is in no word.
const ASCII_CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => LOWER_OR_DIGIT,
            b'A'..=b'Z' => UPPER,
            b'_' => UNDERSCORE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// A term and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Term<'a> {
    /// The normalised term.
    pub(crate) text: &'a str,
    /// Start in the text, in bytes.
    pub(crate) start: usize,
    /// End in the text, in bytes.
    pub(crate) end: usize,
    /// Whether it is only a part of an identifier that was given as a whole right before.
    pub(crate) part: bool,
}

/// Splits text into terms. Keeps a table of stems, so one analyzer should serve long.
pub(crate) struct Analyzer {
    stemmer: Stemmer,
    /// Where the stem of a word stands among the texts.
    stems: FxHashMap<Box<str>, usize>,
    stem_texts: Vec<Box<str>>,
    word: String,
}

impl Analyzer {
    pub(crate) fn new() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::English),
            stems: FxHashMap::default(),
            stem_texts: Vec::new(),
            word: String::with_capacity(MAX_TERM),
        }
    }

    /// Hands every term of `text` to `emit`, in order.
    pub(crate) fn terms(&mut self, text: &str, emit: &mut impl FnMut(Term<'_>)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                at = self.ascii_word(text, at, emit);
            } else if byte < 0x80 {
                at += terminal_code(&bytes[at..]).max(1);
            } else {
                at = self.other(text, at, emit);
            }
        }
    }

    /// A run of ASCII letters, digits and underscores.
    fn ascii_word(&mut self, text: &str, start: usize, emit: &mut impl FnMut(Term<'_>)) -> usize {
        let bytes = text.as_bytes();
        let mut end = start;
        let mut seen = 0;
        while let Some(byte) = bytes.get(end)
            && let class = ASCII_CLASSES[usize::from(*byte)]
            && class != 0
        {
            seen |= class;
            end += 1;
        }
        if bytes.get(end).is_some_and(|byte| *byte >= 0x80)
            && text[end..].chars().next().is_some_and(is_word)
        {
            return self.unicode_word(text, start, emit);
        }
        if seen & (UPPER | UNDERSCORE) == 0 {
            self.simple(text, start, end, false, emit);
            return end;
        }
        let lead = bytes[start..end].iter().take_while(|b| **b == b'_').count();
        let trail = bytes[start + lead..end]
            .iter()
            .rev()
            .take_while(|b| **b == b'_')
            .count();
        let (from, to) = (start + lead, end - trail);
        if from < to {
            if is_compound(&bytes[from..to]) {
                self.identifier(text, from, to, emit);
            } else {
                self.simple(text, from, to, false, emit);
            }
        }
        end
    }

    /// An identifier: the whole, then its parts.
    fn identifier(
        &mut self,
        text: &str,
        start: usize,
        end: usize,
        emit: &mut impl FnMut(Term<'_>),
    ) {
        let bytes = text.as_bytes();
        self.word.clear();
        for byte in bytes[start..end]
            .iter()
            .filter(|b| **b != b'_')
            .take(MAX_TERM)
        {
            self.word.push(byte.to_ascii_lowercase() as char);
        }
        emit(Term {
            text: &self.word,
            start,
            end,
            part: false,
        });
        let mut from = start;
        while from < end {
            if bytes[from] == b'_' {
                from += 1;
                continue;
            }
            let mut to = from + 1;
            while to < end && !is_boundary(bytes, from, to, end) {
                to += 1;
            }
            self.simple(text, from, to, true, emit);
            from = to;
        }
    }

    /// A word of ASCII letters and digits.
    fn simple(
        &mut self,
        text: &str,
        start: usize,
        end: usize,
        part: bool,
        emit: &mut impl FnMut(Term<'_>),
    ) {
        self.word.clear();
        self.word.push_str(&text[start..end.min(start + MAX_TERM)]);
        self.word.make_ascii_lowercase();
        let mut bytes = self.word.bytes();
        let text = if self.word.len() > 2 && bytes.all(|byte| byte.is_ascii_lowercase()) {
            self.stem()
        } else {
            self.word.as_str()
        };
        emit(Term {
            text,
            start,
            end,
            part,
        });
    }

    /// The stem of `self.word`.
    fn stem(&mut self) -> &str {
        let at = match self.stems.get(self.word.as_str()) {
            Some(at) => *at,
            None => {
                if self.stems.len() >= MAX_STEMS {
                    self.stems.clear();
                    self.stem_texts.clear();
                }
                let at = self.stem_texts.len();
                let stem = self.stemmer.stem(&self.word).into_owned();
                self.stem_texts.push(stem.into_boxed_str());
                self.stems.insert(self.word.as_str().into(), at);
                at
            }
        };
        &self.stem_texts[at]
    }

    /// What starts with a character outside ASCII.
    fn other(&mut self, text: &str, start: usize, emit: &mut impl FnMut(Term<'_>)) -> usize {
        let Some(first) = text[start..].chars().next() else {
            return text.len();
        };
        if is_unspaced(first) || has_other_form(first) {
            unspaced_run(text, start, emit)
        } else if is_word(first) {
            self.unicode_word(text, start, emit)
        } else {
            start + first.len_utf8()
        }
    }

    /// A word with characters outside ASCII: lower case, diacritics dropped where they are marks
    /// on Latin, Greek or Cyrillic letters, not stemmed.
    fn unicode_word(&mut self, text: &str, start: usize, emit: &mut impl FnMut(Term<'_>)) -> usize {
        let rest = &text[start..];
        let length = rest
            .find(|c: char| !is_word(c) && c != '_')
            .unwrap_or(rest.len());
        self.word.clear();
        for c in rest[..length]
            .nfkd()
            .filter(|c| !is_combining(*c))
            .flat_map(char::to_lowercase)
        {
            if self.word.len() + c.len_utf8() > MAX_TERM {
                break;
            }
            match plain_letters(c) {
                Some(letters) => self.word.push_str(letters),
                None if c.is_alphanumeric() || is_mark(c) => self.word.push(c),
                None => {}
            }
        }
        if !self.word.is_empty() {
            emit(Term {
                text: &self.word,
                start,
                end: start + length,
                part: false,
            });
        }
        start + length.max(1)
    }
}

/// A run of characters of scripts without spaces, by pairs of their composed form. Returns where it ends.
fn unspaced_run(text: &str, start: usize, emit: &mut impl FnMut(Term<'_>)) -> usize {
    let rest = &text[start..];
    let is_end = |c: char| !is_unspaced(c) && !has_other_form(c);
    let run = &rest[..rest.find(is_end).unwrap_or(rest.len())];
    if run.contains(has_other_form) {
        let composed = ComposedText::of(run);
        pairs(&composed.text, 0, &mut |term: Term<'_>| {
            emit(Term {
                start: start + composed.start(term.start),
                end: start + composed.end(term.end),
                ..term
            });
        });
    } else {
        pairs(run, start, emit);
    }
    start + run.len()
}

/// Overlapping pairs of the characters of a run that starts at a place in its text; a single character
/// stands alone.
fn pairs(run: &str, start: usize, emit: &mut impl FnMut(Term<'_>)) {
    let mut indices = run.char_indices().map(|(at, c)| (at, at + c.len_utf8()));
    let Some(mut left) = indices.next() else {
        return;
    };
    let mut alone = true;
    for right in indices {
        let (from, to) = (start + left.0, start + right.1);
        emit(Term {
            text: &run[left.0..right.1],
            start: from,
            end: to,
            part: false,
        });
        left = right;
        alone = false;
    }
    // The last character alone, so that each one is the start of some term: a single one typed finds
    // all the pairs that start with it.
    emit(Term {
        text: &run[left.0..left.1],
        start: start + left.0,
        end: start + left.1,
        part: !alone,
    });
}

/// The length of the control sequence at the start: its letters and digits (`ESC [ 31 m`) would
/// stick to the word that it colours.
fn terminal_code(bytes: &[u8]) -> usize {
    /// No sequence that means something is longer.
    const MAX_CODE: usize = 32;
    let Some(rest) = bytes.strip_prefix(b"\x1b[") else {
        return 0;
    };
    let end = rest
        .iter()
        .take(MAX_CODE)
        .position(|byte| (0x40..0x7f).contains(byte));
    end.map_or(0, |end| b"\x1b[".len() + end + 1)
}

/// Whether an ASCII word has parts: underscores within, or a change from lower to upper case.
fn is_compound(bytes: &[u8]) -> bool {
    bytes
        .windows(2)
        .any(|pair| pair[1] == b'_' || is_hump(pair[0], pair[1]))
        || bytes
            .windows(3)
            .any(|three| is_last_capital(three[0], three[1], three[2]))
}

/// `retryPolicy`; not after a digit: hashes and constants such as `a1B2` aren't words.
fn is_hump(left: u8, right: u8) -> bool {
    right.is_ascii_uppercase() && left.is_ascii_lowercase()
}

/// The `S` of `HTTPServer`.
fn is_last_capital(left: u8, middle: u8, right: u8) -> bool {
    left.is_ascii_uppercase() && middle.is_ascii_uppercase() && right.is_ascii_lowercase()
}

/// Whether a part of an identifier ends before `at`: `retry_policy`, `retryPolicy`, `HTTPServer`.
fn is_boundary(bytes: &[u8], from: usize, at: usize, end: usize) -> bool {
    let (left, right) = (bytes[at - 1], bytes[at]);
    right == b'_'
        || is_hump(left, right)
        || (at > from + 1 && at + 1 < end && is_last_capital(left, right, bytes[at + 1]))
}

/// Letters, digits and marks of scripts that put spaces between words.
fn is_word(c: char) -> bool {
    (c.is_alphanumeric() || is_mark(c)) && !is_unspaced(c) && !has_other_form(c)
}

/// Vowel signs and other marks that belong to letters in Indic and Arabic scripts.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{981}'..='\u{983}'
        | '\u{9bc}'..='\u{9cd}' | '\u{a01}'..='\u{a03}' | '\u{a3c}'..='\u{a4d}'
        | '\u{abc}'..='\u{acd}' | '\u{b3c}'..='\u{b4d}' | '\u{bbe}'..='\u{bcd}'
        | '\u{c3e}'..='\u{c4d}' | '\u{cbc}'..='\u{ccd}' | '\u{d3e}'..='\u{d4d}')
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Characters of scripts that put no spaces between words, and of Korean, whose endings stick to
/// its words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{e7f}' | '\u{e80}'..='\u{eff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
        && c != '\u{30fb}'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut found = Vec::new();
        Analyzer::new().terms(text, &mut |term| found.push(term.text.to_owned()));
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn words_are_lowered_and_stemmed() {
        check(
            "Retries were RETRYING, policies.",
            "retri were retri polici",
        );
        check("don't", "don t");
    }

    #[test]
    fn identifiers_are_found_whole_and_by_parts() {
        check("retryPolicy", "retrypolicy retri polici");
        check("retry_policy", "retrypolicy retri polici");
        check("HTTPServer", "httpserver http server");
        check("parseHTTPHeader2", "parsehttpheader2 pars http header2");
        check("__init__", "init");
        check("E0658 foo::bar a1b2c3d4", "e0658 foo bar a1b2c3d4");
    }

    #[test]
    fn scripts_without_spaces_are_paired() {
        check("重试策略", "重试 试策 策略 略");
        check("a重b", "a 重 b");
        check("นโยบาย", "นโ โย ยบ บา าย ย");
    }

    #[test]
    fn diacritics_and_case_fold() {
        check("Café ÜBER naïve", "cafe uber naive");
        check("Привет", "привет");
        check("हिन्दी", "हिन्दी");
    }

    #[test]
    fn colours_of_terminals_do_not_stick_to_words() {
        check("\x1b[1;31merror\x1b[0m: \x1b[Kgone", "error gone");
        check("\x1b[", "");
    }

    #[test]
    fn long_runs_are_cut() {
        let long = "x".repeat(500);
        check(&long, &"x".repeat(64));
    }
}
