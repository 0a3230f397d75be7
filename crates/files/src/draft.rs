//! Writing a file under a name of its own, so that it takes the place of the old one whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};

/// Which permissions a file gets that is written as a [`Draft`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone may read and write it: mode 0600.
    Private,
    /// The system's default for new files: mode 0666 without the bits of the process's umask.
    Ordinary,
    /// Exactly these permissions, whatever the umask is, such as those of the file that is replaced.
    Exactly(Permissions),
}

/// A new file that is written beside the path that it will take, and then takes that path whole, so
/// that a reader finds the old file or the new one. It has a random name, at which nobody can have put
/// a link, and is removed if it is dropped before it is put in its place; only a process that is killed
/// leaves it there. Write to it through [`Write`], then call [`Draft::replace`] or
/// [`Draft::place_if_absent`].
#[derive(Debug)]
pub struct Draft {
    directory: Dir,
    /// The directory as a person knows it, for messages.
    shown: PathBuf,
    name: OsString,
    target: OsString,
    file: std::fs::File,
    access: Access,
    is_placed: bool,
}

impl Draft {
    /// Begins a file that is to stand at `path`, in a directory that exists. A link at `path` itself
    /// will be replaced, not followed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if `path` doesn't end in a file name; what the system says if the
    /// directory isn't there or nothing can be made in it.
    pub fn new(path: &Path, access: Access) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| no_name(path))?;
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let directory = Dir::open_ambient_dir(parent, cap_std::ambient_authority())
            .map_err(|error| about("open directory", parent, &error))?;
        Self::within(directory, parent, name, access)
    }

    pub(crate) fn within(
        directory: Dir,
        shown: &Path,
        target: &OsStr,
        access: Access,
    ) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt as _;
            options.mode(creation_mode(&access));
        }
        let name = random_name(target)?;
        let file = directory
            .open_with(&name, &options)
            .map_err(|error| about("create a file in", shown, &error))?;
        Ok(Self {
            directory,
            shown: shown.to_owned(),
            name,
            target: target.to_owned(),
            file: file.into_std(),
            access,
            is_placed: false,
        })
    }

    /// Puts the file in its place and replaces the file that may be there. Its bytes are synced to disk
    /// first; the directory isn't, so that after a power cut the old file may stand there again, whole.
    ///
    /// # Errors
    /// If its permissions can't be set, it can't be synced or can't be put there; what was there before
    /// is left as it was, and the draft is removed.
    pub fn replace(mut self) -> io::Result<()> {
        self.finish()?;
        self.directory
            .rename(&self.name, &self.directory, &self.target)
            .map_err(|error| about("replace", &self.path(), &error))?;
        self.is_placed = true;
        Ok(())
    }

    /// Puts the file in its place if nothing is there, and returns whether nothing was; `false` means
    /// that what is there was left as it was and the draft is removed. Its bytes are synced to disk first.
    ///
    /// # Errors
    /// If it can't be put there for another reason than that something is there, such as that the file
    /// system has no hard links; the draft is removed.
    pub fn place_if_absent(self) -> io::Result<bool> {
        self.finish()?;
        // Unlike a rename, a link is never made over what is there.
        match self
            .directory
            .hard_link(&self.name, &self.directory, &self.target)
        {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(about("create", &self.path(), &error)),
        }
    }

    /// The open file itself, for calls that `Write` doesn't have, such as for its length. Writes aren't
    /// buffered, so that it has all that was written.
    #[must_use]
    pub fn file(&self) -> &std::fs::File {
        &self.file
    }

    fn finish(&self) -> io::Result<()> {
        if let Access::Exactly(permissions) = &self.access {
            self.file.set_permissions(permissions.clone())?;
        }
        // Renaming without this could leave an empty file after a power cut.
        self.file.sync_all()
    }

    fn path(&self) -> PathBuf {
        self.shown.join(&self.target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_placed {
            // Whether it went or not, the error that led here says more.
            let _ = self.directory.remove_file(&self.name);
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// The mode that a file is created with: never wider than it will be in the end.
#[cfg(unix)]
fn creation_mode(access: &Access) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    match access {
        Access::Private => 0o600,
        Access::Ordinary => 0o666,
        Access::Exactly(permissions) => permissions.mode() & 0o600,
    }
}

/// A name that nobody can guess, hidden, and short whatever the target's name is: `.x-….lorekeep`.
fn random_name(target: &OsStr) -> io::Result<OsString> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let random = u128::from_le_bytes(bytes);
    Ok(format!("{}{random:032x}{DRAFT_SUFFIX}", prefix(target)).into())
}

const DRAFT_SUFFIX: &str = ".lorekeep";

fn prefix(target: &OsStr) -> String {
    let start: String = target.to_string_lossy().chars().take(32).collect();
    format!(".{}-", start.trim_start_matches('.'))
}

/// Whether a name is one that a draft of `target` has.
pub(crate) fn is_draft_of(target: &OsStr, name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| {
        let rest = name.strip_prefix(&prefix(target))?;
        rest.strip_suffix(DRAFT_SUFFIX)
    });
    random.is_some_and(|random| {
        random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

pub(crate) fn no_name(path: &Path) -> io::Error {
    let what = format!("`{}` names no file", path.display());
    io::Error::new(ErrorKind::InvalidInput, what)
}

pub(crate) fn about(what: &str, path: &Path, error: &io::Error) -> io::Error {
    let what = format!("failed to {what} `{}`: {error}", path.display());
    io::Error::new(error.kind(), what)
}
