//! What a file was called before, as git knows it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::git::{Ask, ask};
use crate::project::work_tree;

/// How long git may take, and how many commits it looks at.
const GIT_TIMEOUT: Duration = Duration::from_millis(800);
const MAX_COUNT_OPTION: &str = "--max-count=400";
/// Bytes of its answer that are read.
const MAX_OUTPUT_BYTES: u64 = 1 << 16;

/// Former paths of a file, the last one first; none where git or the repository can't tell.
///
/// `file` is a path as somebody wrote it, `directory` lies in the repository.
pub(super) fn former_names(directory: &Path, file: &str) -> Vec<String> {
    let Some((root, file)) = locate(directory, file) else {
        return Vec::new();
    };
    let answer = log(&root, &file).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    let mut fields = answer
        .split('\0')
        .map(|field| field.trim_start_matches('\n'));
    while let Some(status) = fields.next() {
        if status.starts_with('R')
            && let (Some(before), Some(_)) = (fields.next(), fields.next())
            && before != file
            && !names.iter().any(|name| name == before)
        {
            names.push(before.to_owned());
        }
    }
    names
}

/// The root of the repository and the path of the file in it.
fn locate(directory: &Path, file: &str) -> Option<(PathBuf, String)> {
    // The file is what a caller typed, and may be absolute.
    if files::is_network_path(&directory.to_string_lossy()) || files::is_network_path(file) {
        return None;
    }
    let directory = fs_err::canonicalize(directory).ok()?;
    let root = &work_tree(&directory)?;
    let given = Path::new(file.trim_start_matches("./"));
    let places = [directory.join(given), root.join(given)];
    let found = places.iter().find(|path| path.is_file());
    let path = match found {
        Some(path) => fs_err::canonicalize(path).ok()?,
        // It may be gone by now; git still knows it by its path.
        None => places.into_iter().nth(usize::from(!given.is_absolute()))?,
    };
    let inside = path.strip_prefix(root).ok()?.to_str()?.to_owned();
    Some((root.to_owned(), inside))
}

/// The renames that git finds in the history of a file.
fn log(root: &Path, file: &str) -> Option<String> {
    let arguments = [
        "log",
        "--follow",
        "--diff-filter=R",
        "--name-status",
        "-z",
        "--format=",
        "--no-ext-diff",
        "--no-textconv",
        MAX_COUNT_OPTION,
        "--",
        file,
    ];
    let printed = ask(&Ask {
        directory: root,
        arguments: &arguments,
        input: &[],
        time: GIT_TIMEOUT,
        bytes: MAX_OUTPUT_BYTES,
        is_lenient: false,
    })?;
    Some(String::from_utf8_lossy(&printed).into_owned())
}
