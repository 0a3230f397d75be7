//! Bytes as text, whatever they are encoded in.

use std::borrow::Cow;

/// The text of a file, and whether it had to be guessed: what is no UTF-8 or UTF-16 is read as Windows-1252, the
/// usual encoding of old files.
pub(crate) fn text(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Some(wide) = bytes.strip_prefix(b"\xFF\xFE") {
        return (utf16(wide, u16::from_le_bytes), false);
    }
    if let Some(wide) = bytes.strip_prefix(b"\xFE\xFF") {
        return (utf16(wide, u16::from_be_bytes), false);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), false),
        // A file that was cut in the middle of a letter is UTF-8 all the same.
        Err(error) if bytes.len() - error.valid_up_to() < 4 && error.error_len().is_none() => (
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
            false,
        ),
        Err(_) => (bytes.iter().map(|byte| windows_1252(*byte)).collect(), true),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, str> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A letter of Windows-1252; what it has none for is as in Latin-1.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte) - 0x80],
        byte => char::from(byte),
    }
}
