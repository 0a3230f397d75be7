//! Which paths of logs mean the file at hand: in its repository, in other clones and worktrees of
//! it, and under the names that it had before.

use std::path::{Path, PathBuf};

use crate::project::work_tree;

/// The root of the clone or worktree that a copy of the file lies in. Each copy is replayed by itself,
/// since copies change independently.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FileCopy(pub(super) String);

/// The file that was asked about, and the names that it has or had below its root.
#[derive(Debug)]
pub(super) struct FileNames {
    /// The file, absolute.
    file: String,
    /// The directory that names are relative to: the repository or the project.
    root: Option<String>,
    /// Names below the root, with `/`, the current one first.
    names: Vec<String>,
}

impl FileNames {
    pub(super) fn new(file: &Path, root: Option<&Path>) -> Self {
        let slashes = |path: &Path| slashes(&path.to_string_lossy());
        let (file, root) = (slashes(file), root.map(slashes));
        let below = root.as_deref().and_then(|root| below(&file, root));
        let names = below.map(str::to_owned).into_iter().collect();
        Self { file, root, names }
    }

    /// The name below the root, if there is a root.
    pub(super) fn name(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Adds a name below the root that the file had too.
    pub(super) fn also(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// How many names are known.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// Notes that a log says that a file was moved: if the new name is this file's, the old one is added.
    pub(super) fn moved(&mut self, old: &str, new: &str, cwd: Option<&str>) {
        let into = format!("{}/{}", new.trim_end_matches('/'), last_part(old));
        let Some(place) = self.find(new, cwd).or_else(|| self.find(&into, cwd)) else {
            return;
        };
        let (old, cwd) = (slashes(old), cwd.map(slashes));
        let old = match (is_absolute(&old), cwd) {
            (false, Some(cwd)) => tidy(&format!("{cwd}/{old}")),
            _ => tidy(&old),
        };
        let name = below(&old, &place.0).unwrap_or(&old);
        if !is_absolute(name) {
            let name = name.to_owned();
            self.also(&name);
        }
    }

    /// Where the current copy lies.
    pub(super) fn own(&self) -> FileCopy {
        FileCopy(self.root.clone().unwrap_or_default())
    }

    /// The last parts of all names.
    pub(super) fn last_parts(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.names.iter().map(|name| last_part(name)).collect();
        parts.push(last_part(&self.file));
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The copy that a path in a log means, relative to the working directory `cwd`; `None` if it means
    /// another file.
    pub(super) fn find(&self, path: &str, cwd: Option<&str>) -> Option<FileCopy> {
        let cwd = cwd.map(slashes);
        let given = slashes(path);
        let path = match (is_absolute(&given), cwd.as_deref()) {
            (true, _) => tidy(&given),
            (false, Some(cwd)) => tidy(&format!("{cwd}/{given}")),
            // Nothing tells where it was: the name must do.
            (false, None) => {
                let given = tidy(&given);
                return self.names.contains(&given).then(|| self.own());
            }
        };
        if same(&path, &self.file) {
            return Some(self.own());
        }
        let root = self.root.as_deref();
        if let Some(below) = root.and_then(|root| below(&path, root)) {
            let known = self.names.iter().any(|name| same(name, below));
            return match (known, worktree(below)) {
                (true, _) => Some(self.own()),
                // A worktree that lies in the repository itself.
                (false, Some((tree, name))) if self.names.iter().any(|known| known == name) => {
                    Some(FileCopy(format!("{}/{tree}", root.unwrap_or_default())))
                }
                _ => None,
            };
        }
        self.elsewhere(&path, cwd.as_deref())
    }

    /// The clone that a path outside the repository lies in.
    fn elsewhere(&self, path: &str, cwd: Option<&str>) -> Option<FileCopy> {
        let root = self.names.iter().find_map(|name| {
            let root = path.strip_suffix(name.as_str())?.strip_suffix('/')?;
            is_root(root, cwd).then_some(root)
        })?;
        Some(FileCopy(root.to_owned()))
    }
}

/// Whether a directory may be the root of a clone: the work went on in it or below it, or it looks
/// like one on disk.
fn is_root(root: &str, cwd: Option<&str>) -> bool {
    let within = cwd.is_none_or(|cwd| same(cwd, root) || below(cwd, root).is_some());
    within
        || worktree(root).is_some()
        || work_tree(Path::new(root)).as_deref() == Some(Path::new(root))
}

/// A path below a repository that lies in a worktree there: the worktree and the name in it.
fn worktree(path: &str) -> Option<(&str, &str)> {
    const WORKTREE_PARENTS: [&str; 4] = [
        ".claude/worktrees/",
        ".codex/worktrees/",
        ".worktrees/",
        "worktrees/",
    ];
    let after = WORKTREE_PARENTS
        .iter()
        .find_map(|parent| path.find(parent).map(|at| at + parent.len()))?;
    let end = path[after..].find('/').map_or(path.len(), |at| after + at);
    Some((&path[..end], path[end..].trim_start_matches('/')))
}

/// A path with `/` only, in its one form.
fn slashes(path: &str) -> String {
    let plain = path.strip_prefix(r"\\?\").unwrap_or(path);
    let is_windows = plain.as_bytes().get(1) == Some(&b':') || plain.starts_with('\\');
    let slashed = match is_windows || cfg!(windows) {
        true => plain.replace('\\', "/"),
        false => plain.to_owned(),
    };
    match slashed.trim_end_matches('/') {
        "" => slashed,
        trimmed => trimmed.to_owned(),
    }
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// A path without `.` and `..`.
pub(super) fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let start = if path.starts_with('/') { "/" } else { "" };
    format!("{start}{}", parts.join("/"))
}

/// Whether two paths are one; drives' file systems don't heed case.
fn same(a: &str, b: &str) -> bool {
    let has_drive = |path: &str| path.as_bytes().get(1) == Some(&b':');
    a == b || has_drive(a) && has_drive(b) && a.eq_ignore_ascii_case(b)
}

/// The rest of a path below a directory.
fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    let start = path.get(..directory.len())?;
    let rest = path.get(directory.len()..)?;
    let rest = if directory.ends_with('/') {
        rest
    } else {
        rest.strip_prefix('/')?
    };
    (same(start, directory) && !rest.is_empty()).then_some(rest)
}

pub(super) fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The file, absolute and without links on the way where it is there.
pub(super) fn absolute(file: &Path) -> PathBuf {
    if let Ok(real) = fs_err::canonicalize(file) {
        return real;
    }
    let parent = file
        .parent()
        .and_then(|parent| fs_err::canonicalize(parent).ok());
    match (parent, file.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, cwd: Option<&str>, expected: Option<&str>) {
        let mut places =
            FileNames::new(Path::new("/w/shop/src/net.rs"), Some(Path::new("/w/shop")));
        places.also("lib/net.rs");
        let found = places.find(path, cwd).map(|place| place.0);
        assert_eq!(found.as_deref(), expected, "{path} in {cwd:?}");
    }

    #[test]
    fn paths_mean_the_file_where_they_lead_to_it() {
        check("/w/shop/src/net.rs", None, Some("/w/shop"));
        check("/w/shop/lib/net.rs", None, Some("/w/shop"));
        check("net.rs", Some("/w/shop/src"), Some("/w/shop"));
        check("./src/../src/net.rs", Some("/w/shop"), Some("/w/shop"));
        check("src/net.rs", None, Some("/w/shop"));
    }

    #[test]
    fn clones_and_worktrees_are_copies() {
        check("/old/shop/src/net.rs", Some("/old/shop"), Some("/old/shop"));
        check("src/net.rs", Some("/old/shop"), Some("/old/shop"));
        let tree = "/w/shop/.claude/worktrees/fix";
        check(&format!("{tree}/src/net.rs"), Some("/w/shop"), Some(tree));
        check(
            "/old/shop/src/net.rs",
            Some("/old/shop/src"),
            Some("/old/shop"),
        );
    }

    #[test]
    fn files_of_the_same_name_are_others() {
        check("/w/shop/packages/a/src/net.rs", Some("/w/shop"), None);
        check("src/net.rs", Some("/w/shop/packages/a"), None);
        check("/old/shop/packages/a/src/net.rs", Some("/old/shop"), None);
        check("/w/shop/net.rs", None, None);
        check("net.rs", Some("/old/shop"), None);
    }
}
