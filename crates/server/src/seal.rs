//! Sealing the keys of providers: what is stored can be read only with the key in a file of its own, which
//! isn't beside the archive, so that a backup of the archive gives no key away.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use chat::model::ProviderKey;
use files::{Access, Draft};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::server_error::ServerError;

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// Characters that a secret must have from which the key is made.
const MIN_SECRET_CHARACTERS: usize = 32;

/// Seals and opens values.
pub struct Sealer {
    key: SealKey,
}

/// Where the key is.
enum SealKey {
    /// In a file, which is made when something is first sealed.
    File(PathBuf),
    /// Here: somebody keeps it elsewhere, such as in a keyring.
    Given([u8; KEY_BYTES]),
}

impl Sealer {
    /// A sealer with the key that a secret stands for, or else the one in this file, which isn't looked at yet.
    ///
    /// # Errors
    /// If the secret has less than 32 characters.
    pub fn new(file: PathBuf, secret: Option<&ProviderKey>) -> Result<Self, ServerError> {
        let Some(secret) = secret else {
            let key = SealKey::File(file);
            return Ok(Self { key });
        };
        // A guess at a short one could be tried against what is sealed.
        if secret.expose().chars().count() < MIN_SECRET_CHARACTERS {
            let what = "the secret that seals keys has less than 32 characters";
            return Err(ServerError::BadOption(what.to_owned()));
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, secret.expose().as_bytes());
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(digest.as_ref());
        let key = SealKey::Given(key);
        Ok(Self { key })
    }

    /// Seals a value for a purpose: it opens for the same purpose only.
    ///
    /// # Errors
    /// If the key's file can't be made or read.
    pub fn seal(&self, value: &str, purpose: &str) -> Result<Vec<u8>, ServerError> {
        let key = self.key()?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(ServerError::NoRandomness)?;
        let mut sealed = value.as_bytes().to_vec();
        let with = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(with, Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| ServerError::Unsealable)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// If it was sealed with another key or for another purpose, or the key's file can't be read.
    pub fn open(&self, sealed: &[u8], purpose: &str) -> Result<String, ServerError> {
        let (nonce, sealed) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(ServerError::Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| ServerError::Unsealable)?;
        let mut opened = sealed.to_vec();
        let key = self.key()?;
        let value = key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut opened)
            .map_err(|_| ServerError::Unsealable)?;
        let value = std::str::from_utf8(value).map_err(|_| ServerError::Unsealable)?;
        Ok(value.to_owned())
    }

    fn key(&self) -> Result<LessSafeKey, ServerError> {
        let bytes = match &self.key {
            SealKey::Given(key) => key.to_vec(),
            SealKey::File(file) => match files::read(file, KEY_BYTES as u64 + 1) {
                Ok(bytes) => {
                    check_rights(file)?;
                    bytes
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(file)?,
                Err(error) => return Err(error.into()),
            },
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes);
        key.map(LessSafeKey::new)
            .map_err(|_| ServerError::Unsealable)
    }
}

fn make(file: &Path) -> Result<Vec<u8>, ServerError> {
    if let Some(directory) = file.parent() {
        files::create_private_dir(directory)?;
    }
    let mut bytes = vec![0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(ServerError::NoRandomness)?;
    let mut draft = Draft::new(file, Access::Private)?;
    draft.write_all(&bytes)?;
    // Another process may have made it meanwhile.
    match draft.place_if_absent()? {
        true => Ok(bytes),
        false => Ok(files::read(file, KEY_BYTES as u64 + 1)?),
    }
}

#[cfg(unix)]
fn check_rights(file: &Path) -> Result<(), ServerError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs_err::metadata(file)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(ServerError::Unsafe {
            what: format!("`{}` can be read by others", file.display()),
            hint: "`chmod 600` it",
        }),
    }
}

#[cfg(not(unix))]
fn check_rights(_: &Path) -> Result<(), ServerError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let of_file = |name| Sealer::new(dir.path().join(name), None).expect("a sealer");
        let sealer = of_file("seal.key");
        let sealed = sealer.seal("sk-planted", "one").expect("sealed");
        assert!(!sealed.windows(7).any(|at| at == b"planted"));
        assert_eq!(sealer.open(&sealed, "one").expect("opened"), "sk-planted");
        assert!(sealer.open(&sealed, "other").is_err());
        assert!(sealer.open(&sealed[..5], "one").is_err());
        assert!(of_file("other.key").open(&sealed, "one").is_err());
        let of_secret = |text| Sealer::new(dir.path().join("none"), Some(&ProviderKey::new(text)));
        let secret = of_secret("0123456789abcdef0123456789abcdef").expect("long enough");
        let other = secret.seal("sk-planted", "one").expect("sealed");
        assert_eq!(secret.open(&other, "one").expect("opened"), "sk-planted");
        assert!(sealer.open(&other, "one").is_err());
        assert!(!dir.path().join("none").exists());
        assert!(of_secret("short").is_err());
        assert_ne!(sealer.seal("sk-planted", "one").expect("sealed"), sealed);
    }
}
