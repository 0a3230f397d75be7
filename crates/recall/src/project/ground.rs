//! What the path of a directory alone tells: whether people keep many things there that don't belong
//! together, and to which directory a worktree that an assistant made belongs.

use super::spelling::{above, is_below, is_root, place_of};

/// Names of directories in which people keep their projects side by side, where they lie in a home
/// directory, in a root, or in each other, as in `~/Documents/GitHub`.
const SHELF_NAMES: [&str; 42] = [
    "bitbucket",
    "checkouts",
    "clones",
    "code",
    "coding",
    "desktop",
    "dev",
    "develop",
    "developer",
    "development",
    "devel",
    "documents",
    "downloads",
    "git",
    "github",
    "github.com",
    "gitlab",
    "gitlab.com",
    "go",
    "icloud",
    "onedrive",
    "dropbox",
    "playground",
    "prj",
    "proj",
    "projects",
    "programming",
    "repos",
    "repositories",
    "rust",
    "sandbox",
    "scratch",
    "sites",
    "source",
    "sources",
    "src",
    "temp",
    "tmp",
    "work",
    "workspace",
    "workspaces",
    "worktrees",
];

/// Directories of the system that hold what belongs to many.
const SYSTEM_DIRECTORIES: [&str; 20] = [
    "/tmp",
    "/home",
    "/users",
    "/root",
    "/mnt",
    "/media",
    "/volumes",
    "/opt",
    "/srv",
    "/usr",
    "/usr/local",
    "/usr/src",
    "/usr/local/src",
    "/var",
    "/var/tmp",
    "/private/tmp",
    "/private/var/tmp",
    "/etc",
    "/workspaces",
    "/data",
];

/// The home directories of people, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Homes(Vec<String>);

impl Homes {
    /// The homes of a list, in which each is a line.
    pub(crate) fn from_lines(lines: &str) -> Self {
        let homes = lines.lines().filter(|line| !line.is_empty());
        Self(homes.map(str::to_owned).collect())
    }

    /// As [`Self::from_lines`] reads them.
    pub(crate) fn to_lines(&self) -> String {
        self.0.join("\n")
    }

    /// Adds a home; returns whether it wasn't known.
    pub(crate) fn add(&mut self, home: &str) -> bool {
        let place = place_of(home);
        let is_new = !self.0.contains(&place) && !place.contains('\n');
        if is_new {
            self.0.push(place);
        }
        is_new
    }

    /// Whether a place is a home directory: one that is known, or one in the usual place of its system.
    fn is_home(&self, place: &str) -> bool {
        self.0.iter().any(|home| home == place) || is_usual_home(place)
    }

    /// Whether a directory is one in which a person has many things that don't belong together: a home
    /// directory, what is above one, a directory of the system, or one that is called as people call those
    /// for all their projects, such as `~/work`.
    pub(crate) fn is_common_ground(&self, place: &str) -> bool {
        if is_root(place) {
            return true;
        }
        let is_above_home = |home: &String| is_below(home, place);
        let slashed = lower_slashes(place);
        self.is_home(place)
            || self.0.iter().any(is_above_home)
            || SYSTEM_DIRECTORIES.contains(&slashed.as_str())
            || is_users(&slashed)
            || self.is_shelf(place)
    }

    /// Whether a directory is called as people call those for all their projects, and lies where they have
    /// them.
    fn is_shelf(&self, place: &str) -> bool {
        let name = place.rsplit(['/', '\\']).next().unwrap_or_default();
        if !SHELF_NAMES.contains(&name.to_lowercase().as_str()) {
            return false;
        }
        match above(place).next() {
            Some(parent) => self.is_home(parent) || self.is_shelf(parent) || is_mount(parent),
            // In a container, `/workspace` or `/src` is the project itself.
            None => place.ends_with(name) && !place.starts_with('/'),
        }
    }

    /// A path without the part that assistants and people add for worktrees, of a path whose place is
    /// `place`; both have the same length up to where it is cut.
    pub(crate) fn without_worktree<'a>(&self, path: &'a str) -> &'a str {
        let slashed = path.replace('\\', "/");
        let markers = WORKTREE_MARKERS.iter();
        let cut = markers
            .filter_map(|marker| Some((slashed.find(marker)?, marker.len())))
            .filter(|(at, _)| *at > 0)
            .min();
        if let Some((at, length)) = cut {
            let root = &path[..at];
            if !self.is_common_ground(&place_of(root)) {
                return root;
            }
            // A tool's own directory for all repositories: nothing tells which one it was.
            let parts = if slashed[at..].starts_with("/.codex/") {
                2
            } else {
                1
            };
            let rest = slashed[at + length..].match_indices('/').nth(parts - 1);
            return rest.map_or(path, |(end, _)| &path[..at + length + end]);
        }
        beside_repository(path, &slashed)
    }
}

/// Directories in which worktrees are made, inside of their repository.
const WORKTREE_MARKERS: [&str; 7] = [
    "/.claude/worktrees/",
    "/.codex/worktrees/",
    "/.cursor/worktrees/",
    "/.git/worktrees/",
    "/.worktrees/",
    "/.conductor/",
    "/.trees/",
];

/// Directories in which worktrees are made beside their repository: `shop.worktrees/fix` and
/// `shop-worktrees/fix` are of `shop`.
fn beside_repository<'a>(path: &'a str, slashed: &str) -> &'a str {
    for marker in ["-worktrees/", ".worktrees/"] {
        if let Some(at) = slashed.find(marker)
            && !slashed[..at].ends_with('/')
        {
            return &path[..at];
        }
    }
    path
}

/// Whether a place is a home directory by its path alone.
fn is_usual_home(place: &str) -> bool {
    let slashed = lower_slashes(place);
    let parts: Vec<&str> = slashed.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["root"] => slashed.starts_with('/'),
        ["home" | "users", _] => slashed.starts_with('/'),
        [drive, "users", _] => drive.ends_with(':'),
        _ => false,
    }
}

/// Whether it is the directory of all homes on a drive.
fn is_users(slashed: &str) -> bool {
    slashed
        .strip_suffix(":/users")
        .is_some_and(|drive| drive.len() == 1)
}

/// Whether disks are mounted here.
fn is_mount(place: &str) -> bool {
    let slashed = lower_slashes(place);
    ["/mnt/", "/media/", "/volumes/"].iter().any(|mount| {
        slashed
            .strip_prefix(mount)
            .is_some_and(|disk| !disk.contains('/'))
    })
}

fn lower_slashes(place: &str) -> String {
    place.replace('\\', "/").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_and_what_holds_many_projects_are_common_ground() {
        let mut homes = Homes::default();
        assert!(homes.add("/opt/people/ines/"));
        assert!(!homes.add("/opt/people/ines"));
        for place in [
            "/",
            "C:\\",
            "\\\\host\\share",
            "/tmp",
            "/home",
            "/home/ada",
            "/Users/ada",
            "/root",
            "C:\\users",
            "C:\\users\\ada",
            "/opt/people/ines",
            "/opt/people",
            "/opt/people/ines/work",
            "/home/ada/work",
            "/home/ada/Documents/GitHub",
            "/Users/ada/src/github.com",
            "C:\\src",
            "C:\\users\\ada\\source\\repos",
            "/mnt/data/projects",
            "/workspaces",
        ] {
            assert!(homes.is_common_ground(place), "{place}");
        }
        for place in [
            "/home/ada/projects/notes",
            "/home/ada/notes",
            "/home/ada/notes/src",
            "/srv/shop",
            "/workspace/shop",
            "/project",
            "C:\\src\\weir",
            "/opt/people/ines/notes",
            "\\\\host\\share\\shop",
        ] {
            assert!(!homes.is_common_ground(place), "{place}");
        }
        assert_eq!(Homes::from_lines(&homes.to_lines()).0, homes.0);
    }

    #[test]
    fn a_worktree_belongs_to_its_repository() {
        let check = |path, expected| {
            assert_eq!(Homes::default().without_worktree(path), expected, "{path}");
        };
        check("/home/a/shop/.claude/worktrees/fix-1/src", "/home/a/shop");
        check("C:\\shop\\.claude\\worktrees\\fix\\src", "C:\\shop");
        check("/home/a/p/shop/.worktrees/fix", "/home/a/p/shop");
        check("/home/a/p/shop-worktrees/shop-fix/web", "/home/a/p/shop");
        check("/home/a/p/shop.worktrees/fix", "/home/a/p/shop");
        check("/home/a/p/shop/.git/worktrees/fix", "/home/a/p/shop");
        check("/home/a/p/shop/.conductor/oslo", "/home/a/p/shop");
        check("/home/a/p/shop-worktrees", "/home/a/p/shop-worktrees");
        // Where a tool has those of all repositories, the worktree stands for itself.
        check(
            "/home/a/.claude/worktrees/fix/src",
            "/home/a/.claude/worktrees/fix",
        );
        check(
            "/home/a/.codex/worktrees/1f2e/shop/src",
            "/home/a/.codex/worktrees/1f2e/shop",
        );
        check("/home/a/.worktrees/fix/src", "/home/a/.worktrees/fix");
        check("/home/a/shop/src", "/home/a/shop/src");
    }
}
