//! Reading of files that others left: regular files only, without waiting, up to a limit.

use std::fs::Metadata;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use fs_err::File;

/// Opens a regular file to read from it; links are followed. Never waits: a named pipe, a device, a
/// socket or a directory is refused, whatever it is called.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where it is no regular file, else what the system says (such as
/// [`ErrorKind::NotFound`]), with the path.
#[expect(
    clippy::disallowed_methods,
    reason = "what everybody else calls instead"
)]
pub fn open(path: &Path) -> io::Result<File> {
    // Opening a device can do something by itself, so it is looked at before, and again once it is
    // open: it may have been exchanged in between.
    refuse_irregular(&fs_err::metadata(path)?, path)?;
    let file = without_waiting().open(path)?;
    refuse_irregular(&file.metadata()?, path)?;
    Ok(file)
}

/// Reads all of a regular file of at most `limit` bytes, opened as [`open`] does: links are followed.
///
/// # Errors
/// [`ErrorKind::FileTooLarge`] for one of more than `limit` bytes, of which nothing is given then;
/// [`ErrorKind::InvalidInput`] where it is no regular file; else what the system says.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_opened(&open(path)?, path, limit)
}

/// Reads all of a regular file of at most `limit` bytes as UTF-8 text, opened as [`open`] does: links are
/// followed.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for what is no UTF-8; [`ErrorKind::FileTooLarge`] for more than `limit`
/// bytes; [`ErrorKind::InvalidInput`] where it is no regular file; else what the system says.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    as_text(read(path, limit)?, path)
}

/// Reads the first `limit` bytes of a regular file, or all of a shorter one, opened as [`open`] does. To
/// tell a longer file, ask for one byte more.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where it is no regular file, else what the system says.
pub fn read_start(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the system says of a failure, without the path, for whoever names that in their own words.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    // `fs_err` writes what was tried with the path in backticks, and then what the system said.
    let text = error.to_string();
    match text.rsplit_once("`: ") {
        Some((_, said)) => said.to_owned(),
        None => text,
    }
}

/// Whether a path leads to a regular file: no directory, named pipe, socket or device. Links are
/// followed, nothing is opened. `false` too if nothing is there or it can't be looked at. `true` doesn't
/// say that it can be read, nor that it will still be the same file when it is opened.
#[must_use]
pub fn is_regular(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

pub(crate) fn as_text(bytes: Vec<u8>, path: &Path) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let what = format!("`{}`: byte {at} is no UTF-8", path.display());
        io::Error::new(ErrorKind::InvalidData, what)
    })
}

pub(crate) fn read_opened(file: &File, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    let too_long = || {
        let what = format!("`{}` is longer than {limit} bytes", path.display());
        io::Error::new(ErrorKind::FileTooLarge, what)
    };
    if length > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // It may grow while it is read, and some files of the system claim to be empty.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_long());
    }
    Ok(bytes)
}

pub(crate) fn refuse_irregular(metadata: &Metadata, path: &Path) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = format!("`{}` is {}, not a file", path.display(), kind(metadata));
    Err(io::Error::new(ErrorKind::InvalidInput, what))
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_symlink() => "a link",
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "something else",
    }
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> &'static str {
    match () {
        () if metadata.is_dir() => "a directory",
        () if metadata.is_symlink() => "a link",
        () => "something else",
    }
}

fn without_waiting() -> fs_err::OpenOptions {
    let mut options = fs_err::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(flags::WITHOUT_WAITING);
    }
    options
}

#[cfg(unix)]
pub(crate) mod flags {
    //! Flags of `open(2)` that every call here has.

    use rustix::fs::OFlags;

    /// Not to wait for whoever holds the other end, nor to take a terminal for one's own.
    #[expect(
        clippy::cast_possible_wrap,
        reason = "flags of open(2) are small and positive"
    )]
    pub(crate) const WITHOUT_WAITING: i32 = OFlags::NONBLOCK.union(OFlags::NOCTTY).bits() as i32;

    /// Also not to follow a link in the last place.
    #[expect(
        clippy::cast_possible_wrap,
        reason = "flags of open(2) are small and positive"
    )]
    pub(crate) const OPEN_FLAGS: i32 = OFlags::NONBLOCK
        .union(OFlags::NOCTTY)
        .union(OFlags::NOFOLLOW)
        .bits() as i32;
}
