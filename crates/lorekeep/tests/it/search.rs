//! Searching as a process: hits, scopes, verdicts, batches.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Home, lines, message};

const KEYS: &[&str] = &[
    "hits", "indexed", "lag", "mode", "notes", "query", "scope", "took_ms", "verdict",
];
const HIT_KEYS: &[&str] = &[
    "conversation_id",
    "excerpt",
    "findings",
    "folded",
    "guard",
    "message_id",
    "more",
    "path",
    "project",
    "rank",
    "role",
    "score",
    "source",
    "speaker",
    "terms",
    "time",
    "title",
    "why",
];

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

fn found(json: &Value) -> Vec<&str> {
    json["hits"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|hit| hit["message_id"].as_str())
        .collect()
}

#[test]
fn json_has_the_promised_keys() {
    let home = Home::with_conversations();
    let json = home.json(&["search", "retry", "policy", "--json"]);
    assert_eq!(keys(&json), KEYS);
    assert_eq!(keys(&json["scope"]), ["project"]);
    assert_eq!(
        keys(&json["indexed"]),
        ["embeddable", "embedded", "messages"]
    );
    let hit = &json["hits"][0];
    assert_eq!(keys(hit), HIT_KEYS);
    assert_eq!(keys(&hit["why"]), ["lexical", "recency", "semantic"]);
    assert_eq!(hit["message_id"], "r1", "{json}");
    assert_eq!(
        (hit["project"].as_str(), hit["rank"].as_u64()),
        (Some("ferry"), Some(1))
    );
    assert_eq!(hit["time"], "2026-02-03T10:00:00.000Z");
    assert_eq!(json["query"], "retry policy");
    assert_eq!(json["mode"], "lexical", "there is no model here");
    assert_eq!(json["verdict"], "relevant");
    let score = hit["score"].as_f64().expect("a number");
    assert!((0.0..=1.0).contains(&score), "{score}");
}

#[test]
fn people_see_title_place_excerpt_and_reason() {
    let home = Home::with_conversations();
    let run = home
        .run(&["search", "retry policy", "--limit", "1"])
        .expect(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], " 1. About retries");
    assert!(lines[1].contains("ferry  2026-02-03 ("), "{run:?}");
    assert!(lines[1].ends_with("user  retries"), "{run:?}");
    assert!(lines[2].contains("Which retry policy do we use"), "{run:?}");
    assert!(lines[3].contains("matched "), "{run:?}");
    assert_eq!(lines[4], "    lorekeep show r1");
    // Nobody watches, so that there is nothing to advise.
    assert_eq!(run.stderr, "");
}

#[test]
fn scopes_are_kept() {
    let home = Home::with_conversations();
    let search = |project: &str| {
        let json = home.json(&["search", "tide tables", "--project", project, "--json"]);
        found(&json).len()
    };
    assert_eq!(
        (search("all"), search("tidepool"), search("ferry")),
        (1, 1, 0)
    );
    let run = home.run(&["search", "x", "--project", "ferri"]).expect(2);
    assert!(
        run.stderr
            .starts_with("error: no project `ferri`\nhint: did you mean"),
        "{run:?}"
    );
}

#[test]
fn filters_are_kept() {
    let home = Home::with_conversations();
    let search = |arguments: &[&str]| {
        let all: Vec<&str> = ["search", "BLAKE3", "--json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let json = home.json(&all);
        found(&json)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(search(&["--role", "assistant"]), ["h2"]);
    assert_eq!(search(&["--since", "2026-02-04"]), [""; 0]);
    assert_eq!(
        search(&["--until", "2026-02-03"]).len(),
        2,
        "a day counts whole"
    );
    assert_eq!(search(&["--until", "2026-02-02"]), [""; 0]);
    assert_eq!(search(&["--source", "codex"]), [""; 0]);
    assert_eq!(search(&["--limit", "1"]).len(), 1);
}

#[test]
fn identifiers_are_found_as_typed() {
    let home = Home::with_conversations();
    let json = home.json(&["search", "E0658", "--json"]);
    assert_eq!(found(&json).first(), Some(&"r2"), "{json}");
}

#[test]
fn context_brings_neighbours() {
    let home = Home::with_conversations();
    let json = home.json(&["search", "E0658", "--context", "1", "--json"]);
    let context = &json["hits"][0]["context"];
    assert_eq!(context["before"][0]["id"], "r1", "{json}");
    assert_eq!(context["after"][0]["id"], "r3", "{json}");
}

#[test]
fn nothing_relevant_is_code_3_and_said() {
    let home = Home::with_conversations();
    let run = home.run(&["search", "zeppelin", "maintenance"]).expect(3);
    assert_eq!(run.stdout, "");
    let said = "note: nothing relevant was said about `zeppelin maintenance`";
    assert!(run.stderr.contains(said), "{run:?}");
    let json = home.json(&["search", "zeppelin", "maintenance", "--json"]);
    assert_eq!(json["verdict"], "nothing", "{json}");
}

#[test]
fn an_empty_archive_says_what_to_do() {
    let run = Home::new().run(&["search", "anything"]).expect(3);
    assert!(
        run.stderr
            .contains("hint: nothing is archived yet; `lorekeep import`"),
        "{run:?}"
    );
}

#[test]
fn semantic_without_a_model_is_an_error_with_a_hint() {
    let home = Home::with_conversations();
    let run = home
        .run(&["search", "retry", "--mode", "semantic"])
        .expect(1);
    assert!(
        run.stderr.contains("hint: `lorekeep model fetch`"),
        "{run:?}"
    );
}

fn batch(home: &Home, arguments: &[&str], lines: &str) -> (Option<i32>, Vec<Value>, String) {
    let mut child = home
        .command()
        .args(["search", "--batch", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(lines.as_bytes())
        .expect("the batch is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let answers = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    (
        output.status.code(),
        answers,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let home = Home::with_conversations();
    let lines = "{\"id\": 7, \"text\": \"retry policy\"}\n\n\
                 {\"id\": \"t\", \"text\": \"tide tables\", \"project\": \"ferry\"}\n\
                 {\"id\": \"u\", \"text\": \"tide tables\", \"project\": \"tidepool\"}\n\
                 {\"id\": \"v\", \"text\": \"tide tables\", \"project\": \"nowhere\"}";
    let (code, answers, _) = batch(&home, &["--limit", "1"], lines);
    assert_eq!(code, Some(0));
    assert_eq!(answers.len(), 4);
    assert_eq!(
        (&answers[0]["id"], &answers[0]["ranked"][0]),
        (&7.into(), &"r1".into())
    );
    assert!(answers[0]["scores"][0].is_f64());
    assert_eq!(keys(&answers[0]), ["id", "ranked", "scores"]);
    assert_eq!(answers[1]["ranked"], Value::Array(vec![]));
    assert_eq!(answers[2]["ranked"][0], "t1");
    assert_eq!(answers[3]["error"], "no project `nowhere`");
}

#[test]
fn a_batch_goes_everywhere_unless_told_otherwise() {
    let home = Home::with_conversations();
    let line = "{\"id\": 1, \"text\": \"tide tables\"}\n";
    assert_eq!(batch(&home, &[], line).1[0]["ranked"][0], "t1");
    assert_eq!(
        batch(&home, &["--project", "ferry"], line).1[0]["ranked"],
        Value::Array(vec![])
    );
}

#[test]
fn a_broken_line_of_a_batch_is_reported_and_the_others_answered() {
    let home = Home::with_conversations();
    let (code, answers, stderr) = batch(
        &home,
        &[],
        "{\"id\": 1}\n{\"id\": 2, \"text\": \"retry\"}\nnot JSON\n",
    );
    assert_eq!(code, Some(1));
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["id"], 2);
    assert!(stderr.contains("error: line 1 of the batch: "), "{stderr}");
    assert!(stderr.contains("error: line 3 of the batch: "), "{stderr}");
}

#[test]
fn a_conversation_is_shown_as_long_as_it_takes_to_tell_it_from_others() {
    let home = Home::new();
    let ids = [
        "3f2a9c1d-0000-4000-8000-000000000001",
        "3f2a9c1d-0000-4000-8000-000000000002",
        "77777777-0000-4000-8000-000000000003",
    ];
    let talk: Vec<Value> = ids
        .iter()
        .zip(["anchors", "buoys", "capstans"])
        .map(|(id, text)| message(id, text, "user", &format!("Where do we keep the {text}?")))
        .collect();
    home.write("talk.jsonl", &lines(&talk));
    home.run(&["import", "talk.jsonl"]).expect(0);
    for (query, id) in [("anchors", ids[0]), ("capstans", &ids[2][..8])] {
        let run = home.run(&["search", query]).expect(0);
        assert!(run.stdout.contains(&format!("  {id}\n")), "{run:?}");
        home.run(&["show", id]).expect(0);
    }
}

#[test]
fn a_query_that_begins_with_a_sign_gets_a_hint() {
    let home = Home::new();
    let run = home.run(&["search", "--dry-run"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("lorekeep search -- "), "{}", run.stderr);
}
