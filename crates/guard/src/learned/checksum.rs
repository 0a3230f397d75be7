//! The checksum that weights carry.

/// Tells damaged bytes from whole ones, a word of eight bytes in a step, as `rustc-hash` hashes
/// words: a megabyte takes 0.2 ms, once in a process that judges. It keeps nobody from making others that fit.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u64, word: [u8; 8]| {
        (sum.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95)
    };
    let (words, rest) = bytes.as_chunks();
    let mut sum = bytes.len() as u64;
    for word in words {
        sum = step(sum, *word);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        sum = step(sum, last);
    }
    let [a, b, c, d, e, f, g, h] = sum.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h])
}
