//! Which project a working directory belongs to, as far as the directory itself tells.
//!
//! A git repository is one project, wherever its worktrees and clones lie: it is identified by its remote
//! if it has one, else by its main directory. Elsewhere the directory itself is the project, unless what
//! the archive knows of those above it says otherwise (`projects/belonging.rs`). For directories that are
//! gone, the remote that the log names counts.

mod config;
mod remote;
mod repository;
mod spelling;
mod ground;

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use transcript::Message;

use remote::normal_remote;

pub(crate) use ground::Homes;
pub(crate) use repository::{gone_worktrees, root_commit, work_tree};
pub(crate) use spelling::{
    above as places_above, comparable_file, is_below, is_caseless, native, normal_path, place_of,
};

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
    /// Whether a session started in the directory.
    pub(crate) is_start: bool,
    /// Whether the directory has a sign of being a project as a whole, such as a manifest. Looked for only
    /// where a session started.
    pub(crate) has_sign: bool,
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
    is_start: bool,
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
    /// The project of a message, as it may be kept; `is_start` if its session started with it. From here on
    /// `cleaner` masks by the policy of that project.
    pub(crate) fn of_message(
        &mut self,
        message: &Message,
        is_start: bool,
        cleaner: &mut Cleaner<'_>,
    ) -> Arc<Masked<Identity>> {
        let place = LoggedPlace {
            project: message.project.clone(),
            directory: message.cwd.clone(),
            remote: message.remote.clone(),
            is_start,
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
        let mut found = match &self.project {
            Some(name) => of_name(name, directory, remote),
            None => of_place(directory, remote).unwrap_or_else(unsorted),
        };
        if self.is_start && found.directory.as_deref() == directory {
            found.is_start = directory.is_some();
            found.has_sign = found.basis == Basis::Path && directory.is_some_and(has_sign);
        }
        found
    }
}

/// What lies at the top of a project: manifests of build tools, and what people write for assistants and
/// for each other.
const PROJECT_SIGNS: [&str; 20] = [
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    "README",
    "README.md",
    "README.rst",
    "Cargo.toml",
    "CMakeLists.txt",
    "Gemfile",
    "Makefile",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "deno.json",
    "go.mod",
    "mix.exs",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
];

/// Whether a directory of this machine has a sign of being a project as a whole.
fn has_sign(directory: &str) -> bool {
    let path = native(directory);
    path.is_absolute()
        && !files::is_network_path(&path.to_string_lossy())
        && PROJECT_SIGNS
            .iter()
            .any(|sign| path.join(sign).symlink_metadata().is_ok())
}

impl Identity {
    /// The forms of the project's name, the shortest first.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.key, self.path.as_deref())
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
    Identity::new(format!("name:{name}"), Basis::Name)
}

impl Identity {
    /// One that nothing more is known of.
    pub(crate) fn new(key: impl Into<Arc<str>>, basis: Basis) -> Self {
        Self {
            key: key.into(),
            path: None,
            directory: None,
            basis,
            is_start: false,
            has_sign: false,
        }
    }
}

/// The project of this name. Exports give the name beside the place: where the two agree, the place
/// says more.
fn of_name(name: &str, cwd: Option<&str>, remote: Option<&str>) -> Identity {
    let place = of_place(cwd, remote).filter(|found| found.names().iter().any(|n| n == name));
    let above = || cwd.and_then(|cwd| ending(&normal_path(cwd), name).map(of_path));
    place.or_else(above).unwrap_or_else(|| named(name))
}

/// The directory above `path`, or itself, whose last parts are `name`.
fn ending<'a>(path: &'a str, name: &str) -> Option<&'a str> {
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
        path: Some(path.to_owned()),
        directory: Some(path.into()),
        ..Identity::new(key_of_place(&place_of(path)), Basis::Path)
    }
}

/// The key of the project that a directory is by itself.
pub(crate) fn key_of_place(place: &str) -> String {
    format!("dir:{place}")
}

/// The key of the project that a log's remote means; `None` if it isn't certain which host that is.
pub(crate) fn key_of_remote(remote: &str) -> Option<String> {
    normal_remote(remote).map(|remote| format!("git:{remote}"))
}

fn of_place(cwd: Option<&str>, remote: Option<&str>) -> Option<Identity> {
    match cwd {
        Some(cwd) => Some(of_directory(cwd, remote)),
        None => Some(Identity::new(key_of_remote(remote?)?, Basis::Remote)),
    }
}

/// The project of a working directory, with the remote that the log gives for it.
pub(crate) fn of_directory(cwd: &str, logged_remote: Option<&str>) -> Identity {
    // A home directory may be a repository of settings; what lies below it is none of its business.
    let is_own = |found: &repository::Repository| {
        let root = place_of(&found.root.to_string_lossy());
        root == place_of(cwd) || !Homes::default().is_common_ground(&root)
    };
    let found = repository::find(&native(cwd)).filter(is_own);
    let is_on_disk = found.is_some();
    let (root, remote) = match found {
        Some(found) => (
            normal_path(&found.root.to_string_lossy()).into_owned(),
            found.remote,
        ),
        None => {
            let path = normal_path(cwd);
            (Homes::default().without_worktree(&path).to_owned(), None)
        }
    };
    let remote = remote.as_deref().or(logged_remote).and_then(key_of_remote);
    let basis = match (&remote, is_on_disk) {
        (_, true) => Basis::Repository,
        (Some(_), false) => Basis::Remote,
        (None, false) => Basis::Path,
    };
    let key = remote.unwrap_or_else(|| key_of_place(&place_of(&root)));
    Identity {
        path: Some(root),
        directory: Some(cwd.into()),
        ..Identity::new(key, basis)
    }
}

/// A remote that gives the same project again, of a project's key.
pub(crate) fn remote_of_key(key: &str) -> Option<String> {
    key.strip_prefix("git:")
        .map(|remote| format!("https://{remote}"))
}

/// The forms of a project's name, the shortest first: `shop`, `acme/shop`, …; `path` is where it lies, which
/// has the capitals that a key lacks where the system doesn't tell them from small letters.
pub(crate) fn names(key: &str, path: Option<&str>) -> Vec<String> {
    if let Some(name) = key.strip_prefix("name:") {
        return vec![name.to_owned()];
    }
    let given = key.split_once(':').map_or(key, |(_, path)| path);
    let spelled = path.filter(|path| key.starts_with("dir:") && place_of(path) == given);
    let given = spelled.unwrap_or(given);
    let given = given.strip_suffix(".git").unwrap_or(given);
    let parts: Vec<&str> = given
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return vec![given.to_owned()];
    }
    (1..=parts.len())
        .map(|n| parts[parts.len() - n..].join("/"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            names("git:github.com/acme/shop", None)[..2],
            ["shop", "acme/shop"]
        );
        assert_eq!(names("dir:C:\\work\\shop", None)[0], "shop");
        let spelled = names("dir:C:\\work\\shop", Some("C:\\Work\\Shop"));
        assert_eq!(spelled[..2], ["Shop", "Work/Shop"]);
        assert_eq!(names("name:conv-26", None), ["conv-26"]);
    }
}
