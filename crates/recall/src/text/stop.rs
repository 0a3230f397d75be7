//! Words that say nothing by themselves.

/// English words that occur nearly everywhere, in the form that the analyzer gives them.
const STOP_WORDS: [&str; 130] = [
    "a", "about", "abov", "after", "again", "all", "also", "am", "an", "and", "ani", "are", "as",
    "at", "be", "becaus", "been", "befor", "being", "between", "both", "but", "by", "can", "could",
    "d", "did", "do", "doe", "don", "down", "dure", "each", "ever", "few", "for", "from",
    "further", "get", "got", "had", "has", "have", "he", "her", "here", "herself", "him",
    "himself", "his", "how", "i", "if", "in", "into", "is", "it", "itself", "just", "let", "ll",
    "m", "me", "might", "more", "most", "much", "my", "myself", "no", "nor", "not", "now", "of",
    "off", "on", "onc", "onli", "or", "other", "our", "out", "over", "own", "re", "s", "same",
    "shall", "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until",
    "up", "us", "ve", "veri", "was", "we", "were", "what", "when", "where", "whi", "which",
    "while", "who", "whom", "will", "with", "would", "you", "your",
];

/// Whether a term says nothing by itself.
pub(crate) fn is_stop_word(term: &str) -> bool {
    term.len() <= 7 && STOP_WORDS.binary_search(&term).is_ok()
}

/// Words that ask a memory something, in the form that the analyzer gives them: they are about the
/// conversation, not in it.
const ASKING_WORDS: [&str; 8] = [
    "decid", "discuss", "mention", "rememb", "said", "say", "talk", "told",
];

/// Whether a term only asks, where a query has others.
pub(crate) fn is_asking_word(term: &str) -> bool {
    ASKING_WORDS.contains(&term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("the") && is_stop_word("whi") && !is_stop_word("policy"));
    }
}
