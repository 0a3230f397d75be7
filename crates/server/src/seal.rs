//! Sealing the keys of providers: what is stored can be read only with the key in a file of its own, which
//! isn't beside the archive, so that a backup of the archive gives no key away.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use files::{Access, Draft};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::server_error::ServerError;

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// Seals and opens values with the key in a file, which is made when something is first sealed.
pub(crate) struct Sealer {
    file: PathBuf,
}

impl Sealer {
    /// A sealer with the key in this file; it isn't looked at yet.
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Seals a value for a purpose: it opens for the same purpose only.
    pub(crate) fn seal(&self, value: &str, purpose: &str) -> Result<Vec<u8>, ServerError> {
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
    pub(crate) fn open(&self, sealed: &[u8], purpose: &str) -> Result<String, ServerError> {
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
        let bytes = match files::read(&self.file, KEY_BYTES as u64 + 1) {
            Ok(bytes) => {
                check_rights(&self.file)?;
                bytes
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.make()?,
            Err(error) => return Err(error.into()),
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes);
        key.map(LessSafeKey::new)
            .map_err(|_| ServerError::Unsealable)
    }

    fn make(&self) -> Result<Vec<u8>, ServerError> {
        if let Some(directory) = self.file.parent() {
            files::create_private_dir(directory)?;
        }
        let mut bytes = vec![0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(ServerError::NoRandomness)?;
        let mut draft = Draft::new(&self.file, Access::Private)?;
        draft.write_all(&bytes)?;
        // Another process may have made it meanwhile.
        match draft.place_if_absent()? {
            true => Ok(bytes),
            false => Ok(files::read(&self.file, KEY_BYTES as u64 + 1)?),
        }
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
        let sealer = Sealer::new(dir.path().join("seal.key"));
        let sealed = sealer.seal("sk-planted", "one").expect("sealed");
        assert!(!sealed.windows(7).any(|at| at == b"planted"));
        assert_eq!(sealer.open(&sealed, "one").expect("opened"), "sk-planted");
        assert!(sealer.open(&sealed, "other").is_err());
        assert!(sealer.open(&sealed[..5], "one").is_err());
        let other = Sealer::new(dir.path().join("other.key"));
        assert!(other.open(&sealed, "one").is_err());
        assert_ne!(sealer.seal("sk-planted", "one").expect("sealed"), sealed);
    }
}
