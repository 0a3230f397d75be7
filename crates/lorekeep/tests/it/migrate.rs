//! Moving over from other programs.

use serde_json::{Value, json};

use crate::support::{Home, path};

/// A directory as Chattr leaves it.
fn chattr(home: &Home) -> std::path::PathBuf {
    home.write(
        "old/.env",
        "MODEL__URL=http://localhost:9/v1\nMODEL__NAME=m\nMODEL__API_KEY=None\nCHARACTER__NAME=Josephine\n\
         MCP__PATH=./mcp.json\nSHORT_TERM_MEMORY__URL=redis://x\n",
    );
    let servers = json!({"mcp_servers": [
        {"type": "url", "name": "voice", "url": "http://localhost:7861/gradio_api/mcp", "transport": "sse"},
    ]});
    home.write("old/mcp.json", &servers.to_string());
    home.write(
        "old/assets/prompts/template.poml",
        "<poml><role>You are {{character}}.</role><task>Answer briefly.</task></poml>",
    );
    let sessions = json!([{"session_id": "s1", "created_at": 1_750_000_000, "runs": [
        {"run_id": "r1", "messages": [
            {"role": "user", "content": "Which roses grow at Malmaison?"},
            {"role": "assistant", "content": "Some two hundred kinds."},
        ]},
    ]}]);
    home.write("old/agno/agno_sessions.json", &sessions.to_string());
    let memories = json!([
        {"memory_id": "m1", "memory": "grows quinces", "topics": ["garden"]},
        {"memory_id": "m2", "memory": "has the\nmail ines.moreau@quince-mail.com", "topics": []},
    ]);
    home.write("old/agno/agno_memories.json", &memories.to_string());
    home.write("old/agno/response.txt", "the last answer");
    home.write("old/agno/broken.json", "[{");
    home.write("old/compose.yaml", "services: {}\n");
    home.write("old/assets/audio/a.wav", "RIFF");
    home.write("old/node_modules/x/y.poml", "<poml/>");
    home.path().join("old")
}

/// What became of what, but for what is dropped on purpose.
fn fates(home: &Home, arguments: &[&str]) -> Vec<(String, String)> {
    let told = home.json(arguments);
    let steps = told["steps"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    steps
        .iter()
        .filter(|step| step["fate"] != "dropped")
        .map(|step| (text(&step["what"]), text(&step["fate"])))
        .collect()
}

#[test]
fn what_chattr_has_moves_once_and_nothing_is_overwritten() {
    let home = Home::new();
    let old = chattr(&home);
    let arguments = ["migrate", "chattr", path(&old), "--yes", "--json"];
    let planned = fates(&home, &[&arguments[..], &["--dry-run"]].concat());
    let of = |what: &str| {
        let found = planned.iter().filter(|(known, _)| known == what);
        found.map(|(_, fate)| fate.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(".env"), ["moves", "stays"]);
    assert_eq!(of("mcp.json"), ["moves"]);
    assert_eq!(of("assets/prompts/template.poml"), ["moves"]);
    assert_eq!(of("agno/agno_sessions.json"), ["moves"]);
    assert_eq!(of("agno/agno_memories.json"), ["moves"]);
    assert_eq!(of("agno/broken.json"), ["can't move"]);
    assert_eq!(of("compose.yaml"), ["stays"]);
    assert!(
        !planned
            .iter()
            .any(|(what, _)| what.contains("node_modules")),
        "{planned:?}"
    );
    assert!(
        !home.lorekeep().join(".env").exists(),
        "a dry run moves nothing"
    );

    // What can't be moved is told, and keeps nothing else back.
    home.run(&arguments).expect(1);
    assert!(home.lorekeep().join("mcp.json").exists() && home.lorekeep().join(".env").exists());
    let found = home.json(&[
        "search",
        "roses Malmaison",
        "-p",
        "all",
        "--mode",
        "lexical",
        "--json",
    ]);
    assert_eq!(found["hits"][0]["conversation_id"], "chattr-s1", "{found}");
    let facts = home.json(&["facts", "list", "--json"]);
    assert!(facts.to_string().contains("\"grows quinces\""), "{facts}");
    let shown = home.run(&["character", "show", "josephine"]).expect(0);
    assert!(shown.stdout.contains("Answer briefly."), "{shown:?}");

    // What was said is in the archive alone, where it is masked and can be forgotten.
    let moved = fs_err::read_dir(home.lorekeep().join("data/moved")).expect("marks");
    for mark in moved {
        let bytes = fs_err::read(mark.expect("a mark").path()).expect("it is read");
        assert!(bytes.is_empty());
    }

    // Once more: it is all there.
    let again = fates(&home, &arguments);
    assert!(again.iter().all(|(_, fate)| fate != "moves"), "{again:?}");
    let facts = home.json(&["facts", "list", "--json"]);
    assert_eq!(facts["facts"].as_array().map(Vec::len), Some(2));

    // What the person has is theirs.
    fs_err::write(home.lorekeep().join("mcp.json"), "{\"mcp_servers\": []}").expect("written");
    let other = fates(&home, &arguments);
    assert!(
        other.contains(&("mcp.json".to_owned(), "can't move".to_owned())),
        "{other:?}"
    );
    let kept = fs_err::read_to_string(home.lorekeep().join("mcp.json")).expect("it is there");
    assert_eq!(kept, "{\"mcp_servers\": []}");
}

#[test]
fn sessions_of_one_name_move_both_and_an_import_that_fails_is_tried_again() {
    let home = Home::new();
    for (directory, said) in [
        ("a", "Which pears keep till March?"),
        ("b", "Which figs bear twice?"),
    ] {
        let sessions = json!([{"session_id": directory, "created_at": 1_750_000_000, "runs": [
            {"run_id": "r1", "messages": [{"role": "user", "content": said}]},
        ]}]);
        home.write(
            &format!("old/{directory}/agno/sessions.json"),
            &sessions.to_string(),
        );
    }
    let old = home.path().join("old");
    let arguments = ["migrate", "chattr", path(&old), "--yes", "--json"];
    // An archive that can't be written: nothing may count as moved.
    let database = home.lorekeep().join("data/lorekeep.db");
    fs_err::create_dir_all(&database).expect("a directory in its place");
    home.run(&arguments).expect(1);
    fs_err::remove_dir_all(&database).expect("it is gone");
    let moved = fates(&home, &arguments);
    assert!(moved.iter().all(|(_, fate)| fate == "moves"), "{moved:?}");
    let found = home.json(&[
        "search",
        "pears figs",
        "-p",
        "all",
        "--mode",
        "lexical",
        "--json",
    ]);
    assert_eq!(found["hits"].as_array().map(Vec::len), Some(2), "{found}");
    let again = fates(&home, &arguments);
    assert!(
        again.iter().all(|(_, fate)| fate == "there already"),
        "{again:?}"
    );
}

#[test]
fn servers_move_to_where_the_settings_look_for_them() {
    let home = Home::new();
    home.write("old/.env", "MCP__PATH=conf/servers.json\n");
    home.write(
        "old/conf/servers.json",
        "{\"mcpServers\": {\"a\": {\"command\": \"no-such-program\"}}}",
    );
    let old = home.path().join("old");
    home.run(&["migrate", "chattr", path(&old), "--yes"])
        .expect(0);
    assert!(home.lorekeep().join("conf/servers.json").exists());
    let other = Home::new();
    let elsewhere = other.write("servers.json", "{\"mcpServers\": {}}");
    other.write("old/.env", &format!("MCP__PATH={}\n", path(&elsewhere)));
    let old = other.path().join("old");
    let told = other
        .run(&["migrate", "chattr", path(&old), "--yes"])
        .expect(0);
    assert!(
        told.stdout.contains("where it is found as before"),
        "{told:?}"
    );
}

#[test]
fn nothing_moves_unasked() {
    let home = Home::new();
    let old = chattr(&home);
    let run = home.run(&["migrate", "chattr", path(&old)]).expect(2);
    assert!(run.stderr.contains("--yes"), "{run:?}");
    assert!(!home.lorekeep().join("mcp.json").exists());
    home.run(&["migrate", "chattr", path(&home.path().join("none"))])
        .expect(2);
}
