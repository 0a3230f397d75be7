//! The key of placeholders: in a file of its own beside the archive, so that who has a copy of the
//! archive alone can't try out which value a placeholder stands for.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use crate::{Error, Home, Result, create_private_dir};

type Key = [u8; 32];

/// The key of a home; made where there is none. Of several processes that make one at a time, all end
/// up with the same.
pub(super) fn own(home: &Home) -> Result<Key> {
    let file = home.guard_key();
    if let Some(key) = read(&file)? {
        return Ok(key);
    }
    create_private_dir(home.data())?;
    let key = random()?;
    // Whole or not at all: another process that starts now must not read half of it.
    let unfinished = file.with_extension(format!("{:016x}", name()?));
    write_private(&unfinished, &key)?;
    let linked = fs_err::hard_link(&unfinished, &file);
    fs_err::remove_file(&unfinished)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(&file)?.ok_or_else(|| damaged(&file))
        }
        Err(error) => Err(error.into()),
    }
}

/// The key of a home, or one that is forgotten with the process.
pub(super) fn known_or_passing(home: &Home) -> Result<Key> {
    match read(&home.guard_key())? {
        Some(key) => Ok(key),
        None => random(),
    }
}

fn read(file: &Path) -> Result<Option<Key>> {
    let open = match fs_err::File::open(file) {
        Ok(open) => open,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::with_capacity(33);
    open.take(33).read_to_end(&mut bytes)?;
    let key = Key::try_from(bytes).map_err(|_| damaged(file))?;
    Ok(Some(key))
}

fn damaged(file: &Path) -> Error {
    let what = format!("`{}` is no key of placeholders", file.display());
    Error::Damaged(what)
}

fn random() -> Result<Key> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(key)
}

fn name() -> Result<u64> {
    let key = random()?;
    Ok(key
        .iter()
        .take(8)
        .fold(0, |all, byte| all << 8 | u64::from(*byte)))
}

fn write_private(file: &Path, key: &Key) -> Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(file)?;
    file.write_all(key)?;
    Ok(file.sync_all()?)
}
