//! Which project a working directory belongs to.
//!
//! A git repository is one project, wherever its worktrees and clones lie: it is told by its remote
//! where it has one, else by its common directory. Elsewhere the directory itself is the project.
//! Directories that are gone are told by what the log says, and by the layout of worktrees that
//! assistants make.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use transcript::Message;

/// What identifies a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// `git:<remote>`, `dir:<path>` or `name:<given name>`.
    pub(crate) key: Arc<str>,
    /// Where the project lies, if it is known.
    pub(crate) path: Option<String>,
    /// The working directory that this was found from.
    pub(crate) directory: Option<Arc<str>>,
}

/// The name of the project of messages that say nothing about where they were said.
pub(crate) const UNSORTED: &str = "name:unsorted";

/// Finds projects, and remembers what it found: logs repeat few directories many times.
#[derive(Default)]
pub(crate) struct Resolver {
    known: FxHashMap<(Option<Arc<str>>, Option<Arc<str>>), Arc<Identity>>,
}

impl Resolver {
    /// The project of a message.
    pub(crate) fn of_message(&mut self, message: &Message) -> Arc<Identity> {
        if let Some(name) = &message.project {
            return self.remember((None, Some(Arc::clone(name))), || Identity {
                key: format!("name:{name}").into(),
                path: None,
                directory: None,
            });
        }
        let at = (message.cwd.clone(), message.remote.clone());
        self.remember(at.clone(), || match &at.0 {
            Some(cwd) => of_directory(cwd, at.1.as_deref()),
            None => Identity { key: UNSORTED.into(), path: None, directory: None },
        })
    }

    fn remember(
        &mut self,
        at: (Option<Arc<str>>, Option<Arc<str>>),
        find: impl FnOnce() -> Identity,
    ) -> Arc<Identity> {
        Arc::clone(self.known.entry(at).or_insert_with(|| Arc::new(find())))
    }
}

/// The project of a working directory, with the remote that the log gives for it.
pub(crate) fn of_directory(cwd: &str, logged_remote: Option<&str>) -> Identity {
    let directory = Some(Arc::from(cwd));
    let repository = repository(Path::new(cwd));
    let remote = repository.as_ref().and_then(|repo| repo.remote.as_deref()).or(logged_remote);
    let root = match &repository {
        Some(repository) => repository.root.to_string_lossy().into_owned(),
        None => without_worktree(cwd).to_owned(),
    };
    let key = match remote.and_then(normal_remote) {
        Some(remote) => format!("git:{remote}").into(),
        None => format!("dir:{root}").into(),
    };
    Identity { key, path: Some(root), directory }
}

/// A directory without the part that assistants add for their worktrees.
fn without_worktree(path: &str) -> &str {
    let path = path.trim_end_matches(['/', '\\']);
    for marker in ["/.claude/worktrees/", "/.codex/worktrees/", "\\.claude\\worktrees\\"] {
        if let Some(at) = path.find(marker) {
            return &path[..at];
        }
    }
    path
}

/// A git repository on disk.
struct Repository {
    /// The main working tree, or the bare repository.
    root: PathBuf,
    remote: Option<String>,
}

/// The repository that a directory lies in.
fn repository(directory: &Path) -> Option<Repository> {
    if !directory.is_absolute() {
        return None;
    }
    let git = directory.ancestors().map(|path| path.join(".git")).find(|git| git.exists())?;
    let common = if git.is_dir() {
        git
    } else {
        // A worktree or submodule: the file names its own git directory, and that the common one.
        let text = fs_err::read_to_string(&git).ok()?;
        let own = git.parent()?.join(text.trim().strip_prefix("gitdir:")?.trim());
        match fs_err::read_to_string(own.join("commondir")) {
            Ok(common) => own.join(common.trim()),
            Err(_) => own,
        }
    };
    let common = fs_err::canonicalize(common).ok()?;
    let root = if common.file_name().is_some_and(|name| name == ".git") {
        common.parent()?.to_owned()
    } else {
        common.clone()
    };
    let remote = fs_err::read_to_string(common.join("config")).ok().and_then(|c| remote_of(&c));
    Some(Repository { root, remote })
}

/// The URL of `origin`, else of the first remote, in a git configuration.
fn remote_of(config: &str) -> Option<String> {
    let (mut section, mut first) = ("", None);
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section.starts_with("[remote ")
            && let Some((name, url)) = line.split_once('=')
            && name.trim() == "url"
        {
            let url = url.trim().trim_matches('"').to_owned();
            if section == "[remote \"origin\"]" {
                return Some(url);
            }
            first = first.or(Some(url));
        }
    }
    first
}

/// A remote's host and path, the same for its SSH and HTTPS forms, without user, port and secrets.
fn normal_remote(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let is_url = url.contains("://");
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let (host, path) = if is_url {
        let (host, path) = rest.split_once('/')?;
        (host.split(':').next()?, path)
    } else {
        // A local path is no identity that another clone would share.
        let (host, path) = rest.split_once(':')?;
        if host.contains(['/', '\\']) || host.len() < 2 {
            return None;
        }
        (host, path)
    };
    let path = path.trim_matches('/').trim_end_matches(".git");
    if host.is_empty() || path.is_empty() {
        return None;
    }
    Some(format!("{}/{path}", host.to_ascii_lowercase()))
}

/// The parts of a project's name, the shortest first: `shop`, `acme/shop`, …
pub(crate) fn names(key: &str) -> Vec<String> {
    if let Some(name) = key.strip_prefix("name:") {
        return vec![name.to_owned()];
    }
    let path = key.split_once(':').map_or(key, |(_, path)| path);
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return vec![path.to_owned()];
    }
    (1..=parts.len()).map(|n| parts[parts.len() - n..].join("/")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_remote_are_one_project() {
        for url in [
            "git@github.com:acme/shop.git",
            "https://github.com/acme/shop",
            "ssh://git@GitHub.com:22/acme/shop.git/",
            "https://user:secret@github.com/acme/shop.git",
        ] {
            assert_eq!(normal_remote(url).as_deref(), Some("github.com/acme/shop"), "{url}");
        }
        assert_eq!(normal_remote("/srv/git/shop.git"), None);
        assert_eq!(normal_remote("C:\\repos\\shop"), None);
    }

    #[test]
    fn names_grow_until_they_differ() {
        assert_eq!(names("git:github.com/acme/shop")[..2], ["shop", "acme/shop"]);
        assert_eq!(names("dir:C:\\work\\shop")[0], "shop");
        assert_eq!(names("name:conv-26"), ["conv-26"]);
    }

    #[test]
    fn an_assistants_worktree_belongs_to_its_repository() {
        assert_eq!(without_worktree("/home/a/shop/.claude/worktrees/fix-1/src"), "/home/a/shop");
    }
}
