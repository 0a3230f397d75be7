//! The product in plain Rust, which every CPU has.

/// The product of two vectors in plain Rust; also for what is left over of others' strides.
pub(super) fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum()
}
