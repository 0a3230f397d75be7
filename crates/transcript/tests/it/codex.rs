//! Codex's rollouts: one of two streams, forks, and files from before envelopes.

use transcript::ReadBatch;

use crate::support::{CODEX, all_shown, all_told, problems, read, typed};

const NAME: &str = "rollout-2026-04-01T09-00-00-01990000-0000-7000-8000-0000000000aa.jsonl";
const OLD: &str = "01990000-0000-7000-8000-0000000000aa";
const ROLLOUT: &[u8] = include_bytes!(
    "../fixtures/codex/rollout-2026-04-01T09-00-00-01990000-0000-7000-8000-0000000000aa.jsonl"
);
const PARENT: &[u8] = include_bytes!("../fixtures/codex/parent.jsonl");
const FORK: &[u8] = include_bytes!("../fixtures/codex/fork.jsonl");
const LEGACY: &[u8] = include_bytes!("../fixtures/codex/legacy.jsonl");

fn rollout() -> ReadBatch {
    read(CODEX, NAME, ROLLOUT)
}

/// The part of a file in one of the two streams, with its header.
fn stream(kind: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(ROLLOUT);
    let lines = text
        .lines()
        .filter(|line| line.contains("session_meta") || line.contains(kind));
    lines
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        .into_bytes()
}

#[test]
fn texts_that_both_streams_have_are_told_once() {
    let expected = [
        r#":1 user: "Oil the axle""#,
        r#":2 assistant: thinking="**Finding the axle**""#,
        r#":3 assistant: calls="shell({\"command\":[\"cat\",\"axle\"]})" file="Read /home/ada/mill/axle""#,
        r#":4 tool: fails="dry\n" detail="{\"exit_code\":1,\"duration_seconds\":0.1}""#,
        r#":5 assistant: calls="apply_patch(\"*** Begin Patch\\n*** Update File: axle.txt\\n+oil\\n*** End Patch\")" file="Edited axle.txt""#,
        r#":6 tool: gives="Success""#,
        r#":7 assistant: "Oiled.""#,
        ":8 system injected:",
        r#":9 user: "Oil the axle""#,
        r#":10 assistant: "Oiled.""#,
        r#":11 system summary: "They oiled the axle twice.""#,
    ];
    assert_eq!(
        all_shown(&rollout()),
        expected.map(|line| format!("{OLD}{line}"))
    );
    assert_eq!(problems(&rollout()), [""; 0]);
}

#[test]
fn a_file_with_one_stream_loses_no_text() {
    for kind in ["event_msg", "response_item"] {
        let batch = read(CODEX, NAME, &stream(kind));
        assert_eq!(typed(&batch), ["Oil the axle", "Oil the axle"], "{kind}");
        let spoken = all_shown(&batch)
            .iter()
            .filter(|line| line.contains("Oiled."))
            .count();
        assert_eq!(spoken, if kind == "event_msg" { 1 } else { 2 }, "{kind}");
    }
}

#[test]
fn an_event_tells_of_a_patch_that_no_call_told_of() {
    let batch = read(CODEX, NAME, &stream("event_msg"));
    let patch = batch
        .messages
        .iter()
        .find(|message| !message.files.is_empty())
        .unwrap();
    assert_eq!(patch.files[0].path, "/home/ada/mill/axle.txt");
}

#[test]
fn tokens_follow_the_running_total() {
    let batch = rollout();
    let usages: Vec<_> = batch
        .messages
        .iter()
        .filter_map(|message| message.usage)
        .collect();
    assert_eq!(usages.iter().map(|usage| usage.input).sum::<u64>(), 100);
    assert_eq!(
        usages.iter().map(|usage| usage.cache_read).sum::<u64>(),
        200
    );
    assert_eq!(usages.iter().map(|usage| usage.output).sum::<u64>(), 12);
}

#[test]
fn the_session_tells_place_and_model() {
    let batch = rollout();
    let message = batch.messages.last().unwrap();
    assert_eq!(
        message.remote.as_deref(),
        Some("git@example.invalid:ada/mill.git")
    );
    assert_eq!(
        (message.cwd.as_deref(), message.branch.as_deref()),
        (Some("/home/ada/mill"), Some("main"))
    );
    assert_eq!(batch.messages[1].model.as_deref(), Some("gpt-5-codex"));
    assert_eq!(all_told(&batch), [format!("{OLD} title 3 Axles")]);
}

#[test]
fn a_forks_copy_of_its_parent_has_the_parents_ids() {
    let parent = read(CODEX, "parent.jsonl", PARENT);
    let fork = read(CODEX, "fork.jsonl", FORK);
    let ids = |batch: &ReadBatch| -> Vec<String> {
        let ids = batch.messages.iter();
        ids.map(|message| message.id.clone()).collect()
    };
    assert_eq!(ids(&fork)[..2], ids(&parent));
    let own = "019d0900-0000-7000-8000-000000000002";
    let mut conversations = fork.messages.iter().map(|message| &*message.conversation);
    assert!(conversations.all(|conversation| conversation == own));
    assert_eq!(typed(&fork), ["Which grain?", "And wheat?"]);
    assert_eq!(
        all_told(&fork),
        [format!(
            "{own} parent 019d0000-0000-7000-8000-000000000001, fork"
        )]
    );
    assert!(
        fork.messages[0].time < fork.messages[2].time,
        "a copy isn't as new as the fork"
    );
}

#[test]
fn old_files_are_items_without_envelopes() {
    let batch = read(CODEX, "rollout-2025-05-01-leg-1.jsonl", LEGACY);
    let expected = [
        r#"leg-1:1 user: "Grind it""#,
        r#"leg-1:2 assistant: calls="shell({\"command\":[\"ls\"]})""#,
        r#"leg-1:3 tool: gives="rye" detail="{\"exit_code\":0}""#,
        r#"leg-1:4 assistant: "Ground.""#,
    ];
    assert_eq!(all_shown(&batch), expected);
    assert_eq!(problems(&batch), [""; 0]);
}

#[test]
fn sub_agents_name_themselves_and_their_parent() {
    let lines = br#"{"timestamp":"2026-04-01T09:00:00Z","type":"session_meta","payload":{"id":"child","source":{"subagent":{"thread_spawn":{"parent_thread_id":"mother","depth":1}}},"agent_nickname":"Kant"}}
{"timestamp":"2026-04-01T09:00:00Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done."}]}}
"#;
    let batch = read(CODEX, "x.jsonl", lines);
    assert_eq!(all_told(&batch), ["child parent mother, sub-agent"]);
    assert_eq!(batch.messages[0].agent.as_deref(), Some("Kant"));
}

#[test]
fn the_session_index_tells_titles() {
    let lines = br#"{"id":"s1","thread_name":"Axles","updated_at":"2026-04-01T09:00:00Z"}
"#;
    let batch = read(CODEX, "session_index.jsonl", lines);
    assert_eq!(all_told(&batch), ["s1 title 2 Axles"]);
    assert!(batch.messages.is_empty());
}

#[test]
fn results_of_our_own_memory_are_marked() {
    let lines = br#"{"type":"response_item","payload":{"type":"function_call","namespace":"mcp__lorekeep","name":"search","arguments":"{}","call_id":"c"}}
{"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"In May you oiled the axle."}}
"#;
    let batch = read(CODEX, "m.jsonl", lines);
    let expected = [
        r#"m:1 assistant: calls="mcp__lorekeep__search({})""#,
        r#"m:2 tool injected: gives="In May you oiled the axle.""#,
    ];
    assert_eq!(all_shown(&batch), expected);
}

#[test]
fn what_a_program_says_in_both_streams_is_kept_once() {
    let text = "<user_action>\\nThe review found nothing.\\n</user_action>";
    let lines = format!(
        r#"{{"type":"response_item","payload":{{"type":"message","role":"user","content":[{{"type":"input_text","text":"{text}"}}]}}}}
{{"type":"event_msg","payload":{{"type":"user_message","message":"{text}"}}}}
"#
    );
    let batch = read(CODEX, "r.jsonl", lines.as_bytes());
    assert_eq!(
        all_shown(&batch),
        [r#"r:1 system injected: "The review found nothing.""#]
    );
}

/// Work that only events tell of, and work that the model's context has too.
#[test]
fn completed_items_are_work_of_their_own() {
    let lines = br##"{"timestamp":"2026-04-01T09:00:00Z","type":"session_meta","payload":{"id":"s1","cwd":"/home/ada/mill"}}
{"timestamp":"2026-04-01T09:00:01Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","id":"i1","content":[{"type":"text","text":"# Files mentioned by the user:\n\n## gate.rs\n\n## My request for Codex:\nWhy does it jam?\n"}]}}}
{"timestamp":"2026-04-01T09:00:02Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"CommandExecution","id":"i2","command":["bash","-lc","sed -n 1,40p gate.rs"],"aggregated_output":"fn jam() {}","exit_code":1}}}
{"timestamp":"2026-04-01T09:00:03Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"file_change","id":"i3","changes":[{"path":"/home/ada/mill/gate.rs","kind":{"type":"update"},"diff":"@@ -1 +1 @@\n-fn jam() {}\n+fn open() {}\n"}],"status":"completed"}}}
{"timestamp":"2026-04-01T09:00:03Z","type":"event_msg","payload":{"type":"patch_apply_end","call_id":"i3","changes":{"/home/ada/mill/gate.rs":{"type":"delete"}}}}
{"timestamp":"2026-04-01T09:00:04Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"McpToolCall","id":"i4","server":"plans","tool":"find","arguments":{"q":"trunnion"},"result":{"content":[{"type":"text","text":"drawing 4711"}]},"status":"completed"}}}
{"timestamp":"2026-04-01T09:00:05Z","type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"ls\"}","call_id":"c1"}}
{"timestamp":"2026-04-01T09:00:06Z","type":"event_msg","payload":{"type":"item_completed","item":{"type":"CommandExecution","id":"c1","command":"ls","aggregated_output":"gate.rs","exit_code":0}}}
"##;
    let batch = read(CODEX, "rollout-x.jsonl", lines);
    let expected = [
        r#"s1:1 user: "Why does it jam?""#,
        r#"s1:i2 assistant: calls="shell_command({\"command\":[\"bash\",\"-lc\",\"sed -n 1,40p gate.rs\"]})" file="Read /home/ada/mill/gate.rs""#,
        r#"s1:i2:result tool: fails="fn jam() {}" detail="{\"exit_code\":1}""#,
        r#"s1:i3 tool: gives="/home/ada/mill/gate.rs" detail="{\"/home/ada/mill/gate.rs\":{\"move_path\":null,\"type\":\"update\",\"unified_diff\":\"@@ -1 +1 @@\\n-fn jam() {}\\n+fn open() {}\\n\"}}" file="Edited /home/ada/mill/gate.rs""#,
        r#"s1:i4 assistant: calls="mcp__plans__find({\"q\":\"trunnion\"})""#,
        r#"s1:i4:result tool: gives="drawing 4711""#,
        r#"s1:2 assistant: calls="exec_command({\"cmd\":\"ls\"})""#,
    ];
    assert_eq!(all_shown(&batch), expected);
    assert_eq!(problems(&batch), [""; 0]);
    let edits = transcript::Registry::shipped().result_edits(&batch.messages[3].results[0]);
    assert_eq!(edits.map(|edits| edits.edits.len()), Some(1));
}
