//! Exports of other chats, imported and found.

use serde_json::{Value, json};

use crate::support::{Home, path};

const CHATGPT: &str = include_str!("../../../transcript/tests/fixtures/chatgpt/conversations.json");
const OPEN_WEBUI: &str =
    include_str!("../../../transcript/tests/fixtures/open-webui/chat-export-1767300100000.json");
const LIBRECHAT: &str =
    include_str!("../../../transcript/tests/fixtures/librechat/librechat-flat.json");
const SILLYTAVERN: &str = include_str!(
    "../../../transcript/tests/fixtures/sillytavern/Miller - 2024-07-12@01h31m37s.jsonl"
);

/// The source and the title of the first hit of a search everywhere.
fn found(home: &Home, query: &str) -> String {
    let answer = home.json(&["search", query, "-p", "all", "--mode", "lexical", "--json"]);
    let hit = &answer["hits"][0];
    format!("{} {} {}", hit["source"], hit["project"], hit["title"]).replace('"', "")
}

fn import(home: &Home, arguments: &[&str]) -> Value {
    home.json(&[&["import", "--no-embed", "--json"], arguments].concat())
}

#[test]
fn exports_are_recognised_by_what_they_hold_and_found() {
    let home = Home::new();
    for (name, text) in [
        ("gpt/conversations.json", CHATGPT),
        ("any name.json", OPEN_WEBUI),
        ("talk.json", LIBRECHAT),
        (
            "chats/Miller/Miller - 2024-07-12@01h31m37s.jsonl",
            SILLYTAVERN,
        ),
    ] {
        let file = home.write(name, text);
        import(&home, &[path(&file)]);
    }
    assert_eq!(
        found(&home, "steep slate roof"),
        "chatgpt ChatGPT Slate roof"
    );
    assert_eq!(
        found(&home, "tide mill grind"),
        "open-webui Open WebUI Tide mill"
    );
    assert_eq!(
        found(&home, "lock gates mitred"),
        "librechat LibreChat Lock gates"
    );
    assert_eq!(
        found(&home, "rye wheat"),
        "sillytavern Miller Miller - 2024-07-12@01h31m37s"
    );
    // A branch that was left is found, and its parent told.
    let answer = home.json(&[
        "search",
        "22 degrees",
        "-p",
        "ChatGPT",
        "--mode",
        "lexical",
        "--json",
    ]);
    let conversation = answer["hits"][0]["conversation_id"]
        .as_str()
        .expect("a conversation");
    let shown = home.json(&["show", conversation, "--json"]);
    assert_eq!(shown["conversation"]["relation"], "fork", "{shown}");
    let before = home.json(&["status", "--json"])["messages"].clone();
    // All of it once more, under another name.
    let file = home.write("again.json", CHATGPT);
    let report = import(&home, &["--source", "chatgpt", path(&file)]);
    assert_eq!(report["sources"][0]["source"], "chatgpt", "{report}");
    assert_eq!(home.json(&["status", "--json"])["messages"], before);
}

#[test]
fn a_directory_is_searched_for_exports_by_their_names() {
    let home = Home::new();
    home.write("down/conversations-000.json", CHATGPT);
    home.write("down/chat-export-1.json", OPEN_WEBUI);
    home.write("down/librechat-1.json", LIBRECHAT);
    home.write("down/other.json", LIBRECHAT);
    home.write("down/Miller/chat.jsonl", SILLYTAVERN);
    let report = import(&home, &[path(&home.path().join("down"))]);
    let sources = report["sources"].as_array().expect("a list");
    let sources: Vec<&str> = sources
        .iter()
        .filter_map(|one| one["source"].as_str())
        .collect();
    assert_eq!(
        sources,
        ["chatgpt", "open-webui", "librechat", "sillytavern"]
    );
}

/// Each took the import with its first megabyte for ever, or as a whole.
#[test]
fn conversations_of_many_lines_and_megabytes_are_read() {
    let home = Home::new();
    let conversation = |nth: usize, size: usize| {
        let text = format!("barge number{nth} {}", "tow ".repeat(size / 4));
        json!({
            "id": format!("c{nth}"), "title": format!("Barge {nth}"), "current_node": "n",
            "mapping": {"n": {"parent": null, "message": {
                "author": {"role": "user"}, "content": {"content_type": "text", "parts": [text]},
                "metadata": {"lines": vec![nth; 200_000]},
            }}},
        })
    };
    let all = json!([
        conversation(1, 100),
        conversation(2, 3 << 20),
        conversation(3, 1000)
    ]);
    let pretty = serde_json::to_string_pretty(&all).expect("JSON");
    let plain = all.to_string();
    for (name, text) in [
        ("conversations.json", pretty),
        ("conversations-1.json", plain),
    ] {
        let file = home.write(name, &text);
        let report = import(&home, &[path(&file)]);
        assert_eq!(report["sources"][0]["problem_count"], 0, "{report}");
        for nth in 1..=3 {
            assert_eq!(
                found(&home, &format!("number{nth}")),
                format!("chatgpt ChatGPT Barge {nth}")
            );
        }
    }
    assert_eq!(home.json(&["status", "--json"])["messages"], 3);
}

#[test]
fn an_archive_is_to_be_unpacked() {
    let home = Home::new();
    let file = home.write("export.zip", "PK\u{3}\u{4}");
    let run = home.run(&["import", path(&file)]).expect(1);
    let hint = "hint: archives aren't unpacked: do it, and import the files in it\n";
    assert!(run.stderr.ends_with(hint), "{run:?}");
}
