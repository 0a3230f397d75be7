//! What a person says about projects: merges, names, and taking them back.

use std::path::Path;

use recall::{Archive, Error, Mode, ProjectChangeKind, Scope, SearchRequest, SuggestionReason};

use crate::identity::{repository, said_later, shown};
use crate::support::{NOW, Sandbox, assert_sound, codex, embed, generic, in_project, lines};

/// Names and messages of all projects that have some, by name.
fn listed(archive: &Archive) -> Vec<(String, u64)> {
    let all = archive.projects().unwrap().into_iter();
    let mut all: Vec<_> = all
        .filter(|project| project.messages > 0)
        .map(|project| (project.name, project.messages))
        .collect();
    all.sort_unstable();
    all
}

#[track_caller]
fn assert_listed(archive: &Archive, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, messages)| ((*name).to_owned(), *messages))
        .collect();
    assert_eq!(listed(archive), expected);
}

/// One message each in projects of a directory, a remote and a name.
fn three() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    said_later(&sandbox, "s", Path::new("/nowhere/boats"));
    let remote = Some("git@example.org:ines/kiln.git");
    let thread = codex("t", "/nowhere/kiln", remote, "Is it hot?");
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    let mut named = generic("c", "1", "the mill turns");
    named["project"] = "mill".into();
    sandbox.write("g.jsonl", &lines(&[named]));
    sandbox.import();
    let archive = sandbox.archive();
    (sandbox, archive)
}

#[test]
fn merged_projects_are_one_until_that_is_undone() {
    let (sandbox, mut archive) = three();
    embed(&mut archive);
    let embedded = archive.indexed().unwrap().embedded;
    let all = [("boats", 1), ("kiln", 2), ("mill", 1)];
    assert_listed(&archive, &all);
    let planned = archive.merge_projects("mill", "boats", true).unwrap();
    assert_eq!((planned.messages, planned.conversations), (1, 1));
    assert_listed(&archive, &all);
    let done = archive.merge_projects("mill", "boats", false).unwrap();
    assert_eq!(done, planned);
    archive.merge_projects("boats", "kiln", false).unwrap();
    assert_listed(&archive, &[("kiln", 4)]);
    assert_sound(&archive);
    // The old names and paths mean it, words and vectors are found there.
    for name in [
        "boats",
        "mill",
        "name:mill",
        "/nowhere/boats",
        "dir:/nowhere/boats",
    ] {
        assert_eq!(archive.project_named(name).unwrap(), "kiln", "{name}");
    }
    let embedder = ::embed::FixedEmbedder::new(32);
    let request = SearchRequest {
        mode: Mode::Semantic,
        ..in_project("the mill turns", "kiln")
    };
    let found = archive.search(&request, Some(&embedder)).unwrap();
    assert_eq!(found.hits[0].message_id, "1");
    assert_eq!(archive.indexed().unwrap().embedded, embedded);
    // Later imports follow, and what belongs to each is known when it's undone.
    said_later(&sandbox, "later", Path::new("/nowhere/boats/deep"));
    let mut named = generic("c", "2", "the mill stands");
    named["project"] = "mill".into();
    sandbox.write("h.jsonl", &lines(&[named]));
    sandbox.import();
    assert_listed(&archive, &[("kiln", 6)]);
    let undone = archive.undo_project_change(None, false).unwrap();
    assert_eq!(undone.kind, ProjectChangeKind::UndoMerge);
    assert_eq!(
        (
            undone.project.as_str(),
            undone.into.as_str(),
            undone.messages
        ),
        ("boats", "kiln", 4)
    );
    assert_listed(&archive, &[("boats", 4), ("kiln", 2)]);
    archive.undo_project_change(None, false).unwrap();
    assert_listed(&archive, &[("boats", 2), ("kiln", 2), ("mill", 2)]);
    assert!(matches!(
        archive.undo_project_change(None, false),
        Err(Error::NothingToUndo)
    ));
    assert_eq!(archive.indexed().unwrap().embedded, embedded);
    assert_sound(&archive);
}

#[test]
fn an_older_merge_is_undone_by_the_name_of_what_was_merged() {
    let (_sandbox, mut archive) = three();
    archive.merge_projects("mill", "boats", false).unwrap();
    archive.merge_projects("boats", "kiln", false).unwrap();
    let planned = archive.undo_project_change(Some("mill"), true).unwrap();
    assert_eq!(planned.project, "mill");
    assert_listed(&archive, &[("kiln", 4)]);
    archive.undo_project_change(Some("mill"), false).unwrap();
    assert_listed(&archive, &[("kiln", 3), ("mill", 1)]);
}

#[test]
fn merges_that_make_no_sense_are_refused() {
    let (_sandbox, mut archive) = three();
    let mut refused =
        |from: &str, into: &str| archive.merge_projects(from, into, false).unwrap_err();
    for into in [
        "boats",
        "/nowhere/boats",
        "/nowhere/boats/.claude/worktrees/fix",
        "dir:/nowhere/boats",
    ] {
        assert!(
            matches!(refused("boats", into), Error::SameProject { .. }),
            "{into}"
        );
    }
    let error = refused("boat", "kiln");
    assert!(
        matches!(&error, Error::NoProject { near, .. } if near == &["boats"]),
        "{error:?}"
    );
    assert!(matches!(
        refused("boats", "nothing"),
        Error::NoProject { .. }
    ));
    archive.merge_projects("boats", "kiln", false).unwrap();
    // A loop would be a merge into itself.
    let error = archive.merge_projects("kiln", "boats", false).unwrap_err();
    assert!(matches!(error, Error::SameProject { .. }), "{error:?}");
    assert_listed(&archive, &[("kiln", 3), ("mill", 1)]);
}

#[test]
fn a_name_that_was_given_stays() {
    let (sandbox, mut archive) = three();
    let change = archive
        .rename_project("boats", " Logbuch der Fähre ", false)
        .unwrap();
    assert_eq!(
        (change.project.as_str(), change.into.as_str()),
        ("boats", "Logbuch der Fähre")
    );
    assert_listed(
        &archive,
        &[("Logbuch der Fähre", 1), ("kiln", 2), ("mill", 1)],
    );
    for name in [
        "Logbuch der Fähre",
        "logbuch der FÄHRE",
        "Logbuch der Fa\u{308}hre",
        "boats",
        "/nowhere/boats",
    ] {
        assert_eq!(
            archive.project_named(name).unwrap(),
            "Logbuch der Fähre",
            "{name}"
        );
    }
    // It survives imports, and that the directory turns out to be a clone.
    let remote = Some("git@example.org:ines/boats.git");
    let thread = codex("t2", "/nowhere/boats", remote, "Low tide?");
    sandbox.write("rollout-2.jsonl", &lines(&thread));
    sandbox.import();
    assert_listed(
        &archive,
        &[("Logbuch der Fähre", 3), ("kiln", 2), ("mill", 1)],
    );
    archive
        .rename_project("Logbuch der Fähre", "船", false)
        .unwrap();
    let undone = archive.undo_project_change(None, false).unwrap();
    assert_eq!(
        (undone.project.as_str(), undone.into.as_str()),
        ("船", "Logbuch der Fähre")
    );
    archive
        .undo_project_change(Some("Logbuch der Fähre"), false)
        .unwrap();
    assert_listed(&archive, &[("boats", 3), ("kiln", 2), ("mill", 1)]);
}

#[test]
fn names_that_are_taken_or_no_names_are_refused() {
    let (_sandbox, mut archive) = three();
    let mut refused = |name: &str| archive.rename_project("boats", name, false).unwrap_err();
    for name in ["kiln", "KILN", "ines/kiln", "mill"] {
        let error = refused(name);
        assert!(
            matches!(&error, Error::NameInUse { project, .. } if ["kiln", "mill"].contains(&project.as_str())),
            "{error:?}"
        );
    }
    for name in [
        "all",
        "ALL",
        "a\u{7}b",
        "a\nb",
        "\u{202e}evil",
        "-x",
        "/etc",
        "~/x",
        "git:x",
        "C:\\x",
        ".",
    ] {
        assert!(matches!(refused(name), Error::BadName { .. }), "{name:?}");
    }
    assert!(matches!(refused("  "), Error::Empty(_)));
    assert!(matches!(
        refused(&"é".repeat(61)),
        Error::TooLong { limit: 120, .. }
    ));
    // Its own name, and those of every script, are fine.
    for name in [
        "boats",
        "مشروع",
        "项目",
        "👩‍💻 app",
        "शब्द",
        "a name with spaces",
    ] {
        archive
            .rename_project("/nowhere/boats", name, false)
            .unwrap();
        assert_eq!(archive.project_named(name).unwrap(), name);
    }
}

#[test]
fn a_name_in_use_isnt_taken_by_what_comes_later() {
    let (sandbox, mut archive) = three();
    archive.rename_project("boats", "shop", false).unwrap();
    said_later(&sandbox, "x", Path::new("/nowhere/acme/shop"));
    assert_listed(
        &archive,
        &[("acme/shop", 1), ("kiln", 2), ("mill", 1), ("shop", 1)],
    );
}

#[test]
fn a_moved_repository_is_suggested_and_never_joined_by_itself() {
    let sandbox = Sandbox::new();
    let old = repository(&sandbox, "old-name", None);
    said_later(&sandbox, "s", &old);
    let new = sandbox.path().join("new-name");
    let mut archive = sandbox.archive();
    assert_eq!(archive.projects_moved_to(&old).unwrap(), [""; 0]);
    fs_err::rename(&old, &new).unwrap();
    assert_eq!(archive.project_of(&new).unwrap(), None);
    assert_eq!(archive.projects_moved_to(&new).unwrap(), ["old-name"]);
    assert_eq!(
        archive.projects_moved_to(&new.join("src")).unwrap(),
        ["old-name"]
    );
    said_later(&sandbox, "t", &new);
    assert_listed(&archive, &[("new-name", 1), ("old-name", 1)]);
    let suggested = archive.project_suggestions().unwrap();
    let [one] = &suggested[..] else {
        panic!("{suggested:?}")
    };
    assert_eq!(
        (one.project.as_str(), one.into.as_str()),
        ("old-name", "new-name")
    );
    assert_eq!(one.reason, SuggestionReason::SameFirstCommit);
    archive
        .merge_projects("old-name", &shown(&new), false)
        .unwrap();
    assert_listed(&archive, &[("new-name", 2)]);
    assert_eq!(archive.projects_moved_to(&new).unwrap(), [""; 0]);
    assert_eq!(archive.project_suggestions().unwrap(), []);
    // Another repository has nothing to do with it.
    let other = repository(&sandbox, "other", None);
    fs_err::write(other.join("x"), "x").unwrap();
    crate::identity::git(
        &other,
        &["commit", "-q", "--amend", "--allow-empty", "-m", "another"],
    );
    assert_eq!(archive.projects_moved_to(&other).unwrap(), [""; 0]);
}

#[test]
fn a_project_that_nothing_is_known_of_can_be_merged_into() {
    let sandbox = Sandbox::new();
    let old = repository(&sandbox, "old-name", None);
    said_later(&sandbox, "s", &old);
    let new = sandbox.path().join("new-name");
    fs_err::rename(&old, &new).unwrap();
    let mut archive = sandbox.archive();
    archive
        .merge_projects("old-name", &shown(&new), true)
        .unwrap();
    assert_listed(&archive, &[("old-name", 1)]);
    archive
        .merge_projects("old-name", &shown(&new), false)
        .unwrap();
    assert_listed(&archive, &[("new-name", 1)]);
    let scope = Scope::Directory(new.join("src"));
    let found = archive
        .search(&SearchRequest::new("tide", scope, NOW), None)
        .unwrap();
    assert_eq!(found.hits.len(), 1);
    said_later(&sandbox, "t", &new);
    assert_listed(&archive, &[("new-name", 2)]);
}

#[test]
fn a_moved_clone_is_known_by_its_remote() {
    let sandbox = Sandbox::new();
    let old = repository(&sandbox, "a/boats", Some("git@example.org:ines/boats.git"));
    said_later(&sandbox, "s", &old.join("src"));
    let new = sandbox.path().join("b/vessels");
    fs_err::create_dir_all(new.parent().unwrap()).unwrap();
    fs_err::rename(&old, &new).unwrap();
    said_later(&sandbox, "t", &new.join("src"));
    let archive = sandbox.archive();
    assert_listed(&archive, &[("boats", 2)]);
    assert_eq!(archive.projects().unwrap()[0].path, Some(shown(&new)));
}
