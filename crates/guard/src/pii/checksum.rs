//! Check digits. All take digits as numbers from 0 to 9.

/// Luhn's, as payment cards have it: the last digit is the check.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit);
            if at % 2 == 0 {
                digit
            } else {
                digit * 2 - 9 * u32::from(digit > 4)
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of digits, each times its weight; digits without a weight don't count.
pub(super) fn weighted(digits: &[u8], weights: &[u8]) -> u32 {
    let products = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * u32::from(*weight));
    products.sum()
}

/// The digits as a number; they are at most 18.
pub(super) fn value(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u64::from(*digit))
}

/// Whether all digits are the same, which no issuer gives out.
pub(super) fn is_uniform(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// ISO 7064 mod 11,10, as German tax numbers have it.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, rest)) = digits.split_last() else {
        return false;
    };
    let product = rest.iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*check)
}

/// Verhoeff's, over the group of the pentagon's symmetries.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const VERHOEFF_PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut sum = 0;
    for (at, digit) in digits.iter().rev().enumerate() {
        let mut digit = *digit;
        for _ in 0..at % 8 {
            digit = VERHOEFF_PERMUTATION[usize::from(digit)];
        }
        sum = turned(sum, digit);
    }
    sum == 0
}

/// The product of two symmetries of a pentagon: 0 to 4 are turns, 5 to 9 mirrored turns.
fn turned(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// The rest of a division by 97 of what letters (10 to 35) and digits spell, as IBANs have it.
pub(super) fn mod_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97,
    })
}

/// Whether day, month and a year of two digits, or of four, can be a date.
pub(super) fn is_date(year: u64, month: u64, day: u64) -> bool {
    let days = match month {
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verhoeff_knows_the_example_of_its_literature() {
        assert!(verhoeff(&[2, 3, 6, 3]));
        assert!(!verhoeff(&[2, 3, 6, 4]));
    }
}
