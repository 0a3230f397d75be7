//! Reading and replacing files of other programs: whole or not at all, through links, with the
//! permissions that they had.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::edit::Fault;

/// What a file holds; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Fault> {
    let bytes = match fs_err::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::new(error.to_string())),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Fault::new(format!("byte {at} is no UTF-8"))
    })
}

/// Gives a file new content, or removes it. `before` is what the decision was made on: a file
/// that holds something else by now is left alone.
pub(crate) fn replace(path: &Path, before: Option<&str>, after: Option<&str>) -> Result<(), Fault> {
    let path = behind_links(path)?;
    unchanged(&path, before)?;
    if let Ok(metadata) = fs_err::metadata(&path)
        && metadata.permissions().readonly()
    {
        return Err(
            Fault::new("it is read-only").hint("make it writable, or leave this client out")
        );
    }
    match after {
        Some(after) => write(&path, before, after),
        None if before.is_some() => fs_err::remove_file(&path).map_err(failed),
        None => Ok(()),
    }
}

fn unchanged(path: &Path, before: Option<&str>) -> Result<(), Fault> {
    if read(path)?.as_deref() == before {
        return Ok(());
    }
    Err(Fault::new("it was changed by somebody else just now").hint("run the command again"))
}

fn write(path: &Path, before: Option<&str>, after: &str) -> Result<(), Fault> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Always the same name, so that the next run writes over what a killed one left.
    let beside = path.with_file_name(format!(".{name}.lorekeep"));
    let written = fill(&beside, path, after)
        .map_err(failed)
        // Clients write these files often, so look again at the last moment.
        .and_then(|()| unchanged(path, before))
        .and_then(|()| fs_err::rename(&beside, path).map_err(failed));
    if written.is_err() {
        // It may not even have been made.
        let _ = fs_err::remove_file(&beside);
    }
    written
}

fn fill(beside: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs_err::File::create(beside)?;
    if let Ok(metadata) = fs_err::metadata(path) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The file itself, where links lead to one: tools that manage dotfiles link them from elsewhere.
fn behind_links(path: &Path) -> Result<PathBuf, Fault> {
    let mut path = path.to_path_buf();
    for _ in 0..32 {
        match fs_err::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = fs_err::read_link(&path).map_err(failed)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(Fault::new("its links lead in a circle"))
}

/// The directories that have to be made before the file can be, outermost first.
pub(crate) fn missing_dirs(path: &Path) -> Vec<PathBuf> {
    let dirs = path.ancestors().skip(1);
    let mut missing: Vec<PathBuf> = dirs
        .take_while(|dir| !dir.exists())
        .map(Path::to_path_buf)
        .collect();
    missing.reverse();
    missing
}

/// Removes a directory if nothing is in it.
pub(crate) fn remove_if_empty(dir: &Path) {
    // Whatever else is in it is a reason to leave it.
    let _ = fs_err::remove_dir(dir);
}

/// A failed call as a fault: its text names the path already.
pub(crate) fn failed(error: impl std::fmt::Display) -> Fault {
    Fault::new(error.to_string())
}
