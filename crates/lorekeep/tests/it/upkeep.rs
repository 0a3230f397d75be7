//! Looking after archive and model.

use serde_json::Value;

use crate::support::{Home, path};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn status_counts() {
    let home = Home::with_conversations();
    let json = home.json(&["status", "--json"]);
    assert_eq!(
        keys(&json),
        [
            "archive",
            "archive_bytes",
            "conversations",
            "embedded_by",
            "files",
            "guards",
            "indexed",
            "last_import",
            "log_bytes",
            "messages",
            "model",
            "problems",
            "projects",
            "schema",
            "version",
        ]
    );
    assert_eq!(
        (json["messages"].as_u64(), json["conversations"].as_u64()),
        (Some(6), Some(3))
    );
    assert_eq!(
        (json["projects"].as_u64(), json["files"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(json["indexed"]["messages"], 6, "{json}");
    assert_eq!(json["model"]["state"], "missing");
    assert!(json["last_import"].is_string(), "{json}");
    let run = home.run(&["status"]).expect(0);
    assert!(
        run.stdout.contains("6 in 3 conversations of 2 projects"),
        "{run:?}"
    );
}

#[test]
fn verify_reads_everything() {
    let home = Home::with_conversations();
    let json = home.json(&["verify", "--json"]);
    assert_eq!(keys(&json), ["messages", "problems", "sound", "stopped"]);
    assert_eq!(
        (json["sound"].as_bool(), json["messages"].as_u64()),
        (Some(true), Some(6))
    );
    assert_eq!(
        home.run(&["verify"]).expect(0).stdout,
        "sound, 6 messages read\n"
    );
}

#[test]
fn doctor_looks_at_everything() {
    let home = Home::with_conversations();
    let json = home.json(&["doctor", "--json"]);
    assert_eq!(keys(&json), ["checks", "problems", "repaired", "well"]);
    assert_eq!(json["well"], true, "{json}");
    let names: Vec<&str> = json["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|c| c["name"].as_str())
        .collect();
    for name in [
        "settings",
        "archive",
        "embeddings",
        "logs",
        "permissions",
        "model",
        "sources",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let run = home.run(&["doctor", "--repair"]).expect(0);
    assert!(run.stdout.contains("good  archive: sound"), "{run:?}");
    let found = home.json(&["search", "retry", "--json"]);
    assert_eq!(
        found["verdict"], "relevant",
        "repairing broke the search: {found}"
    );
    // It works before there is anything.
    Home::new().run(&["doctor"]).expect(0);
}

#[test]
fn a_missing_model_is_told() {
    let home = Home::new();
    let json = home.json(&["model", "status", "--json"]);
    assert_eq!(
        keys(&json),
        [
            "bytes", "id", "origin", "path", "problem", "state", "verified"
        ]
    );
    assert_eq!(json["state"], "missing");
    let run = home.run(&["model", "verify"]).expect(1);
    assert!(
        run.stderr.starts_with("error: no embedding model in "),
        "{run:?}"
    );
    assert!(
        run.stderr.contains("hint: run `lorekeep model fetch`"),
        "{run:?}"
    );
    let wrong = home.write("wrong/model.safetensors", "no weights");
    let run = home
        .run(&["model", "fetch", "--from", path(&wrong)])
        .expect(1);
    assert!(run.stderr.contains("hint: "), "{run:?}");
}

#[test]
fn a_damaged_archive_leads_out_of_itself() {
    let home = Home::with_conversations();
    let database = home.lorekeep().join("data/lorekeep.db");
    let mut bytes = fs_err::read(&database).expect("it");
    // The schema stays; what it leads to is noise.
    for page in bytes.chunks_mut(4096).skip(1).step_by(2) {
        page.fill(0xa5);
    }
    fs_err::write(&database, &bytes).expect("a write");
    let run = home.run(&["doctor"]).expect(1);
    assert!(
        run.stdout
            .contains("`lorekeep doctor --repair` saves what can be read"),
        "{run:?}"
    );
    let run = home.run(&["doctor", "--repair"]).expect(0);
    assert!(run.stdout.contains("the damaged one is kept as"), "{run:?}");
    home.run(&["import", "--no-embed", "talk.jsonl"]).expect(0);
    assert_eq!(home.json(&["status", "--json"])["messages"], 6);
    assert_eq!(home.json(&["doctor", "--json"])["well"], true);
}
