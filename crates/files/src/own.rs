//! The program's own directories, locks and logs.

use std::io;
use std::path::Path;

use fs_err::File;

use crate::read::refuse_irregular;

/// Opens one of the program's own files to lock it, and creates it, with mode 0600, if it doesn't
/// exist. Its content stays as it is. A link or anything else that isn't a regular file is refused.
///
/// # Errors
/// If it can't be made or opened.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = own();
    options.write(true);
    checked(&options, path)
}

/// Opens one of the program's own files to append to it, and creates it, with mode 0600, if it doesn't
/// exist. A link or anything else that isn't a regular file is refused.
///
/// # Errors
/// If it can't be made or opened.
pub fn open_append(path: &Path) -> io::Result<File> {
    let mut options = own();
    options.append(true);
    checked(&options, path)
}

fn own() -> fs_err::OpenOptions {
    let mut options = fs_err::OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options
            .mode(0o600)
            .custom_flags(crate::read::flags::OPEN_FLAGS);
    }
    options
}

#[expect(
    clippy::disallowed_methods,
    reason = "what everybody else calls instead"
)]
fn checked(options: &fs_err::OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    refuse_irregular(&file.metadata()?, path)?;
    Ok(file)
}

/// Whether an open file is still the one that stands at `path`. A lock on a file that another process
/// has removed or replaced meanwhile locks nothing. Always `true` where the system doesn't tell.
///
/// # Errors
/// If the open file can't be looked at.
#[cfg(unix)]
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let open = file.metadata()?;
    Ok(std::fs::symlink_metadata(path)
        .is_ok_and(|there| there.dev() == open.dev() && there.ino() == open.ino()))
}

/// Whether an open file is still the one that stands at `path`: always `true` on this system, which
/// doesn't tell.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Gives one of the program's own files or directories another name, and replaces what may have that
/// name. A link at
/// either end is moved or replaced, not followed.
///
/// # Errors
/// If it can't be; then both are as they were.
#[expect(
    clippy::disallowed_methods,
    reason = "what everybody else calls instead"
)]
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs_err::rename(from, to)
}

/// Creates a directory with the system's default permissions, and those above it; one that exists is
/// left as it is.
///
/// # Errors
/// If it can't be made.
pub fn create_dir(path: &Path) -> io::Result<()> {
    fs_err::create_dir_all(path)
}

/// Creates a directory with mode 0700, which its owner alone can look into, and those above it; one
/// that exists is closed to others.
///
/// # Errors
/// If it can't be made or closed.
#[cfg(unix)]
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    if path.is_dir() {
        let mode = fs_err::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| {
            let what = format!("failed to create directory `{}`: {error}", path.display());
            io::Error::new(error.kind(), what)
        })
}

/// Makes a directory, with those above it.
///
/// # Errors
/// If it can't be made.
#[cfg(not(unix))]
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    create_dir(path)
}
