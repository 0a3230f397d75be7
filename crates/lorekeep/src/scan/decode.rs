//! Bytes as text: of UTF-8 text of the same length, so that places in the one are places in the other; UTF-16
//! becomes UTF-8.

/// What stands for a byte that is part of no character: ASCII's own sign for that.
const SUBSTITUTE_CHARACTER: char = '\u{1a}';

/// What tells the order of bytes, and is no part of the text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// How a file's bytes are text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TextEncoding {
    #[default]
    Utf8,
    /// Two bytes or four for a character, the lower half of each pair first.
    Utf16Little,
    /// The upper half first.
    Utf16Big,
}

/// Bytes of a file, at least, that look like UTF-16 without saying so.
const MIN_UTF16_BYTES: usize = 8;

impl TextEncoding {
    /// That of a file that begins with these bytes: by its mark, or where every second byte is zero, as it is
    /// in UTF-16 of mostly ASCII and in no other text.
    pub(super) fn of(head: &[u8]) -> Self {
        // What begins with its mark by chance has letters of ASCII side by side.
        let ascii = head
            .iter()
            .filter(|byte| (b'\t'..=b'~').contains(byte))
            .count();
        let may_be_wide = head.contains(&0) || ascii * 3 < head.len() * 2;
        match head {
            [0xff, 0xfe, 0, 0, ..] => return Self::Utf8,
            [0xff, 0xfe, ..] if may_be_wide => return Self::Utf16Little,
            [0xfe, 0xff, ..] if may_be_wide => return Self::Utf16Big,
            _ => {}
        }
        let pairs = head.len() / 2;
        let zeros = |at: usize| head.chunks_exact(2).filter(|pair| pair[at] == 0).count();
        let (first, second) = (zeros(0), zeros(1));
        let most = pairs - pairs / 4;
        match (first, second) {
            _ if head.len() < MIN_UTF16_BYTES => Self::Utf8,
            (0, zeros) if zeros >= most => Self::Utf16Little,
            (zeros, 0) if zeros >= most => Self::Utf16Big,
            _ => Self::Utf8,
        }
    }
}

/// Turns bytes into text piece by piece.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    encoding: TextEncoding,
    /// The start of a character whose rest is yet to come.
    started: Vec<u8>,
}

impl Decoder {
    /// A decoder of text of this encoding.
    pub(super) fn of(encoding: TextEncoding) -> Self {
        Self {
            encoding,
            started: Vec::new(),
        }
    }

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
        let unit = match self.encoding {
            TextEncoding::Utf8 => return self.take_bytes(bytes, text),
            TextEncoding::Utf16Little => u16::from_le_bytes,
            TextEncoding::Utf16Big => u16::from_be_bytes,
        };
        let units = |bytes: &[u8]| {
            bytes
                .chunks_exact(2)
                .map(|pair| unit([pair[0], pair[1]]))
                .collect::<Vec<_>>()
        };
        let mut whole = bytes.len() / 2 * 2;
        // The second half of a character may be in the next piece.
        let is_cut = |last: &u16| (0xd800..0xdc00).contains(last);
        if units(&bytes[..whole]).last().is_some_and(is_cut) {
            whole -= 2;
        }
        self.started.extend_from_slice(&bytes[whole..]);
        bytes = &bytes[..whole];
        let chars = char::decode_utf16(units(bytes));
        text.extend(
            chars
                .map(|c| c.unwrap_or(SUBSTITUTE_CHARACTER))
                .filter(|c| *c != BYTE_ORDER_MARK),
        );
    }

    fn take_bytes(&mut self, mut bytes: &[u8], text: &mut String) {
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
    fn utf_16_is_read_with_and_without_a_mark() {
        let text = "token = é𝄞日, and more of plain words";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        for bytes in [&little, &big, &marked] {
            let encoding = TextEncoding::of(bytes);
            for size in [1, 2, 3, 5, 64] {
                let mut decoder = Decoder::of(encoding);
                let mut read = String::new();
                for piece in bytes.chunks(size) {
                    decoder.push(piece, &mut read);
                }
                decoder.finish(&mut read);
                assert_eq!(read, text, "{encoding:?}, {size} bytes at a time");
            }
        }
        for head in [
            &b"plain text"[..],
            b"\0\0\0\0\0\0\0\0\0\0",
            b"a\0b",
            b"\x7fELF\x02\x01\x01\0\0\0",
        ] {
            assert_eq!(TextEncoding::of(head), TextEncoding::Utf8, "{head:?}");
        }
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
