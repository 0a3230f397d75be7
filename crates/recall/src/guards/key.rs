//! The key of placeholders: in a file of its own beside the archive, so that who has a copy of the
//! archive alone can't try out which value a placeholder stands for.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use files::{Access, Draft};

use crate::{Error, Home, Result};

type PlaceholderKey = [u8; 32];

/// The key of a home; made where there is none. Of several processes that make one at a time, all end
/// up with the same.
pub(super) fn own(home: &Home) -> Result<PlaceholderKey> {
    let file = home.guard_key();
    if let Some(key) = read(&file)? {
        return Ok(key);
    }
    files::create_private_dir(home.data())?;
    let key = random()?;
    // Whole or not at all: another process that starts now must not read half of it.
    let mut draft = Draft::new(&file, Access::Private)?;
    draft.write_all(&key)?;
    if draft.place_if_absent()? {
        return Ok(key);
    }
    read(&file)?.ok_or_else(|| damaged(&file))
}

/// The key of a home, or one that is forgotten with the process.
pub(super) fn known_or_passing(home: &Home) -> Result<PlaceholderKey> {
    match read(&home.guard_key())? {
        Some(key) => Ok(key),
        None => random(),
    }
}

fn read(file: &Path) -> Result<Option<PlaceholderKey>> {
    let bytes = match files::read_start(file, 33) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let key = PlaceholderKey::try_from(bytes).map_err(|_| damaged(file))?;
    Ok(Some(key))
}

fn damaged(file: &Path) -> Error {
    let what = format!("`{}` is no key of placeholders", file.display());
    Error::Damaged(what)
}

fn random() -> Result<PlaceholderKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(key)
}
