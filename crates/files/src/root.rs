//! A directory that no path leads out of: for files in a project that others may have prepared.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};

use crate::draft::{Access, Draft, about, is_draft_of, no_name};
use crate::read::{read_opened, refuse_irregular};

/// A directory whose files are read and written by paths relative to it. Links are followed as long as
/// they stay inside; one that leads out, `..` and absolute paths are refused. The system checks it while
/// it opens, so that a link that is put there in the meantime leads nowhere either.
///
/// A path that leads out gives [`ErrorKind::PermissionDenied`] in all methods; one through a link that
/// leads nowhere, and one without a file name, give [`ErrorKind::InvalidInput`].
#[derive(Debug)]
pub struct Root {
    directory: Dir,
    path: PathBuf,
}

impl Root {
    /// Opens a directory; links on the way to it are followed.
    ///
    /// # Errors
    /// If it isn't there or is no directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = fs_err::canonicalize(path)?;
        let directory = Dir::open_ambient_dir(&path, cap_std::ambient_authority())
            .map_err(|error| about("open directory", &path, &error))?;
        Ok(Self { directory, path })
    }

    /// The directory's path, absolute and with all links resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The absolute path, without links, of the file that a relative path means, whether it is there or
    /// not.
    ///
    /// # Errors
    /// If it leads out, or through a link that leads nowhere, or can't be looked at.
    pub fn resolve(&self, relative: &Path) -> io::Result<PathBuf> {
        Ok(self.path.join(self.inside(relative)?))
    }

    /// Reads all of a regular file of at most `limit` bytes, without waiting; `None` if it doesn't
    /// exist.
    ///
    /// # Errors
    /// If it leads out ([`ErrorKind::PermissionDenied`]), is no regular file
    /// ([`ErrorKind::InvalidInput`]), is longer than `limit` bytes ([`ErrorKind::FileTooLarge`]) or can't
    /// be read.
    pub fn read(&self, relative: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let shown = self.path.join(relative);
        let inside = self.inside(relative)?;
        let metadata = match self.directory.symlink_metadata(&inside) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(about("look at", &shown, &error)),
        };
        if !metadata.is_file() {
            return Err(not_a_file(&shown));
        }
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt as _;
            options.custom_flags(crate::read::flags::OPEN_FLAGS);
        }
        let file = self
            .directory
            .open_with(&inside, &options)
            .map_err(|error| about("open", &shown, &error))?;
        let file = fs_err::File::from_parts(file.into_std(), &shown);
        refuse_irregular(&file.metadata()?, &shown)?;
        read_opened(&file, &shown, limit).map(Some)
    }

    /// Gives a file new content, whole or not at all, as [`Draft::replace`] does, and makes the directories
    /// above it. On Unix a file that is there keeps its permissions (without set-user-id and the like); a
    /// new one gets the system's default ([`Access::Ordinary`]).
    ///
    /// # Errors
    /// If it leads out, is there and no regular file, or can't be written. The file is then as it was;
    /// directories that were made stay.
    pub fn replace(&self, relative: &Path, content: &[u8]) -> io::Result<()> {
        let mut draft = self.draft(relative)?;
        draft.write_all(content)?;
        draft.replace()
    }

    /// Begins a file that is to stand at a path, for callers that look at the old file once more before
    /// the new one takes its place; makes the directories above it. Permissions are as for
    /// [`Self::replace`].
    ///
    /// # Errors
    /// If it leads out, is there and no regular file, or nothing can be made beside it. Directories that
    /// were made stay.
    pub fn draft(&self, relative: &Path) -> io::Result<Draft> {
        let inside = self.inside(relative)?;
        let shown = self.path.join(&inside);
        let access = match self.directory.symlink_metadata(&inside) {
            Ok(metadata) if metadata.is_file() => access(&metadata),
            Ok(_) => return Err(not_a_file(&shown)),
            Err(error) if error.kind() == ErrorKind::NotFound => Access::Ordinary,
            Err(error) => return Err(about("look at", &shown, &error)),
        };
        let name = inside.file_name().ok_or_else(|| no_name(&shown))?;
        let parent = inside.parent().filter(|parent| *parent != Path::new(""));
        let directory = match parent {
            None => self.directory.try_clone()?,
            Some(parent) => {
                let failed = |error: io::Error| about("create", &self.path.join(parent), &error);
                self.directory.create_dir_all(parent).map_err(failed)?;
                self.directory.open_dir(parent).map_err(failed)?
            }
        };
        let within = shown.parent().unwrap_or(&self.path);
        Draft::within(directory, within, name, access)
    }

    /// Whether a file has other names too, by hard links: they may be anywhere, outside as well, so that
    /// its content may be that of a file outside. Of a link inside it tells about the file that the link
    /// leads to. `false` where there is no regular file, and on systems other than Unix.
    ///
    /// # Errors
    /// If it leads out ([`ErrorKind::PermissionDenied`]), through a link that leads nowhere
    /// ([`ErrorKind::InvalidInput`]), or can't be looked at.
    pub fn has_other_names(&self, relative: &Path) -> io::Result<bool> {
        let inside = self.inside(relative)?;
        match self.directory.symlink_metadata(&inside) {
            Ok(metadata) => Ok(metadata.is_file() && names(&metadata) > 1),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(about("look at", &self.path.join(inside), &error)),
        }
    }

    /// Removes the drafts ([`Draft`]) of a file that a killed process has left beside it. A draft that
    /// somebody is just writing goes too, so the caller keeps others from writing. One that can't be
    /// removed is passed over.
    ///
    /// # Errors
    /// If the file leads out or its directory can't be read; a directory that isn't there is none.
    pub fn remove_drafts(&self, relative: &Path) -> io::Result<()> {
        let inside = self.inside(relative)?;
        let parent = match inside.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let name = inside.file_name().ok_or_else(|| no_name(relative))?;
        let entries = match self.directory.read_dir(parent) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(about("list", &self.path.join(parent), &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| about("list", &self.path.join(parent), &error))?;
            if is_draft_of(name, &entry.file_name()) {
                // Whoever has removed it already did the same.
                let _ = entry.remove_file();
            }
        }
        Ok(())
    }

    /// Removes a file; one that isn't there counts as removed. Of a link inside it removes the file that
    /// the link leads to, and leaves the link.
    ///
    /// # Errors
    /// If it leads out, through a link that leads nowhere, or can't be removed; a directory can't be.
    pub fn remove(&self, relative: &Path) -> io::Result<()> {
        let inside = self.inside(relative)?;
        match self.directory.remove_file(&inside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(about("remove", &self.path.join(inside), &error))
            }
            _ => Ok(()),
        }
    }

    /// The path without links: of the file itself where it is there, else of the lowest directory above
    /// it that is.
    fn inside(&self, relative: &Path) -> io::Result<PathBuf> {
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !relative.components().all(plain) {
            return Err(self.leads_out(relative));
        }
        if relative.file_name().is_none() {
            return Err(no_name(relative));
        }
        let mut missing = PathBuf::new();
        for above in relative.ancestors() {
            if above == Path::new("") {
                return Ok(missing);
            }
            match self.directory.canonicalize(above) {
                Ok(found) => return Ok(join(found, &missing)),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    if self.directory.symlink_metadata(above).is_ok() {
                        let shown = self.path.join(above);
                        let what = format!("`{}` is a link that leads nowhere", shown.display());
                        return Err(io::Error::new(ErrorKind::InvalidInput, what));
                    }
                    let name = above.file_name().ok_or_else(|| no_name(relative))?;
                    missing = join(PathBuf::from(name), &missing);
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(self.leads_out(relative));
                }
                Err(error) => return Err(about("look at", &self.path.join(above), &error)),
            }
        }
        Ok(missing)
    }

    fn leads_out(&self, relative: &Path) -> io::Error {
        let shown = self.path.join(relative);
        let root = self.path.display();
        let what = format!("`{}` leads out of `{root}`", shown.display());
        io::Error::new(ErrorKind::PermissionDenied, what)
    }
}

/// Joins without the separator at the end that joining nothing would leave.
fn join(path: PathBuf, rest: &Path) -> PathBuf {
    if rest == Path::new("") {
        path
    } else {
        path.join(rest)
    }
}

fn not_a_file(shown: &Path) -> io::Error {
    let what = format!("`{}` is there and not a file", shown.display());
    io::Error::new(ErrorKind::InvalidInput, what)
}

#[cfg(unix)]
fn names(metadata: &cap_std::fs::Metadata) -> u64 {
    cap_std::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &cap_std::fs::Metadata) -> u64 {
    1
}

/// Who may read and write the file that takes the place of one that is there. What makes a program run
/// as another user isn't handed on.
#[cfg(unix)]
fn access(metadata: &cap_std::fs::Metadata) -> Access {
    let mode = cap_std::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    Access::Exactly(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

/// Who may read and write a new file follows from its directory.
#[cfg(not(unix))]
fn access(_: &cap_std::fs::Metadata) -> Access {
    Access::Ordinary
}
