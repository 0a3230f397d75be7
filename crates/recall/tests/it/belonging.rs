//! Which directories are one project: what lies below the one in which a session started, what doesn't, and
//! the spellings of one path.

use std::path::Path;

use recall::{Archive, Scope, SearchRequest};
use serde_json::Value;

use crate::identity::{git, repository, said_later, shown};
use crate::support::{NOW, Sandbox, assert_sound, claude, codex, generic, lines};

/// Writes the log of a session that goes through these directories.
fn session(sandbox: &Sandbox, name: &str, directories: &[&str]) {
    let record = |(n, directory): (usize, &&str)| {
        claude(
            name,
            &format!("{name}-{n}"),
            "user",
            "Is it low tide?",
            directory,
        )
    };
    let records: Vec<Value> = directories.iter().enumerate().map(record).collect();
    sandbox.write(&format!("p/{name}.jsonl"), &lines(&records));
}

/// An archive of such sessions.
fn sessions(all: &[&[&str]]) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    for (n, directories) in all.iter().enumerate() {
        session(&sandbox, &format!("s{n}"), directories);
    }
    sandbox.import();
    let archive = sandbox.archive();
    assert_sound(&archive);
    (sandbox, archive)
}

/// Key and messages of each project, by key.
fn projects(archive: &Archive) -> Vec<(String, u64)> {
    let listed = archive.projects().unwrap().into_iter();
    let mut all: Vec<_> = listed
        .filter(|project| project.messages > 0)
        .map(|project| (project.key, project.messages))
        .collect();
    all.sort_unstable();
    all
}

#[track_caller]
fn assert_projects(archive: &Archive, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(key, messages)| ((*key).to_owned(), *messages))
        .collect();
    assert_eq!(projects(archive), expected);
}

/// Checks the projects of sessions, imported in this order, in the other one, and one by one.
#[track_caller]
fn check(all: &[&[&str]], expected: &[(&str, u64)]) {
    assert_projects(&sessions(all).1, expected);
    let turned: Vec<&[&str]> = all.iter().rev().copied().collect();
    assert_projects(&sessions(&turned).1, expected);
    let sandbox = Sandbox::new();
    for (n, directories) in all.iter().enumerate() {
        session(&sandbox, &format!("s{n}"), directories);
        sandbox.import();
    }
    assert_projects(&sandbox.archive(), expected);
}

#[test]
fn a_start_directory_holds_what_lies_below_it() {
    let notes = "/nowhere/ada/notes";
    let drafts = "/nowhere/ada/notes/drafts";
    check(&[&[notes, drafts, notes]], &[("dir:/nowhere/ada/notes", 3)]);
    check(
        &[&[notes], &[drafts], &["/nowhere/ada/notes/drafts/april"]],
        &[("dir:/nowhere/ada/notes", 3)],
    );
    // Not beside it, and not above where a session only went.
    check(
        &[
            &[notes, "/nowhere/ada"],
            &["/nowhere/ada/notes-2"],
            &["/nowhere/ada/shop"],
        ],
        &[
            ("dir:/nowhere/ada", 1),
            ("dir:/nowhere/ada/notes", 1),
            ("dir:/nowhere/ada/notes-2", 1),
            ("dir:/nowhere/ada/shop", 1),
        ],
    );
}

#[test]
fn a_search_from_a_subdirectory_finds_the_whole() {
    let (_sandbox, mut archive) = sessions(&[&["/nowhere/notes", "/nowhere/notes/drafts"]]);
    for place in [
        "/nowhere/notes",
        "/nowhere/notes/drafts",
        "/nowhere/notes/other/deep",
    ] {
        let scope = Scope::Directory(place.into());
        let response = archive
            .search(&SearchRequest::new("tide", scope, NOW), None)
            .unwrap();
        let all: usize =
            response.hits.len() + response.hits.iter().map(|hit| hit.more).sum::<usize>();
        assert_eq!(
            (response.project.as_deref(), all >= 2),
            (Some("notes"), true),
            "{place}"
        );
    }
    let elsewhere = archive.project_of(Path::new("/nowhere/notes-2")).unwrap();
    assert_eq!(elsewhere, None);
}

#[test]
fn a_home_and_what_holds_many_projects_hold_nothing() {
    check(
        &[
            &["/home/ada", "/home/ada/x/y"],
            &["/home/ada/projects"],
            &["/home/ada/projects/shop", "/home/ada/projects/shop/src"],
            &["/tmp"],
            &["/tmp/try"],
            &["/"],
            &["/workspaces"],
            &["/workspaces/boats"],
        ],
        &[
            ("dir:/", 1),
            ("dir:/home/ada", 1),
            ("dir:/home/ada/projects", 1),
            ("dir:/home/ada/projects/shop", 2),
            ("dir:/home/ada/x/y", 1),
            ("dir:/tmp", 1),
            ("dir:/tmp/try", 1),
            ("dir:/workspaces", 1),
            ("dir:/workspaces/boats", 1),
        ],
    );
}

#[test]
fn a_directory_on_which_projects_stand_side_by_side_holds_none_of_them() {
    let places = [
        "/nowhere/clients",
        "/nowhere/clients/a",
        "/nowhere/clients/b",
        "/nowhere/clients/c",
    ];
    let sessions = places.map(|place| [place]);
    let mut all: Vec<&[&str]> = sessions.iter().map(|session| &session[..]).collect();
    all.push(&["/nowhere/clients", "/nowhere/clients/desk"]);
    check(
        &all,
        &[
            // Where it went without others having started there is its own.
            ("dir:/nowhere/clients", 3),
            ("dir:/nowhere/clients/a", 1),
            ("dir:/nowhere/clients/b", 1),
            ("dir:/nowhere/clients/c", 1),
        ],
    );
    // Who asks from a new directory there gets nothing of the others.
    let (_sandbox, archive) = self::sessions(&all);
    let new = archive
        .project_of(Path::new("/nowhere/clients/new"))
        .unwrap();
    assert_eq!(new, None);
}

#[test]
fn a_directory_with_a_manifest_is_no_shelf() {
    let sandbox = Sandbox::new();
    let site = sandbox.path().join("sites/site");
    fs_err::create_dir_all(&site).unwrap();
    fs_err::write(site.join("package.json"), "{}").unwrap();
    for (n, part) in ["", "a", "b", "c", "d"].iter().enumerate() {
        session(&sandbox, &format!("s{n}"), &[&shown(&site.join(part))]);
    }
    sandbox.import();
    let key = format!("dir:{}", shown(&site));
    assert_projects(&sandbox.archive(), &[(&key, 5)]);
}

#[test]
fn repositories_below_a_start_directory_stay_their_own() {
    let sandbox = Sandbox::new();
    let base = sandbox.path().join("base");
    let (first, second) = (
        repository(&sandbox, "base/first", None),
        repository(&sandbox, "base/second", None),
    );
    session(
        &sandbox,
        "s",
        &[&shown(&base), &shown(&first), &shown(&base.join("plain"))],
    );
    session(
        &sandbox,
        "t",
        &[&shown(&second), &shown(&second.join("src"))],
    );
    sandbox.import();
    let keys = [&base, &first, &second].map(|path| format!("dir:{}", shown(path)));
    let all = [(&*keys[0], 2), (&*keys[1], 1), (&*keys[2], 2)];
    assert_projects(&sandbox.archive(), &all);
    // They stay so when they are gone, and with them what lies below.
    fs_err::remove_dir_all(&base).unwrap();
    session(&sandbox, "u", &[&shown(&first.join("src"))]);
    sandbox.import();
    let all = [(&*keys[0], 2), (&*keys[1], 2), (&*keys[2], 2)];
    assert_projects(&sandbox.archive(), &all);
}

#[test]
fn a_deleted_clone_is_one_project() {
    check(
        &[
            &["/nowhere/gone", "/nowhere/gone/crates/parser"],
            &["/nowhere/gone/web"],
        ],
        &[("dir:/nowhere/gone", 3)],
    );
    let sandbox = Sandbox::new();
    let remote = Some("git@example.org:ines/boats.git");
    // Two repositories at one place, one after the other: each log is sure of its own.
    for (n, remote) in [remote, Some("git@example.org:ines/kiln.git"), None]
        .into_iter()
        .enumerate()
    {
        let thread = codex(&format!("t{n}"), "/nowhere/try", remote, "Low tide?");
        sandbox.write(&format!("rollout-{n}.jsonl"), &lines(&thread));
    }
    sandbox.import();
    let all = projects(&sandbox.archive());
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all.iter().map(|(_, messages)| messages).sum::<u64>(), 6);
}

#[test]
fn worktrees_that_are_gone_belong_to_their_repository() {
    let shop = "/nowhere/p/shop";
    let worktrees = [
        "/nowhere/p/shop/.claude/worktrees/fix/src",
        "/nowhere/p/shop/.worktrees/more",
        "/nowhere/p/shop-worktrees/shop-fix",
        "/nowhere/p/shop.worktrees/fix",
    ];
    let sessions = worktrees.map(|place| [place]);
    let mut all: Vec<&[&str]> = sessions.iter().map(|session| &session[..]).collect();
    check(&all, &[("dir:/nowhere/p/shop", 4)]);
    let main = [shop];
    all.push(&main);
    check(&all, &[("dir:/nowhere/p/shop", 5)]);
    // Git lists those elsewhere until it prunes them.
    let sandbox = Sandbox::new();
    let boats = repository(&sandbox, "boats", None);
    let tree = sandbox.path().join("elsewhere/fix");
    git(&boats, &["worktree", "add", "-q", "../elsewhere/fix"]);
    fs_err::remove_dir_all(&tree).unwrap();
    said_later(&sandbox, "a", &tree.join("src"));
    said_later(&sandbox, "b", &tree);
    assert_eq!(projects(&sandbox.archive()).len(), 1);
    said_later(&sandbox, "c", &boats);
    let key = format!("dir:{}", shown(&boats));
    assert_projects(&sandbox.archive(), &[(&key, 3)]);
}

#[test]
fn a_repository_claims_no_directory_of_others_as_a_worktree() {
    let sandbox = Sandbox::new();
    said_later(&sandbox, "a", Path::new("/nowhere/ada/secret"));
    let kit = repository(&sandbox, "kit", None);
    let entry = kit.join(".git/worktrees/x");
    fs_err::create_dir_all(&entry).unwrap();
    for (claimed, expected) in [("/nowhere/ada", 2), ("/home/ada", 2), ("/nowhere", 2)] {
        fs_err::write(entry.join("gitdir"), format!("{claimed}/.git\n")).unwrap();
        said_later(
            &sandbox,
            &claimed.replace('/', "-"),
            &kit.join(claimed.replace('/', "_")),
        );
        assert_eq!(projects(&sandbox.archive()).len(), expected, "{claimed}");
    }
}

#[test]
fn spellings_of_windows_and_wsl_are_one_project() {
    check(
        &[
            &["C:\\src\\weir"],
            &["/mnt/c/src/weir", "/mnt/c/src/weir/gates"],
            &["c:\\src\\weir"],
            &["C:/src/weir/"],
            &["/c/src/weir"],
            &["C:\\SRC\\Weir\\Gates"],
            &["\\\\?\\C:\\src\\weir\\.claude\\worktrees\\fix"],
            &["\\\\wsl.localhost\\Ubuntu\\home\\ada\\dam"],
            &["\\\\wsl$\\Ubuntu\\home\\ada\\dam\\gates"],
            &["/home/ada/dam"],
            &["/home/ada/Dam"],
            &["\\\\Host\\share\\mill"],
            &["//?/UNC/host/share/mill"],
        ],
        &[
            ("dir:/home/ada/Dam", 1),
            ("dir:/home/ada/dam", 3),
            ("dir:C:\\src\\weir", 8),
            ("dir:\\\\host\\share\\mill", 2),
        ],
    );
}

#[test]
fn what_is_typed_is_spelled_like_what_is_kept() {
    let (_sandbox, mut archive) = sessions(&[&["C:\\Src\\Weir", "C:\\Src\\Weir\\gates"]]);
    assert_eq!(archive.projects().unwrap()[0].name, "Weir");
    for typed in [
        "weir",
        "C:\\Src\\Weir",
        "c:/src/weir/",
        "/mnt/c/src/weir",
        "/c/Src/WEIR",
        "dir:C:\\src\\weir",
        "c:/src/weir/gates/deep",
    ] {
        assert_eq!(archive.project_named(typed).unwrap(), "Weir", "{typed}");
        assert_eq!(
            archive.project_recorded_as(typed).unwrap(),
            "Weir",
            "{typed}"
        );
    }
    let request = SearchRequest::new("tide", Scope::Directory("/mnt/c/src/weir".into()), NOW);
    let found = archive.search(&request, None).unwrap();
    assert_eq!(found.project.as_deref(), Some("Weir"));
}

#[test]
fn names_tell_something_and_tell_apart() {
    let places = [
        "/nowhere/agentv/src",
        "/nowhere/months/1",
        "/nowhere/a/boats",
        "/nowhere/b/boats",
        "/nowhere/茶/帳",
        "/nowhere/دفتر",
        "/nowhere/🚢",
        "/nowhere/app/src",
    ];
    let sessions = places.map(|place| [place]);
    let all: Vec<&[&str]> = sessions.iter().map(|session| &session[..]).collect();
    let (_sandbox, archive) = self::sessions(&all);
    let mut names: Vec<String> = archive
        .projects()
        .unwrap()
        .into_iter()
        .map(|project| project.name)
        .collect();
    names.sort_unstable();
    let mut expected = [
        "agentv/src",
        "months/1",
        "a/boats",
        "b/boats",
        "帳",
        "دفتر",
        "🚢",
        "nowhere/app/src",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    for name in &names {
        assert_eq!(&archive.project_named(name).unwrap(), name);
    }
    // A name of the project at hand means that one.
    let here = Path::new("/nowhere/b/boats/deep");
    assert_eq!(
        archive.project_named_from("boats", here).unwrap(),
        "b/boats"
    );
    assert_eq!(
        archive
            .project_named_from("Src", Path::new("/nowhere/agentv/src"))
            .unwrap(),
        "agentv/src"
    );
    assert!(
        archive
            .project_named_from("boats", Path::new("/elsewhere"))
            .is_err()
    );
    let mut archive = archive;
    let scope = Scope::ProjectFrom("boats".into(), here.into());
    let found = archive
        .search(&SearchRequest::new("tide", scope, NOW), None)
        .unwrap();
    assert_eq!(found.project.as_deref(), Some("b/boats"));
}

#[test]
fn a_home_of_settings_in_git_is_not_the_project_of_all_below() {
    let (_sandbox, archive) = sessions(&[&["/home/ada/x"]]);
    assert_projects(&archive, &[("dir:/home/ada/x", 1)]);
    // The home directories of those whose assistants' logs are read are known.
    let sandbox = Sandbox::new();
    let home = sandbox.path().join("people/ines");
    let places = ["", "work", "work/a", "work/b/deep"].map(|place| shown(&home.join(place)));
    for (n, place) in places.iter().enumerate() {
        session(&sandbox, &format!("s{n}"), &[place.trim_end_matches('/')]);
    }
    let mut request = sandbox.request();
    let source = recall_source();
    request.roots = recall::Roots::default().with(source, [home.join(".claude")]);
    crate::support::import(&mut sandbox.archive(), &request);
    assert_eq!(projects(&sandbox.archive()).len(), 4);
}

#[test]
fn a_home_that_is_learnt_later_holds_nothing_from_then_on() {
    let sandbox = Sandbox::new();
    let home = sandbox.path().join("people/ines");
    session(&sandbox, "a", &[&shown(&home), &shown(&home.join("notes"))]);
    sandbox.import();
    assert_eq!(projects(&sandbox.archive()).len(), 1);
    session(&sandbox, "b", &[&shown(&home.join("other"))]);
    let mut request = sandbox.request();
    request.roots = recall::Roots::default().with(recall_source(), [home.join(".claude")]);
    crate::support::import(&mut sandbox.archive(), &request);
    assert_eq!(projects(&sandbox.archive()).len(), 3);
}

fn recall_source() -> transcript::Source {
    transcript::Registry::shipped().find("claude-code").unwrap()
}

#[test]
fn an_archive_of_an_older_program_gets_the_rules_of_today() {
    let (sandbox, archive) = sessions(&[
        &["/nowhere/notes", "/nowhere/notes/drafts"],
        &["C:\\src\\weir"],
        &["/mnt/c/src/weir"],
    ]);
    let now = projects(&archive);
    drop(archive);
    // As it was before: each path a project, and nothing known of directories.
    let database = sandbox.database();
    database
        .execute_batch(
            "INSERT INTO project (id, key, path) VALUES
               (101, 'dir:/nowhere/notes/drafts', '/nowhere/notes/drafts'),
               (102, 'dir:/mnt/c/src/weir', '/mnt/c/src/weir');
             UPDATE directory SET project = 101 WHERE path LIKE '%drafts';
             UPDATE directory SET project = 102 WHERE path LIKE '/mnt%';
             UPDATE directory SET place = '', found = NULL, flags = 0;
             DELETE FROM meta WHERE key = 'projects.rules';",
        )
        .unwrap();
    let ids: Vec<i64> = {
        let sql = "SELECT first FROM span ORDER BY first";
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(ids.len(), 3);
    drop(database);
    let archive = sandbox.archive();
    assert_eq!(projects(&archive), now);
    assert_sound(&archive);
}

#[test]
fn an_export_gives_the_same_projects_again() {
    let (sandbox, archive) = sessions(&[
        &["/nowhere/notes", "/nowhere/notes/drafts"],
        &["C:\\Src\\weir"],
        &["/nowhere/agentv/src"],
    ]);
    let lines: String = crate::support::export(&archive)
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    let before: Vec<_> = archive
        .projects()
        .unwrap()
        .into_iter()
        .map(|p| (p.key, p.name, p.messages))
        .collect();
    drop((sandbox, archive));
    let sandbox = Sandbox::new();
    sandbox.write("export.jsonl", lines.as_bytes());
    sandbox.import();
    let mut after: Vec<_> = sandbox
        .archive()
        .projects()
        .unwrap()
        .into_iter()
        .map(|p| (p.key, p.name, p.messages))
        .collect();
    let mut before = before;
    before.sort_unstable();
    after.sort_unstable();
    assert_eq!(after, before);
}

#[test]
fn excluding_a_project_excludes_what_lies_below_its_start() {
    let sandbox = Sandbox::new();
    session(&sandbox, "s", &["/nowhere/notes", "/nowhere/notes/drafts"]);
    let mut request = sandbox.request();
    let projects = ["notes".to_owned()];
    request.roots =
        recall::Roots::default().excluding(recall::Exclusions::new(&[], &projects, &[]));
    let mut archive = sandbox.archive();
    crate::support::import(&mut archive, &request);
    assert_eq!(archive.status().unwrap().messages, 0);
}

#[test]
fn generic_messages_of_a_name_stay_with_the_name() {
    let sandbox = Sandbox::new();
    let mut line = generic("c", "1", "one");
    line["project"] = "notes".into();
    sandbox.write("g.jsonl", &lines(&[line]));
    session(&sandbox, "s", &["/nowhere/notes"]);
    sandbox.import();
    assert_projects(
        &sandbox.archive(),
        &[("dir:/nowhere/notes", 1), ("name:notes", 1)],
    );
}
