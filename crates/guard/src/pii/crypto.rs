//! Addresses of crypto-currencies, each with its checksum.

use sha2::{Digest as _, Sha256};
use sha3::Keccak256;

use super::hit::PiiHit;
use super::word::DigitWord;
use super::words::Topics;

const BASE58_ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32_ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let token = word.as_str();
    let bytes = token.as_bytes();
    let found = match bytes {
        [b'0', b'x', hex @ ..] if hex.len() == 40 => ethereum(word, hex),
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T', ..] if (26..=35).contains(&bytes.len()) => {
            base58(bytes)
        }
        [b'b' | b'B', b'c' | b'C', b'1', rest @ ..] if (11..=87).contains(&rest.len()) => {
            bech32(token)
        }
        _ => None,
    };
    let Some((rule, score, why)) = found else {
        return;
    };
    if word.is_glued_right() || is_part(word) {
        return;
    }
    hits.push(PiiHit {
        entity: "CRYPTO",
        rule,
        start: word.start,
        end: word.end,
        score,
        why,
    });
}

/// Whether something longer ends with it; `bitcoin:` and `/address/` may come before it.
fn is_part(word: &DigitWord<'_>) -> bool {
    word.is_glued_left() && word.bytes()[word.start - 1] != b'/'
}

type CryptoAddress = Option<(&'static str, f32, &'static str)>;

fn base58(token: &[u8]) -> CryptoAddress {
    let mut bytes = [0u8; 25];
    for symbol in token {
        let mut carry = BASE58_ALPHABET.iter().position(|known| known == symbol)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry % 256).ok()?;
            carry /= 256;
        }
        if carry > 0 {
            return None;
        }
    }
    // Bitcoin, Litecoin, Dogecoin, Tron.
    if !matches!(bytes[0], 0 | 5 | 0x30 | 0x32 | 0x1e | 0x41) {
        return None;
    }
    let check = Sha256::digest(Sha256::digest(&bytes[..21]));
    (check[..4] == bytes[21..]).then_some((
        "crypto-base58check",
        1.0,
        "the checksum of a base58 address",
    ))
}

fn bech32(token: &str) -> CryptoAddress {
    let is_one_case = !token.bytes().any(|byte| byte.is_ascii_uppercase())
        || !token.bytes().any(|byte| byte.is_ascii_lowercase());
    if !is_one_case {
        return None;
    }
    // The letters of the prefix `bc`, as the checksum takes them.
    let mut sum = [3, 3, 0, 2, 3].into_iter().fold(1, polymod);
    for symbol in token[3..].bytes() {
        let value = BECH32_ALPHABET
            .iter()
            .position(|known| *known == symbol.to_ascii_lowercase())?;
        sum = polymod(sum, u32::try_from(value).ok()?);
    }
    matches!(sum, 1 | 0x2bc8_30a3).then_some((
        "crypto-bech32",
        1.0,
        "the checksum of a bech32 address",
    ))
}

fn polymod(sum: u32, value: u32) -> u32 {
    const BECH32_GENERATORS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let top = sum >> 25;
    let sum = (sum & 0x01ff_ffff) << 5 ^ value;
    let taken = BECH32_GENERATORS
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1);
    taken.fold(sum, |sum, (_, generator)| sum ^ generator)
}

/// An address of Ethereum: mixed letters are a checksum (EIP-55); where there are none, the text
/// has to speak of it.
fn ethereum(word: &DigitWord<'_>, hex: &[u8]) -> CryptoAddress {
    if !hex.iter().all(u8::is_ascii_hexdigit) || hex.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let has_upper = hex.iter().any(u8::is_ascii_uppercase);
    let has_lower = hex.iter().any(u8::is_ascii_lowercase);
    if has_upper && is_checked(hex) {
        return Some((
            "crypto-eip55",
            1.0,
            "the checksum in an Ethereum address's letters",
        ));
    }
    if has_upper && has_lower {
        return None;
    }
    let context = word.nearby.context(word.start, word.end);
    context.says(Topics::CRYPTO.or(Topics::IP)).then_some((
        "crypto-ethereum",
        0.8,
        "forty hexadecimal digits that the text calls an address",
    ))
}

fn is_checked(hex: &[u8]) -> bool {
    let hash = Keccak256::digest(hex.to_ascii_lowercase());
    hex.iter().enumerate().all(|(at, byte)| {
        let nibble = hash[at / 2] >> (4 * (1 - at % 2)) & 15;
        !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble > 7)
    })
}
