//! Floats → small integers with a scale per row.

/// Rows of integers and the scale that each row is to be multiplied by.
pub(super) struct QuantizedRows {
    pub(super) values: Vec<i8>,
    pub(super) scales: Vec<f32>,
}

/// Quantises each row of `width` values for itself: its greatest absolute value becomes `levels`.
/// Rounds half to even, as ONNX's own quantising operators do.
pub(super) fn rows(values: &[f32], width: usize, levels: u8) -> QuantizedRows {
    let levels = f32::from(levels.clamp(1, 127));
    let mut result = QuantizedRows {
        values: Vec::with_capacity(values.len()),
        scales: Vec::new(),
    };
    for row in values.chunks_exact(width) {
        let greatest = row.iter().fold(0.0_f32, |max, v| max.max(v.abs()));
        // A row of zeros needs a scale that can be divided by.
        let scale = (greatest / levels).max(1e-12);
        result.scales.push(scale);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "clamped to the range of i8"
        )]
        let quantised = row
            .iter()
            .map(|v| (v / scale).round_ties_even().clamp(-levels, levels) as i8);
        result.values.extend(quantised);
    }
    result
}

/// Swaps rows and columns of a matrix whose rows have `width` values.
pub(super) fn transpose<T: Copy>(values: &[T], width: usize) -> Vec<T> {
    (0..width)
        .flat_map(|column| values.iter().skip(column).step_by(width).copied())
        .collect()
}
