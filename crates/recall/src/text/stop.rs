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

/// Whether a term says nothing by itself. Asked for every term of an import.
pub(crate) fn is_stop_word(term: &str) -> bool {
    if term.len() > MAX_STOP_WORD {
        return false;
    }
    let key = packed(term.as_bytes());
    let mut slot = slot_of(key);
    while STOP_TABLE[slot] != 0 {
        if STOP_TABLE[slot] == key {
            return true;
        }
        slot = (slot + 1) % STOP_TABLE.len();
    }
    false
}

/// The longest stop word, in bytes: they fit into one number.
const MAX_STOP_WORD: usize = 7;

/// The stop words as numbers, by their hash; 0 is an empty slot.
const STOP_TABLE: [u64; 512] = {
    let mut table = [0; 512];
    let mut nth = 0;
    while nth < STOP_WORDS.len() {
        let key = packed(STOP_WORDS[nth].as_bytes());
        let mut slot = slot_of(key);
        while table[slot] != 0 {
            slot = (slot + 1) % table.len();
        }
        table[slot] = key;
        nth += 1;
    }
    table
};

/// The bytes of a short word as a number. The length is a part of it, so that no byte is lost.
const fn packed(word: &[u8]) -> u64 {
    let mut key = word.len() as u64;
    let mut at = 0;
    while at < word.len() {
        key = key << 8 | word[at] as u64;
        at += 1;
    }
    key
}

/// Where the search for a number begins: the upper 9 bits of its product.
const fn slot_of(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - 9)) as usize
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
    fn only_the_words_of_the_list_are_stop_words() {
        assert!(STOP_WORDS.iter().all(|word| is_stop_word(word)));
        for other in ["policy", "", "\0", "th", "thee", "herself1", "\0a", "é"] {
            assert!(!is_stop_word(other), "{other:?}");
        }
    }
}
