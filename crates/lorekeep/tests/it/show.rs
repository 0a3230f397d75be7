//! Opening what other commands print, and how a conversation reads.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Home, Run, conversations, lines, message, path};

fn opened(home: &Home, id: &str) -> (String, Vec<String>) {
    let shown = home.json(&["show", id, "-C", "0", "--json"]);
    let ids = shown["messages"].as_array().expect("a list").iter();
    let ids = ids.map(|message| message["id"].as_str().expect("an id").to_owned());
    let conversation = shown["conversation"]["id"].as_str().expect("an id");
    (conversation.to_owned(), ids.collect())
}

#[test]
fn every_hit_says_how_it_is_opened_and_is() {
    let home = Home::with_conversations();
    let found = home.json(&["search", "retry policy webhooks BLAKE3", "--json"]);
    let run = home
        .run(&["search", "retry policy webhooks BLAKE3"])
        .expect(0);
    let commands: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.trim().strip_prefix("lorekeep show "))
        .collect();
    let hits = found["hits"].as_array().expect("a list");
    assert_eq!(commands.len(), hits.len(), "{run:?}");
    assert!(hits.len() >= 2, "{run:?}");
    for (nth, (hit, id)) in hits.iter().zip(commands).enumerate() {
        let message = hit["message_id"].as_str().expect("an id");
        let conversation = hit["conversation_id"].as_str().expect("an id");
        let expected = (conversation.to_owned(), vec![message.to_owned()]);
        assert_eq!(opened(&home, id), expected);
        // The number is that of the last search, which printed the same.
        assert_eq!(opened(&home, &(nth + 1).to_string()), expected);
    }
}

#[test]
fn ids_starts_of_ids_and_addresses_are_opened() {
    let home = Home::new();
    let id = "0b5c3a8e-9d41-4c55-8a80-4a2b64d3c1f7";
    let talk = [
        message(
            "3f2a9c1d-0000-4000-8000-00000000aaaa",
            id,
            "user",
            "Where are the buoys?",
        ),
        message("odd id#1", "o 1", "user", "Where are the capstans?"),
    ];
    home.write("talk.jsonl", &lines(&talk));
    home.run(&["import", "talk.jsonl"]).expect(0);
    let conversation = "3f2a9c1d-0000-4000-8000-00000000aaaa";
    for name in [
        id,
        "0b5c3a8e",
        conversation,
        "3f2a9c1d",
        "lorekeep://conversation/3f2a9c1d",
        &format!("lorekeep://conversation/{conversation}#{id}"),
        &format!("lorekeep://message/{id}"),
    ] {
        let shown = home.json(&["show", name, "--json"]);
        assert_eq!(shown["conversation"]["id"], conversation, "{name}");
        assert_eq!(shown["messages"][0]["id"], id, "{name}");
    }
    for name in ["o 1", "odd id#1", "lorekeep://conversation/odd%20id%231"] {
        let shown = home.json(&["show", name, "--json"]);
        assert_eq!(shown["conversation"]["id"], "odd id#1", "{name}");
    }
    let run = home.run(&["show", "lorekeep://project/x"]).expect(2);
    assert!(
        run.stderr.contains("is no address of Lorekeep's"),
        "{run:?}"
    );
    home.run(&["show", "nobody-has-this"]).expect(3);
    let run = home.run(&["show", "3f2a9c1d", "-C", "2"]).expect(2);
    assert!(
        run.stderr.contains("`--context` needs a message"),
        "{run:?}"
    );
}

#[test]
fn a_number_that_no_hit_has_says_so() {
    let home = Home::with_conversations();
    let run = home.run(&["show", "1"]).expect(3);
    assert!(
        run.stderr.contains("no hit 1: nothing was searched"),
        "{run:?}"
    );
    home.run(&["search", "tide tables", "-p", "all"]).expect(0);
    let run = home.run(&["show", "7"]).expect(3);
    assert!(
        run.stderr
            .contains("no hit 7: the last search of this terminal found"),
        "{run:?}"
    );
}

#[test]
fn a_reflection_that_was_found_is_opened() {
    let home = Home::with_conversations();
    home.run(&["reflect", "Lighthouses are painted white", "-p", "ferry"])
        .expect(0);
    let found = home.json(&["search", "lighthouses painted", "-p", "ferry", "--json"]);
    let id = found["hits"][0]["message_id"].as_str().expect("an id");
    for name in ["1", id] {
        let run = home.run(&["show", name]).expect(0);
        assert!(run.stdout.contains("painted white"), "{run:?}");
    }
}

/// Runs a command line in a terminal of its own; `None` where the system can't.
#[cfg(target_os = "linux")]
fn in_terminal(home: &Home, line: &str, variables: &[(&str, &str)]) -> Option<Run> {
    if !std::path::Path::new("/usr/bin/script").exists() {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_lorekeep");
    let mut command = Command::new("/usr/bin/script");
    command
        .args([
            "-qec",
            &line.replace("lorekeep ", &format!("{program} ")),
            "/dev/null",
        ])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm")
        .env("HOME", home.path())
        .env("LOREKEEP_HOME", home.lorekeep())
        .env("TZ", "UTC")
        .envs(variables.iter().copied())
        .current_dir(home.path())
        .stdin(std::process::Stdio::null());
    Some(Run::of(&mut command))
}

#[cfg(target_os = "linux")]
#[test]
fn each_terminal_has_its_own_last_search() {
    let home = Home::with_conversations();
    let both = "lorekeep search -p all tide tables >/dev/null; lorekeep show 1 --json | cat";
    let Some(run) = in_terminal(&home, both, &[]) else {
        return;
    };
    assert!(run.stdout.contains("\"t1\""), "{run:?}");
    let Some(run) = in_terminal(&home, "lorekeep show 1", &[]) else {
        return;
    };
    assert!(
        run.stdout
            .contains("no hit 1: nothing was searched in this terminal"),
        "{run:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_pager_is_for_terminals_alone() {
    let home = Home::with_conversations();
    let pager = [("PAGER", "sed s/^/paged:/")];
    let Some(run) = in_terminal(&home, "lorekeep show retries", &pager) else {
        return;
    };
    assert!(run.stdout.contains("paged:"), "{run:?}");
    assert!(run.stdout.contains("uploads?"), "{run:?}");
    for line in [
        "lorekeep show retries --no-pager",
        "lorekeep show retries | cat",
        "lorekeep show retries --json",
    ] {
        let Some(run) = in_terminal(&home, line, &pager) else {
            return;
        };
        assert!(!run.stdout.contains("paged:"), "{line}: {run:?}");
        assert!(run.stdout.contains("uploads?"), "{line}: {run:?}");
    }
    for choice in ["", "cat", "no-such-pager-here"] {
        let run = in_terminal(&home, "lorekeep show retries", &[("PAGER", choice)]);
        let Some(run) = run else { return };
        assert!(run.stdout.contains("uploads?"), "{choice:?}: {run:?}");
    }
}

#[test]
fn colours_of_tools_are_taken_out_not_spelled_out() {
    let home = Home::new();
    let text = "\u{1b}[91merror\u{1b}[0m: the lighthouse is \u{1b}[38;5;12mdark\u{1b}[m";
    let mut said = message("red", "m1", "user", text);
    said["title"] = json!(text);
    home.write(
        "talk.jsonl",
        &lines(&[conversations(), vec![said]].concat()),
    );
    home.run(&["import", "talk.jsonl"]).expect(0);
    for arguments in [
        &["show", "red"][..],
        &["search", "lighthouse"],
        &["recent", "-p", "all"],
    ] {
        let run = home.run(arguments).expect(0);
        assert!(
            run.stdout.contains("error: the lighthouse is dark"),
            "{run:?}"
        );
        assert!(!run.stdout.contains(['␛', '\u{1b}']), "{run:?}");
    }
}

#[test]
fn prose_is_wrapped_and_code_is_kept() {
    let home = Home::new();
    let code = "let uploads = retry_all_of_them_with_backoff(policy);";
    let text = format!("Each upload is tried five times, then it is left.\n\n```rust\n{code}\n```");
    home.write(
        "talk.jsonl",
        &lines(&[message("w", "m1", "assistant", &text)]),
    );
    home.run(&["import", "talk.jsonl"]).expect(0);
    let run = Run::of(home.command().args(["show", "w"]).env("COLUMNS", "40")).expect(0);
    assert!(
        run.stdout
            .contains("Each upload is tried five times, then it\nis left.\n"),
        "{run:?}"
    );
    assert!(run.stdout.contains(&format!("\n{code}\n")), "{run:?}");
    let piped = Run::of(home.command().args(["show", "w"]).env_remove("COLUMNS")).expect(0);
    assert!(
        piped.stdout.contains("times, then it is left.\n"),
        "{piped:?}"
    );
}

#[test]
fn without_a_title_the_first_thing_asked_stands_above_and_one_is_one() {
    let home = Home::new();
    let mut said = message("untitled", "m1", "user", "Where do we keep the anchors?");
    said.as_object_mut().expect("an object").remove("title");
    home.write("talk.jsonl", &lines(&[said]));
    let run = home.run(&["import", "talk.jsonl"]).expect(0);
    assert!(run.stdout.contains("1 message added in"), "{run:?}");
    let run = home.run(&["show", "untitled"]).expect(0);
    assert!(
        run.stdout.starts_with("Where do we keep the anchors?\n"),
        "{run:?}"
    );
    assert!(run.stdout.contains("  1 message  "), "{run:?}");
    let run = home.run(&["status"]).expect(0);
    assert!(
        run.stdout.contains("1 in 1 conversation of 1 project"),
        "{run:?}"
    );
}

/// A session that reads, edits and runs something, and what it says before and after.
fn session(home: &Home) -> String {
    let cwd = home.path().join("ferry");
    let file = cwd.join("src/beacon.rs");
    let mut number = 0;
    let mut record = |kind: &str, content: Value| {
        number += 1;
        let role = if kind == "user" { "user" } else { "assistant" };
        json!({
            "type": kind, "uuid": format!("m{number}"), "cwd": path(&cwd), "isSidechain": false,
            "sessionId": "3f2a9c1d-0000-4000-8000-00000000beac", "version": "2.1.39",
            "timestamp": format!("2026-02-03T10:00:{number:02}.000Z"),
            "message": {"id": format!("msg_{number}"), "role": role, "content": content},
        })
    };
    let call = |id: &str, name: &str, input: Value| json!([{"type": "tool_use", "id": id, "name": name, "input": input}]);
    let result = |id: &str, output: &str, is_error: bool| json!([{"type": "tool_result", "tool_use_id": id, "content": output, "is_error": is_error}]);
    let records = [
        record("user", json!("Why is the beacon dark?")),
        record(
            "assistant",
            json!([{"type": "text", "text": "I read the file first."}]),
        ),
        record(
            "assistant",
            call("t1", "Read", json!({"file_path": path(&file)})),
        ),
        record("user", result("t1", "1  fn beacon() {\n2  }\n3\n4", false)),
        record(
            "assistant",
            call("t2", "Bash", json!({"command": "cargo test beacon"})),
        ),
        record("user", result("t2", "error: no such test\nmore", true)),
        record(
            "assistant",
            call(
                "t3",
                "Edit",
                json!({
            "file_path": path(&file), "old_string": "}", "new_string": "light(); }"}),
            ),
        ),
        record("user", result("t3", "done", false)),
        record(
            "assistant",
            json!([{"type": "text", "text": "It is lit now."}]),
        ),
    ];
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[test]
fn calls_of_tools_are_a_line_each_with_paths_of_the_project() {
    let home = Home::new();
    fs_err::create_dir_all(home.path().join("ferry/src")).expect("a directory");
    home.write("talk.jsonl", &session(&home));
    home.run(&["import", "talk.jsonl"]).expect(0);
    let run = home.run(&["show", "3f2a9c1d"]).expect(0);
    assert!(
        run.stdout.contains(
            "I read the file first.\n  Read  src/beacon.rs  4 lines\n  Bash  cargo test beacon  \
             failed: error: no such test\n  Edit  src/beacon.rs  done\n\nassistant"
        ),
        "{run:?}"
    );
    // Opened by itself, or with all tools, it is shown whole.
    for arguments in [&["show", "m6"][..], &["show", "3f2a9c1d", "--tools"]] {
        let run = home.run(arguments).expect(0);
        assert!(
            run.stdout.contains("error: no such test\nmore\n"),
            "{run:?}"
        );
    }
    let run = home.run(&["recent", "-p", "all"]).expect(0);
    assert!(run.stdout.contains("edited src/beacon.rs\n"), "{run:?}");
    let run = home.run(&["file", "beacon.rs", "-p", "all"]).expect(0);
    assert!(run.stdout.contains("\n    src/beacon.rs\n"), "{run:?}");
}

#[test]
fn neighbours_that_say_nothing_are_left_out() {
    let home = Home::new();
    home.write("talk.jsonl", &session(&home));
    home.run(&["import", "talk.jsonl"]).expect(0);
    let run = home
        .run(&["search", "-p", "all", "-C", "2", "beacon dark"])
        .expect(0);
    assert!(
        run.stdout
            .lines()
            .all(|line| !line.trim_end().ends_with(':')),
        "{run:?}"
    );
    assert!(run.stdout.contains("assistant: calls Read"), "{run:?}");
}

/// A record of Claude Code.
fn claude(session: &str, id: &str, text: &str, minute: usize) -> Value {
    json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": "/nowhere/mill",
        "sessionId": session, "version": "2.1.40", "gitBranch": "main", "type": "user", "uuid": id,
        "message": {"role": "user", "content": text},
        "timestamp": format!("2026-02-01T10:{minute:02}:00.000Z"),
    })
}

#[test]
fn a_fork_is_shown_whole_and_with_its_relatives() {
    let home = Home::new();
    let (parent, fork) = (
        "aaaa0001-0000-4000-8000-000000000001",
        "bbbb0002-0000-4000-8000-000000000002",
    );
    let first = claude(parent, "m1", "Which grease for the axle?", 0);
    let mut copy = claude(fork, "m1", "Which grease for the axle?", 0);
    copy["forkedFrom"] = json!({"sessionId": parent, "messageUuid": "m1"});
    let own = claude(fork, "m2", "And in salt water?", 5);
    let mut agent = claude(parent, "m3", "Look at the bearings", 9);
    agent["isSidechain"] = json!(true);
    agent["agentId"] = json!("7");
    // The fork is read first.
    home.write("b.jsonl", &lines(&[copy, own]));
    home.run(&["import", "b.jsonl"]).expect(0);
    home.write("a.jsonl", &lines(&[first, agent]));
    home.run(&["import", "a.jsonl"]).expect(0);
    let run = home.run(&["show", "bbbb0002"]).expect(0);
    assert!(run.stdout.contains("Which grease for the axle?"), "{run:?}");
    let told = format!("fork of  {parent}  repeats 1 message\n");
    assert!(run.stdout.contains(&told), "{run:?}");
    let shown = home.json(&["show", "bbbb0002", "--json"]);
    let conversation = &shown["conversation"];
    assert_eq!(conversation["parent"], parent);
    assert_eq!(conversation["relation"], "fork");
    assert_eq!(
        (&conversation["messages"], &conversation["repeated"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(shown["messages"][0]["first_in"], parent);
    assert!(shown["messages"][1].get("first_in").is_none());
    let shown = home.json(&["show", "aaaa0001", "--json"]);
    let children = shown["conversation"]["children"]
        .as_array()
        .expect("a list");
    let told: Vec<_> = children
        .iter()
        .map(|child| (&child["id"], &child["relation"]))
        .collect();
    let agent = json!(format!("{parent}/agent-7"));
    assert_eq!(
        told,
        [
            (&json!(fork), &json!("fork")),
            (&agent, &json!("sub-agent"))
        ]
    );
    let run = home.run(&["show", "bbbb0002", "--tree"]).expect(0);
    let expected = [
        "Which grease for the axle?  aaaa0001  2026-02-01 10:00  1 message",
        "  And in salt water?  fork  bbbb0002  2026-02-01 10:05  2 messages",
    ];
    let printed: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(printed[..2], expected, "{run:?}");
    assert_eq!(printed.len(), 3, "{run:?}");
    assert!(printed[2].ends_with("  sub-agent  aaaa0001/agent-7  2026-02-01 10:09  1 message"));
    home.run(&["show", "aaaa0001/agent-7"]).expect(0);
    let tree = home.json(&["show", "bbbb0002", "--tree", "--json"]);
    assert_eq!(tree["id"], fork);
    let lines = tree["lines"].as_array().expect("a list");
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["asked"], true);
    assert_eq!(lines[2]["relation"], "sub-agent");
}

#[test]
fn an_empty_id_is_nobodys() {
    let home = Home::with_conversations();
    for id in ["", " "] {
        let run = home.run(&["show", id]).expect(3);
        assert!(run.stderr.contains("no conversation"), "{run:?}");
    }
}
