//! Files of other programs: where they really are, read with a limit, and replaced whole or not at
//! all, with the permissions that they had.
//!
//! A person's own files are found through links, since tools that manage dotfiles link them from
//! elsewhere. A project's files come from whoever wrote the project, so that no link may lead out of
//! it. Either way what is shown and written is the file itself, by its path without links.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use files::Root;

use crate::fault::Fault;

/// Bytes of a settings file at most. Clients keep some megabytes of history in theirs.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Bytes of a settings file within a project at most. Whoever wrote the project chose what is in it, and
/// parsed, tiny values take some eighty times their bytes.
const MAX_PROJECT_FILE_BYTES: u64 = 1 << 20;

/// Bytes of a file of our own at most: a copy of a client's file, or the list of them.
const MAX_OWN_BYTES: u64 = 64 << 20;

/// Links that are followed one after the other at most.
const MAX_LINKS: usize = 32;

/// A file of a client, whether it is there or not.
#[derive(Debug)]
pub(crate) struct ClientFile {
    /// Where it is; `None` if not even its project is there any more.
    place: Option<Inside>,
    real: PathBuf,
    is_of_project: bool,
}

#[derive(Debug)]
struct Inside {
    root: Root,
    relative: PathBuf,
}

impl ClientFile {
    /// Finds the file that a client opens by `path`, in a project if it is one's.
    ///
    /// Fails where links lead out of the project, in a circle or nowhere.
    pub(crate) fn find(path: &Path, project: Option<&Path>) -> Result<Self, Fault> {
        let place = match project {
            Some(project) => in_project(path, project)?,
            None => Some(anywhere(path)?),
        };
        let real = match &place {
            Some(Inside { root, relative }) => {
                root.resolve(relative).map_err(|error| refused(&error))?
            }
            None => path.to_path_buf(),
        };
        Ok(Self {
            place,
            real: plain(real),
            is_of_project: project.is_some(),
        })
    }

    /// Its path without links.
    pub(crate) fn real(&self) -> &Path {
        &self.real
    }

    /// What it holds; `None` where there is none.
    pub(crate) fn read(&self) -> Result<Option<String>, Fault> {
        let Some(Inside { root, relative }) = &self.place else {
            return Ok(None);
        };
        // Nothing is written through another name, but what is elsewhere would be read and shown.
        if self.is_of_project && root.has_other_names(relative).map_err(failed)? {
            return Err(Fault::failure(
                "it is a hard link, the same file may be outside of the project",
            )
            .hint("put a copy in its place"));
        }
        let limit = match self.is_of_project {
            true => MAX_PROJECT_FILE_BYTES,
            false => MAX_FILE_BYTES,
        };
        let bytes = root.read(relative, limit).map_err(failed)?;
        bytes.map(text).transpose()
    }

    /// Gives it new content, with the directories above it, or removes it. `before` is what the
    /// decision was made on: a file that holds something else by now, or is elsewhere, is left alone.
    pub(crate) fn replace(&self, before: Option<&str>, after: Option<&str>) -> Result<(), Fault> {
        self.unchanged(before)?;
        let Some(Inside { root, relative }) = &self.place else {
            return Ok(());
        };
        if fs_err::symlink_metadata(&self.real)
            .is_ok_and(|metadata| metadata.permissions().readonly())
        {
            return Err(Fault::failure("it is read-only")
                .hint("make it writable, or leave this client out"));
        }
        // Those that a killed run has left, and before anything is written: once the file is as it should be,
        // no later run comes by here. That they stay is no failure of this one.
        let _ = root.remove_drafts(relative);
        match after {
            Some(after) => {
                let mut draft = root.draft(relative).map_err(failed)?;
                draft.write_all(after.as_bytes()).map_err(failed)?;
                // Clients write these files often, so look again at the last moment.
                self.unchanged(before)?;
                draft.replace().map_err(failed)?;
            }
            None if before.is_some() => root.remove(relative).map_err(failed)?,
            None => return Ok(()),
        }
        Ok(())
    }

    fn unchanged(&self, before: Option<&str>) -> Result<(), Fault> {
        let is_there = match &self.place {
            Some(Inside { root, relative }) => {
                let there = root.resolve(relative).map_err(|error| refused(&error))?;
                plain(there) == self.real
            }
            None => true,
        };
        if is_there && self.read()?.as_deref() == before {
            return Ok(());
        }
        Err(Fault::failure("it was changed by somebody else just now")
            .hint("run the command again"))
    }

    /// The directories that have to be made before the file can be, outermost first.
    pub(crate) fn missing_dirs(&self) -> Vec<PathBuf> {
        let dirs = self.real.ancestors().skip(1);
        let mut missing: Vec<PathBuf> = dirs
            .take_while(|dir| !dir.exists())
            .map(Path::to_path_buf)
            .collect();
        missing.reverse();
        missing
    }
}

/// A file below a project. The working directory has no links in its path: a project that has some
/// by now is another directory.
fn in_project(path: &Path, project: &Path) -> Result<Option<Inside>, Fault> {
    let root = match Root::open(project) {
        Ok(root) => root,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if cfg!(unix) && root.path() != project {
        let (project, found) = (project.display(), root.path().display());
        return Err(Fault::failure(format!(
            "`{project}` leads to `{found}`, which is another directory"
        )));
    }
    let relative = path
        .strip_prefix(project)
        .map_err(|_| Fault::failure(format!("it is not in `{}`", project.display())))?;
    Ok(Some(Inside {
        root,
        relative: relative.to_path_buf(),
    }))
}

/// A file of the person's own: the lowest directory above it that is there, links followed.
fn anywhere(path: &Path) -> Result<Inside, Fault> {
    let path = behind_links(path)?;
    let parent = path.parent().unwrap_or(&path);
    for above in parent.ancestors() {
        match Root::open(above) {
            Ok(root) => {
                let relative = path.strip_prefix(above).unwrap_or(&path).to_path_buf();
                return Ok(Inside { root, relative });
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(Fault::failure(format!(
        "`{}` names no file",
        path.display()
    )))
}

/// The file itself, where the last part of a path is a link to one.
fn behind_links(path: &Path) -> Result<PathBuf, Fault> {
    let mut path = std::path::absolute(path).map_err(failed)?;
    for _ in 0..MAX_LINKS {
        match fs_err::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = fs_err::read_link(&path).map_err(failed)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(Fault::failure("its links lead in a circle"))
}

/// A path as people write it: on Windows one without links begins with `\\?\`.
fn plain(path: PathBuf) -> PathBuf {
    let drive = path.to_str().and_then(|path| path.strip_prefix(r"\\?\"));
    match drive {
        Some(drive) if cfg!(windows) && !drive.starts_with("UNC") => PathBuf::from(drive),
        _ => path,
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Fault::failure(format!("byte {at} is no UTF-8"))
    })
}

/// A file of our own; `None` where there is none.
pub(crate) fn read_own(path: &Path) -> Result<Option<String>, Fault> {
    match files::read_text(path, MAX_OWN_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Writes a file that its owner alone can read, whole or not at all.
pub(crate) fn write_own(path: &Path, text: &str) -> Result<(), Fault> {
    let write = || {
        let mut draft = files::Draft::new(path, files::Access::Private)?;
        draft.write_all(text.as_bytes())?;
        draft.replace()
    };
    write().map_err(failed)
}

/// Removes what a killed run left half written in a directory of our own, which nobody else is
/// writing to.
pub(crate) fn remove_own_drafts(dir: &Path) {
    for entry in fs_err::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(".lorekeep") {
            // One that stays takes some room and does no harm.
            let _ = fs_err::remove_file(entry.path());
        }
    }
}

/// Removes a directory if nothing is in it.
pub(crate) fn remove_if_empty(dir: &Path) {
    // Whatever else is in it is a reason to leave it.
    let _ = fs_err::remove_dir(dir);
}

/// A failed call as a fault: its text names the path already.
pub(crate) fn failed(error: impl std::fmt::Display) -> Fault {
    Fault::failure(error.to_string())
}

/// A path that can't be followed to its end, with the remedy.
fn refused(error: &std::io::Error) -> Fault {
    let fault = failed(error);
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::InvalidInput => {
            fault.hint("put a file or nothing in the link's place")
        }
        _ => fault,
    }
}
