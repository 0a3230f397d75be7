//! The git repository that a directory lies in: found as git finds it, and told by the rules that git has
//! for what it accepts, so that a directory can't claim another repository's name.
//!
//! Any of what is looked at may have come with a clone or an archive that somebody unpacked. A
//! repository has a valid `HEAD`, `objects` and `refs`, and its owner is the person (gitrepository-layout(5),
//! `safe.directory` in git-config(1)). Beyond that, and more strictly than git by default: a repository
//! without working tree doesn't count below the working tree of another one (`safe.bareRepository`), and
//! a `.git` that leads elsewhere counts only if what it leads to leads back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::config;
use crate::git::{Ask, ask};

/// Bytes of a file of git that are read; what counts is at its start.
const MAX_GIT_FILE_BYTES: u64 = 64 << 10;

/// Further working trees of a repository that are looked at.
const MAX_WORKTREES: usize = 256;

/// How long git may take to find the first commit: it walks the whole history.
const ROOT_COMMIT_TIMEOUT: Duration = Duration::from_millis(800);

/// A git repository on disk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The main working tree, or the repository without one.
    pub(crate) root: PathBuf,
    /// The URL of `origin`, else of the first remote.
    pub(crate) remote: Option<String>,
}

/// The repository that a directory lies in. The directory itself may be gone. Nothing of it is opened
/// that isn't a regular file, and no path that reaches another machine.
pub(crate) fn find(directory: &Path) -> Option<Repository> {
    let top = work_tree(directory)?;
    let found = git_directories(&top)?;
    is_accepted(&top, &found).then(|| repository(&top, &found))?
}

/// The working tree, or repository without one, that a directory lies in.
///
/// The first working tree above counts, even if a repository without working tree lies further below,
/// and where its `.git` is none that git accepts, the next one above.
pub(crate) fn work_tree(directory: &Path) -> Option<PathBuf> {
    if !directory.is_absolute() || is_elsewhere(directory) {
        return None;
    }
    let tree = directory.ancestors().find(|path| {
        // A file or a link says something that isn't checked here yet: whatever lies above isn't asked.
        std::fs::symlink_metadata(path.join(".git"))
            .is_ok_and(|git| !git.is_dir() || is_git_directory(&path.join(".git")))
    });
    let bare = || directory.ancestors().find(|path| is_git_directory(path));
    tree.or_else(bare).map(Path::to_owned)
}

/// Further working trees of a repository on disk that git still lists, though they are gone. That says a
/// repository of itself; who asks has to see that nothing else is known of them.
pub(crate) fn gone_worktrees(root: &Path) -> Vec<PathBuf> {
    let Some(common) = [".git", ".bare"]
        .iter()
        .find_map(|name| real(&root.join(name)).filter(|git| is_git_directory(git)))
    else {
        return Vec::new();
    };
    let Ok(entries) = fs_err::read_dir(common.join("worktrees")) else {
        return Vec::new();
    };
    let entries = entries.take(MAX_WORKTREES).filter_map(Result::ok);
    let tree = |entry: fs_err::DirEntry| {
        let git = named_path(&entry.path().join("gitdir"), "", &entry.path())?;
        let tree = git.parent().filter(|_| git.ends_with(".git"))?;
        let is_gone = tree.is_absolute() && !is_elsewhere(tree) && tree.symlink_metadata().is_err();
        is_gone.then(|| tree.to_owned())
    };
    entries.filter_map(tree).collect()
}

/// The id of the first commit that `HEAD` comes from, of several the one that git names last; `None` if
/// there is none or git takes too long to walk there.
pub(crate) fn root_commit(root: &Path) -> Option<String> {
    let printed = ask(&Ask {
        directory: root,
        arguments: &["rev-list", "--max-parents=0", "HEAD"],
        input: &[],
        time: ROOT_COMMIT_TIMEOUT,
        bytes: 8192,
        is_lenient: false,
    })?;
    let printed = String::from_utf8(printed).ok()?;
    let id = printed.lines().last()?.trim();
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.to_owned())
}

/// Where the parts of a repository are.
#[derive(Debug)]
struct GitDirectories {
    /// What belongs to one working tree.
    own: PathBuf,
    /// What all working trees share.
    common: PathBuf,
    kind: RepositoryKind,
}

#[derive(Debug, PartialEq, Eq)]
enum RepositoryKind {
    /// `.git` in its working tree, or a repository without one.
    Plain,
    /// A further working tree (git-worktree(1)).
    Worktree,
    /// A `.git` that names a directory elsewhere: a submodule's, as a rule.
    Linked,
}

fn git_directories(top: &Path) -> Option<GitDirectories> {
    let git = top.join(".git");
    let plain = |directory: PathBuf| GitDirectories {
        common: directory.clone(),
        own: directory,
        kind: RepositoryKind::Plain,
    };
    let Ok(metadata) = std::fs::symlink_metadata(&git) else {
        return Some(plain(real(top)?));
    };
    if metadata.is_dir() {
        // Such a file in a plain repository would make another's configuration count for it.
        let is_plain = std::fs::symlink_metadata(git.join("commondir")).is_err();
        return Some(plain(real(&git)?)).filter(|_| is_plain);
    }
    if metadata.is_symlink() {
        let own = real(&git)?;
        return Some(GitDirectories {
            common: own.clone(),
            own,
            kind: RepositoryKind::Linked,
        });
    }
    let own = real(&named_path(&git, "gitdir:", top)?)?;
    match named_path(&own.join("commondir"), "", &own) {
        Some(common) => Some(GitDirectories {
            common: real(&common)?,
            own,
            kind: RepositoryKind::Worktree,
        }),
        None => Some(GitDirectories {
            common: own.clone(),
            own,
            kind: RepositoryKind::Linked,
        }),
    }
}

/// Whether git would accept it for this working tree, and the repository does so too.
fn is_accepted(top: &Path, found: &GitDirectories) -> bool {
    let has_head = is_head(&found.own.join("HEAD"));
    let is_whole = has_head && has_objects(&found.common);
    is_whole && leads_back(top, found) && owner::accepts(top, &found.own, &found.common)
}

/// Whether a repository says of itself that this is its working tree. Without that, one file would be
/// enough to get at what belongs to any repository whose place can be guessed.
fn leads_back(top: &Path, found: &GitDirectories) -> bool {
    let is_top = |path: PathBuf| real(&path).is_some() && real(&path) == real(top);
    match found.kind {
        RepositoryKind::Plain => true,
        RepositoryKind::Worktree => {
            let back = named_path(&found.own.join("gitdir"), "", &found.own);
            let in_common = found.own.parent() == Some(&found.common.join("worktrees"));
            in_common
                && back.is_some_and(|git| {
                    git.ends_with(".git")
                        && git.parent().is_some_and(|tree| is_top(tree.to_owned()))
                })
        }
        // People keep a repository in a directory beside its working trees, too.
        RepositoryKind::Linked if found.own.parent().map(Path::to_owned) == real(top) => true,
        RepositoryKind::Linked => {
            let config = config_of(&found.common);
            let tree = config::value(&config, "core", None, "worktree");
            tree.and_then(|tree| beside(&found.common, tree))
                .is_some_and(is_top)
        }
    }
}

fn repository(top: &Path, found: &GitDirectories) -> Option<Repository> {
    let config = config_of(&found.common);
    let is_in_tree = matches!(
        found.common.file_name().and_then(|name| name.to_str()),
        // `.bare` is where people hide a repository that has its working trees beside it.
        Some(".git" | ".bare")
    );
    let root = match found.kind {
        RepositoryKind::Plain | RepositoryKind::Worktree if is_in_tree => {
            found.common.parent()?.to_owned()
        }
        RepositoryKind::Plain => found.common.clone(),
        // Of a submodule: what leads back was checked for the one that is at hand.
        RepositoryKind::Worktree => match config::value(&config, "core", None, "worktree") {
            Some(tree) => real(&beside(&found.common, tree)?)?,
            None => found.common.clone(),
        },
        RepositoryKind::Linked => real(top)?,
    };
    Some(Repository {
        root,
        remote: config::remote(&config).map(str::to_owned),
    })
}

/// The configuration as far as it is read; without one nothing is configured.
fn config_of(common: &Path) -> String {
    let bytes = files::read_start(&common.join("config"), MAX_GIT_FILE_BYTES);
    let mut text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    if text.len() as u64 >= MAX_GIT_FILE_BYTES {
        // The last line may be half of one.
        text.truncate(text.rfind('\n').unwrap_or(0));
    }
    text
}

/// Whether a directory is one of git, by its rules for it.
fn is_git_directory(path: &Path) -> bool {
    has_objects(path) && is_head(&path.join("HEAD"))
}

fn has_objects(path: &Path) -> bool {
    path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// Whether a file is a `HEAD`: a branch, or the id of a commit. It may be a link to a branch.
fn is_head(path: &Path) -> bool {
    if let Ok(target) = std::fs::read_link(path) {
        return target.starts_with("refs");
    }
    let text = files::read_start(path, 256).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    match text.strip_prefix("ref:") {
        Some(name) => name.trim_start().starts_with("refs/"),
        None => {
            let id = text.trim_end();
            matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
    }
}

/// The path that a file of git holds after `mark`, taken from `directory`.
fn named_path(file: &Path, mark: &str, directory: &Path) -> Option<PathBuf> {
    let text = files::read_text(file, MAX_GIT_FILE_BYTES).ok()?;
    let path = text.strip_prefix(mark)?.trim();
    (!path.is_empty()).then(|| beside(directory, path))?
}

/// A path taken from a directory, unless it reaches another machine.
fn beside(directory: &Path, path: &str) -> Option<PathBuf> {
    (!files::is_network_path(path)).then(|| directory.join(path))
}

fn is_elsewhere(path: &Path) -> bool {
    files::is_network_path(&path.to_string_lossy())
}

fn real(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

#[cfg(unix)]
mod owner {
    //! Whose repository it is.

    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;
    use std::time::Duration;

    use crate::git::{Ask, ask};

    /// How long git may take to say what it thinks of it.
    const GIT_TIMEOUT: Duration = Duration::from_secs(2);

    /// Whether git accepts its owner: the person, or whom their settings of git name (`safe.directory`),
    /// which git itself is asked about.
    pub(super) fn accepts(top: &Path, own: &Path, common: &Path) -> bool {
        let person = rustix::process::geteuid().as_raw();
        let is_theirs = |path: &Path| {
            std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() == person)
        };
        let git = top.join(".git");
        let has_git = std::fs::symlink_metadata(&git).is_ok();
        let all_theirs =
            is_theirs(top) && is_theirs(own) && is_theirs(common) && (!has_git || is_theirs(&git));
        all_theirs || asked(top)
    }

    fn asked(top: &Path) -> bool {
        ask(&Ask {
            directory: top,
            arguments: &["rev-parse", "--git-dir"],
            input: &[],
            time: GIT_TIMEOUT,
            bytes: 4096,
            is_lenient: false,
        })
        .is_some()
    }
}

#[cfg(not(unix))]
mod owner {
    //! Whose repository it is: not looked at where files have no owner in the sense of Unix.

    use std::path::Path;

    pub(super) fn accepts(_: &Path, _: &Path, _: &Path) -> bool {
        true
    }
}
