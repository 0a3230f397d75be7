//! Stored bytes as the numbers that they are, without copying.

/// Reads stored bytes as the 8-bit signed integers of a plane, without copying them.
#[must_use]
#[expect(
    unsafe_code,
    reason = "a cast between slices has no safe form in the standard library"
)]
pub fn as_signed(bytes: &[u8]) -> &[i8] {
    // SAFETY: u8 and i8 have the same size and alignment, and every bit pattern is valid for both;
    // the length and the lifetime are those of `bytes`.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
}

/// Reads stored bytes as 32-bit floats in little-endian order, such as the scales of rows, without
/// copying them; `None` where their address or number isn't a multiple of 4, or the machine is
/// big-endian.
#[must_use]
#[expect(
    unsafe_code,
    reason = "a cast between slices has no safe form in the standard library"
)]
pub fn as_floats(bytes: &[u8]) -> Option<&[f32]> {
    // SAFETY: every bit pattern is a valid f32, and `align_to` looks after alignment and length.
    let (before, floats, after) = unsafe { bytes.align_to::<f32>() };
    let is_whole = before.is_empty() && after.is_empty() && cfg!(target_endian = "little");
    is_whole.then_some(floats)
}
