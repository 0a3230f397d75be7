//! The signs of code and markup in a text.

/// How many signs of code and markup a text has, in bytes.
pub(super) fn code_signs(text: &str) -> usize {
    let signs = text.bytes().filter(|byte| is_code_sign(*byte));
    signs.count()
}

fn is_code_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'{' | b'}'
            | b'('
            | b')'
            | b'['
            | b']'
            | b';'
            | b'='
            | b'<'
            | b'>'
            | b'_'
            | b'/'
            | b'\\'
            | b'$'
            | b'#'
            | b'+'
            | b'`'
            | b'|'
            | b'"'
            | b'*'
    )
}
