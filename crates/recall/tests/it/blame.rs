//! Where lines come from: repositories and sessions made here, whose authors are known.

mod work;
mod random;

use recall::{BlameRequest, Certainty, Error, LineSource, Scope};
use serde_json::json;

use work::Work;

const FILE: &str = "src/net.rs";

#[test]
fn lines_of_an_edit_are_its_own_and_others_are_not() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "fn one() {\n    1\n}\n");
    work.commit("Begin");
    let call = work.edit("a", FILE, "    1\n", "    let total = 1 + 1;\n    total\n");
    assert_eq!(work.authors(FILE), ["hand", "a", "a", "hand"]);
    let report = work.blame(FILE);
    let written = work::written(&report.lines[1]);
    assert_eq!(written.call, call);
    assert_eq!(written.tool, "Edit");
    assert_eq!(written.certainty, Certainty::Certain);
    assert_eq!(written.model.as_deref(), Some("claude-test"));
    assert_eq!(report.lines[1].text, "    let total = 1 + 1;\n    total");
    assert!(
        written
            .evidence
            .contains(&"lines 1 to 2 of its `new_string`".to_owned()),
        "{written:?}"
    );
    assert!(written.evidence.contains(&"not committed yet".to_owned()));
    assert!(
        matches!(&report.lines[0].source, LineSource::Commit(commit) if commit.subject == "Begin")
    );
    work.commit("Go on");
    let report = work.blame(FILE);
    let written = work::written(&report.lines[1]);
    assert_eq!(written.commit.as_ref().unwrap().subject, "Go on");
}

#[test]
fn what_nobody_is_known_for_is_unknown() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "fn one() {}\n");
    work.hand(FILE, "fn one() {}\nfn typed_by_hand() {}\n");
    assert_eq!(work.authors(FILE), ["a", "unknown"]);
}

#[test]
fn an_edit_that_failed_wrote_nothing() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "let failing_line = 1;\n");
    work.call(
        "a",
        "Write",
        &json!({"file_path": work.path(FILE), "content": "let failing_line = 1;\n"}),
        None,
        true,
    );
    assert_eq!(work.authors(FILE), ["unknown"]);
}

#[test]
fn the_newest_edit_that_brought_a_line_in_counts() {
    let Some(mut work) = Work::new() else { return };
    work.write(
        "a",
        FILE,
        "let first = 1;\nlet second = 2;\nlet third = 3;\n",
    );
    work.edit("b", FILE, "let second = 2;\n", "");
    work.edit("b", FILE, "let third", "let second = 2;\nlet third");
    work.write(
        "c",
        FILE,
        "let first = 1;\nlet second = 2;\nlet third = 3;\nlet fourth = 4;\n",
    );
    assert_eq!(work.authors(FILE), ["a", "b", "a", "c"]);
}

#[test]
fn what_a_written_file_kept_is_not_the_writers() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "by_hand();\nold_line();\n");
    // Older logs hold the patch instead of the file before.
    let detail = json!({"type": "update", "structuredPatch": [{"oldStart": 1, "oldLines": 2, "newStart": 1,
        "newLines": 3, "lines": [" by_hand();", "-old_line();", "+new_line();", "+and_another();"]}]});
    let content = "by_hand();\nnew_line();\nand_another();\n";
    work.put(FILE, content);
    work.call(
        "a",
        "Write",
        &json!({"file_path": work.path(FILE), "content": content}),
        Some(detail),
        false,
    );
    assert_eq!(work.authors(FILE), ["unknown", "a", "a"]);
}

#[test]
fn a_part_of_a_line_makes_the_line() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "call(alpha);\nother(alpha);\n");
    work.edit("a", FILE, "call(alpha", "call(alpha, beta");
    assert_eq!(work.authors(FILE), ["a", "unknown"]);
}

#[test]
fn all_occurrences_are_replaced() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "old(1);\nkeep();\nold(2);\n");
    let input = json!({"file_path": work.path(FILE), "old_string": "old", "new_string": "fresh", "replace_all": true});
    work.put(FILE, "fresh(1);\nkeep();\nfresh(2);\n");
    work.call(
        "a",
        "Edit",
        &input,
        Some(json!({"originalFile": "old(1);\nkeep();\nold(2);\n"})),
        false,
    );
    assert_eq!(work.authors(FILE), ["a", "unknown", "a"]);
}

#[test]
fn several_edits_in_one_call_are_all_its_own() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "first_line();\nsecond_line();\nthird_line();\n");
    let edits = json!([
        {"old_string": "first_line", "new_string": "changed_first"},
        {"old_string": "third_line();\n", "new_string": "third_line();\nfourth_line();\n"},
    ]);
    work.put(
        FILE,
        "changed_first();\nsecond_line();\nthird_line();\nfourth_line();\n",
    );
    work.call(
        "a",
        "MultiEdit",
        &json!({"file_path": work.path(FILE), "edits": edits}),
        None,
        false,
    );
    assert_eq!(work.authors(FILE), ["a", "unknown", "unknown", "a"]);
}

#[test]
fn lines_that_a_person_changed_in_an_edit_are_the_persons() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "start();\nend_it();\n");
    let input = json!({"file_path": work.path(FILE), "old_string": "start();\n", "new_string": "start();\nproposed();\nkept_as_is();\n"});
    let detail = json!({
        "originalFile": "start();\nend_it();\n", "userModified": true,
        "structuredPatch": [{"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 4,
            "lines": [" start();", "+by_the_person();", "+kept_as_is();", " end_it();"]}],
    });
    work.put(
        FILE,
        "start();\nby_the_person();\nkept_as_is();\nend_it();\n",
    );
    work.call("a", "Edit", &input, Some(detail), false);
    assert_eq!(work.authors(FILE), ["unknown", "unknown", "a", "unknown"]);
}

#[test]
fn places_that_no_file_has_are_no_trouble() {
    let Some(mut work) = Work::new() else { return };
    let before = "start();\nend_it();\nlast();\n";
    work.hand(FILE, before);
    let input = json!({"file_path": work.path(FILE), "old_string": "start();\nend_it();\n", "new_string": "new_one();\n"});
    let removed = json!({"oldStart": 1, "oldLines": 2, "newStart": 0, "newLines": 0,
        "lines": ["-start();", "-end_it();"]});
    for second in [
        json!({"oldStart": 0, "oldLines": 0, "newStart": 1, "newLines": 1, "lines": ["+new_one();"]}),
        json!({"oldStart": u64::MAX, "oldLines": 1, "newStart": u64::MAX, "newLines": 2,
            "lines": ["+new_one();", " last();"]}),
    ] {
        let detail = json!({"originalFile": before, "userModified": true,
            "structuredPatch": [removed, second]});
        work.call("a", "Edit", &input, Some(detail), false);
    }
    work.put(FILE, "new_one();\nlast();\n");
    assert_eq!(work.authors(FILE), ["a", "unknown"]);
}

#[test]
fn patches_of_codex_are_edits() {
    let Some(mut work) = Work::new() else { return };
    work.codex("c", "apply_patch", "*** Begin Patch\n*** Add File: src/net.rs\n+fn from_codex() {\n+    begin();\n+}\n*** End Patch");
    work.put(FILE, "fn from_codex() {\n    begin();\n}\n");
    work.edit("a", FILE, "    begin();\n", "    begin();\n    go_on();\n");
    let patch = "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: src/net.rs\n@@ fn from_codex() {\n     begin();\n-    go_on();\n+    go_further();\n }\n*** End Patch\nEOF";
    work.codex(
        "d",
        "shell",
        &json!({"command": ["bash", "-lc", patch]}).to_string(),
    );
    work.put(
        FILE,
        "fn from_codex() {\n    begin();\n    go_further();\n}\n",
    );
    assert_eq!(work.authors(FILE), ["c", "c", "d", "c"]);
}

#[test]
fn texts_in_command_lines_are_writes() {
    let Some(mut work) = Work::new() else { return };
    work.put(FILE, "from_a_shell();\nand_more();\n");
    let command = "cat > src/net.rs <<'EOF'\nfrom_a_shell();\nand_more();\nEOF";
    work.call("a", "Bash", &json!({"command": command}), None, false);
    assert_eq!(work.authors(FILE), ["a", "a"]);
}

#[test]
fn a_file_keeps_its_authors_when_it_is_renamed() {
    let Some(mut work) = Work::new() else { return };
    work.write(
        "a",
        "src/old.rs",
        "fn alpha() {}\nfn beta() {}\nfn gamma() {}\nfn delta() {}\n",
    );
    work.commit("Add");
    work.git(&["mv", "src/old.rs", FILE]);
    assert_eq!(work.authors(FILE), ["a", "a", "a", "a"]);
    work.commit("Rename");
    work.edit("b", FILE, "fn gamma", "fn between() {}\nfn gamma");
    assert_eq!(work.authors(FILE), ["a", "a", "b", "a", "a"]);
}

#[test]
fn a_file_that_a_session_moved_keeps_its_authors() {
    let Some(mut work) = Work::without_repository() else {
        return;
    };
    work.write("a", "src/old.rs", "fn alpha() {}\nfn beta() {}\n");
    work.bash("b", "mkdir -p src && git mv src/old.rs src/mid.rs", "");
    work.codex(
        "c",
        "apply_patch",
        "*** Begin Patch\n*** Update File: src/mid.rs\n*** Move to: src/net.rs\n@@\n fn alpha() {}\n+fn gamma() {}\n fn beta() {}\n*** End Patch",
    );
    work.put(FILE, "fn alpha() {}\nfn gamma() {}\nfn beta() {}\n");
    assert_eq!(work.authors(FILE), ["a", "c", "a"]);
}

#[test]
fn a_clone_has_the_authors_of_the_original() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "fn alpha() {}\n");
    work.edit(
        "b",
        FILE,
        "fn alpha() {}\n",
        "fn alpha() {}\nfn beta() {}\n",
    );
    work.commit("Add");
    let clone = work.clone_to("elsewhere");
    assert_eq!(work.authors_of(&clone.join(FILE), Scope::All), ["a", "b"]);
}

#[test]
fn formatting_keeps_authors() {
    let Some(mut work) = Work::new() else { return };
    work.write(
        "a",
        FILE,
        "fn alpha(){\nlet total=first_part(1,2)+second_part(3,4);\n}\n",
    );
    work.commit("Add");
    work.hand(
        FILE,
        "fn alpha() {\n    let total = first_part(1, 2)\n        + second_part(3, 4);\n}\n",
    );
    work.commit("Format");
    assert_eq!(work.authors(FILE), ["a", "a", "a", "a"]);
    let report = work.blame(FILE);
    assert_eq!(work::written(&report.lines[0]).certainty, Certainty::Likely);
}

#[test]
fn a_line_that_was_committed_before_an_edit_is_not_the_edits() {
    let Some(mut work) = Work::new() else { return };
    work.hand(FILE, "let mine = compute_it();\n");
    work.commit("By hand");
    // Outside of what the log shows it was removed, and the edit brought it in again elsewhere.
    work.call("a", "Edit", &json!({"file_path": work.path(FILE), "old_string": "nowhere", "new_string": "let mine = compute_it();"}), None, false);
    assert_eq!(work.authors(FILE), ["hand"]);
}

#[test]
fn a_commit_of_an_older_time_is_blamed_as_it_was() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "let first = 1;\n");
    let commit = work.commit("First");
    work.write("b", FILE, "let other = 2;\n");
    work.commit("Second");
    let request = BlameRequest {
        commit: Some(commit),
        ..work.request(FILE)
    };
    let report = work.archive().blame(&request).unwrap();
    assert_eq!(work::authors(&report), ["a"]);
    assert_eq!(report.lines[0].text, "let first = 1;");
}

#[test]
fn commits_of_a_session_name_it() {
    let Some(mut work) = Work::new() else { return };
    work.put("src/made.rs", "generated_by_a_script();\n");
    work.pass(5);
    let hash = work.commit("Generate");
    let output = format!("[main {}] Generate\n 1 file changed", &hash[..7]);
    work.bash("a", "git add -A && git commit -m 'Generate'", &output);
    let report = work.blame("src/made.rs");
    let LineSource::Commit(commit) = &report.lines[0].source else {
        panic!("{report:?}")
    };
    assert_eq!(
        commit.conversation.as_ref().unwrap().conversation,
        work.id("a")
    );
}

#[test]
fn another_project_is_not_looked_at() {
    let Some(mut work) = Work::new() else { return };
    work.put(FILE, "let shared = 1;\n");
    let input = json!({"file_path": work.path(FILE), "content": "let shared = 1;\n"});
    work.call_in("/elsewhere/other", "a", "Write", &input, None, false);
    work.write("b", "src/own.rs", "let own = 1;\n");
    assert_eq!(work.authors(FILE), ["unknown"]);
    assert_eq!(work.authors_of(&work.root().join(FILE), Scope::All), ["a"]);
}

#[test]
fn without_a_repository_payloads_alone_tell() {
    let Some(mut work) = Work::without_repository() else {
        return;
    };
    work.hand(FILE, "fn before() {}\nfn after() {}\n");
    work.bare_edit(
        "a",
        FILE,
        "fn before() {}\n",
        "fn before() {}\nfn between() {\n    begin();\n}\n",
    );
    assert_eq!(work.authors(FILE), ["unknown", "a", "a", "a", "unknown"]);
}

#[test]
fn what_is_asked_for_must_be_there() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "one();\ntwo();\n");
    work.commit("Add");
    let archive = work.archive();
    let ask = |lines, commit: Option<&str>| {
        archive.blame(&BlameRequest {
            lines,
            commit: commit.map(str::to_owned),
            ..work.request(FILE)
        })
    };
    let report = ask(Some((2, 9)), None).unwrap();
    assert_eq!((report.lines[0].first, report.lines[0].last), (2, 2));
    assert!(matches!(
        ask(Some((3, 4)), None),
        Err(Error::NoLine { line: 3, count: 2 })
    ));
    assert!(matches!(ask(Some((0, 1)), None), Err(Error::NoLine { .. })));
    for revision in ["--help", "-p", "nothing", "", "HEAD\n", "HEAD:src"] {
        assert!(
            matches!(ask(None, Some(revision)), Err(Error::NoCommit(_))),
            "{revision}"
        );
    }
    let missing = BlameRequest {
        file: work.root().join("none.rs"),
        ..work.request(FILE)
    };
    assert!(matches!(archive.blame(&missing), Err(Error::NoFile(_))));
}

#[test]
fn a_repository_runs_nothing_of_its_own() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "one();\n");
    work.commit("Add");
    let mark = work.root().join("mark");
    let run = format!("touch {}", mark.display());
    for (key, value) in [
        ("core.fsmonitor", &run),
        ("diff.x.textconv", &run),
        ("filter.x.clean", &run),
        ("core.pager", &run),
    ] {
        work.git(&["config", key, value]);
    }
    fs_err::write(work.root().join(".gitattributes"), "*.rs diff=x filter=x\n").unwrap();
    assert_eq!(work.authors(FILE), ["a"]);
    assert!(!mark.exists());
}

#[test]
fn a_repository_fetches_nothing_whatever_it_allows_itself() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "one();\n");
    work.commit("Add");
    work.edit("a", FILE, "one", "two");
    work.commit("Change");
    let mark = work.root().join("mark");
    let run = format!("ext::touch {}", mark.display());
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &run),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("core.alternateRefsCommand", "touch mark"),
        ("core.sshCommand", "touch mark"),
    ] {
        work.git(&["config", key, value]);
    }
    // What is missing would be fetched from where the repository says.
    let blob = work.git(&["rev-parse", &format!("HEAD~1:{FILE}")]);
    let (directory, name) = blob.trim().split_at(2);
    fs_err::remove_file(work.root().join(".git/objects").join(directory).join(name)).unwrap();
    work.authors(FILE);
    assert!(!mark.exists());
}

#[cfg(unix)]
#[test]
fn a_repository_that_never_answers_is_given_up() {
    let Some(mut work) = Work::new() else { return };
    work.write("a", FILE, "one();\n");
    work.commit("Add");
    let config = work.root().join(".git/config");
    fs_err::remove_file(&config).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, &config, mode).unwrap();
    let archive = work.archive();
    assert!(archive.blame(&work.request(FILE)).is_ok());
}

/// Three edits by two sessions, each committed.
fn three_commits() -> Option<Work> {
    let mut work = Work::new()?;
    work.hand(FILE, "fn begin() {\n    start_up();\n}\n");
    work.commit("Begin");
    work.edit(
        "a",
        FILE,
        "    start_up();\n",
        "    start_up();\n    read_settings();\n",
    );
    work.commit("Read");
    work.edit(
        "b",
        FILE,
        "    read_settings();\n}\n",
        "    read_settings();\n    if ready() {\n        serve_all();\n    }\n}\n",
    );
    work.commit("Serve");
    work.edit("a", FILE, "serve_all", "serve_some");
    work.commit("Serve less");
    Some(work)
}

const OF_THREE: [&str; 7] = ["hand", "hand", "a", "b", "a", "b", "hand"];

#[test]
fn commits_that_were_made_again_change_nothing() {
    let Some(mut work) = three_commits() else {
        return;
    };
    assert_eq!(work.authors(FILE), OF_THREE);
    work.pass(7 * 86_400);
    work.git(&["rebase", "-q", "--force-rebase", "HEAD~3"]);
    assert_eq!(work.authors(FILE), OF_THREE);
    // Into one, by a new commit and by one that goes by the time of the first.
    work.git(&["reset", "-q", "--soft", "HEAD~2"]);
    work.git(&[
        "commit",
        "-q",
        "--amend",
        "--date",
        "2026-02-01T00:00:00Z",
        "-m",
        "All",
    ]);
    assert_eq!(work.authors(FILE), OF_THREE);
}

#[test]
fn a_branch_that_is_merged_keeps_its_authors() {
    let Some(mut work) = three_commits() else {
        return;
    };
    work.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    work.edit("c", FILE, "fn begin", "fn on_the_side() {}\n\nfn begin");
    work.commit("Aside");
    work.git(&["checkout", "-q", "main"]);
    work.edit(
        "b",
        FILE,
        "    start_up();\n",
        "    start_up();\n    check_all();\n",
    );
    work.commit("Check");
    work.pass(60);
    work.git(&["merge", "-q", "--no-edit", "side"]);
    let expected = ["c", "c", "hand", "hand", "b", "a", "b", "a", "b", "hand"];
    assert_eq!(work.authors(FILE), expected);
}

#[test]
fn a_worktree_is_a_copy_of_its_own() {
    let Some(mut work) = three_commits() else {
        return;
    };
    let tree = work.root().join(".claude/worktrees/fix");
    work.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "fix",
        &tree.to_string_lossy(),
    ]);
    let inside = format!(".claude/worktrees/fix/{FILE}");
    work.edit(
        "c",
        &inside,
        "    start_up();\n",
        "    start_up();\n    fix_it();\n",
    );
    assert_eq!(work.authors(FILE), OF_THREE);
    let found = work.authors_of(&tree.join(FILE), Scope::Directory(tree.clone()));
    assert_eq!(found, ["hand", "hand", "c", "a", "b", "a", "b", "hand"]);
}

#[test]
fn each_line_of_a_long_file_with_many_edits_is_known() {
    let Some(mut work) = Work::new() else { return };
    let line = |at: usize| format!("    step_{at}(input, {at});\n");
    work.write("a", FILE, &(0..2000).map(line).collect::<String>());
    work.commit("Begin");
    for nth in 0..500 {
        let at = nth * 37 % 2000;
        let session = ["a", "b", "c"][nth % 3];
        work.edit(
            session,
            FILE,
            &line(at),
            &format!("    changed_{nth}(input);\n"),
        );
    }
    let archive = work.archive();
    let report = archive.blame(&work.request(FILE)).unwrap();
    assert_eq!(report.edits, 501);
    assert!(
        report
            .lines
            .iter()
            .all(|lines| matches!(lines.source, LineSource::Written(_)))
    );
}
