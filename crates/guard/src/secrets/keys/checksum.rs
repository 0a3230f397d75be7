//! Checksums within keys. One that fits makes a finding certain; one that doesn't may be of a newer
//! form, so it only makes it less so.

/// Whether the last six letters are the CRC-32 of what follows the first `_`, in base 62, as GitHub
/// and npm write it.
pub(super) fn crc32_base62(key: &[u8]) -> bool {
    let Some(start) = key.iter().position(|b| *b == b'_').map(|at| at + 1) else {
        return false;
    };
    let Some(end) = key.len().checked_sub(6).filter(|end| *end > start) else {
        return false;
    };
    base62(&key[end..]) == Some(u64::from(crc32(&key[start..end])))
}

fn base62(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |sum: u64, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return None,
        };
        Some(sum * 62 + u64::from(value))
    })
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::{base62, crc32};

    #[test]
    fn the_checksum_is_that_of_everybody() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(b"00000z"), Some(61));
    }
}
