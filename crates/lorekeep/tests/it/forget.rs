//! `forget`: nothing without a yes, a receipt of what went, and a kill at any time.

use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Home, lines, message, path};

#[test]
fn nothing_is_forgotten_without_a_yes() {
    let home = Home::with_conversations();
    let run = home.run(&["forget", "--conversation", "retries"]).expect(2);
    assert!(
        run.stderr
            .contains("not a terminal: nothing was changed (use --yes)"),
        "{run:?}"
    );
    let planned = home.json(&["forget", "--conversation", "retries", "--dry-run", "--json"]);
    assert_eq!(
        (&planned["dry_run"], &planned["messages"]),
        (&true.into(), &3.into())
    );
    home.run(&["show", "retries"]).expect(0);
    // Something must be named.
    home.run(&["forget", "--yes"]).expect(2);
    home.run(&["forget", "--matching", "", "--yes"]).expect(2);
}

#[test]
fn a_receipt_tells_what_went() {
    let home = Home::with_conversations();
    home.write("lorekeep/log/hook.log", "2026-03-01 Stop: retries\n");
    let done = home.json(&["forget", "-c", "retr", "--yes", "--json"]);
    assert_eq!(done["messages"], 3);
    assert_eq!(done["conversations"], serde_json::json!(["retries"]));
    assert_eq!(
        (&done["finished"], &done["logs"]),
        (&true.into(), &1.into())
    );
    assert!(!home.lorekeep().join("log/hook.log").exists());
    home.run(&["show", "retries"]).expect(3);
    home.run(&["search", "Exponential", "-p", "all"]).expect(3);
    // Once more it is unknown, as an id that nobody has.
    let again = home.run(&["forget", "-c", "retries", "--yes"]).expect(3);
    let never = home.run(&["forget", "-c", "never", "--yes"]).expect(3);
    assert_eq!(again.stderr.replace("retries", "never"), never.stderr);
    // The same log again brings nothing back.
    home.run(&["import", path(&home.path().join("talk.jsonl"))])
        .expect(0);
    home.run(&["show", "retries"]).expect(3);
    let run = home
        .run(&["forget", "--matching", "blake3", "--yes"])
        .expect(0);
    assert!(
        run.stdout.contains("2 messages") && run.stdout.contains("hashes"),
        "{run:?}"
    );
    assert!(!run.stdout.to_lowercase().contains("blake3"), "{run:?}");
    let run = home
        .run(&["forget", "--matching", "blake3", "--yes"])
        .expect(3);
    assert!(
        run.stderr.contains("nothing fits, nothing was changed"),
        "{run:?}"
    );
}

#[test]
fn an_id_out_of_the_project_is_unknown() {
    let home = Home::with_conversations();
    let other = home
        .run(&["forget", "-p", "ferry", "-c", "tides", "--yes"])
        .expect(3);
    let none = home
        .run(&["forget", "-p", "ferry", "-c", "nothing", "--yes"])
        .expect(3);
    assert_eq!(other.stderr.replace("tides", "nothing"), none.stderr);
    home.run(&["show", "tides"]).expect(0);
}

#[test]
fn a_kill_leaves_all_or_nothing_and_the_next_command_goes_on() {
    for millis in [5, 30, 60, 100, 200] {
        let home = Home::new();
        let many: Vec<_> = (0..1_500)
            .map(|nth| {
                message(
                    "doomed",
                    &format!("m{nth}"),
                    "user",
                    &format!("quokka {nth}"),
                )
            })
            .collect();
        let file = home.write("talk.jsonl", &lines(&many));
        home.run(&["import", path(&file)]).expect(0);
        let mut child = home
            .command()
            .args(["forget", "-c", "doomed", "--yes"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // Whenever it is killed, what must hold is the same.
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        let mut said = String::new();
        child
            .stdout
            .take()
            .expect("a pipe")
            .read_to_string(&mut said)
            .expect("text");
        let left = home.json(&["status", "--json"])["messages"].clone();
        assert!(
            left == 0 || left == 1_500,
            "{left} messages are left after {millis} ms"
        );
        home.run(&["verify"]).expect(0);
        if left == 0 {
            let bytes = fs_err::read(home.lorekeep().join("data/lorekeep.db"))
                .or_else(|_| fs_err::read(home.lorekeep().join("lorekeep.db")))
                .expect("the archive");
            assert!(!bytes.windows(6).any(|window| window == b"quokka"));
        }
    }
}

#[test]
fn no_hit_of_an_earlier_search_outlives_what_was_forgotten() {
    let home = Home::with_conversations();
    home.run(&["search", "retry", "--project", "all"]).expect(0);
    let kept = home.lorekeep().join("cache/last-searches");
    assert!(
        fs_err::read_dir(&kept)
            .expect("a directory")
            .next()
            .is_some()
    );
    home.run(&["forget", "--conversation", "retries", "--yes"])
        .expect(0);
    assert!(
        fs_err::read_dir(&kept)
            .expect("a directory")
            .next()
            .is_none()
    );
}

#[test]
fn sub_agents_are_forgotten_with_their_conversation() {
    let home = Home::new();
    let said = |id: &str, conversation: &str, more: serde_json::Value| {
        let mut said = serde_json::json!({"id": id, "conversation": conversation, "project": "mill",
                                          "role": "user", "text": format!("the bootstrap {id}")});
        said.as_object_mut()
            .expect("it")
            .extend(more.as_object().expect("it").clone());
        said.to_string()
    };
    let child =
        serde_json::json!({"conversation_parent": "whole", "conversation_relation": "sub-agent"});
    let lines = [
        said("1", "whole", serde_json::json!({})),
        said("2", "whole/agent-1", child),
        said("3", "other", serde_json::json!({})),
    ];
    home.write("a.jsonl", &lines.join("\n"));
    home.run(&["import", "--no-embed", "a.jsonl"]).expect(0);
    home.run(&["show", "whole"]).expect(0);
    home.run(&["forget", "--conversation", "whole", "--yes"])
        .expect(0);
    assert_eq!(home.json(&["status", "--json"])["messages"], 1);
    home.run(&["show", "whole"]).expect(3);
}
