//! `manifest.json` of a model's directory: what was written there and when it was last verified.

use super::hash::{hash, hash_file};
use crate::{Error, Result};
use files::{Access, Draft};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MANIFEST_FILE: &str = "manifest.json";
/// Bytes of it at most: it has some hundred.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// Rises when the files change their meaning; another format is fetched anew, never migrated.
const MANIFEST_FORMAT: u32 = 1;

/// The file as it is on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ModelManifest {
    format: u32,
    pub(super) model_id: String,
    /// Where the inputs came from, as a path or address.
    pub(super) origin: String,
    files: BTreeMap<String, ManifestEntry>,
    /// Seconds since 1970 when all files were last read and had their hashes.
    verified: u64,
    /// What a verification found wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    damaged: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
struct ManifestEntry {
    bytes: u64,
    sha256: String,
}

impl ModelManifest {
    /// Describes `files` as they are to be written.
    pub(super) fn new(
        model_id: &str,
        origin: String,
        files: &[(&str, &[u8])],
        now: SystemTime,
    ) -> Self {
        let entry = |bytes: &[u8]| ManifestEntry {
            bytes: bytes.len() as u64,
            sha256: hash(bytes),
        };
        let files = files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), entry(bytes)))
            .collect();
        let model_id = model_id.to_owned();
        Self {
            format: MANIFEST_FORMAT,
            model_id,
            origin,
            files,
            verified: seconds(now),
            damaged: None,
        }
    }

    /// Notes that a file isn't what was written, so that nobody loads it.
    pub(super) fn condemn(mut self, directory: &Path, why: &str) -> Result<()> {
        self.damaged = Some(why.to_owned());
        self.write(directory)
    }

    pub(super) fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(MANIFEST_FILE);
        let text = match files::read(&path, MAX_MANIFEST_BYTES) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NotFetched {
                    path: directory.to_owned(),
                });
            }
            Err(e) => return Err(e.into()),
        };
        let manifest: Self = serde_json::from_slice(&text).map_err(|e| Error::Damaged {
            path,
            why: e.to_string(),
        })?;
        if let Some(why) = manifest.damaged {
            let path = directory.to_owned();
            return Err(Error::Damaged { path, why });
        }
        if manifest.format == MANIFEST_FORMAT {
            return Ok(manifest);
        }
        let why = format!(
            "its format is `{}`, this version reads `{MANIFEST_FORMAT}`",
            manifest.format
        );
        Err(Error::Damaged {
            path: directory.to_owned(),
            why,
        })
    }

    /// Writes it anew; a reader sees the old one or the new one.
    pub(super) fn write(&self, directory: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(std::io::Error::other)?;
        let mut draft = Draft::new(&directory.join(MANIFEST_FILE), Access::Ordinary)?;
        draft.write_all(&text)?;
        Ok(draft.replace()?)
    }

    pub(super) fn verified(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_secs(self.verified))
            .unwrap_or(UNIX_EPOCH)
    }

    pub(super) fn verified_at(mut self, now: SystemTime) -> Self {
        self.verified = seconds(now);
        self
    }

    /// The sum of the files' lengths.
    pub(super) fn bytes(&self) -> u64 {
        self.files.values().map(|entry| entry.bytes).sum()
    }

    pub(super) fn check_length(&self, directory: &Path, name: &str) -> Result<()> {
        let path = directory.join(name);
        let damaged = |why: String| {
            Err(Error::Damaged {
                path: path.clone(),
                why,
            })
        };
        let Some(entry) = self.files.get(name) else {
            return damaged("it is not in the manifest".to_owned());
        };
        match fs_err::metadata(&path) {
            Ok(found) if found.len() == entry.bytes => Ok(()),
            Ok(found) => damaged(format!(
                "it has `{}` bytes of `{}`",
                found.len(),
                entry.bytes
            )),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                damaged("it is missing".to_owned())
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Reads and hashes every file.
    pub(super) fn verify(&self, directory: &Path) -> Result<()> {
        for (name, entry) in &self.files {
            let path = directory.join(name);
            let found = hash_file(&path)?;
            if found != entry.sha256 {
                let why = format!("its SHA-256 is `{found}`, not `{}`", entry.sha256);
                return Err(Error::Damaged { path, why });
            }
        }
        Ok(())
    }
}

/// Seconds since 1970; a clock before that counts as 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
