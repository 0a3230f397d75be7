//! How many tokens a text takes in a model's context, estimated from above without a tokenizer:
//! each model has its own, and what is promised is a bound.

/// Bytes of ASCII text per token. English prose has four and more in today's tokenizers; code, ids
/// and markup have fewer.
const ASCII_BYTES: f64 = 2.8;

/// An estimate of the number of tokens that a text takes in a model's context, rather too high than too
/// low: the number of ASCII bytes divided by 2.8, rounded up, plus one for each character that isn't ASCII.
/// Answers for models are kept within their limit by it.
pub fn estimate(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let other = text.chars().filter(|c| !c.is_ascii()).count();
    other + whole(ascii as f64 / ASCII_BYTES)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length divided is a length"
)]
fn whole(number: f64) -> usize {
    number.ceil() as usize
}

/// The longest start of a text that takes at most `max_tokens` by [`estimate`], ending at a whole
/// character.
pub fn start(text: &str, max_tokens: usize) -> &str {
    let mut taken = 0.0;
    for (at, c) in text.char_indices() {
        taken += if c.is_ascii() { 1.0 / ASCII_BYTES } else { 1.0 };
        if taken > max_tokens as f64 {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{estimate, start};

    #[test]
    fn a_start_fits_and_ends_at_a_character() {
        for text in ["a plain text of words", "潮汐表 and more", "👩‍👩‍👧 família"] {
            for most in 0..12 {
                let cut = start(text, most);
                assert!(estimate(cut) <= most && text.starts_with(cut), "{cut}");
            }
        }
        assert_eq!(start("short", 10), "short");
    }

    #[test]
    fn estimates_are_above_what_tokenizers_give() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("what did we decide about the retry policy?"), 16);
        assert_eq!(estimate("重试策略"), 4);
    }
}
