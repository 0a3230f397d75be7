//! `exclude`: the settings file is changed with care, and imports heed it.

use serde_json::json;

use crate::support::{Home, lines, path};

/// Where the settings are.
fn settings(home: &Home) -> std::path::PathBuf {
    let shown = home.json(&["config", "show", "--json"]);
    shown["file"].as_str().expect("a path").into()
}

fn log(home: &Home, session: &str, cwd: &str) {
    let record = json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": cwd,
        "sessionId": session, "version": "2.1.40", "gitBranch": "main", "type": "user",
        "message": {"role": "user", "content": format!("about {session}")}, "uuid": session,
        "timestamp": "2026-02-01T10:00:00.000Z",
    });
    home.write(
        &format!(".claude/projects/p/{session}.jsonl"),
        &lines(&[record]),
    );
}

#[test]
fn what_is_excluded_is_not_imported_and_the_settings_keep_their_words() {
    let home = Home::new();
    let file = settings(&home);
    fs_err::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs_err::write(&file, "# mine\n[search]\nlimit = 7 # seven\n").expect("settings");
    home.run(&["exclude", "list"]).expect(3);
    home.run(&["exclude", "add", "~/secret", "--project", "boats"])
        .expect(0);
    home.run(&["exclude", "add", "~/secret"]).expect(0);
    let text = fs_err::read_to_string(&file).expect("settings");
    assert!(
        text.starts_with("# mine\n[search]\nlimit = 7 # seven\n"),
        "{text}"
    );
    let list = home.json(&["exclude", "list", "--json"]);
    assert_eq!(list["paths"], json!(["~/secret"]));
    assert_eq!(list["projects"], json!(["boats"]));
    log(&home, "hidden", path(&home.path().join("secret/src")));
    log(&home, "shown", path(&home.path().join("other")));
    home.run(&["import", "--no-embed"]).expect(0);
    // A search reads what is new as well.
    home.run(&["search", "about hidden", "-p", "all"]);
    home.run(&["show", "hidden"]).expect(3);
    home.run(&["show", "shown"]).expect(0);
    home.run(&["exclude", "remove", "~/nothing"]).expect(2);
    home.run(&["exclude", "remove", "~/secret"]).expect(0);
    home.run(&["import", "--no-embed"]).expect(0);
    home.run(&["show", "hidden"]).expect(0);
    home.run(&["config", "check"]).expect(0);
}

#[test]
fn what_is_there_is_kept_or_forgotten_as_told() {
    let home = Home::with_conversations();
    let run = home
        .run(&["exclude", "add", "--project", "tidepool"])
        .expect(0);
    assert!(
        run.stderr
            .contains("1 message of it in the archive stay there"),
        "{run:?}"
    );
    home.run(&["show", "tides"]).expect(0);
    let done = home.json(&[
        "exclude",
        "add",
        "--project",
        "tidepool",
        "--forget",
        "--json",
    ]);
    assert_eq!(done["forgotten"], 1);
    home.run(&["show", "tides"]).expect(3);
    home.run(&["exclude", "remove", "--project", "tidepool"])
        .expect(0);
    home.run(&["import", path(&home.path().join("talk.jsonl"))])
        .expect(0);
    home.run(&["show", "tides"]).expect(3);
}

#[test]
fn everything_is_not_excluded() {
    let home = Home::with_conversations();
    for everything in [&["/"][..], &["**"], &["*"], &["--project", "*"]] {
        let arguments = [&["exclude", "add", "--forget"], everything].concat();
        let run = home.run(&arguments).expect(2);
        assert!(run.stderr.contains("excludes everything"), "{run:?}");
    }
    home.run(&["exclude", "add"]).expect(2);
    home.run(&["exclude", "add", ""]).expect(2);
    assert!(!settings(&home).exists());
    home.run(&["show", "tides"]).expect(0);
}

#[test]
fn a_project_of_another_name_is_excluded_with_what_was_merged_into_it() {
    let home = Home::new();
    let said = |id: &str, project: &str| {
        let said = serde_json::json!({"id": id, "conversation": id, "project": project, "role": "user",
                                      "text": format!("the barrage of {project}")});
        said.to_string()
    };
    home.write(
        "a.jsonl",
        &[said("1", "tide"), said("2", "mole"), said("3", "quay")].join("\n"),
    );
    home.run(&["import", "--no-embed", "a.jsonl"]).expect(0);
    home.run(&["projects", "rename", "tide", "client", "--yes"])
        .expect(0);
    home.run(&["projects", "merge", "mole", "quay", "--yes"])
        .expect(0);
    let run = home
        .run(&["exclude", "add", "--project", "client", "--forget"])
        .expect(0);
    assert!(run.stderr.contains("1 message forgotten"), "{run:?}");
    let run = home
        .run(&["exclude", "add", "--project", "quay", "--forget"])
        .expect(0);
    assert!(run.stderr.contains("2 messages forgotten"), "{run:?}");
    home.write(
        "b.jsonl",
        &[said("4", "tide"), said("5", "mole"), said("6", "quay")].join("\n"),
    );
    home.run(&["import", "--no-embed", "b.jsonl"]).expect(0);
    assert_eq!(home.json(&["status", "--json"])["messages"], 0);
    let run = home
        .run(&["exclude", "add", "--project", "nobody", "--keep"])
        .expect(0);
    assert!(
        run.stderr.contains("no project `nobody` is archived"),
        "{run:?}"
    );
}

#[test]
fn every_source_is_everything_too() {
    let home = Home::new();
    let add = ["exclude", "add", "--keep", "--source"];
    for source in [
        "claude-code",
        "codex",
        "chatgpt",
        "open-webui",
        "librechat",
        "sillytavern",
    ] {
        home.run(&[&add[..], &[source]].concat()).expect(0);
    }
    let run = home.run(&[&add[..], &["jsonl"]].concat()).expect(2);
    assert!(run.stderr.contains("excludes everything"), "{run:?}");
}
