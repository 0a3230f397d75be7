//! The way of a message: imported, shown, exported, and imported again.

use serde_json::{Value, json};

use crate::support::{Home, conversations, lines, path};

#[test]
fn import_reports_what_it_did() {
    let home = Home::new();
    let file = home.write("talk.jsonl", &lines(&conversations()));
    let report = home.json(&["import", path(&file), "--json"]);
    let source = &report["sources"][0];
    assert_eq!(source["source"], "jsonl");
    assert_eq!(
        (&source["files"], &source["messages"]),
        (&json!(1), &json!(6))
    );
    assert_eq!(
        (&source["added"], &source["duplicates"]),
        (&json!(6), &json!(0))
    );
    assert_eq!(
        (&source["problem_count"], &source["problems"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(report["stopped"], false);
    assert!(report["took_ms"].is_u64());
    let again = home.json(&["import", path(&file), "--json"]);
    assert_eq!(again["sources"][0]["added"], 0, "{again}");
}

#[test]
fn import_for_people_is_a_table() {
    let home = Home::new();
    let file = home.write("talk.jsonl", &lines(&conversations()));
    let run = home.run(&["import", path(&file)]).expect(0);
    assert!(run.stdout.starts_with("SOURCE  FILES"), "{run:?}");
    assert!(run.stdout.contains("6 messages added in "), "{run:?}");
}

#[test]
fn without_paths_the_logs_of_assistants_are_read() {
    let home = Home::new();
    let record = json!({
        "type": "user", "uuid": "u1", "parentUuid": null, "sessionId": "s1", "cwd": "/src/ferry",
        "timestamp": "2026-02-03T10:00:00.000Z", "version": "2.0.0", "isSidechain": false,
        "message": {"role": "user", "content": "why does the lighthouse test fail?"},
    });
    let text = format!("{record}\n");
    home.write(".claude/projects/-src-ferry/s1.jsonl", &text);
    home.run(&["import"]).expect(0);
    let found = home.json(&["search", "lighthouse", "--project", "all", "--json"]);
    assert_eq!(found["hits"][0]["message_id"], "u1", "{found}");
    // Another directory, named as Claude Code itself has it named.
    home.write(
        "other/projects/-x/s2.jsonl",
        &text.replace("u1", "u2").replace("s1", "s2"),
    );
    let mut command = home.command();
    command
        .args(["import", "--json"])
        .env("CLAUDE_CONFIG_DIR", home.path().join("other"));
    let run = crate::support::Run::of(&mut command).expect(0);
    assert!(run.stdout.contains("\"added\":1"), "{run:?}");
}

#[test]
fn nothing_to_import_is_no_failure() {
    let run = Home::new().run(&["import"]).expect(0);
    assert!(
        run.stderr
            .starts_with("note: no logs in ~/.claude, ~/.config/claude, ~/.codex\nhint: "),
        "{run:?}"
    );
}

#[test]
fn show_prints_a_conversation() {
    let home = Home::with_conversations();
    let run = home.run(&["show", "retries"]).expect(0);
    assert!(
        run.stdout
            .starts_with("About retries\nferry  jsonl  2026-02-03 10:00"),
        "{run:?}"
    );
    assert!(
        run.stdout
            .contains("Which retry policy do we use for uploads?"),
        "{run:?}"
    );
    let json = home.json(&["show", "retries", "--json"]);
    let ids: Vec<&str> = json["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|m| m["id"].as_str())
        .collect();
    assert_eq!(ids, ["r1", "r2", "r3"]);
    assert_eq!(json["conversation"]["messages"], 3);
}

#[test]
fn show_around_a_message_leaves_the_rest_out() {
    let home = Home::with_conversations();
    let json = home.json(&[
        "show",
        "retries",
        "--around",
        "r3",
        "--context",
        "1",
        "--json",
    ]);
    let messages = json["messages"].as_array().expect("a list");
    assert_eq!(messages.len(), 2, "{json}");
    assert_eq!(messages[0]["id"], "r2");
}

#[test]
fn ids_may_be_typed_in_part_unless_that_is_ambiguous() {
    let home = Home::new();
    let text = lines(&[
        crate::support::message("alpha-1", "a1", "user", "one"),
        crate::support::message("alpha-2", "a2", "user", "two"),
    ]);
    let file = home.write("talk.jsonl", &text);
    home.run(&["import", path(&file)]).expect(0);
    home.run(&["show", "alpha-2"]).expect(0);
    let run = home.run(&["show", "alpha"]).expect(2);
    assert!(
        run.stderr
            .starts_with("error: conversation `alpha` is ambiguous\nhint: "),
        "{run:?}"
    );
    let run = home.run(&["show", "beta"]).expect(3);
    assert!(
        run.stderr
            .starts_with("error: no conversation `beta`\nhint: "),
        "{run:?}"
    );
    home.run(&["show", "alpha-1", "--around", "nowhere"])
        .expect(3);
}

fn exported(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = ["export"].iter().chain(arguments).copied().collect();
    let run = home.run(&arguments).expect(0);
    run.stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

#[test]
fn importing_an_export_gives_the_same_export() {
    let home = Home::with_conversations();
    let before = home.run(&["export"]).expect(0).stdout;
    assert_eq!(before.lines().count(), 6);
    let other = Home::new();
    let file = other.write("export.jsonl", &before);
    other
        .run(&["import", path(&file), "--source", "jsonl"])
        .expect(0);
    assert_eq!(other.run(&["export"]).expect(0).stdout, before);
    // Into the archive that it came from it adds nothing.
    let file = home.write("export.jsonl", &before);
    let report = home.json(&["import", path(&file), "--json"]);
    assert_eq!(report["sources"][0]["added"], 0, "{report}");
    assert_eq!(home.run(&["export"]).expect(0).stdout, before);
}

#[test]
fn export_has_the_generic_keys_and_heeds_its_filters() {
    let home = Home::with_conversations();
    for line in exported(&home, &[]) {
        for key in ["id", "conversation", "project", "role", "time", "text"] {
            assert!(line[key].is_string(), "{key} of {line}");
        }
    }
    let ids = |arguments: &[&str]| -> Vec<String> {
        exported(&home, arguments)
            .iter()
            .map(|line| line["id"].to_string())
            .collect()
    };
    assert_eq!(ids(&["--project", "tidepool"]), ["\"t1\""]);
    assert_eq!(ids(&["--conversation", "hashes"]).len(), 2);
    home.run(&["export", "--project", "nowhere"]).expect(2);
}

#[test]
fn markdown_is_for_reading() {
    let home = Home::with_conversations();
    let run = home
        .run(&["export", "--format", "markdown", "--conversation", "hashes"])
        .expect(0);
    assert!(
        run.stdout
            .starts_with("# About hashes\n\n- project: ferry\n"),
        "{run:?}"
    );
    assert!(
        run.stdout
            .contains("## assistant, 2026-02-03 10:00\n\n```\nBLAKE3, since"),
        "{run:?}"
    );
}

#[test]
fn projects_and_sources_are_listed() {
    let home = Home::with_conversations();
    let json = home.json(&["projects", "--json"]);
    let mut names: Vec<&str> = json["projects"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|p| p["name"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ferry", "tidepool"]);
    assert!(
        home.run(&["projects"])
            .expect(0)
            .stdout
            .starts_with("PROJECT")
    );
    let json = home.json(&["sources", "--json"]);
    let names: Vec<&str> = json["sources"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|s| s["source"].as_str())
        .collect();
    assert!(names.contains(&"jsonl"), "{json}");
    assert!(
        home.run(&["sources"])
            .expect(0)
            .stdout
            .starts_with("SOURCE")
    );
    Home::new().run(&["projects"]).expect(3);
}
