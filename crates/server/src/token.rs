//! Random tokens: API keys, sessions and one-time links. What is stored of each is a hash: a token has 256
//! random bits, so that a fast hash can't be turned back.

use sha2::{Digest as _, Sha256};

use crate::server_error::ServerError;

/// How every API key begins, so that scanners and people recognise one.
pub(crate) const KEY_PREFIX: &str = "lk_";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Letters and digits of a token: 43 of 62 kinds are 256 bits.
pub(crate) const TOKEN_CHARACTERS: usize = 43;

/// The SHA-256 of a token, by which it is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash(pub(crate) [u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether both are the same, in a time that doesn't tell how much of them is.
    pub(crate) fn is(&self, other: &[u8]) -> bool {
        let differs = self
            .0
            .iter()
            .zip(other)
            .fold(0, |all, (a, b)| all | (a ^ b));
        other.len() == self.0.len() && differs == 0
    }
}

/// A new token: a prefix and 43 random letters and digits.
pub(crate) fn random_token(prefix: &str) -> Result<String, ServerError> {
    random_text(prefix, TOKEN_CHARACTERS)
}

/// A prefix and this many random letters and digits.
pub(crate) fn random_text(prefix: &str, length: usize) -> Result<String, ServerError> {
    // The largest multiple of 62 in a byte: bytes above would make some characters likelier than others.
    const FAIR_LIMIT: u8 = 248;
    let mut text = prefix.to_owned();
    let mut bytes = [0; 64];
    while text.len() < prefix.len() + length {
        getrandom::fill(&mut bytes).map_err(ServerError::NoRandomness)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR_LIMIT);
        let missing = prefix.len() + length - text.len();
        text.extend(
            fair.take(missing)
                .map(|byte| char::from(ALPHABET[usize::from(byte % 62)])),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let one = random_token(KEY_PREFIX).expect("random numbers");
        let other = random_token(KEY_PREFIX).expect("random numbers");
        assert_eq!(one.len(), KEY_PREFIX.len() + TOKEN_CHARACTERS);
        assert_ne!(one, other);
        assert!(
            one.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        );
    }

    #[test]
    fn hashes_are_compared_whole() {
        let hash = TokenHash::of("lk_1");
        assert!(hash.is(&hash.0));
        assert!(!hash.is(&hash.0[..31]));
        assert!(!hash.is(&TokenHash::of("lk_2").0));
    }
}
