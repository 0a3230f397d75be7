//! The pieces in which a long text is judged.

use std::ops::Range;

/// The most bytes that are normalised at once.
const CHUNK_BYTES: usize = 32 << 10;

/// Pieces that are judged apart, cut at a line or a word where there is one.
pub(super) fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    while text.len() - start > CHUNK_BYTES {
        let mut end = start + CHUNK_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let tail = &text[start..end];
        let cut = tail.rfind('\n').or_else(|| tail.rfind(' '));
        let cut = cut.filter(|cut| *cut > CHUNK_BYTES / 2);
        let end = cut.map_or(end, |cut| start + cut + 1);
        out.push(start..end);
        start = end;
    }
    out.push(start..text.len());
    out
}
