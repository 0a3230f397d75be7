//! Which project a message belongs to: repositories, worktrees, remotes, and directories that are
//! gone.

use std::path::Path;
use std::process::Command;

use recall::{Archive, NoProgress, Scope, SearchRequest, Stop};

use crate::support::{
    NOW, Sandbox, assert_sound, claude, codex, embed as embed_all, export, generic, ids, lines,
    views,
};

/// Runs git without the settings of whoever runs the tests.
#[track_caller]
pub(crate) fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
    command.args([
        "-c",
        "protocol.file.allow=always",
        "-c",
        "init.defaultBranch=main",
    ]);
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository with a commit, below the sandbox.
pub(crate) fn repository(
    sandbox: &Sandbox,
    name: &str,
    remote: Option<&str>,
) -> std::path::PathBuf {
    let path = sandbox.path().join(name);
    fs_err::create_dir_all(&path).unwrap();
    git(&path, &["init", "-q"]);
    git(&path, &["commit", "-q", "--allow-empty", "-m", "first"]);
    if let Some(remote) = remote {
        git(&path, &["remote", "add", "origin", remote]);
    }
    path
}

pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Imports one message said in each directory; returns the archive.
pub(crate) fn said_in(sandbox: &Sandbox, directories: &[&Path]) -> Archive {
    for (n, directory) in directories.iter().enumerate() {
        said_later(sandbox, &format!("s{n}"), directory);
    }
    sandbox.archive()
}

pub(crate) fn said_later(sandbox: &Sandbox, session: &str, directory: &Path) {
    let id = format!("{session}-u");
    let record = claude(session, &id, "user", "Is it low tide?", &shown(directory));
    sandbox.write(&format!("p/{session}.jsonl"), &lines(&[record]));
    sandbox.import();
}

/// Key and messages of each project, by key.
fn projects(archive: &Archive) -> Vec<(String, u64)> {
    let listed = archive.projects().unwrap().into_iter();
    let mut all: Vec<_> = listed
        .map(|project| (project.key, project.messages))
        .collect();
    all.sort_unstable();
    all
}

/// What `projects` gives.
fn expected(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter()
        .map(|(key, messages)| ((*key).to_owned(), *messages))
        .collect()
}

#[test]
fn a_repository_is_one_project_wherever_one_stands_in_it() {
    let sandbox = Sandbox::new();
    let boats = repository(&sandbox, "boats", None);
    fs_err::create_dir_all(boats.join("src/deep")).unwrap();
    let tree = sandbox.path().join("elsewhere/fix");
    git(&boats, &["worktree", "add", "-q", "../elsewhere/fix"]);
    fs_err::create_dir_all(boats.join(".claude/worktrees")).unwrap();
    git(&boats, &["worktree", "add", "-q", ".claude/worktrees/more"]);
    let slashed = format!("{}/", shown(&boats));
    let below = [
        "src/deep",
        ".claude/worktrees/more",
        ".claude/worktrees/gone/src",
        "src/gone",
    ];
    let below = below.map(|place| boats.join(place));
    let places = [
        boats.as_path(),
        &below[0],
        &tree,
        &below[1],
        &below[2],
        &below[3],
        Path::new(&slashed),
    ];
    let archive = said_in(&sandbox, &places);
    let key = format!("dir:{}", shown(&boats));
    assert_eq!(projects(&archive), expected(&[(&key, 7)]));
    assert_eq!(archive.projects().unwrap()[0].name, "boats");
    assert_eq!(archive.projects().unwrap()[0].path, Some(shown(&boats)));
}

#[test]
fn clones_of_one_remote_are_one_project() {
    let sandbox = Sandbox::new();
    let first = repository(&sandbox, "a/boats", Some("git@example.org:ines/boats.git"));
    let second = repository(
        &sandbox,
        "b/vessels",
        Some("https://token@example.org/ines/boats"),
    );
    let third = repository(
        &sandbox,
        "c/boats",
        Some("ssh://git@example.org:2222/ines/boats.git/"),
    );
    let archive = said_in(&sandbox, &[&first, &second, &third]);
    assert_eq!(
        projects(&archive),
        expected(&[("git:example.org/ines/boats", 3)])
    );
    // Another repository of the same name is another project, and the names tell them apart.
    let other = repository(&sandbox, "d/boats", Some("git@example.org:jo/boats.git"));
    said_later(&sandbox, "other", &other);
    let mut names: Vec<_> = archive
        .projects()
        .unwrap()
        .into_iter()
        .map(|project| project.name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ines/boats", "jo/boats"]);
}

#[test]
fn bare_repositories_and_submodules_are_projects_of_their_own() {
    let sandbox = Sandbox::new();
    let origin = repository(&sandbox, "origin", None);
    git(
        &sandbox.path(),
        &["clone", "-q", "--bare", "origin", "store.git"],
    );
    let bare = sandbox.path().join("store.git");
    git(&bare, &["remote", "remove", "origin"]);
    git(&bare, &["worktree", "add", "-q", "../tree", "main"]);
    // The layout with a hidden bare repository and its worktrees beside it.
    let hidden = sandbox.path().join("hidden");
    fs_err::create_dir_all(&hidden).unwrap();
    git(&hidden, &["clone", "-q", "--bare", "../origin", ".bare"]);
    git(&hidden.join(".bare"), &["remote", "remove", "origin"]);
    fs_err::write(hidden.join(".git"), "gitdir: ./.bare\n").unwrap();
    git(&hidden, &["worktree", "add", "-q", "main", "main"]);
    let whole = repository(&sandbox, "whole", None);
    git(&whole, &["submodule", "add", "-q", &shown(&origin), "part"]);
    let part = whole.join("part");
    git(&part, &["remote", "remove", "origin"]);
    let tree = sandbox.path().join("tree");
    let archive = said_in(
        &sandbox,
        &[&bare, &tree, &hidden, &hidden.join("main"), &whole, &part],
    );
    let key = |path: &Path| format!("dir:{}", shown(path));
    let keys = [key(&hidden), key(&bare), key(&whole), key(&part)];
    let all = [
        (&*keys[0], 2),
        (&*keys[1], 2),
        (&*keys[2], 1),
        (&*keys[3], 1),
    ];
    assert_eq!(projects(&archive), expected(&all));
    let names = archive
        .projects()
        .unwrap()
        .into_iter()
        .map(|project| project.name);
    assert!(names.into_iter().any(|name| name == "store"));
}

#[test]
fn windows_paths_have_one_form() {
    let sandbox = Sandbox::new();
    let places = ["C:\\src\\boats", "c:\\src\\boats\\", "C:/src/boats"].map(Path::new);
    let more = [
        "\\\\?\\C:\\src\\boats",
        "C:\\src\\boats\\.claude\\worktrees\\fix",
    ]
    .map(Path::new);
    let archive = said_in(&sandbox, &[&places[..], &more[..]].concat());
    assert_eq!(projects(&archive), expected(&[("dir:C:\\src\\boats", 5)]));
    assert_eq!(archive.projects().unwrap()[0].name, "boats");
}

#[test]
fn the_logs_remote_counts_where_the_directory_is_gone() {
    let sandbox = Sandbox::new();
    let thread = codex(
        "t1",
        "/nowhere/boats",
        Some("git@example.org:ines/boats.git"),
        "Low tide?",
    );
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    sandbox.import();
    // The same path without a remote is the same project, below it too.
    for (n, place) in ["/nowhere/boats", "/nowhere/boats/src"]
        .into_iter()
        .enumerate()
    {
        said_later(&sandbox, &format!("s{n}"), Path::new(place));
    }
    said_later(&sandbox, "other", Path::new("/nowhere/boatsmen"));
    let archive = sandbox.archive();
    let all = [
        ("dir:/nowhere/boatsmen", 1),
        ("git:example.org/ines/boats", 4),
    ];
    assert_eq!(projects(&archive), expected(&all));
}

#[test]
fn a_remote_that_is_learnt_later_takes_the_path_along() {
    let sandbox = Sandbox::new();
    said_later(&sandbox, "first", Path::new("/nowhere/boats"));
    let thread = codex(
        "t1",
        "/nowhere/boats",
        Some("git@example.org:ines/boats.git"),
        "Low tide?",
    );
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    sandbox.import();
    let archive = sandbox.archive();
    assert_eq!(
        projects(&archive),
        expected(&[("git:example.org/ines/boats", 3)])
    );
    // So do both, where each was a project already.
    said_later(&sandbox, "kiln", Path::new("/nowhere/kiln"));
    let thread = codex(
        "t2",
        "/nowhere/kiln",
        Some("git@example.org:ines/boats.git"),
        "How hot?",
    );
    sandbox.write("rollout-2.jsonl", &lines(&thread));
    sandbox.import();
    assert_eq!(
        projects(&archive),
        expected(&[("git:example.org/ines/boats", 6)])
    );
    assert_sound(&archive);
}

#[test]
fn what_moved_is_found_by_meaning_in_an_open_archive() {
    let sandbox = Sandbox::new();
    let remote = Some("git@example.org:ines/boats.git");
    let thread = |n: usize, place, remote| {
        let thread = codex(&format!("t{n}"), place, remote, &format!("Tide {n}?"));
        sandbox.write(&format!("rollout-{n}.jsonl"), &lines(&thread));
        sandbox.import();
    };
    thread(0, "/nowhere/boats", remote);
    thread(1, "/nowhere/copy", None);
    let mut archive = sandbox.archive();
    embed_all(&mut archive);
    let request = SearchRequest {
        mode: recall::Mode::Semantic,
        ..crate::support::in_project("tide 1", "ines/boats")
    };
    let mut found = || {
        let embedder = embed::FixedEmbedder::new(32);
        let response = archive.search(&request, Some(&embedder)).unwrap();
        let of_copy = |hit: &&recall::Hit| hit.conversation_id == "t1";
        response.hits.iter().filter(of_copy).count()
    };
    assert_eq!(found(), 0);
    // The directory turns out to be a clone.
    thread(2, "/nowhere/copy", remote);
    assert_eq!(found(), 2);
}

#[test]
fn a_repository_that_vanished_stays_what_it_was() {
    let sandbox = Sandbox::new();
    let boats = repository(&sandbox, "boats", Some("git@example.org:ines/boats.git"));
    let tree = sandbox.path().join("fix");
    git(&boats, &["worktree", "add", "-q", "../fix"]);
    said_in(&sandbox, &[&boats.join("src"), &tree]);
    fs_err::remove_dir_all(&boats).unwrap();
    fs_err::remove_dir_all(&tree).unwrap();
    for (n, place) in [&boats, &boats.join("src"), &boats.join("web"), &tree]
        .iter()
        .enumerate()
    {
        said_later(&sandbox, &format!("later{n}"), place);
    }
    let archive = sandbox.archive();
    assert_eq!(
        projects(&archive),
        expected(&[("git:example.org/ines/boats", 6)])
    );
}

#[test]
fn what_was_said_before_there_was_a_repository_belongs_to_it() {
    let sandbox = Sandbox::new();
    let boats = sandbox.path().join("boats");
    let inner = boats.join("inner");
    said_in(
        &sandbox,
        &[
            &boats,
            &boats.join("src"),
            &inner,
            &sandbox.path().join("boats-2"),
        ],
    );
    // A start directory holds those below it.
    assert_eq!(projects(&sandbox.archive()).len(), 2);
    repository(&sandbox, "boats", None);
    repository(&sandbox, "boats/inner", None);
    said_later(&sandbox, "later", &boats);
    let key = |path: &Path| format!("dir:{}", shown(path));
    let keys = [
        key(&boats),
        key(&sandbox.path().join("boats-2")),
        key(&inner),
    ];
    let all = [(&*keys[0], 3), (&*keys[1], 1), (&*keys[2], 1)];
    assert_eq!(projects(&sandbox.archive()), expected(&all));
}

#[test]
fn a_scope_by_directory_is_the_project_around_it() {
    let sandbox = Sandbox::new();
    let boats = repository(&sandbox, "boats", Some("git@example.org:ines/boats.git"));
    let mut archive = said_in(
        &sandbox,
        &[&boats, Path::new("/nowhere/kiln"), &sandbox.path()],
    );
    let mut found = |directory: &Path| {
        let scope = Scope::Directory(directory.to_owned());
        let request = SearchRequest {
            ..SearchRequest::new("low tide", scope, NOW)
        };
        archive.search(&request, None).unwrap().project
    };
    assert_eq!(found(&boats.join("src")).as_deref(), Some("boats"));
    assert_eq!(
        found(Path::new("/nowhere/kiln/deep/")).as_deref(),
        Some("kiln")
    );
    assert_eq!(found(Path::new("/elsewhere")), None);
    // A repository that nothing is known of is no part of what lies around it.
    let unknown = repository(&sandbox, "unknown", None);
    assert_eq!(found(&unknown), None);
}

#[test]
fn repair_moves_messages_to_where_their_directories_belong() {
    let sandbox = Sandbox::new();
    let (old, new) = (
        "git@example.org:ines/boats.git",
        "git@example.org:guild/boats.git",
    );
    let boats = repository(&sandbox, "boats", Some(old));
    let clone = repository(&sandbox, "clone", Some(old));
    // One session that goes from one directory to the other.
    let at = [&boats, &clone, &clone, &boats];
    let record = |(n, path): (usize, &&std::path::PathBuf)| {
        claude(
            "s",
            &format!("u{n}"),
            "user",
            &format!("Low tide number {n}?"),
            &shown(path),
        )
    };
    sandbox.write(
        "p/s.jsonl",
        &lines(&at.iter().enumerate().map(record).collect::<Vec<_>>()),
    );
    sandbox.import();
    let mut archive = sandbox.archive();
    embed_all(&mut archive);
    assert_eq!(
        projects(&archive),
        expected(&[("git:example.org/ines/boats", 4)])
    );
    git(&clone, &["remote", "set-url", "origin", new]);
    let told = archive.repair(&Stop::new(), &NoProgress).unwrap();
    assert!(told.iter().any(|line| line.starts_with("1 ")), "{told:?}");
    let all = [
        ("git:example.org/guild/boats", 2),
        ("git:example.org/ines/boats", 2),
    ];
    assert_eq!(projects(&archive), expected(&all));
    let texts: Vec<_> = views(&archive)
        .into_iter()
        .map(|view| (view.message.id, view.project))
        .collect();
    let by_message: Vec<_> = texts
        .iter()
        .map(|(id, name)| (id.as_str(), name.as_str()))
        .collect();
    let moved = [
        ("u0", "ines"),
        ("u1", "guild"),
        ("u2", "guild"),
        ("u3", "ines"),
    ];
    assert_eq!(
        by_message,
        moved.map(|(id, owner)| (
            id,
            if owner == "ines" {
                "ines/boats"
            } else {
                "guild/boats"
            }
        ))
    );
    assert_sound(&archive);
    // The vectors are where they were, and are found in the new place.
    assert_eq!(archive.indexed().unwrap().embedded, 4);
    let embedder = embed::FixedEmbedder::new(32);
    let scope = Scope::Project("guild/boats".into());
    let mode = recall::Mode::Semantic;
    let request = SearchRequest {
        mode,
        ..SearchRequest::new("low tide number 1", scope, NOW)
    };
    let mut found = ids(&archive.search(&request, Some(&embedder)).unwrap())
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    found.sort_unstable();
    assert_eq!(found, ["u1", "u2"]);
    // Once more finds nothing to do.
    let before = export(&archive);
    let told = archive.repair(&Stop::new(), &NoProgress).unwrap();
    assert!(
        !told.iter().any(|line| line.contains("belong to another")),
        "{told:?}"
    );
    assert_eq!(export(&archive), before);
}

#[test]
fn a_name_and_its_place_are_one_project() {
    let sandbox = Sandbox::new();
    said_later(&sandbox, "s", Path::new("/nowhere/ines/boats"));
    let mut inside = generic("c", "1", "one");
    inside["project"] = "boats".into();
    inside["cwd"] = "/nowhere/ines/boats/src".into();
    let mut named = inside.clone();
    named["id"] = "2".into();
    named["cwd"] = "/nowhere/else".into();
    sandbox.write("g.jsonl", &lines(&[inside, named]));
    sandbox.import();
    let all = [("dir:/nowhere/ines/boats", 2), ("name:boats", 1)];
    assert_eq!(projects(&sandbox.archive()), expected(&all));
}
