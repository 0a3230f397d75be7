//! The checksum that weights carry.

/// Tells damaged bytes from whole ones, at the speed of a copy: a word of eight bytes in a step, as
/// `rustc-hash` hashes words. It keeps nobody from making others that fit.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let step =
        |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let sum = bytes.chunks(8).fold(bytes.len() as u64, |sum, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        step(sum, u64::from_le_bytes(word))
    });
    let [a, b, c, d, e, f, g, h] = sum.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h])
}
