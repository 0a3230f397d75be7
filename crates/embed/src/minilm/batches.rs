//! Which texts are run together.
//!
//! A batch is padded to its longest row, and padding costs as much as text: rows of like length go
//! together. Large batches gain little once the products are large, and cost memory.

use std::ops::Range;

/// The greatest number of tokens of a batch, with padding.
const MAX_BATCH_TOKENS: usize = 1024;

/// Sorts `rows` by length, the longest last, and says which ranges of the order make a batch.
pub(super) fn batches<T>(
    rows: &[T],
    length: impl Fn(&T) -> usize,
) -> (Vec<usize>, Vec<Range<usize>>) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|index| length(&rows[*index]));
    let mut ranges = Vec::new();
    let mut start = 0;
    for end in 1..=order.len() {
        let next = order.get(end).map(|index| length(&rows[*index]));
        let is_full = next.is_none_or(|longest| (end + 1 - start) * longest > MAX_BATCH_TOKENS);
        if is_full {
            ranges.push(start..end);
            start = end;
        }
    }
    (order, ranges)
}
