//! Parses what a person typed into what is looked for.
//!
//! Words and identifiers are optional terms, `"phrases"` must occur, `prefix*` stands for all terms
//! that start so. Nothing else has a meaning, so no query is malformed.

use rustc_hash::FxHashSet;

use crate::text::{Analyzer, is_asking_word, is_stop_word};

/// Terms that a query may have; of more, the longest count.
pub(super) const MAX_TERMS: usize = 48;

/// Words of a query, stop words included, of which messages that hold all come first.
const MAX_HELD_WORDS: usize = 3;

/// Bytes of a query that are read.
const MAX_BYTES: usize = 64 << 10;

/// A parsed query.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    /// The terms that are looked up, each once; a message need not have all of them.
    pub(super) terms: Vec<QueryTerm>,
    /// Phrases that must occur, as typed.
    pub(super) phrases: Vec<String>,
    /// Words typed with signs or digits in them (`foo::bar`, paths, `E0658`); messages that have them
    /// exactly so get a bonus.
    pub(super) exact: Vec<String>,
    /// The query as it is embedded.
    pub(super) text: String,
    /// Whether terms were left out.
    pub(super) is_cut: bool,
}

/// A term of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct QueryTerm {
    /// As in the index.
    pub(super) text: String,
    /// As typed.
    pub(super) typed: String,
    /// Whether it stands for all terms that start so.
    pub(super) is_prefix: bool,
    /// Whether it stands in a phrase.
    pub(super) in_phrase: bool,
    /// Whether it only raises the score of messages that have it, and lowers that of no other: the whole of
    /// an identifier, whose parts are terms as well.
    pub(super) is_bonus: bool,
}

impl Query {
    /// Reads what was typed.
    pub(super) fn parse(typed: &str, analyzer: &mut Analyzer) -> Self {
        let typed = &typed[..typed.floor_char_boundary(MAX_BYTES)];
        let mut query = Self {
            text: typed.replace('"', " "),
            ..Self::default()
        };
        for (place, part) in typed.split('"').enumerate() {
            // An odd quote opens nothing: the rest is words.
            let is_phrase = place % 2 == 1 && typed.matches('"').count() > place;
            if is_phrase && !part.trim().is_empty() {
                query.phrases.push(part.trim().to_owned());
            }
            let from = query.terms.len();
            query.add_words(part, analyzer);
            if is_phrase {
                query.terms[from..]
                    .iter_mut()
                    .for_each(|term| term.in_phrase = true);
            }
        }
        query.drop_stop_words();
        query.cut();
        query
    }

    fn add_words(&mut self, text: &str, analyzer: &mut Analyzer) {
        for word in text.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '*');
            let prefix = bare.strip_suffix('*').filter(|p| p.chars().count() >= 2);
            if is_exact(bare) && prefix.is_none() {
                self.exact.push(bare.trim_matches('*').to_owned());
            }
            let from = self.terms.len();
            analyzer.terms(word, &mut |term| {
                // The end of a run without spaces says nothing that its pairs don't.
                if term.part && !term.text.is_ascii() {
                    return;
                }
                self.terms.push(QueryTerm {
                    text: term.text.to_owned(),
                    typed: word[term.start..term.end].to_owned(),
                    is_prefix: false,
                    in_phrase: false,
                    is_bonus: false,
                });
                // A part follows its whole: from then on the whole is a bonus.
                let last = self.terms.len() - 1;
                if term.part && last > 0 && !self.terms[last - 1].is_bonus {
                    let whole = self.terms[from..last].iter_mut().rfind(|t| {
                        t.typed.len() > term.end - term.start
                            && t.typed.contains(&word[term.start..term.end])
                    });
                    if let Some(whole) = whole {
                        whole.is_bonus = true;
                    }
                }
            });
            if let (Some(prefix), Some(last)) = (prefix, self.terms.last_mut()) {
                // A prefix isn't a word yet: its stem would be another's.
                let tail = prefix
                    .rsplit(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap_or(prefix);
                last.text = tail.to_lowercase();
                last.is_prefix = true;
            }
        }
    }

    /// Leaves out words that say nothing, unless nothing else was said, and repetitions.
    fn drop_stop_words(&mut self) {
        let mut seen = FxHashSet::default();
        self.terms
            .retain(|term| seen.insert((term.text.clone(), term.is_prefix)));
        let says = |term: &QueryTerm| term.is_prefix || !is_stop_word(&term.text);
        if self.terms.iter().any(says) {
            self.terms.retain(says);
        }
        // "What did we decide about …": the answer seldom says that it is a decision.
        let asks = |term: &QueryTerm| !term.in_phrase && is_asking_word(&term.text);
        if self.terms.iter().any(|term| !asks(term) && says(term)) {
            self.terms.retain(|term| !asks(term));
        }
    }

    fn cut(&mut self) {
        if self.terms.len() > MAX_TERMS {
            self.is_cut = true;
            self.terms
                .sort_by_key(|term| std::cmp::Reverse(term.text.len()));
            self.terms.truncate(MAX_TERMS);
        }
    }

    /// Whether messages that hold what was typed rank before all that don't: a name, a code, a rare word or
    /// two are typed to find them; a question isn't typed to find its own words.
    pub(super) fn ranks_by_holding(&self) -> bool {
        self.text.split_whitespace().nth(MAX_HELD_WORDS).is_none()
    }

    /// Whether one word was typed, without a space in it.
    pub(super) fn is_one_word(&self) -> bool {
        self.phrases.is_empty() && self.text.split_whitespace().nth(1).is_none()
    }

    /// Whether the query is in the Latin script, mostly: the model's vocabulary is English.
    pub(super) fn is_latin(&self) -> bool {
        let letters = self.text.chars().filter(|c| c.is_alphabetic());
        let (mut latin, mut all) = (0, 0);
        for letter in letters {
            all += 1;
            latin += usize::from(letter < '\u{250}');
        }
        2 * latin >= all
    }

    /// The query without the given words, as it is embedded where they name speakers.
    pub(super) fn text_without(&self, names: &FxHashSet<String>) -> String {
        if names.is_empty() {
            return self.text.clone();
        }
        let is_name = |word: &str| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let word = word
                .strip_suffix("'s")
                .or(word.strip_suffix("’s"))
                .unwrap_or(word);
            names.contains(&word.to_lowercase())
        };
        let rest: Vec<&str> = self
            .text
            .split_whitespace()
            .filter(|word| !is_name(word))
            .collect();
        if rest.is_empty() {
            self.text.clone()
        } else {
            rest.join(" ")
        }
    }
}

/// Whether a word is more than letters: it has digits or signs within.
fn is_exact(word: &str) -> bool {
    let mut signs = word
        .chars()
        .filter(|c| !c.is_alphabetic() && *c != '\'' && *c != '’');
    let letters = word.chars().any(char::is_alphabetic);
    let camel = word
        .chars()
        .zip(word.chars().skip(1))
        .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    word.len() > 2 && letters && (signs.next().is_some() || camel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Query {
        Query::parse(typed, &mut Analyzer::new())
    }

    fn terms(typed: &str) -> String {
        parse(typed)
            .terms
            .into_iter()
            .map(|term| term.text)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn stop_words_are_left_out_unless_there_is_nothing_else() {
        assert_eq!(
            terms("what did we decide about the retry policy?"),
            "retri polici"
        );
        assert_eq!(terms("what did we decide?"), "decid");
        assert_eq!(terms("who are you"), "who are you");
    }

    #[test]
    fn phrases_must_occur_and_a_lone_quote_means_nothing() {
        assert_eq!(
            parse("see \"retry policy\" there").phrases,
            ["retry policy"]
        );
        assert!(parse("5\" pipe").phrases.is_empty());
    }

    #[test]
    fn identifiers_are_exact_and_their_whole_is_a_bonus() {
        let query = parse("foo::bar E0658 retryPolicy well-known");
        assert_eq!(
            query.exact,
            ["foo::bar", "E0658", "retryPolicy", "well-known"]
        );
        let bonus: Vec<_> = query
            .terms
            .iter()
            .filter(|t| t.is_bonus)
            .map(|t| &*t.text)
            .collect();
        assert_eq!(bonus, ["retrypolicy"]);
    }

    #[test]
    fn full_text_syntax_is_only_words() {
        assert_eq!(terms("NEAR(a b) OR column:x^2 -- ;"), "near b column x 2");
        assert_eq!(
            parse("retr*").terms[0],
            QueryTerm {
                text: "retr".into(),
                typed: "retr".into(),
                is_prefix: true,
                in_phrase: false,
                is_bonus: false,
            }
        );
    }

    #[test]
    fn a_huge_query_is_cut() {
        let query = parse(&(0..10_000).map(|n| format!("word{n} ")).collect::<String>());
        assert!(query.is_cut && query.terms.len() == MAX_TERMS);
    }
}
