//! `recent`, `timeline` and `file`, for people and programs.

use serde_json::json;

use crate::support::{Home, lines, message, path};

/// A conversation with an edited file.
fn home() -> Home {
    let home = Home::new();
    let mut edit = message(
        "retries",
        "r2",
        "assistant",
        "I wait longer between attempts.",
    );
    edit["tools"] = json!([{"id": "t", "name": "Edit", "input": {}}]);
    edit["files"] = json!({"edited": ["/nowhere/ferry/src/retry.rs"]});
    let asked = message("retries", "r1", "user", "The retry policy is too eager");
    let file = home.write("talk.jsonl", &lines(&[asked, edit]));
    home.run(&["import", path(&file)]).expect(0);
    home
}

#[test]
fn recent_work_is_shown() {
    let home = home();
    let run = home.run(&["recent"]).expect(0);
    for part in [
        "About retries",
        "retry.rs",
        "you: The retry policy",
        "assistant: I wait",
    ] {
        assert!(run.stdout.contains(part), "{part}: {run:?}");
    }
    let doc = home.json(&["recent", "--by", "day", "--json"]);
    assert_eq!(doc["by"], "day");
    assert_eq!(doc["groups"][0]["day"], "2026-02-03");
    assert_eq!(
        doc["groups"][0]["files"],
        json!(["/nowhere/ferry/src/retry.rs"])
    );
    assert_eq!(doc["groups"][0]["answered"]["message_id"], "r2");
    home.run(&["recent", "--since", "2026-03-01"]).expect(3);
    home.run(&["recent", "--by", "moon"]).expect(2);
    home.run(&["recent", "--project", "nowhere"]).expect(2);
}

#[test]
fn a_timeline_is_shown() {
    let home = home();
    let run = home.run(&["timeline", "--since", "2026-01-01"]).expect(0);
    assert!(
        run.stdout.contains("2026-02-03") && run.stdout.contains("ferry 2"),
        "{run:?}"
    );
    let doc = home.json(&["timeline", "--since", "2026", "-g", "month", "--json"]);
    assert_eq!(doc["granularity"], "month");
    assert_eq!(doc["periods"][0]["period"], "2026-02");
    assert_eq!(doc["periods"][0]["files_edited"], 1);
    assert_eq!(doc["total"]["prompts"], 1);
    let run = home.run(&["timeline", "--until", "2025-01-01"]).expect(3);
    assert_eq!(run.stdout, "");
}

#[test]
fn each_day_has_the_offset_of_its_own_time() {
    let home = Home::new();
    // Half past ten in the evening in UTC: in summer the next day has begun in Central Europe.
    let times = [("w", "2026-01-10T22:30:00Z"), ("s", "2026-07-01T22:30:00Z")];
    let said = times.map(|(id, time)| {
        let mut said = message(id, id, "user", "Is it late?");
        said["time"] = json!(time);
        said
    });
    let file = home.write("talk.jsonl", &lines(&said));
    home.run(&["import", path(&file)]).expect(0);
    let run = |arguments: &[&str]| {
        let mut command = home.command();
        command.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
        crate::support::Run::of(command.args(arguments))
            .expect(0)
            .stdout
    };
    for arguments in [
        &["timeline", "--since", "2026"][..],
        &["recent", "--by", "day"],
        &["search", "is it late"],
    ] {
        let told = run(arguments);
        assert!(told.contains("2026-01-10"), "{arguments:?}: {told}");
        assert!(told.contains("2026-07-02"), "{arguments:?}: {told}");
    }
    assert!(run(&["show", "w"]).contains("2026-01-10 23:30"));
    assert!(run(&["show", "s"]).contains("2026-07-02 00:30"));
    let hours = run(&["timeline", "--since", "2026", "-g", "hour"]);
    assert!(
        hours.contains("2026-01-10 23:00") && hours.contains("2026-07-02 00:00"),
        "{hours}"
    );
}

#[test]
fn a_file_is_shown() {
    let home = home();
    let run = home.run(&["file", "retry.rs"]).expect(0);
    assert!(
        run.stdout.contains("edited once") && run.stdout.contains("I wait longer"),
        "{run:?}"
    );
    let doc = home.json(&["file", "src/*.rs", "--action", "edited", "--json"]);
    assert_eq!(
        doc["uses"][0]["tools"],
        json!([{"name": "Edit", "count": 1}])
    );
    assert_eq!(doc["uses"][0]["action"], "edited");
    let run = home.run(&["file", "nothing.rs"]).expect(3);
    assert!(
        run.stderr.contains("nothing touched `nothing.rs`"),
        "{run:?}"
    );
}
