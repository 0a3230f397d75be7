//! Signs and digits that rules know in ASCII alone, however a keyboard or a page writes them: full width, the
//! digits of other scripts, spaces that don't break, hyphens and dashes.

use std::ops::Range;

/// Digits of zero in scripts that have ten of their own in a row.
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xaa50, 0xabf0, 0x1_d7ce, 0x1_d7d8, 0x1_d7e2, 0x1_d7ec, 0x1_d7f6, 0x1_fbf0,
];

/// What a character is in ASCII, if it only looks other than that.
fn ascii(c: char) -> Option<char> {
    let code = u32::from(c);
    Some(match c {
        '\u{0}'..='\u{9f}' => return None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0)?,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2024}' | '\u{fe52}' => '.',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{fe6b}' => '@',
        _ => digit(code)?,
    })
}

fn digit(code: u32) -> Option<char> {
    if code < ZEROS[0] {
        return None;
    }
    let zero = ZEROS[..].iter().rfind(|zero| **zero <= code)?;
    (code - zero < 10)
        .then(|| char::from_digit(code - zero, 10))
        .flatten()
}

/// The characters of a text that are others in ASCII, with these; nothing if none of them could be a part of
/// what rules look for.
pub(super) fn replaced(text: &str) -> Vec<(Range<usize>, char)> {
    if text.is_ascii() {
        return Vec::new();
    }
    let bytes = text.as_bytes();
    let is_part = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let mut matters = false;
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let Some(plain) = ascii(c) else {
            continue;
        };
        let end = at + c.len_utf8();
        matters |= plain.is_ascii_digit() || is_part(at.checked_sub(1)) || is_part(Some(end));
        found.push((at..end, plain));
    }
    if matters { found } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn what_is_written_otherwise_is_ascii() {
        for (text, plain) in [
            ("０９０－１２", "090-12"),
            ("٠٥٠١", "0501"),
            ("۰۱۲३४๕", "012345"),
            ("4\u{a0}5\u{2009}6\u{202f}7", "4 5 6 7"),
            ("1‐2–3−4", "1-2-3-4"),
            ("bob＠x", "@"),
            ("密码：k9", ":"),
        ] {
            let found: String = replaced(text).into_iter().map(|(_, c)| c).collect();
            let is_same =
                plain.chars().filter(|c| found.contains(*c)).count() >= found.chars().count();
            assert!(is_same && !found.is_empty(), "{text}: {found}");
        }
        assert!(replaced("你好，世界。— “x”").is_empty());
    }
}
