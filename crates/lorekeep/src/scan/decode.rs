//! Bytes as text of the same length, so that places in the one are places in the other.

/// What stands for a byte that is part of no character: ASCII's own sign for that.
const SUBSTITUTE_CHARACTER: char = '\u{1a}';

/// Turns bytes into text piece by piece.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The start of a character whose rest is yet to come.
    started: Vec<u8>,
}

impl Decoder {
    /// Adds the text of `bytes` to `text`.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        if self.started.is_empty() {
            self.take(bytes, text);
        } else {
            let mut all = std::mem::take(&mut self.started);
            all.extend_from_slice(bytes);
            self.take(&all, text);
        }
    }

    /// Adds what is left at the end.
    pub(super) fn finish(&mut self, text: &mut String) {
        substitute(self.started.len(), text);
        self.started.clear();
    }

    fn take(&mut self, mut bytes: &[u8], text: &mut String) {
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(valid) => return text.push_str(valid),
                Err(error) => error,
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            text.push_str(std::str::from_utf8(valid).unwrap_or_default());
            let Some(length) = error.error_len() else {
                self.started.extend_from_slice(rest);
                return;
            };
            substitute(length, text);
            bytes = &rest[length..];
        }
    }
}

fn substitute(bytes: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(SUBSTITUTE_CHARACTER, bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&[u8]], expected: &str) {
        let mut decoder = Decoder::default();
        let mut text = String::new();
        for piece in pieces {
            decoder.push(piece, &mut text);
        }
        decoder.finish(&mut text);
        assert_eq!(text, expected, "{pieces:?}");
    }

    #[test]
    fn text_is_as_long_as_its_bytes() {
        check(&[b"plain"], "plain");
        check(&["é日".as_bytes()], "é日");
        check(&[b"\xe6\x97", b"\xa5!"], "日!");
        check(&[b"a\xffb\xc3"], "a\u{1a}b\u{1a}");
        check(
            &[b"\xf0\x9f", b"x\xf0\x9f\x98", b""],
            "\u{1a}\u{1a}x\u{1a}\u{1a}\u{1a}",
        );
    }
}
