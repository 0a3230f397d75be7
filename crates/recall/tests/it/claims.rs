//! What a cloned or unpacked directory claims to be: whatever it holds, it gets at no other project's
//! conversations, and nothing in it makes the program wait or read without end.

use std::path::{Path, PathBuf};

use recall::{Archive, Scope, SearchRequest};

use crate::identity::{git, repository, said_in, said_later, shown};
use crate::support::{NOW, Sandbox, ids};

const SHOP: &str = "git@example.org:acme/shop.git";
const SAID_IN_SHOP: &str = "s0-u";

/// A repository with that remote, in which something was said, and the archive of it.
fn with_shop() -> (Sandbox, PathBuf, Archive) {
    let sandbox = Sandbox::new();
    let shop = repository(&sandbox, "home/shop", Some(SHOP));
    let archive = said_in(&sandbox, &[&shop]);
    (sandbox, shop, archive)
}

/// What looks like a repository without working tree.
fn pretend(directory: &Path, remote: &str) {
    fs_err::create_dir_all(directory.join("objects")).unwrap();
    fs_err::create_dir_all(directory.join("refs")).unwrap();
    fs_err::write(directory.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    let config = format!("[core]\n\tbare = true\n[remote \"origin\"]\n\turl = {remote}\n");
    fs_err::write(directory.join("config"), config).unwrap();
}

/// Something said in a directory finds itself there, and nothing of the shop.
#[track_caller]
fn assert_claims_nothing(sandbox: &Sandbox, archive: &mut Archive, directory: &Path) {
    for directory in [directory, &directory.join("deep/er")] {
        said_later(sandbox, &shown(directory).replace('/', "-"), directory);
        let request = SearchRequest {
            ..SearchRequest::new("tide", Scope::Directory(directory.to_owned()), NOW)
        };
        let report = archive.search(&request, None).unwrap();
        let found = ids(&report);
        let claims = found.is_empty() || found.contains(&SAID_IN_SHOP);
        assert!(!claims, "{} gets {found:?}", directory.display());
    }
}

/// That the test would find what is claimed.
#[track_caller]
fn assert_is_shop(archive: &mut Archive, directory: &Path) {
    let request = SearchRequest {
        ..SearchRequest::new("tide", Scope::Directory(directory.to_owned()), NOW)
    };
    let report = archive.search(&request, None).unwrap();
    assert_eq!(ids(&report), [SAID_IN_SHOP]);
}

#[test]
fn a_bare_repository_in_a_clone_is_part_of_the_clone() {
    let (sandbox, shop, mut archive) = with_shop();
    assert_is_shop(&mut archive, &shop);
    let cloned = repository(&sandbox, "cloned", Some("git@example.org:evil/kit.git"));
    let app = cloned.join("app");
    pretend(&app, SHOP);
    assert_claims_nothing(&sandbox, &mut archive, &app);
    // Further down, beside what isn't whole, and by the name that git gives its own.
    pretend(&cloned.join("a/b/c"), SHOP);
    assert_claims_nothing(&sandbox, &mut archive, &cloned.join("a/b/c"));
    pretend(&cloned.join("tree/.bare"), SHOP);
    assert_claims_nothing(&sandbox, &mut archive, &cloned.join("tree/.bare"));
    assert_claims_nothing(&sandbox, &mut archive, &cloned.join("tree"));
}

#[test]
fn a_configuration_alone_is_no_repository() {
    let (sandbox, _, mut archive) = with_shop();
    let config = format!("[remote \"origin\"]\n\turl = {SHOP}\n");
    let cases: [&[(&str, &str)]; 5] = [
        &[],
        &[("HEAD", "ref: refs/heads/main\n")],
        &[("objects/.keep", ""), ("refs/.keep", "")],
        &[
            ("HEAD", "nonsense\n"),
            ("objects/.keep", ""),
            ("refs/.keep", ""),
        ],
        &[
            ("HEAD", "ref: heads/main\n"),
            ("objects", ""),
            ("refs/.keep", ""),
        ],
    ];
    for (n, files) in cases.iter().enumerate() {
        let top = sandbox.path().join(format!("unpacked{n}"));
        for (name, text) in files.iter().copied().chain([("config", &*config)]) {
            let path = top.join(".git").join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        assert_claims_nothing(&sandbox, &mut archive, &top);
        // Nor does it hide the repository that it lies in.
        let whole = repository(
            &sandbox,
            &format!("whole{n}"),
            Some("a@example.org:b/c.git"),
        );
        fs_err::rename(&top, whole.join("part")).unwrap();
        assert_claims_nothing(&sandbox, &mut archive, &whole.join("part"));
    }
}

#[cfg(unix)]
#[test]
fn a_git_that_leads_to_another_repository_claims_nothing() {
    let (sandbox, shop, mut archive) = with_shop();
    git(&shop, &["worktree", "add", "-q", "-b", "fix", "../fix"]);
    let fix = sandbox.path().join("home/fix");
    assert_is_shop(&mut archive, &fix);
    let files = [
        (
            "absolute",
            format!("gitdir: {}\n", shown(&shop.join(".git"))),
        ),
        ("relative", "gitdir: ../home/shop/.git\n".to_owned()),
        (
            "worktree",
            format!("gitdir: {}\n", shown(&shop.join(".git/worktrees/fix"))),
        ),
        (
            "longer",
            format!("gitdir: ../home/shop/.git{}\n", " ".repeat(70_000)),
        ),
        ("nothing", "gitdir: \n".to_owned()),
    ];
    for (name, text) in files {
        let top = sandbox.path().join(name);
        fs_err::create_dir_all(&top).unwrap();
        fs_err::write(top.join(".git"), text).unwrap();
        assert_claims_nothing(&sandbox, &mut archive, &top);
    }
    let link = sandbox.path().join("link");
    fs_err::create_dir_all(&link).unwrap();
    std::os::unix::fs::symlink("../home/shop/.git", link.join(".git")).unwrap();
    assert_claims_nothing(&sandbox, &mut archive, &link);
    // A repository of its own, which says that another one's parts are its own.
    let shares = repository(&sandbox, "shares", None);
    fs_err::write(shares.join(".git/commondir"), "../../home/shop/.git\n").unwrap();
    assert_claims_nothing(&sandbox, &mut archive, &shares);
    let tree = repository(&sandbox, "tree", None);
    git(&tree, &["worktree", "add", "-q", "-b", "x", "../tree-x"]);
    let own = tree.join(".git/worktrees/tree-x");
    fs_err::write(own.join("commondir"), shown(&shop.join(".git"))).unwrap();
    assert_claims_nothing(&sandbox, &mut archive, &sandbox.path().join("tree-x"));
    // And one that says that the other's directory is its working tree.
    git(&tree, &["config", "core.worktree", &shown(&shop)]);
    assert_claims_nothing(&sandbox, &mut archive, &tree);
}

#[cfg(unix)]
#[test]
fn another_users_repository_claims_nothing() {
    if !rustix::process::geteuid().is_root() {
        // Nobody else can give a directory away.
        return;
    }
    let (sandbox, _, mut archive) = with_shop();
    for part in ["", ".git", ".git/."] {
        let other = repository(&sandbox, &format!("other{}", part.len()), Some(SHOP));
        assert_is_shop(&mut archive, &other);
        let owner = rustix::fs::Uid::from_raw(12345);
        rustix::fs::chown(other.join(part), Some(owner), None).unwrap();
        assert_claims_nothing(&sandbox, &mut archive, &other);
    }
}

#[test]
fn a_repository_that_git_refuses_is_no_part_of_the_one_around_it() {
    let (_sandbox, shop, archive) = with_shop();
    let part = shop.join("part/deep");
    fs_err::create_dir_all(&part).unwrap();
    assert!(archive.project_of(&part).unwrap().is_some());
    fs_err::write(shop.join("part/.git"), "gitdir: nowhere\n").unwrap();
    assert_eq!(archive.project_of(&part).unwrap(), None);
}

#[test]
fn a_remote_that_reaches_another_host_claims_nothing() {
    let (sandbox, _, mut archive) = with_shop();
    // What git and curl take for the host stands in the place of the user.
    let remotes = [
        "https://evil.example#@example.org/acme/shop.git",
        "https://evil.example?@example.org/acme/shop.git",
        "ssh://evil.example%2Fx@example.org/acme/shop.git",
        "ssh://[evil.example]x@example.org/acme/shop.git",
        "[evil.example]x@example.org:acme/shop.git",
        "file://example.org/acme/shop.git",
    ];
    for (n, remote) in remotes.into_iter().enumerate() {
        let clone = repository(&sandbox, &format!("clone{n}"), Some(remote));
        assert_claims_nothing(&sandbox, &mut archive, &clone);
    }
}

/// Files of git that somebody replaced by what can't be read to an end.
#[cfg(unix)]
#[test]
fn pipes_and_devices_in_the_place_of_files_of_git_are_not_waited_for() {
    let (sandbox, _, mut archive) = with_shop();
    let pipe = |path: &Path| {
        let _ = fs_err::remove_file(path);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
    };
    let zero = |path: &Path| {
        let _ = fs_err::remove_file(path);
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    };
    let mut tops = Vec::new();
    for (n, replace) in [&pipe as &dyn Fn(&Path), &zero].into_iter().enumerate() {
        for name in [".git/config", ".git/HEAD", ".git/commondir"] {
            let top = repository(
                &sandbox,
                &format!("{n}{}", name.replace('/', "-")),
                Some(SHOP),
            );
            replace(&top.join(name));
            tops.push(top);
        }
        let top = sandbox.path().join(format!("{n}-git"));
        fs_err::create_dir_all(&top).unwrap();
        replace(&top.join(".git"));
        tops.push(top);
        for name in ["commondir", "gitdir"] {
            let base = repository(&sandbox, &format!("{n}-base-{name}"), Some(SHOP));
            let tree = format!("../{n}-{name}");
            git(&base, &["worktree", "add", "-q", "--detach", &tree]);
            replace(&base.join(format!(".git/worktrees/{n}-{name}/{name}")));
            tops.push(sandbox.path().join(format!("{n}-{name}")));
        }
    }
    // A log names them, and a shell stands in them.
    for top in &tops {
        assert_claims_nothing(&sandbox, &mut archive, top);
    }
}
