//! What git's rules of what to ignore are read from, looked at before they are read: the library
//! that reads them opens whatever has the name, and would wait for a named pipe or read a device
//! without end.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::job::ScanTrouble;

/// Bytes of a file of rules at most.
const MAX_RULES_BYTES: u64 = 16 << 20;

/// Bytes of the files that say where a repository is at most.
const MAX_POINTER_BYTES: u64 = 64 << 10;

/// What is wrong with the rules of a directory and of those above it, if something is.
pub(super) fn trouble_above(directory: &Path) -> Option<ScanTrouble> {
    let whole = fs_err::canonicalize(directory).ok()?;
    whole.ancestors().find_map(trouble)
}

/// What is wrong with the rules of a directory, if something is.
pub(super) fn trouble(directory: &Path) -> Option<ScanTrouble> {
    match check(directory) {
        Ok(()) => None,
        Err(what) => Some(ScanTrouble {
            what: format!(
                "{what}, nothing below `{}` was looked at",
                directory.display()
            ),
            hint: Some("`--no-ignore` looks through everything, whatever git ignores"),
        }),
    }
}

fn check(directory: &Path) -> Result<(), String> {
    rules(&directory.join(".gitignore"))?;
    let git = directory.join(".git");
    match fs_err::metadata(&git) {
        Ok(metadata) if metadata.is_dir() => rules(&git.join("info/exclude")),
        Ok(_) => match common(&git)? {
            Some(common) => rules(&common.join("info/exclude")),
            None => Ok(()),
        },
        Err(_) => Ok(()),
    }
}

/// The repository's directory that a `.git` file leads to, by way of a work tree's own.
fn common(git: &Path) -> Result<Option<PathBuf>, String> {
    let Some(line) = pointer(git)? else {
        return Ok(None);
    };
    let Some(own) = line.strip_prefix("gitdir: ").map(Path::new) else {
        return Ok(None);
    };
    local(own)?;
    let Some(line) = pointer(&own.join("commondir"))? else {
        return Ok(None);
    };
    local(Path::new(&line))?;
    Ok(Some(own.join(line)))
}

/// The first line of a small file.
fn pointer(path: &Path) -> Result<Option<String>, String> {
    match files::read(path, MAX_POINTER_BYTES) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(text.lines().next().map(str::to_owned))
        }
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn local(path: &Path) -> Result<(), String> {
    if files::is_network_path(&path.to_string_lossy()) {
        return Err(format!("`{}` is on another machine", path.display()));
    }
    Ok(())
}

fn rules(path: &Path) -> Result<(), String> {
    match fs_err::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_RULES_BYTES => Ok(()),
        Ok(metadata) if metadata.is_file() => Err(format!(
            "`{}` is longer than {MAX_RULES_BYTES} bytes",
            path.display()
        )),
        // Reading a directory fails by itself.
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(format!("`{}` is not a file", path.display())),
        // What can't be looked at can't be read either.
        Err(_) => Ok(()),
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied
    )
}
