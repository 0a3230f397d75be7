//! What characters say of where words and sentences end.

/// Scripts in which letters stand side by side without spaces between words.
pub(super) fn writes_no_spaces(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
    )
}

/// Characters behind which a sentence may start.
pub(crate) fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | ':'
            | ';'
            | '\n'
            | '。'
            | '！'
            | '？'
            | '：'
            | '；'
            | '।'
            | '؟'
            | '۔'
            | '"'
            | '“'
            | '”'
            | '»'
            | '«'
            | '>'
            | '|'
            | '#'
            | '*'
            | '['
            | ']'
            | '{'
            | '}'
            | '…'
            | '—'
    )
}
