//! Whose a file is: by its records first, by its path only where it has none.

use transcript::Registry;

/// The sources that claim a file.
fn claimed(path: &str, head: &str) -> Vec<&'static str> {
    let sources = Registry::shipped().all().iter();
    let claims = sources.filter(|source| source.recognises(path, head.as_bytes()));
    claims.map(|source| source.name()).collect()
}

fn check(path: &str, head: &str, expected: &[&str]) {
    assert_eq!(claimed(path, head), expected, "{path}: {head}");
}

#[test]
fn records_tell_whose_a_file_is() {
    let session = include_str!("../fixtures/claude-code/session.jsonl");
    check("full.jsonl", session, &["claude-code"]);
    check("full.jsonl.zst", session, &["claude-code"]);
    check("full.json", session, &[]);
    let rollout = include_str!("../fixtures/codex/fork.jsonl");
    check("full.jsonl", rollout, &["codex"]);
    check(
        "full.jsonl",
        include_str!("../fixtures/codex/legacy.jsonl"),
        &["codex"],
    );
    check(
        "full.jsonl",
        include_str!("../fixtures/jsonl/plain.jsonl"),
        &["jsonl"],
    );
}

#[test]
fn a_record_that_is_cut_off_tells_too() {
    let session = r#"{"parentUuid":null,"sessionId":"s","type":"user","message":{"role":"user","content":"a very lo"#;
    check("x.jsonl", session, &["claude-code"]);
    let rollout = r#"{"timestamp":"2026-01-01T00:00:00Z","type":"session_meta","payload":{"id":"x","base_instr"#;
    check("x.jsonl", rollout, &["codex"]);
}

#[test]
fn other_files_are_nobodys() {
    check("x.jsonl", r#"{"prompt":"a","completion":"b"}"#, &[]);
    check(
        "x.jsonl",
        r#"{"messages":[{"role":"user","content":"hi"}]}"#,
        &[],
    );
    check(
        "x.jsonl",
        r#"{"role":"user","message":{"content":[{"type":"text","text":"cursor"}]}}"#,
        &[],
    );
    check(
        "x.jsonl",
        r#"{"id":"g","timestamp":"2026-01-01T00:00:00Z","type":"user","content":[{"text":"gemini"}]}"#,
        &[],
    );
    check(
        "x.jsonl",
        r#"{"type":"system","subtype":"init","session_id":"s","tools":[]}"#,
        &[],
    );
    check(
        "x.jsonl",
        r#"{"type":"assistant","message":{},"session_id":"s","uuid":"u"}"#,
        &[],
    );
    check(
        "x.jsonl",
        "{\"type\":\"thread.started\",\"thread_id\":\"t\"}\n{\"type\":\"item.completed\",\"item\":{}}",
        &[],
    );
    check(
        "/h/.claude/history.jsonl",
        r#"{"display":"x","timestamp":1,"project":"/p","sessionId":"s"}"#,
        &[],
    );
    check(
        "/h/.codex/history.jsonl",
        r#"{"session_id":"s","ts":1,"text":"x"}"#,
        &[],
    );
    check(
        "/p/s/subagents/workflows/w/journal.jsonl",
        r#"{"type":"started","sessionId":"s"}"#,
        &[],
    );
    check("x.jsonl", "garbage", &[]);
    check("x.jsonl", "", &[]);
}

#[test]
fn files_without_records_go_by_their_path() {
    check("/h/.claude/projects/-p/s.jsonl", "\n", &["claude-code"]);
    check(
        "/h/.codex/sessions/2026/01/01/rollout-x.jsonl",
        "",
        &["codex"],
    );
}
