//! Prompts that stood in a queue when their log was read: they are kept, and once only.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{
    Sandbox, assert_sound, claude, codex, conversations, export, ids, import, lines, search, texts,
};

fn enqueued(text: &str, second: usize) -> Value {
    json!({"type": "queue-operation", "operation": "enqueue", "sessionId": "s", "content": text,
           "timestamp": format!("2026-02-01T10:00:{second:02}.000Z")})
}

fn dequeued() -> Value {
    json!({"type": "queue-operation", "operation": "dequeue", "sessionId": "s",
           "timestamp": "2026-02-01T10:00:30.000Z"})
}

fn said(id: &str, text: &str) -> Value {
    claude("s", id, "user", text, "/nowhere/mill")
}

#[test]
fn a_prompt_of_an_assistant_that_died_is_found() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "s.jsonl",
        &lines(&[said("u1", "go on"), enqueued("mend the sluice", 5)]),
    );
    let mut archive = sandbox.imported();
    let found = search(&mut archive, "sluice");
    assert!(found.hits[0].message_id.starts_with("queued-"));
    assert_eq!(found.hits[0].project, "mill");
    // Read again from its start it is the same.
    archive.read_logs_again().unwrap();
    import(&mut archive, &sandbox.request());
    assert_eq!(texts(&archive).len(), 2);
}

#[test]
fn a_prompt_that_is_taken_up_later_becomes_that_message() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "s.jsonl",
        &lines(&[said("u1", "go on"), enqueued("mend the sluice", 5)]),
    );
    let mut archive = sandbox.imported();
    sandbox.append(
        "s.jsonl",
        &lines(&[dequeued(), said("u2", "mend the sluice")]),
    );
    import(&mut archive, &sandbox.request());
    assert_eq!(ids(&search(&mut archive, "sluice"))[0], "u2");
    assert_eq!(texts(&archive).len(), 2);
    assert_sound(&archive);
}

/// The index of sessions is written when a person names one, which is later than its log.
#[test]
fn the_session_index_titles_what_was_imported_before() {
    let sandbox = Sandbox::new();
    let thread = codex("t1", "/nowhere/mill", None, "Which timber?");
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    let mut archive = sandbox.imported();
    let title =
        |name: &str| json!({"id": "t1", "thread_name": name, "updated_at": "2026-02-02T11:00:00Z"});
    sandbox.write(
        "session_index.jsonl",
        &lines(&[title("Timber of the gate")]),
    );
    import(&mut archive, &sandbox.request());
    let named = |archive: &recall::Archive| {
        let found = conversations(archive);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].path.ends_with("rollout-1.jsonl"),
            "{:?}",
            found[0].path
        );
        found[0].title.clone()
    };
    assert_eq!(named(&archive), "Timber of the gate");
    sandbox.append("session_index.jsonl", &lines(&[title("Larch")]));
    import(&mut archive, &sandbox.request());
    assert_eq!(named(&archive), "Larch");
    // The other way round, and one whose log isn't there.
    let sandbox = Sandbox::new();
    let other = json!({"id": "t2", "thread_name": "Gone", "updated_at": "2026-02-02T11:00:00Z"});
    sandbox.write("session_index.jsonl", &lines(&[title("Larch"), other]));
    let mut archive = sandbox.imported();
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    import(&mut archive, &sandbox.request());
    assert_eq!(named(&archive), "Larch");
    assert!(archive.conversation("t2").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_queue_comes_to_the_same_however_its_log_grows(
        steps in prop::collection::vec(0..3_u8, 0..10),
        cuts in prop::collection::vec(0..30_usize, 0..4),
    ) {
        let mut records = vec![said("u0", "begin")];
        let mut waiting = std::collections::VecDeque::new();
        for (nth, step) in steps.iter().enumerate() {
            match step {
                0 => records.push(said(&format!("u{}", nth + 1), &format!("said {nth}"))),
                1 => {
                    let text = format!("typed {nth}");
                    records.push(enqueued(&text, nth));
                    waiting.push_back((nth, text));
                }
                _ => if let Some((at, text)) = waiting.pop_front() {
                    records.push(dequeued());
                    records.push(said(&format!("q{at}"), &text));
                }
            }
        }
        let whole = Sandbox::new();
        whole.write("s.jsonl", &lines(&records));
        let expected = export(&whole.imported());
        let grown = Sandbox::new();
        let mut archive = grown.archive();
        let mut cuts = cuts;
        cuts.sort_unstable();
        for end in cuts.into_iter().map(|cut| cut.min(records.len())).chain([records.len()]) {
            grown.write("s.jsonl", &lines(&records[..end]));
            import(&mut archive, &grown.request());
        }
        prop_assert_eq!(export(&archive), expected);
        assert_sound(&archive);
    }
}
