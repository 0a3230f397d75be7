//! Settings as a person meets them: mistakes, and where values come from.

use serde_json::json;

use crate::client::Client;
use crate::support::{Home, Run};

#[test]
fn an_unknown_key_ends_every_command_with_code_2() {
    let home = Home::new();
    home.write("lorekeep/config.toml", "[search]\nlimits = 3\n");
    let run = home.run(&["search", "x"]).expect(2);
    let file = home.lorekeep().join("config.toml");
    let what = format!("{}, line 2: no setting `search.limits`", file.display());
    assert_eq!(
        run.stderr,
        format!("error: {what}\nhint: did you mean `search.limit`?\n")
    );
    assert_eq!(home.run(&["config", "check"]).expect(2).stderr, run.stderr);
    let json = home.json(&["config", "check", "--json"]);
    assert_eq!(json["valid"], false);
    assert_eq!(json["faults"][0]["hint"], "did you mean `search.limit`?");
    // Help and doctor work all the same: they are what a person turns to then.
    home.run(&["help"]).expect(0);
    let run = home.run(&["doctor"]).expect(1);
    assert!(run.stdout.contains("no setting `search.limits`"), "{run:?}");
}

#[test]
fn a_mistake_does_not_take_the_memory_from_an_assistant() {
    let home = Home::with_conversations();
    home.write(
        "lorekeep/config.toml",
        "[search]\nlimit = 0\nmode = \"lexical\"\n",
    );
    let file = home.lorekeep().join("config.toml");
    let what = format!("{}, line 2: `search.limit` is `0`", file.display());
    home.run(&["search", "BLAKE3"]).expect(2);
    home.run(&["config", "check"]).expect(2);
    let run = home.run(&["status"]).expect(0);
    assert!(run.stdout.contains("6 in 3 conversations"), "{run:?}");
    assert!(
        run.stderr.starts_with(&format!("warning: {what}")),
        "{run:?}"
    );
    // The other settings hold.
    let mut client = Client::spawn(home.command().arg("mcp"));
    let told = client.initialize("2025-06-18", &json!({})).to_string();
    assert!(told.contains(&what.replace('"', "\\\"")), "{told}");
    let found = client.call(
        "reflect_on_past",
        json!({"query": "BLAKE3", "project": "all"}),
    );
    assert!(
        found.0.to_string().contains("four times as fast"),
        "{found:?}"
    );
}

#[test]
fn show_tells_values_and_where_they_came_from() {
    let home = Home::new();
    home.write("lorekeep/config.toml", "[search]\nlimit = 3\n");
    let run = Run::of(
        home.command()
            .args(["config", "show", "--json"])
            .env("DECAY_WEIGHT", "0.5"),
    );
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let origin = |key: &str| {
        let all = json["settings"].as_array().expect("a list");
        let one = all.iter().find(|setting| setting["key"] == key).expect(key);
        format!("{} from {}", one["value"], one["origin"])
    };
    assert_eq!(origin("search.limit"), "\"3\" from \"config.toml, line 2\"");
    assert_eq!(
        origin("memory.decay_weight"),
        "\"0.5\" from \"environment, DECAY_WEIGHT\""
    );
    assert_eq!(origin("embedding.threads"), "\"0\" from \"default\"");
}

#[test]
fn check_is_content_without_a_file() {
    let run = Home::new().run(&["config", "check"]).expect(0);
    assert_eq!(run.stdout, "good, no settings file\n");
}

#[test]
fn docs_describe_every_setting() {
    let run = Home::new().run(&["config", "docs"]).expect(0);
    assert!(run.stdout.starts_with("# Settings\n"));
    assert!(run.stdout.contains("### `search.limit`"));
}

#[test]
fn settings_decide_what_flags_leave_open() {
    let home = Home::with_conversations();
    home.write(
        "lorekeep/config.toml",
        "[search]\nlimit = 1\nmode = \"lexical\"\n",
    );
    let hits = |arguments: &[&str]| {
        let all: Vec<&str> = ["search", "BLAKE3", "--json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        home.json(&all)["hits"].as_array().map(Vec::len)
    };
    assert_eq!(hits(&[]), Some(1));
    assert_eq!(hits(&["--limit", "5"]), Some(2));
}

#[test]
fn nothing_is_imported_while_settings_cannot_be_read() {
    let home = Home::new();
    let line = r#"{"type":"user","sessionId":"0b9c7c5e-7d5b-4f0e-9f53-100000000001","uuid":"0b9c7c5e-7d5b-4f0e-9f53-000000000001","timestamp":"2026-03-01T09:30:00Z","cwd":"/home/ada/acme","message":{"role":"user","content":"the turbine question"}}"#;
    let logs = home.path().join(".claude/projects/-home-ada-acme");
    fs_err::create_dir_all(&logs).expect("a directory");
    fs_err::write(
        logs.join("0b9c7c5e-7d5b-4f0e-9f53-100000000001.jsonl"),
        format!("{line}\n"),
    )
    .expect("a log");
    let settings = home.lorekeep().join("config.toml");
    fs_err::create_dir_all(home.lorekeep()).expect("a directory");
    let excluded = "[import]\nexclude_paths = [\"/home/ada/acme\"]\n";
    fs_err::write(&settings, format!("{excluded}\n[search\nmode =")).expect("settings");
    let mut client = Client::spawn(home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({}));
    let ask = json!({"query": "turbine question", "project": "all"});
    assert!(
        !client
            .call("search", ask)
            .text()
            .contains("the turbine question")
    );
    let (_, rest) = client.close();
    assert!(rest.is_empty(), "{rest:?}");
    fs_err::write(&settings, excluded).expect("settings");
    home.run(&["import", "--no-embed"]).expect(0);
    assert_eq!(home.json(&["status", "--json"])["messages"], 0);
}
