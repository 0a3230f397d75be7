//! Where assets are: those that are kept in a directory, those off the record in memory.

use std::collections::HashMap;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::kind::AssetKind;
use crate::{Error, Result};

/// Everything off the record together, in bytes.
const MAX_UNKEPT_BYTES: usize = 200 << 20;

/// How long an asset that no message names may wait for one.
const UNUSED_AGE: Duration = Duration::from_secs(24 * 3600);

/// What an asset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetInfo {
    /// Its id.
    pub id: String,
    /// Its media type, such as `image/png`, told from its bytes.
    pub media_type: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
}

/// How long sounds and films of tools are kept. What a person sent is kept as long as its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaRetention {
    /// At most so long; `None` for as long as their messages.
    pub age: Option<Duration>,
    /// At most so many bytes of them together, the newest; `None` for any number.
    pub bytes: Option<u64>,
}

/// One person's assets.
#[derive(Debug)]
pub(crate) struct AssetStore {
    directory: PathBuf,
    unkept: Mutex<HashMap<String, Arc<[u8]>>>,
}

impl AssetStore {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            unkept: Mutex::default(),
        }
    }

    /// Keeps a file, or has it in memory if it is off the record. The same bytes have the same id. Blocks.
    pub(crate) fn add(
        &self,
        bytes: &[u8],
        kind: &'static AssetKind,
        off_record: bool,
    ) -> Result<AssetInfo> {
        let id = format!("{}.{}", name_of(bytes), kind.extension);
        match off_record {
            true => self.add_unkept(&id, bytes)?,
            false => self.place(&id, bytes).map_err(failed)?,
        }
        Ok(AssetInfo {
            id,
            media_type: kind.media_type,
            bytes: bytes.len() as u64,
        })
    }

    /// What an asset is; `None` if there is none of this id. Blocks.
    pub(crate) fn info(&self, id: &str) -> Option<AssetInfo> {
        let kind = kind_of_id(id)?;
        let bytes = match self.unkept(id) {
            Some(bytes) => bytes.len() as u64,
            None => fs_err::metadata(self.directory.join(id)).ok()?.len(),
        };
        Some(AssetInfo {
            id: id.to_owned(),
            media_type: kind.media_type,
            bytes,
        })
    }

    /// A part of an asset; less than that at its end. Blocks.
    pub(crate) fn part(&self, id: &str, start: u64, length: usize) -> Option<Vec<u8>> {
        kind_of_id(id)?;
        if let Some(bytes) = self.unkept(id) {
            let start = usize::try_from(start).ok()?.min(bytes.len());
            let end = start.saturating_add(length).min(bytes.len());
            return Some(bytes[start..end].to_vec());
        }
        let mut file = files::open(&self.directory.join(id)).ok()?;
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut part = Vec::new();
        file.take(length as u64).read_to_end(&mut part).ok()?;
        Some(part)
    }

    fn unkept(&self, id: &str) -> Option<Arc<[u8]>> {
        let unkept = self.unkept.lock().unwrap_or_else(PoisonError::into_inner);
        unkept.get(id).cloned()
    }

    fn add_unkept(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let mut unkept = self.unkept.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = unkept.values().map(|bytes| bytes.len()).sum();
        if total + bytes.len() > MAX_UNKEPT_BYTES {
            let why = "there are too many pictures and files off the record";
            return Err(Error::Conflict(why.to_owned()));
        }
        unkept.insert(id.to_owned(), bytes.into());
        Ok(())
    }

    /// Writes a file, unless it is there.
    fn place(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        files::create_private_dir(&self.directory)?;
        let path = self.directory.join(id);
        if !path.exists() {
            let draft = files::Draft::new(&path, files::Access::Private)?;
            draft.file().write_all(bytes)?;
            draft.replace()?;
        }
        Ok(())
    }
}

/// Removes what no message names any more, and sounds and films that are older, or more, than is wanted. Blocks.
pub(crate) fn sweep(
    directory: &Path,
    memory: &memory::Memory,
    retention: MediaRetention,
) -> Result<()> {
    let Ok(entries) = fs_err::read_dir(directory) else {
        return Ok(());
    };
    let archive = memory.archive()?;
    let now = memory.clock().now();
    let mut large = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((age, bytes)) = age_and_length(&entry, now) else {
            continue;
        };
        let is_too_old =
            |kind: &AssetKind| kind.is_large() && retention.age.is_some_and(|wanted| age > wanted);
        let kind = kind_of_id(&name);
        if (age > UNUSED_AGE && !archive.chat_mentions(&name)?) || kind.is_some_and(is_too_old) {
            // One that can't be removed is tried again with the next start.
            let _ = fs_err::remove_file(entry.path());
        } else if kind.is_some_and(AssetKind::is_large) {
            large.push((age, bytes, entry.path()));
        }
    }
    let Some(room) = retention.bytes else {
        return Ok(());
    };
    large.sort();
    let mut taken = 0_u64;
    for (_, bytes, path) in large {
        taken = taken.saturating_add(bytes);
        if taken > room {
            let _ = fs_err::remove_file(path);
        }
    }
    Ok(())
}

fn age_and_length(entry: &fs_err::DirEntry, now: SystemTime) -> Option<(Duration, u64)> {
    let about = entry.metadata().ok()?;
    let changed = about.modified().ok()?;
    Some((now.duration_since(changed).ok()?, about.len()))
}

/// A name made of what a file holds.
fn name_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The kind of an asset by its id; `None` for what can't be an id of this program's and could lead elsewhere.
fn kind_of_id(id: &str) -> Option<&'static AssetKind> {
    let (name, extension) = id.split_once('.')?;
    let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    AssetKind::of_extension(extension).filter(|_| is_name)
}

fn failed(error: io::Error) -> Error {
    Error::Memory(memory::ArchiveError::from(error).into())
}
