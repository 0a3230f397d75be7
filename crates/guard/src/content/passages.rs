//! A text in sentences, and sentences in passages of bounded length.

/// Bytes of a passage: about as much as says what it is about, and no more than what the model's
/// examples are long.
pub(super) const MAX_PASSAGE_BYTES: usize = 1_000;

/// Bytes after which a sentence is cut at the next white space, and at twice as many anywhere.
const MAX_SENTENCE_BYTES: usize = 400;

/// Start and end of a sentence in bytes.
pub(super) type SentenceRange = (usize, usize);

/// The passages of a text: each some sentences in a row, at least one.
pub(super) fn passages(text: &str) -> impl Iterator<Item = Vec<SentenceRange>> {
    let mut sentences = Sentences { text, at: 0 }.peekable();
    std::iter::from_fn(move || {
        let first = sentences.next()?;
        let mut passage = vec![first];
        while let Some(next) = sentences.next_if(|next| next.1 - first.0 <= MAX_PASSAGE_BYTES) {
            passage.push(next);
        }
        Some(passage)
    })
}

struct Sentences<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Sentences<'_> {
    type Item = SentenceRange;

    fn next(&mut self) -> Option<(usize, usize)> {
        let rest = &self.text[self.at..];
        let blank = rest.len() - rest.trim_start().len();
        let start = self.at + blank;
        let rest = &self.text[start..];
        if rest.is_empty() {
            self.at = self.text.len();
            return None;
        }
        let end = start + length(rest);
        self.at = end;
        let shown = self.text[start..end].trim_end().len();
        Some((start, start + shown))
    }
}

/// Bytes up to the end of the first sentence.
fn length(text: &str) -> usize {
    let mut is_end = false;
    for (at, c) in text.char_indices() {
        if c == '\n' || is_end && c.is_whitespace() {
            return at;
        }
        if at >= 2 * MAX_SENTENCE_BYTES || at >= MAX_SENTENCE_BYTES && c.is_whitespace() {
            return at;
        }
        if matches!(c, '。' | '！' | '？') {
            return at + c.len_utf8();
        }
        // A quotation mark or bracket after the end belongs to the sentence.
        let closes = matches!(c, '"' | '\'' | ')' | '”' | '’' | '»');
        is_end = matches!(c, '.' | '!' | '?' | '…') || is_end && closes;
    }
    text.len()
}
