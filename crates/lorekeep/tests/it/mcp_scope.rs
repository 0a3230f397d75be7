//! Which project a client is answered from, and that no tool leads out of it.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::client::Client;
use crate::support::{Home, path};

/// A home with two projects, each with a session of Claude Code that says words no other says.
struct Two {
    home: Home,
    ours: PathBuf,
    theirs: PathBuf,
}

/// Words of the project that must not be seen.
const FOREIGN: [&str; 6] = [
    "xylophone",
    "quagmire",
    "zeppelin",
    "wombat",
    "velodrome",
    "kumquat",
];

impl Two {
    fn new() -> Self {
        let home = Home::new();
        let ours = home.path().join("work/ferry");
        let theirs = home.path().join("work/tidepool");
        let two = Self { home, ours, theirs };
        two.session(
            &two.ours.clone(),
            "aaaa1111",
            &[
                "The retry policy is exponential backoff.",
                "And the harbour?",
            ],
        );
        two.session(
            &two.theirs.clone(),
            "bbbb2222",
            &[
                "The xylophone retry policy of the quagmire is a zeppelin.",
                "Decision: the wombat rides the velodrome, says harbour kumquat.",
            ],
        );
        two.home.run(&["import"]).expect(0);
        let text = "Decision: the wombat rides the velodrome, says harbour kumquat.\n";
        two.home.write("work/tidepool/src/shared.rs", text);
        two
    }

    fn session(&self, project: &std::path::Path, id: &str, texts: &[&str]) {
        fs_err::create_dir_all(project).expect("a directory");
        let mut lines = String::new();
        for (n, text) in texts.iter().enumerate() {
            let role = if n % 2 == 0 { "user" } else { "assistant" };
            let mut content = vec![json!({"type": "text", "text": text})];
            if role == "assistant" {
                content.push(json!({
                    "type": "tool_use", "id": format!("{id}-t{n}"), "name": "Edit",
                    "input": {"file_path": project.join("src/shared.rs"), "old_string": "a", "new_string": text},
                }));
            }
            let record = json!({
                "type": role, "uuid": format!("{id}-{n}"), "sessionId": id,
                "timestamp": format!("2026-02-03T10:0{n}:00.000Z"), "cwd": project,
                "version": "2.1.0", "message": {"role": role, "content": content},
            });
            lines.push_str(&format!("{record}\n"));
        }
        let name = format!(
            ".claude/projects/{}/{id}.jsonl",
            project.file_name().unwrap_or_default().to_string_lossy()
        );
        self.home.write(&name, &lines);
    }

    /// A client that was started for our project.
    fn client(&self) -> Client {
        let mut client = Client::spawn(
            self.home
                .command()
                .arg("mcp")
                .env("CLAUDE_PROJECT_DIR", &self.ours),
        );
        client.initialize("2025-06-18", &json!({}));
        client
    }
}

fn scope(client: &mut Client) -> Value {
    client
        .call("reflect_on_past", json!({"query": "retry policy"}))
        .values()["scope"]
        .clone()
}

#[test]
fn the_clients_directory_decides() {
    let two = Two::new();
    assert_eq!(
        scope(&mut two.client()),
        "work/ferry".rsplit('/').next().unwrap_or_default()
    );
    // The directory that Self-Reflect's clients send.
    let mut client = Client::spawn(
        two.home
            .command()
            .arg("mcp")
            .env("MCP_CLIENT_CWD", &two.theirs),
    );
    client.initialize("2025-06-18", &json!({}));
    assert_eq!(scope(&mut client), "tidepool");
    // The directory that it was started in.
    let mut client = Client::spawn(two.home.command().arg("mcp").current_dir(&two.ours));
    client.initialize("2025-06-18", &json!({}));
    assert_eq!(scope(&mut client), "ferry");
    // The home directory is no project: everything.
    let mut client = Client::spawn(two.home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({}));
    assert_eq!(scope(&mut client), "all");
    // A project that was never talked about has nothing, rather than what others have.
    let new = two.home.path().join("work/new");
    fs_err::create_dir_all(&new).expect("a directory");
    let mut client = Client::spawn(two.home.command().arg("mcp").current_dir(&new));
    client.initialize("2025-06-18", &json!({}));
    let found = client
        .call("reflect_on_past", json!({"query": "retry policy"}))
        .values();
    assert_eq!(found["verdict"], "nothing", "{found}");
    let all = json!({"query": "retry policy", "project": "all"});
    assert_eq!(client.call("reflect_on_past", all).values()["scope"], "all");
}

#[test]
fn roots_decide_where_nothing_else_does() {
    let two = Two::new();
    let mut client = Client::spawn(two.home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({"roots": {"listChanged": true}}));
    let asked = client.receive();
    assert_eq!(asked["method"], "roots/list", "{asked}");
    let uri = format!("file://{}", path(&two.theirs));
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"roots": [{"uri": uri}]}});
    client.line(&answer.to_string());
    assert_eq!(scope(&mut client), "tidepool");
}

#[test]
fn a_first_call_waits_for_the_roots() {
    let two = Two::new();
    let mut client = Client::spawn(two.home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({"roots": {}}));
    let arguments = json!({"query": "retry policy"});
    let id = client.send(
        "tools/call",
        json!({"name": "reflect_on_past", "arguments": arguments}),
    );
    let asked = client.receive();
    assert_eq!(asked["method"], "roots/list", "{asked}");
    let uri = format!("file://{}", path(&two.ours));
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"roots": [{"uri": uri}]}});
    client.line(&answer.to_string());
    assert_eq!(client.reply(id).values()["scope"], "ferry");
}

/// Arguments for any tool, made of what is in the other project.
fn arguments() -> impl Strategy<Value = (&'static str, Value)> {
    let word = || {
        prop_oneof![
            proptest::sample::select(FOREIGN.to_vec()).prop_map(str::to_owned),
            proptest::sample::select(vec![
                "retry",
                "harbour",
                "policy",
                "bbbb2222",
                "bbbb2222-0",
                "bbbb2222-1",
                "b",
                "shared.rs",
                "src/shared.rs",
                "*",
                "**/*.rs",
                "testing",
                "last year",
                "Edit",
                "Decision",
            ])
            .prop_map(str::to_owned),
        ]
    };
    let words = proptest::collection::vec(word(), 1..4).prop_map(|words| words.join(" "));
    let tool = proptest::sample::select(vec![
        "reflect_on_past",
        "quick_search",
        "search_summary",
        "get_more_results",
        "get_next_results",
        "search_by_file",
        "search_by_concept",
        "get_full_conversation",
        "get_recent_work",
        "search_by_recency",
        "get_timeline",
        "get_session_learnings",
        "list_reflections",
        "get_health",
        "blame",
    ]);
    let numbers = (
        0..3_i64,
        1..20_i64,
        prop_oneof![Just(0.0), Just(0.3)],
        any::<bool>(),
    );
    (tool, words, word(), word(), numbers).prop_map(|(tool, query, one, two, numbers)| {
        let (offset, limit, min_score, flag) = numbers;
        let value = match tool {
            "search_by_file" => json!({"file_path": one, "limit": limit}),
            "search_by_concept" => json!({"concept": query, "limit": limit, "include_files": flag}),
            "get_full_conversation" if flag => json!({"conversation_id": one}),
            "get_full_conversation" => json!({"conversation_id": one, "around": two}),
            "get_recent_work" => {
                json!({"limit": limit, "group_by": if flag { "day" } else { "session" }})
            }
            "get_timeline" => json!({"time_range": "past 10 years", "granularity": "month"}),
            "get_session_learnings" => json!({"session_id": one}),
            "list_reflections" => json!({"tag": one}),
            "get_health" => json!({}),
            "blame" if flag => json!({"file_path": "../tidepool/src/shared.rs"}),
            "blame" => json!({"file_path": one, "project": "all"}),
            "get_more_results" | "get_next_results" => {
                json!({"query": query, "offset": offset, "limit": limit, "min_score": min_score})
            }
            "reflect_on_past" => json!({
                "query": query, "limit": limit, "min_score": min_score, "include_raw": flag,
                "mode": if flag { "full" } else { "summary" },
            }),
            "search_by_recency" => json!({"query": query, "since": "2020-01-01", "min_score": 0.0}),
            _ => json!({"query": query, "min_score": min_score}),
        };
        (tool, value)
    })
}

#[test]
fn no_tool_gives_another_projects_text() {
    let two = Two::new();
    let run = two.home.run(&[
        "reflect",
        "The kumquat belongs to tidepool",
        "--tag",
        "wombat",
        "--project",
        "tidepool",
    ]);
    run.expect(0);
    let client = std::cell::RefCell::new(two.client());
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let checked = runner.run(&arguments(), |(tool, value)| {
        let reply = client.borrow_mut().call(tool, value.clone()).0;
        let mut said = reply["result"].to_string();
        // A query is repeated; what was asked is no secret to who asked it.
        for (_, argument) in value.as_object().into_iter().flatten() {
            if let Some(text) = argument.as_str() {
                said = said.replace(text, "");
            }
        }
        for word in FOREIGN.iter().chain(&["tidepool", "bbbb2222"]) {
            prop_assert!(!said.contains(word), "{tool} {value}: {said}");
        }
        Ok(())
    });
    checked.expect("nothing of the other project is said");
    // What is asked for by name or by id is refused with the reason, and found when all is meant.
    let mut client = client.into_inner();
    let (_, why) = client
        .call(
            "get_full_conversation",
            json!({"conversation_id": "bbbb2222"}),
        )
        .error();
    assert!(
        why.contains("no conversation") && why.contains("\"all\""),
        "{why}"
    );
    let all = json!({"conversation_id": "bbbb2222", "project": "all"});
    assert!(
        client
            .call("get_full_conversation", all)
            .text()
            .contains("xylophone")
    );
}

#[test]
fn an_id_of_another_project_answers_as_one_that_nobody_has() {
    let two = Two::new();
    let stored = [
        "reflect",
        "The kumquat is ripe",
        "--project",
        "tidepool",
        "--json",
    ];
    let stored: Value =
        serde_json::from_str(&two.home.run(&stored).expect(0).stdout).expect("JSON");
    let reflection = stored["reflection"]["id"]
        .as_str()
        .or(stored["id"].as_str())
        .expect("an id")
        .to_owned();
    let mut client = two.client();
    let theirs = ["bbbb2222", "bbbb2222-0", &reflection];
    for (theirs, nobodys) in theirs.iter().zip(["cccc3333", "cccc3333-0", "00000000-0"]) {
        let calls = |id: &str| {
            [
                ("get_full_conversation", json!({"conversation_id": id})),
                (
                    "get_full_conversation",
                    json!({"conversation_id": "aaaa1111", "around": id}),
                ),
                ("get_session_learnings", json!({"session_id": id})),
                ("edit_reflection", json!({"id": id, "content": "no more"})),
                (
                    "edit_reflection",
                    json!({"id": &id[..4], "content": "no more"}),
                ),
                ("delete_reflection", json!({"id": id})),
                (
                    "csr_resolve",
                    json!({"chunk_ids": [id], "status": "resolved", "evidence": "it is over"}),
                ),
            ]
        };
        for ((tool, one), (_, other)) in calls(theirs).into_iter().zip(calls(nobodys)) {
            let mut answer = |arguments: &Value, id: &str| {
                let reply = client.call(tool, arguments.clone()).0;
                let said = format!("{}{}", reply["result"], reply["error"]);
                said.replace(id, "ID").replace(&id[..4], "ID")
            };
            assert_eq!(
                answer(&one, theirs),
                answer(&other, nobodys),
                "{tool} {theirs}"
            );
        }
    }
    // All of it is reached where all is meant.
    for (tool, arguments) in [
        (
            "csr_resolve",
            json!({"chunk_ids": ["bbbb2222-0", reflection], "status": "resolved", "evidence": "x"}),
        ),
        (
            "edit_reflection",
            json!({"id": reflection, "content": "The kumquat fell"}),
        ),
        ("delete_reflection", json!({"id": reflection})),
    ] {
        let mut arguments = arguments;
        arguments["project"] = "all".into();
        client.call(tool, arguments).values();
    }
}

#[test]
fn what_was_just_written_is_found() {
    let two = Two::new();
    let mut client = two.client();
    client
        .call("reflect_on_past", json!({"query": "retry"}))
        .text();
    let log = two
        .home
        .path()
        .join(".claude/projects/ferry/aaaa1111.jsonl");
    for n in 0..5 {
        let word = format!("lanternfish{n}");
        let record = json!({
            "type": "user", "uuid": format!("new-{n}"), "sessionId": "aaaa1111",
            "timestamp": "2026-02-03T11:00:00.000Z", "cwd": two.ours, "version": "2.1.0",
            "message": {"role": "user", "content": format!("A {word} swims by.")},
        });
        let mut text = fs_err::read_to_string(&log).expect("a log");
        text.push_str(&format!("{record}\n"));
        fs_err::write(&log, text).expect("a log");
        let mut found = Value::Null;
        // The first answer has it or says that the index lags.
        for _ in 0..50 {
            found = client
                .call("reflect_on_past", json!({"query": word}))
                .values();
            if found["count"] != json!(0) {
                break;
            }
            assert!(
                found.to_string().contains("lags") || found["count"] != json!(0),
                "{found}"
            );
        }
        assert_eq!(
            found["hits"][0]["message_id"],
            format!("new-{n}"),
            "{found}"
        );
    }
}

#[test]
fn blame_tells_who_wrote_a_line_of_this_project_and_of_no_other() {
    let two = Two::new();
    two.home.write(
        "work/ferry/src/shared.rs",
        "And the harbour?\nTyped by hand.\n",
    );
    let mut client = two.client();
    let blamed = client
        .call("blame", json!({"file_path": "src/shared.rs"}))
        .values();
    let first = &blamed["lines"][0];
    assert_eq!(first["message_id"], "aaaa1111-1", "{blamed}");
    assert!(first["certainty"].is_string(), "{blamed}");
    assert!(blamed["lines"][1]["unknown"].is_string(), "{blamed}");
    let line = client.call("blame", json!({"file_path": "src/shared.rs", "lines": "2"}));
    assert_eq!(line.values()["lines"].as_array().map(Vec::len), Some(1));
    for (arguments, says) in [
        (
            json!({"file_path": "../tidepool/src/shared.rs"}),
            "outside of the project",
        ),
        (
            json!({"file_path": "/etc/passwd"}),
            "outside of the project",
        ),
        (json!({"file_path": "src/none.rs"}), "none.rs"),
        (
            json!({"file_path": "src/shared.rs", "lines": "0"}),
            "expected such as",
        ),
        (
            json!({"file_path": "src/shared.rs", "lines": "70"}),
            "no line 70",
        ),
        (
            json!({"file_path": "src/shared.rs", "commit": "--output=x"}),
            "",
        ),
    ] {
        let (code, why) = client.call("blame", arguments).error();
        assert!(code == -32602 && why.contains(says), "{why}");
    }
}

#[test]
fn what_was_said_in_the_home_directory_belongs_to_no_directory_below_it() {
    let two = Two::new();
    let home = two.home.path().to_owned();
    two.session(&home, "cccc3333", &["The diary says marzipan.", "Noted."]);
    two.home.run(&["import"]).expect(0);
    let new = home.join("elsewhere/new");
    fs_err::create_dir_all(&new).expect("a directory");
    let mut client = Client::spawn(two.home.command().arg("mcp").current_dir(&new));
    client.initialize("2025-06-18", &json!({}));
    let found = client.call("reflect_on_past", json!({"query": "marzipan diary"}));
    assert_eq!(found.values()["verdict"], "nothing");
    // In the home directory itself everything is meant.
    let mut client = Client::spawn(two.home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({}));
    assert_eq!(scope(&mut client), "all");
}
