//! The program's own directories, locks and logs: making, opening and renaming them.

use std::io;
use std::path::Path;

use fs_err::File;

use crate::read::refuse_irregular;

/// Opens one of the program's own files so that the caller can lock it (it isn't locked yet), and creates
/// it, with mode 0600, if it doesn't exist. Its content stays as it is. Never waits.
///
/// # Errors
/// If the directory isn't there, it can't be made or opened, it is no regular file, or, on Unix, it is a
/// link.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = own();
    options.write(true);
    checked(&options, path)
}

/// Opens one of the program's own files to append to it, and creates it, with mode 0600, if it doesn't
/// exist. Never waits.
///
/// # Errors
/// As for [`open_lock`].
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

/// Whether an open file is still the one that stands at `path`, by device and inode number; a link at
/// `path` isn't followed. Ask it after locking: a lock on a file that another process has removed or
/// replaced meanwhile locks nothing. `false` if nothing is at `path` or it can't be looked at.
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

/// Gives one of the program's own files or directories another name, on the same file system. A file
/// replaces the file that may have that name; a directory replaces an empty one at most, and on some
/// systems none. A link at either end is moved or replaced, not followed.
///
/// # Errors
/// If it can't be renamed; then both are as they were.
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
/// If it can't be made, or something else than a directory has the name. Those above it that were made
/// until then stay.
pub fn create_dir(path: &Path) -> io::Result<()> {
    fs_err::create_dir_all(path)
}

/// Creates a directory and the missing ones above it, each with mode 0700, so that only their owner can
/// look into them. If the directory exists and its mode lets others do something, it gets mode 0700; the
/// existing ones above it stay as they are.
///
/// # Errors
/// If it can't be made, or its mode can't be changed.
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

/// Creates a directory and those above it, as [`create_dir`] does: this system has no modes.
///
/// # Errors
/// As for [`create_dir`].
#[cfg(not(unix))]
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    create_dir(path)
}
