//! Folders of documents.

use std::path::{Path, PathBuf};

use document::DocumentKind;

/// Files that are taken of a folder.
const MAX_FILES: usize = 20_000;

/// How deep folders are looked into.
const MAX_DEPTH: usize = 32;

/// Folders of programs, whose files nobody wrote to be looked up.
const LEFT_OUT: &[&str] = &["node_modules", "target", "__pycache__", "venv"];

/// The documents below a folder, by their names in order, and what couldn't be looked into. Links aren't
/// followed, and hidden files and folders are left out.
#[must_use]
pub fn documents_below(folder: &Path) -> (Vec<PathBuf>, Vec<String>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match fs_err::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    problems.push(error.to_string());
                    continue;
                }
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < MAX_DEPTH && !LEFT_OUT.contains(&name.as_str()) {
                open.push((entry.path(), depth + 1));
            } else if kind.is_file() && DocumentKind::is_document_name(&name) {
                found.push(entry.path());
            }
        }
        if found.len() > MAX_FILES {
            problems.push(format!(
                "`{}` has more than {MAX_FILES} files: the rest is left out",
                folder.display()
            ));
            found.truncate(MAX_FILES);
            break;
        }
    }
    found.sort();
    (found, problems)
}
