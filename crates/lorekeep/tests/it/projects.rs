//! `projects`: a list that fits, merges and names with a yes, and what is said where a repository moved.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::{Home, Run, lines, path, piped};

/// A line of Claude Code's log.
fn said(session: &str, directory: &Path, text: &str) -> serde_json::Value {
    json!({
        "type": "user", "uuid": format!("{session}-{}", text.len()), "sessionId": session,
        "cwd": directory, "timestamp": "2026-02-03T10:00:00.000Z",
        "message": {"role": "user", "content": text},
    })
}

/// Imports the log of a session.
fn import(home: &Home, session: &str, directory: &Path, text: &str) {
    let name = format!(".claude/projects/p/{session}.jsonl");
    home.write(&name, &lines(&[said(session, directory, text)]));
    home.run(&["import", "--no-embed"]).expect(0);
}

/// A repository with a commit.
fn repository(home: &Home, name: &str) -> PathBuf {
    let top = home.path().join(name);
    fs_err::create_dir_all(&top).expect("a directory");
    for arguments in [
        &["init", "-q"][..],
        &["commit", "-q", "--allow-empty", "-m", "first"],
    ] {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@example.org",
                "-C",
                path(&top),
            ])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .status();
        assert!(done.expect("git runs").success());
    }
    top
}

fn run_in(home: &Home, directory: &Path, arguments: &[&str]) -> Run {
    Run::of(home.command().args(arguments).current_dir(directory))
}

#[test]
fn projects_are_merged_with_a_yes_and_the_merge_is_undone() {
    let home = Home::new();
    import(&home, "a", Path::new("/nowhere/boats"), "Is it low tide?");
    import(
        &home,
        "b",
        Path::new("/nowhere/vessels"),
        "Is the tide high?",
    );
    let run = home
        .run(&["projects", "merge", "boats", "vessels"])
        .expect(2);
    assert!(
        run.stderr
            .contains("not a terminal: nothing was changed (use --yes)"),
        "{run:?}"
    );
    let planned = home.json(&[
        "projects",
        "merge",
        "boats",
        "vessels",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(
        planned,
        json!({"change": "merge", "dry_run": true, "project": "boats", "into": "vessels", "conversations": 1, "messages": 1})
    );
    assert_eq!(
        home.json(&["projects", "--json"])["projects"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let run = home
        .run(&["projects", "merge", "boats", "vessels", "-y"])
        .expect(0);
    assert!(
        run.stderr
            .contains("`boats` (1 conversation, 1 message) is part of `vessels` now"),
        "{run:?}"
    );
    let listed = home.json(&["projects", "list", "--json"]);
    assert_eq!(listed["projects"][0]["messages"], 2);
    let found = home.json(&["search", "tide", "-p", "boats", "--json"]);
    assert_eq!(found["hits"].as_array().map(Vec::len), Some(2));
    let run = home.run(&["projects", "undo", "--yes"]).expect(0);
    assert!(
        run.stderr
            .contains("`boats` (1 conversation, 1 message) is no part of `vessels` any more"),
        "{run:?}"
    );
    home.run(&["projects", "undo", "--yes"]).expect(3);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_hint() {
    let home = Home::new();
    import(&home, "a", Path::new("/nowhere/boats"), "Is it low tide?");
    import(
        &home,
        "b",
        Path::new("/nowhere/vessels"),
        "Is the tide high?",
    );
    for (arguments, said) in [
        (
            &["rename", "boats", "vessels"][..],
            "the name `vessels` is in use",
        ),
        (&["rename", "boats", "all"], "`all` means all projects"),
        (
            &["merge", "boats", "/nowhere/boats/.claude/worktrees/x"],
            "are the same project",
        ),
        (&["merge", "boat", "vessels"], "did you mean `boats`?"),
        (&["merge", "boats"], "<INTO>"),
    ] {
        let all = [&["projects"], arguments].concat();
        let all: Vec<&str> = all.iter().copied().chain(["--yes"]).collect();
        let run = home.run(&all).expect(2);
        assert!(run.stderr.contains(said), "{run:?}");
    }
    let run = home
        .run(&["projects", "rename", "boats", "vessels", "-y"])
        .expect(2);
    assert!(
        run.stderr
            .contains("`lorekeep projects merge` makes one of two"),
        "{run:?}"
    );
    // What would act on a terminal is refused, and printed as it is written.
    let run = home
        .run(&["projects", "rename", "boats", "a\u{1b}[31mb", "-y"])
        .expect(2);
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
}

#[test]
fn a_renamed_project_is_listed_by_its_name_in_any_script() {
    let home = Home::new();
    import(&home, "a", Path::new("/nowhere/src/1"), "Is it low tide?");
    assert_eq!(
        home.json(&["projects", "--json"])["projects"][0]["name"],
        "nowhere/src/1"
    );
    for name in ["دفتر المد", "潮汐表", "🚢 boats"] {
        home.run(&["projects", "rename", "/nowhere/src/1", name, "-y"])
            .expect(0);
        let run = home.run(&["projects"]).expect(0);
        assert!(run.stdout.contains(name), "{run:?}");
        home.run(&["search", "tide", "-p", name]).expect(0);
    }
    let long = format!("/nowhere/{}", "long/".repeat(60));
    import(&home, "b", Path::new(&long), "Is the tide high?");
    let run = home.run(&["projects"]).expect(0);
    assert!(
        run.stdout.lines().all(|line| line.chars().count() <= 400),
        "{run:?}"
    );
}

#[test]
fn a_moved_repository_finds_what_was_said_before() {
    let home = Home::new();
    let old = repository(&home, "work/old-name");
    import(&home, "a", &old, "Why sqlite for the ledger?");
    let new = home.path().join("work/new-name");
    fs_err::rename(&old, &new).expect("a move");
    let hint = "`lorekeep projects merge old-name .` brings its conversations along";
    for arguments in [&["search", "ledger"][..], &["recent"]] {
        let run = run_in(&home, &new, arguments);
        assert!(run.stderr.contains(hint), "{run:?}");
    }
    let event = json!({"cwd": new, "hook_event_name": "SessionStart"}).to_string();
    let run = piped(&home, &["hook", "SessionStart"], event.as_bytes());
    assert!(
        run.stdout
            .contains("lorekeep projects merge \\\"old-name\\\" ."),
        "{run:?}"
    );
    import(&home, "b", &new, "On with the work");
    let run = run_in(&home, &new, &["search", "sqlite", "ledger"]).expect(3);
    assert!(run.stderr.contains(hint), "{run:?}");
    let suggested = home.json(&["projects", "merge", "--json"]);
    assert_eq!(
        suggested["suggestions"][0],
        json!({"project": "old-name", "into": "new-name", "reason": "same_first_commit"})
    );
    run_in(
        &home,
        &new,
        &["projects", "merge", "old-name", ".", "--yes"],
    )
    .expect(0);
    let run = run_in(&home, &new, &["search", "sqlite", "ledger"]).expect(0);
    assert!(
        run.stdout.contains("Why sqlite") && !run.stderr.contains("may be"),
        "{run:?}"
    );
    // It holds for what is imported later, too.
    import(&home, "c", &old.join("src"), "A late log of the ledger");
    assert_eq!(
        home.json(&["projects", "--json"])["projects"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    home.run(&["projects", "merge"]).expect(3);
}

#[test]
fn a_name_means_the_project_of_this_directory_first() {
    let home = Home::new();
    let (a, b) = (
        home.path().join("work/a/agentv"),
        home.path().join("work/b/agentv"),
    );
    for (session, directory) in [("a", &a), ("b", &b)] {
        fs_err::create_dir_all(directory).expect("a directory");
        import(&home, session, directory, "Is it low tide?");
    }
    let elsewhere = home.run(&["search", "tide", "-p", "agentv"]).expect(2);
    assert!(elsewhere.stderr.contains("ambiguous"), "{elsewhere:?}");
    let run = run_in(&home, &b, &["search", "tide", "-p", "agentv", "--json"]).expect(0);
    assert!(
        run.stdout.contains("b/agentv") && !run.stdout.contains("a/agentv"),
        "{run:?}"
    );
    let run = run_in(
        &home,
        &a,
        &["search", "tide", "-p", "../../b/agentv", "--json"],
    )
    .expect(0);
    assert!(run.stdout.contains("b/agentv"), "{run:?}");
}

#[test]
fn files_are_found_in_every_spelling_of_windows() {
    let home = Home::new();
    let edit = json!({
        "type": "assistant", "uuid": "e", "sessionId": "s", "cwd": "C:\\src\\weir",
        "timestamp": "2026-02-03T10:00:01.000Z",
        "message": {"id": "m", "role": "assistant", "model": "x", "content": [
            {"type": "text", "text": "Gate done."},
            {"type": "tool_use", "id": "t", "name": "Edit", "input": {
                "file_path": "C:\\src\\weir\\Gate.py", "old_string": "a", "new_string": "b"}},
        ]},
    });
    let log = [said("s", Path::new("C:\\src\\weir"), "Mend the gate"), edit];
    home.write(".claude/projects/p/s.jsonl", &lines(&log));
    home.run(&["import", "--no-embed"]).expect(0);
    for file in [
        "gate.py",
        "weir/gate.py",
        "c:/src/weir/gate.py",
        "/mnt/c/src/weir/GATE.py",
        "/c/src/weir/gate.py",
    ] {
        home.run(&["file", file, "-p", "all"]).expect(0);
        home.run(&["search", "gate", "--file", file, "-p", "all"])
            .expect(0);
    }
    home.run(&["file", "/src/weir/gate.py", "-p", "all"])
        .expect(3);
}
