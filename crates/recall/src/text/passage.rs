//! Messages → passages: the unit that is embedded and found.
//!
//! A passage has at most about 150 tokens of the embedding model, estimated without it, so that
//! import needs no model. Cuts are made at the end of a paragraph, line or sentence, if there is
//! one in the passage's second half. The same text always gives the same passages: nothing else
//! records where they are.

use std::ops::Range;

/// Tokens of a passage, about.
const PASSAGE_TOKENS: usize = 150;

/// Bytes of a chunk of tool output, the unit of its index.
const CHUNK_BYTES: usize = 4096;

/// Passages that one message can have; the last takes the rest.
pub(crate) const MAX_PASSAGES: usize = 1 << 10;

/// Where the passages of `text` are, in bytes.
pub(crate) fn passages(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = skip_space(text, 0);
    while start < text.len() {
        let end = if found.len() + 1 == MAX_PASSAGES {
            text.len()
        } else {
            cut(text, start)
        };
        found.push(start..end);
        start = skip_space(text, end);
    }
    found
}

/// Where the chunks of a tool's text are, in bytes.
pub(crate) fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let full = start + CHUNK_BYTES;
        let end = if full >= text.len() || found.len() + 1 == MAX_PASSAGES {
            text.len()
        } else {
            let full = text.floor_char_boundary(full);
            let line = text.as_bytes()[start + CHUNK_BYTES / 2..full]
                .iter()
                .rposition(|byte| *byte == b'\n');
            line.map_or(full, |at| start + CHUNK_BYTES / 2 + at + 1)
        };
        found.push(start..end);
        start = end;
    }
    found
}

fn skip_space(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}

/// The end of the passage that starts at `start`.
fn cut(text: &str, start: usize) -> usize {
    let mut tokens = 0;
    let mut best = (0_u8, start);
    let mut run = 0;
    let mut last = '\n';
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        let (strength, position) = boundary(last, c, at);
        if strength > 0
            && (tokens > PASSAGE_TOKENS / 2 || strength == 3 && tokens > PASSAGE_TOKENS / 3)
            && strength >= best.0
        {
            best = (strength, position);
        }
        if c.is_ascii_alphanumeric() {
            // A word is a token, and another for about every five letters more.
            tokens += usize::from(run % 5 == 0 && run != 5);
            run += 1;
        } else {
            run = 0;
            tokens += usize::from(!c.is_whitespace());
        }
        if tokens > PASSAGE_TOKENS {
            return if best.0 > 0 { best.1 } else { at };
        }
        last = c;
    }
    text.len()
}

/// How good a place to cut lies before or at `c`: paragraph, line, sentence, word.
fn boundary(last: char, c: char, at: usize) -> (u8, usize) {
    match (last, c) {
        ('\n', '\n') => (3, at),
        ('\n', _) => (2, at),
        ('.' | '!' | '?' | ';' | ':', c) if c.is_whitespace() => (2, at),
        ('。' | '！' | '？', _) => (2, at),
        (last, c) if c.is_whitespace() && !last.is_whitespace() => (1, at),
        _ => (0, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_one_passage() {
        assert_eq!(passages("  hello there\n"), std::slice::from_ref(&(2..14)));
        assert!(passages(" \n ").is_empty());
    }

    #[test]
    fn a_long_text_is_cut_at_sentences_and_nothing_is_lost() {
        let text = "One two three four five six seven. ".repeat(100);
        let found = passages(&text);
        assert!(found.len() > 4);
        for passage in &found {
            assert!(text[passage.clone()].trim_end().ends_with('.'));
        }
        let kept: String = found.iter().map(|p| text[p.clone()].trim()).collect();
        assert_eq!(kept.replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn text_without_any_boundary_is_cut_all_the_same() {
        let text = "x".repeat(10_000_000);
        assert_eq!(passages(&text).len(), MAX_PASSAGES);
        assert_eq!(chunks(&"重".repeat(5000)).len(), 4);
    }
}
