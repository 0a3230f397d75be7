//! Where lines and characters of a text begin and end.

/// The end of the last line, or of the last word, before `to`; `from` if there is none.
pub(super) fn line_end(text: &str, from: usize, to: usize) -> usize {
    let to = floor(text, to).max(from);
    let part = &text[from..to];
    let line = part.rfind('\n').map(|at| at + 1);
    let word = || {
        let (at, space) = part.char_indices().rfind(|(_, c)| c.is_whitespace())?;
        Some(at + space.len_utf8())
    };
    from + line.or_else(word).unwrap_or(0)
}

/// The start of a line between two places, or of a word, or of a character.
pub(super) fn line_start(text: &str, from: usize, to: usize) -> usize {
    let (from, to) = (floor(text, from), floor(text, to));
    match line_end(text, from, to) {
        start if start > from => start,
        _ => to,
    }
}

/// The start of the character at `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
