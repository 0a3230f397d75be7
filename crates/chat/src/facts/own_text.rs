//! What of a message is the person's own: without code, without lines that quote, and cut into sentences.

use std::ops::Range;

/// The length of a message's start that is looked at, in bytes: what is longer is pasted, mostly.
const MAX_OWN_BYTES: usize = 4_000;

/// The shortest quote that says where something was said, in characters.
const MIN_QUOTE_CHARACTERS: usize = 4;

/// A person's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnText(String);

impl OwnText {
    /// What of a message is the person's own.
    pub(super) fn of(message: &str) -> Self {
        let end = message.floor_char_boundary(MAX_OWN_BYTES.min(message.len()));
        let mut own = String::with_capacity(end);
        let mut is_code = false;
        for line in message[..end].lines() {
            let start = line.trim_start();
            if start.starts_with("```") || start.starts_with("~~~") {
                is_code = !is_code;
                continue;
            }
            if is_code || start.starts_with('>') || start.starts_with('|') {
                continue;
            }
            own.push_str(line);
            own.push('\n');
        }
        Self(own.trim().to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a quote stands, in whatever case and with whatever space and quotation marks.
    pub(super) fn find(&self, quote: &str) -> Option<Range<usize>> {
        let needle: Vec<char> = folded(quote.trim_matches(|c: char| !c.is_alphanumeric()))
            .map(|(c, _)| c)
            .collect();
        if needle.len() < MIN_QUOTE_CHARACTERS {
            return None;
        }
        let hay: Vec<(char, Range<usize>)> = folded(&self.0).collect();
        let at = hay
            .windows(needle.len())
            .position(|window| window.iter().map(|(c, _)| c).eq(needle.iter()))?;
        let range = hay[at].1.start..hay[at + needle.len() - 1].1.end;
        // Not a part of a word.
        let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_whole = !is_inside(self.0[..range.start].chars().next_back())
            && !is_inside(self.0[range.end..].chars().next());
        is_whole.then_some(range)
    }

    /// The sentences that a range touches.
    pub(super) fn sentence(&self, range: &Range<usize>) -> &str {
        self.around(range, is_sentence_end)
    }

    /// The clauses that a range touches, within its sentences.
    pub(super) fn clause(&self, range: &Range<usize>) -> &str {
        self.around(range, |text, at, c| {
            is_sentence_end(text, at, c)
                || matches!(c, ',' | ';' | ':' | '—' | '–' | '(' | ')' | '，' | '、')
        })
    }

    /// The sentence behind the ones that a range touches.
    pub(super) fn next_sentence(&self, range: &Range<usize>) -> &str {
        let here = self.sentence(range);
        let end = here.as_ptr().addr() - self.0.as_ptr().addr() + here.len();
        let rest = self.0[end..].trim_start_matches(|c: char| !c.is_alphanumeric());
        let start = self.0.len() - rest.len();
        if rest.is_empty() {
            return "";
        }
        self.sentence(&(start..start + 1))
    }

    fn around(&self, range: &Range<usize>, is_end: impl Fn(&str, usize, char) -> bool) -> &str {
        let text = &self.0;
        let start = text[..range.start]
            .char_indices()
            .rfind(|(at, c)| is_end(text, *at, *c))
            .map_or(0, |(at, c)| at + c.len_utf8());
        let last = range.end.saturating_sub(1);
        let end = text
            .char_indices()
            .find(|(at, c)| *at >= last && is_end(text, *at, *c))
            .map_or(text.len(), |(at, c)| at + c.len_utf8());
        text[start..end.max(range.end)].trim()
    }

    /// All sentences.
    pub(super) fn sentences(&self) -> Vec<&str> {
        let mut all = Vec::new();
        let mut start = 0;
        for (at, c) in self.0.char_indices() {
            if is_sentence_end(&self.0, at, c) {
                let end = at + c.len_utf8();
                all.push(self.0[start..end].trim());
                start = end;
            }
        }
        all.push(self.0[start..].trim());
        all.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
        all
    }

    /// Whether a range stands between quotation marks, more than two words of them: somebody else's words.
    pub(super) fn is_quoted(&self, range: &Range<usize>) -> bool {
        const QUOTATION_MARKS: [(char, char); 7] = [
            ('"', '"'),
            ('“', '”'),
            ('„', '“'),
            ('«', '»'),
            ('»', '«'),
            ('「', '」'),
            ('‘', '’'),
        ];
        QUOTATION_MARKS.iter().any(|(open, close)| {
            let mut at = 0;
            while let Some(start) = self.0[at..].find(*open).map(|found| at + found) {
                let inner = start + open.len_utf8();
                let Some(end) = self.0[inner..].find(*close).map(|found| inner + found) else {
                    return false;
                };
                let is_long = self.0[inner..end].split_whitespace().count() > 2;
                if is_long && inner <= range.start && range.end <= end {
                    return true;
                }
                at = end + close.len_utf8();
            }
            false
        })
    }
}

/// The characters of a text in lower case, with one space for any, one quotation mark for all, and where each
/// stands.
fn folded(text: &str) -> impl Iterator<Item = (char, Range<usize>)> + '_ {
    let mut was_space = false;
    text.char_indices().filter_map(move |(at, c)| {
        let range = at..at + c.len_utf8();
        let is_space = c.is_whitespace();
        let is_repeated = is_space && was_space;
        was_space = is_space;
        let folded = match c {
            c if c.is_whitespace() => ' ',
            '’' | '‘' | '`' => '\'',
            '“' | '”' | '„' => '"',
            c => c.to_lowercase().next().unwrap_or(c),
        };
        (!is_repeated).then_some((folded, range))
    })
}

fn is_sentence_end(text: &str, at: usize, c: char) -> bool {
    match c {
        '\n' | '。' | '！' | '？' | '…' => true,
        '.' | '!' | '?' => {
            let next = text[at + 1..].chars().next();
            next.is_none_or(|next| {
                next.is_whitespace() || "\"'”’)*".contains(next) || !next.is_alphanumeric()
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_found_in_whatever_case_and_space_and_never_as_a_part_of_a_word() {
        let own = OwnText::of("Well, I’m  a Nurse.\nI run.");
        let range = own.find("i'm a nurse").expect("it stands there");
        assert_eq!(&own.as_str()[range.clone()], "I’m  a Nurse");
        assert_eq!(own.sentence(&range), "Well, I’m  a Nurse.");
        assert_eq!(own.clause(&range), "I’m  a Nurse.");
        assert_eq!(own.next_sentence(&range), "I run.");
        assert_eq!(own.find("m a nur"), None);
        assert_eq!(own.find("I'm a doctor"), None);
        assert_eq!(own.find("I"), None);
    }

    #[test]
    fn code_and_quoted_lines_are_nobodys_own() {
        let own = OwnText::of(
            "I like tea.\n> I like gin\n```\nI = me\n```\nHe said \"I am the king of it\".",
        );
        assert_eq!(
            own.as_str(),
            "I like tea.\nHe said \"I am the king of it\"."
        );
        let range = own.find("I am the king").expect("it stands there");
        assert!(own.is_quoted(&range));
        assert!(!own.is_quoted(&own.find("I like tea").expect("it stands there")));
    }
}
