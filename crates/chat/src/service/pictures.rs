//! Where pictures are: those that are kept in a directory, those off the record in memory.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::options::ChatOptions;
use crate::{Error, Result};

/// All pictures of conversations off the record together, in bytes.
const MAX_UNKEPT_BYTES: usize = 200 << 20;

/// How long a picture that no message names may wait for one.
const UNUSED_AGE: Duration = Duration::from_secs(24 * 3600);

/// Pictures of conversations off the record: in memory only.
#[derive(Default)]
pub(super) struct UnkeptPictures(Mutex<HashMap<String, Vec<u8>>>);

impl UnkeptPictures {
    pub(super) fn add(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let mut assets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = assets.values().map(Vec::len).sum();
        if total + bytes.len() > MAX_UNKEPT_BYTES {
            return Err(Error::Conflict(
                "there are too many pictures off the record".to_owned(),
            ));
        }
        assets.insert(id.to_owned(), bytes.to_vec());
        Ok(())
    }

    pub(super) fn get(&self, id: &str) -> Option<Vec<u8>> {
        let assets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        assets.get(id).cloned()
    }
}

/// Writes a picture, unless it is there.
pub(super) fn place(directory: &Path, id: &str, bytes: &[u8]) -> std::io::Result<()> {
    files::create_private_dir(directory)?;
    let path = directory.join(id);
    if !path.exists() {
        let draft = files::Draft::new(&path, files::Access::Private)?;
        std::io::Write::write_all(&mut draft.file(), bytes)?;
        draft.replace()?;
    }
    Ok(())
}

/// Removes pictures that no message names any more. Blocks.
pub(super) fn sweep(options: &ChatOptions) -> Result<()> {
    let Ok(entries) = fs_err::read_dir(options.directory.join("assets")) else {
        return Ok(());
    };
    let archive = options.memory.archive()?;
    let now = options.memory.clock().now();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let age = entry
            .metadata()
            .and_then(|about| about.modified())
            .ok()
            .and_then(|time| now.duration_since(time).ok());
        let is_old = age.is_some_and(|age| age > UNUSED_AGE);
        if is_old && !archive.chat_mentions(&name.to_string_lossy())? {
            // One that can't be removed is tried again with the next start.
            let _ = fs_err::remove_file(entry.path());
        }
    }
    Ok(())
}
