//! Lines of a file and the conversations that wrote them, as a person and as a program ask.

use serde_json::{Value, json};

use crate::support::{Home, path};

const CONTENT: &str = "fn beacon() {\n    light_up();\n}\n";

/// A home with a file that one session wrote, and a person added to.
fn home() -> Home {
    let home = Home::new();
    let file = home.write(
        "ferry/src/beacon.rs",
        &format!("{CONTENT}// typed by hand\n"),
    );
    let cwd = home.path().join("ferry");
    let record = |kind: &str, second: u32, message: Value| {
        json!({
            "type": kind, "uuid": format!("{kind}-1"), "sessionId": "3f2a9c1d-0000-4000-8000-00000000beac",
            "cwd": path(&cwd), "timestamp": format!("2026-02-03T10:00:0{second}.000Z"), "isSidechain": false,
            "version": "2.1.39", "message": message,
        })
    };
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "Write",
        "input": {"file_path": path(&file), "content": CONTENT}});
    let asked =
        json!({"id": "msg_1", "role": "assistant", "model": "claude-test", "content": [call]});
    let result =
        json!({"type": "tool_result", "tool_use_id": "toolu_1", "content": "File created"});
    let mut done = record("user", 2, json!({"role": "user", "content": [result]}));
    done["toolUseResult"] =
        json!({"type": "create", "filePath": path(&file), "originalFile": null});
    let log = format!("{}\n{done}\n", record("assistant", 1, asked));
    let log = home.write("talk.jsonl", &log);
    home.run(&["import", path(&log)]).expect(0);
    home
}

#[test]
fn a_person_reads_who_wrote_what() {
    let home = home();
    let run = home.run(&["blame", "ferry/src/beacon.rs"]).expect(0);
    assert_eq!(
        run.stdout,
        "1-3  certain  3f2a9c1d  Write  2026-02-03 10:00  claude-test\n\
         \x20    1  fn beacon() {\n\
         \x20    2      light_up();\n\
         \x20    3  }\n\
         \x20       lines 1 to 3 of its `content`; replayed on the file as it was then,\n\
         \x20       which the log holds\n\
         \n\
         4  unknown\n\
         \x20    4  // typed by hand\n\
         \x20       no edit in the archive brought this in: typed by hand, or by another\n\
         \x20       program\n"
    );
    assert!(run.stdout.lines().all(|line| line.len() <= 80));
}

#[test]
fn a_program_reads_the_same() {
    let home = home();
    let found = home.json(&["blame", "ferry/src/beacon.rs:2", "--json"]);
    assert_eq!(found["scope"]["project"], "ferry");
    assert_eq!(found["edits"], 1);
    let lines = &found["lines"][0];
    assert_eq!((&lines["first"], &lines["last"]), (&json!(2), &json!(2)));
    assert_eq!(lines["text"], "    light_up();");
    assert_eq!(lines["source"], "written");
    let written = &lines["written"];
    assert_eq!(
        written["conversation_id"],
        "3f2a9c1d-0000-4000-8000-00000000beac"
    );
    assert_eq!(
        (&written["message_id"], &written["call_id"]),
        (&json!("assistant-1"), &json!("toolu_1"))
    );
    assert_eq!(
        (&written["tool"], &written["certainty"]),
        (&json!("Write"), &json!("certain"))
    );
    assert_eq!(written["time"], "2026-02-03T10:00:01.000Z");
    assert_eq!(
        (&lines["commit"], &lines["why"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn what_nobody_wrote_is_nothing_found() {
    let home = home();
    let run = home.run(&["blame", "ferry/src/beacon.rs:4"]).expect(3);
    assert!(
        run.stderr
            .starts_with("note: no conversation of project `ferry` wrote this line"),
        "{run:?}"
    );
    assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1));
    home.run(&[
        "blame",
        "ferry/src/beacon.rs:4-9",
        "--project",
        "all",
        "--json",
    ])
    .expect(3);
}

#[test]
fn what_cannot_be_blamed_is_said() {
    let home = home();
    let run = home.run(&["blame", "ferry/src/beacon.rs:99"]).expect(2);
    assert!(run.stderr.contains("no line 99: the file has 4"), "{run:?}");
    let run = home.run(&["blame", "ferry/src/none.rs"]).expect(2);
    assert!(run.stderr.contains("none.rs"), "{run:?}");
    assert!(run.stderr.contains("use `--commit REV`"), "{run:?}");
    for (range, why) in [
        ("0", "no line 0: the file has 4 lines, counted from 1"),
        ("3-2", "lines 3 to 2 are none: line 2 comes before line 3"),
        ("99999999999", "the file has 4 lines"),
        ("2-", "`2-` of"),
        ("two", "`two` of"),
        ("1,3", "is no range of lines"),
    ] {
        let run = home
            .run(&["blame", &format!("ferry/src/beacon.rs:{range}")])
            .expect(2);
        assert!(run.stderr.contains(why), "{range}: {run:?}");
    }
    let run = home
        .run(&["blame", "ferry/src/beacon.rs", "--commit", "HEAD"])
        .expect(2);
    assert!(run.stderr.contains("no commit `HEAD`"), "{run:?}");
    home.run(&["blame", "ferry/src/beacon.rs", "--project", "nowhere"])
        .expect(2);
    home.write("ferry/picture.png", "\u{0}\u{1}");
    let run = home.run(&["blame", "ferry/picture.png"]).expect(2);
    assert!(run.stderr.contains("is no text"), "{run:?}");
}
