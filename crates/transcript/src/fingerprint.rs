//! A short number that stands for a text where only equality matters: in the state of readers, and
//! in names that are too long to keep.

/// A hash of a text that stays the same from one version of the program to the next: FNV-1a with 64
/// bits (Fowler, Noll, Vo; draft-eastlake-fnv).
pub(crate) fn fingerprint(text: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const FNV_PRIME: u64 = 0x0100_0000_01b3;
    text.bytes().fold(OFFSET_BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
    })
}
