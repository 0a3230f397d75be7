//! Which project a working directory belongs to.
//!
//! A git repository is one project, wherever its worktrees and clones lie: it is identified by its remote
//! if it has one, else by its main directory. Elsewhere the directory itself is the project. For
//! directories that are gone, the remote that the log names counts, and the layout of worktrees that
//! assistants make.

mod config;
mod repository;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use transcript::Message;

pub(crate) use repository::work_tree;

use crate::guards::{Cleaner, Inbound, Masked};

/// What identifies a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// `git:<remote>`, `dir:<path>` or `name:<given name>`.
    pub(crate) key: Arc<str>,
    /// Where the project lies, if it is known.
    pub(crate) path: Option<String>,
    /// The working directory that this was found from, as the log has it.
    pub(crate) directory: Option<Arc<str>>,
    /// How it was found.
    pub(crate) basis: Basis,
}

/// How an [`Identity`] was found, which says how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A repository on this machine.
    Repository,
    /// The remote that the log names; the directory is gone or elsewhere.
    Remote,
    /// The path alone; what the archive knows of that path otherwise takes precedence.
    Path,
    /// A name that the source gave.
    Name,
}

/// The name of the project of messages that say nothing about where they were said.
const UNSORTED_NAME: &str = "unsorted";

/// What a message says about where it was said.
#[derive(PartialEq, Eq, Hash)]
struct LoggedPlace {
    project: Option<Arc<str>>,
    directory: Option<Arc<str>>,
    remote: Option<Arc<str>>,
}

/// Finds projects, and remembers what it found: logs repeat few directories many times.
#[derive(Default)]
pub(crate) struct Resolver {
    known: FxHashMap<LoggedPlace, ResolvedProject>,
}

/// A project that a [`Resolver`] found.
struct ResolvedProject {
    /// The forms of its name, by which its policy is found.
    names: Vec<String>,
    identity: Arc<Masked<Identity>>,
}

impl Resolver {
    /// The project of a message, as it may be kept. From here on `cleaner` masks by the policy of that
    /// project.
    pub(crate) fn of_message(
        &mut self,
        message: &Message,
        cleaner: &mut Cleaner<'_>,
    ) -> Arc<Masked<Identity>> {
        let place = LoggedPlace {
            project: message.project.clone(),
            directory: message.cwd.clone(),
            remote: message.remote.clone(),
        };
        match self.known.entry(place) {
            Entry::Occupied(known) => {
                let known = known.get();
                cleaner.in_project(|| known.names.clone());
                Arc::clone(&known.identity)
            }
            Entry::Vacant(place) => {
                let identity = place.key().identity();
                let names = identity.names();
                cleaner.in_project(|| names.clone());
                let identity = Arc::new(cleaner.mask(identity));
                Arc::clone(&place.insert(ResolvedProject { names, identity }).identity)
            }
        }
    }
}

impl LoggedPlace {
    fn identity(&self) -> Identity {
        let (directory, remote) = (self.directory.as_deref(), self.remote.as_deref());
        match &self.project {
            Some(name) => of_name(name, directory, remote),
            None => of_place(directory, remote).unwrap_or_else(unsorted),
        }
    }
}

impl Identity {
    /// The forms of the project's name, the shortest first.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.key)
    }
}

impl Inbound for Identity {
    fn mask(&mut self, cleaner: &mut Cleaner<'_>) {
        cleaner.short(&mut self.key);
        cleaner.text_if_any(&mut self.path);
        cleaner.short_if_any(&mut self.directory);
    }
}

/// The project of what says nothing about where it was said.
pub(crate) fn unsorted() -> Identity {
    named(UNSORTED_NAME)
}

/// A project that has nothing but a name.
pub(crate) fn named(name: &str) -> Identity {
    let key = format!("name:{name}").into();
    Identity {
        key,
        path: None,
        directory: None,
        basis: Basis::Name,
    }
}

/// The project of this name. Exports give the name beside the place: where the two agree, the place
/// says more.
fn of_name(name: &str, cwd: Option<&str>, remote: Option<&str>) -> Identity {
    let place = of_place(cwd, remote).filter(|found| names(&found.key).iter().any(|n| n == name));
    let above = || cwd.and_then(|cwd| above(&normal_path(cwd), name).map(of_path));
    place.or_else(above).unwrap_or_else(|| named(name))
}

/// The directory above `path`, or itself, whose last parts are `name`.
fn above<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let ends = path
        .match_indices(['/', '\\'])
        .map(|(at, _)| at)
        .chain([path.len()]);
    let mut found = ends.map(|end| &path[..end]).filter(|above| {
        let rest = above.strip_suffix(name);
        rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with(['/', '\\']))
    });
    found.next_back()
}

fn of_path(path: &str) -> Identity {
    Identity {
        key: format!("dir:{path}").into(),
        path: Some(path.to_owned()),
        directory: Some(path.into()),
        basis: Basis::Path,
    }
}

fn of_place(cwd: Option<&str>, remote: Option<&str>) -> Option<Identity> {
    if let Some(cwd) = cwd {
        return Some(of_directory(cwd, remote));
    }
    let key = format!("git:{}", normal_remote(remote?)?).into();
    Some(Identity {
        key,
        path: None,
        directory: None,
        basis: Basis::Remote,
    })
}

/// The project of a working directory, with the remote that the log gives for it.
pub(crate) fn of_directory(cwd: &str, logged_remote: Option<&str>) -> Identity {
    let path = normal_path(cwd);
    let repository = repository::find(Path::new(&*path));
    let is_on_disk = repository.is_some();
    let (root, remote) = match repository {
        Some(found) => (
            normal_path(&found.root.to_string_lossy()).into_owned(),
            found.remote,
        ),
        None => (without_worktree(&path).to_owned(), None),
    };
    let remote = remote.as_deref().or(logged_remote).and_then(normal_remote);
    let (key, basis) = match remote {
        Some(remote) if is_on_disk => (format!("git:{remote}"), Basis::Repository),
        Some(remote) => (format!("git:{remote}"), Basis::Remote),
        None if is_on_disk => (format!("dir:{root}"), Basis::Repository),
        None => (format!("dir:{root}"), Basis::Path),
    };
    Identity {
        key: key.into(),
        path: Some(root),
        directory: Some(cwd.into()),
        basis,
    }
}

/// A path in the one form that it is known by: no separator at its end, and on Windows a capital
/// drive letter, backslashes, and no `\\?\` before it.
pub(crate) fn normal_path(path: &str) -> Cow<'_, str> {
    let plain = path.strip_prefix(r"\\?\").unwrap_or(path);
    let has_drive = matches!(plain.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if has_drive {
        let mut windows = plain.trim_end_matches(['/', '\\']).replace('/', "\\");
        windows[..1].make_ascii_uppercase();
        return Cow::Owned(windows);
    }
    let trimmed = plain.trim_end_matches('/');
    Cow::Borrowed(if trimmed.is_empty() { plain } else { trimmed })
}

/// A directory without the part that assistants add for their worktrees.
fn without_worktree(path: &str) -> &str {
    const WORKTREE_MARKERS: [&str; 4] = [
        "/.claude/worktrees/",
        "/.codex/worktrees/",
        "\\.claude\\worktrees\\",
        "\\.codex\\worktrees\\",
    ];
    let cuts = WORKTREE_MARKERS
        .iter()
        .filter_map(|marker| path.find(marker));
    cuts.filter(|at| *at > 0)
        .min()
        .map_or(path, |at| &path[..at])
}

/// The transports of git that name another machine. What stands where a host would in a `file` URL is a
/// directory of this one.
const REMOTE_SCHEMES: [&str; 6] = ["https", "http", "ssh", "git", "git+ssh", "ssh+git"];

/// A remote's host and path, the same for its SSH and HTTPS forms, without user, port and secrets; `None`
/// where it isn't certain which host git reaches by it.
fn normal_remote(url: &str) -> Option<String> {
    let url = url.trim();
    let (host, path) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            let (authority, path) = rest.split_once('/')?;
            // Git decodes escapes before it looks for the host, but for those that curl looks at.
            let is_decoded = !scheme.starts_with("http") && authority.contains('%');
            if is_decoded || !REMOTE_SCHEMES.contains(&scheme.as_str()) {
                return None;
            }
            let host = without_user(authority)?;
            let (host, port) = host.split_once(':').unwrap_or((host, ""));
            port.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some((host, path))?
        }
        None => {
            // A local path is no identity that another clone would share.
            let (authority, path) = url.split_once(':')?;
            let host = without_user(authority)?;
            let is_drive = host.len() < 2;
            let has_helper = path.starts_with(':');
            (!is_drive && !has_helper).then_some((host, path))?
        }
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let path = path.trim_matches('/').trim_end_matches(".git");
    if host.is_empty() || !host.bytes().all(is_name) || path.is_empty() {
        return None;
    }
    Some(format!("{}/{path}", host.to_ascii_lowercase()))
}

/// The host, with its port, behind a user and password. These may not hold what ends the host for git,
/// ssh or curl (RFC 3986, section 3.2): `https://evil.example#@github.com/a/b` reaches `evil.example`.
fn without_user(authority: &str) -> Option<&str> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Some(authority);
    };
    let ends_host = |c: char| "/\\?#[]@".contains(c) || c.is_whitespace() || c.is_control();
    (!user.contains(ends_host)).then_some(host)
}

/// A remote that gives the same project again, of a project's key.
pub(crate) fn remote_of_key(key: &str) -> Option<String> {
    key.strip_prefix("git:")
        .map(|remote| format!("https://{remote}"))
}

/// The parts of a project's name, the shortest first: `shop`, `acme/shop`, …
pub(crate) fn names(key: &str) -> Vec<String> {
    if let Some(name) = key.strip_prefix("name:") {
        return vec![name.to_owned()];
    }
    let path = key.split_once(':').map_or(key, |(_, path)| path);
    let path = path.strip_suffix(".git").unwrap_or(path);
    let parts: Vec<&str> = path
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return vec![path.to_owned()];
    }
    (1..=parts.len())
        .map(|n| parts[parts.len() - n..].join("/"))
        .collect()
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
            "https://github.com:443/acme/shop",
            "github.com:acme/shop.git",
        ] {
            assert_eq!(
                normal_remote(url).as_deref(),
                Some("github.com/acme/shop"),
                "{url}"
            );
        }
        assert_eq!(normal_remote("/srv/git/shop.git"), None);
        assert_eq!(normal_remote("C:\\repos\\shop"), None);
        assert_eq!(normal_remote("C:/repos/shop"), None);
        assert_eq!(normal_remote("file:///srv/git/shop.git"), None);
        assert_eq!(normal_remote("../shop"), None);
        let scoped = normal_remote("https://example.org/@acme/shop");
        assert_eq!(scoped.as_deref(), Some("example.org/@acme/shop"));
    }

    #[test]
    fn a_remote_of_another_host_cannot_claim_this_one() {
        for url in [
            "https://evil.example#@github.com/acme/shop",
            "https://evil.example?@github.com/acme/shop",
            "https://evil.example\\@github.com/acme/shop",
            "https://a@evil.example@github.com/acme/shop",
            "ssh://evil.example%2Fx@github.com/acme/shop",
            "ssh://evil.example%5b@github.com/acme/shop",
            "ssh://[evil.example]x@github.com/acme/shop",
            "[evil.example]x@github.com:acme/shop",
            "evil.example/x@github.com:acme/shop",
            "https://github.com:@evil.example:x/acme/shop",
            "evil.example:x://github.com/acme/shop",
            "file://github.com/acme/shop",
            "ext::x://github.com/acme/shop",
            "github.com::acme/shop",
        ] {
            assert_eq!(normal_remote(url), None, "{url}");
        }
        let escaped = normal_remote("https://ada%40example.org:pass@github.com/acme/shop");
        assert_eq!(escaped.as_deref(), Some("github.com/acme/shop"));
    }

    #[test]
    fn forms_of_one_path_are_one_project() {
        for path in ["C:\\src\\shop", "c:/src/shop/", "\\\\?\\C:\\src\\shop"] {
            assert_eq!(normal_path(path), "C:\\src\\shop", "{path}");
        }
        assert_eq!(normal_path("/home/ada/shop//"), "/home/ada/shop");
        assert_eq!(normal_path("/"), "/");
        assert_eq!(normal_path("~/shop"), "~/shop");
    }

    #[test]
    fn a_name_that_the_place_bears_means_the_place() {
        let key = |name, cwd| of_name(name, Some(cwd), None).key.to_string();
        assert_eq!(key("shop", "/nowhere/ada/shop"), "dir:/nowhere/ada/shop");
        assert_eq!(
            key("shop", "/nowhere/ada/shop/src/web"),
            "dir:/nowhere/ada/shop"
        );
        assert_eq!(
            key("ada/shop", "/nowhere/ada/shop/src"),
            "dir:/nowhere/ada/shop"
        );
        assert_eq!(key("hop", "/nowhere/ada/shop/src"), "name:hop");
        assert_eq!(key("shop", "/nowhere/else"), "name:shop");
    }

    #[test]
    fn names_grow_until_they_differ() {
        assert_eq!(
            names("git:github.com/acme/shop")[..2],
            ["shop", "acme/shop"]
        );
        assert_eq!(names("dir:C:\\work\\shop")[0], "shop");
        assert_eq!(names("name:conv-26"), ["conv-26"]);
    }

    #[test]
    fn an_assistants_worktree_belongs_to_its_repository() {
        assert_eq!(
            without_worktree("/home/a/shop/.claude/worktrees/fix-1/src"),
            "/home/a/shop"
        );
        let windows = "C:\\shop\\.claude\\worktrees\\fix\\src";
        assert_eq!(without_worktree(windows), "C:\\shop");
    }
}
