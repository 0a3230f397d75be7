//! Claude Code's sessions: what is said, by whom, and what is left out.

use transcript::{ReadBatch, TokenUsage};

use crate::support::{CLAUDE_CODE, all_shown, all_told, problems, read, shown, typed};

const SESSION: &[u8] = include_bytes!("../fixtures/claude-code/session.jsonl");
const AGENT: &[u8] = include_bytes!("../fixtures/claude-code/agent-a1b2.jsonl");

fn session() -> ReadBatch {
    read(
        CLAUDE_CODE,
        "/home/ada/.claude/projects/-home-ada-mill/5e55-1.jsonl",
        SESSION,
    )
}

/// The message of this id on one line.
fn line(batch: &ReadBatch, id: &str) -> String {
    batch
        .messages
        .iter()
        .find(|message| message.id == id)
        .map(shown)
        .unwrap_or_default()
}

#[test]
fn a_session_reads_as_a_conversation() {
    let expected = [
        r#"u1 user: "Why does the mill stop?""#,
        r#"a1 assistant: thinking="The wheel may be dry.""#,
        r#"a3 assistant: "I look at the wheel.""#,
    ];
    assert_eq!(all_shown(&session())[..3], expected);
}

#[test]
fn only_what_people_typed_is_theirs() {
    let expected = [
        "Why does the mill stop?",
        "/review wheel.py --fast",
        "!make grind",
        "[Image #1] what is this?",
        "Notes\nOil the axle.\n\nFollow the notes.",
        "And the sluice?",
        "Both gates, please.",
        "and then stop",
        "/cost",
        "Look for dry wheels",
        "Thanks. What does the `<system-reminder>x</system-reminder>` tag do?",
        // Typed once more, and in the queue when the file ends.
        "And the sluice?",
    ];
    assert_eq!(typed(&session()), expected);
}

#[test]
fn what_programs_put_in_is_kept_but_marked() {
    let batch = session();
    let injected = all_shown(&batch)
        .into_iter()
        .filter(|line| line.contains(" injected:"));
    let expected = [
        r#"u6 system injected: "Model set to opus""#,
        r#"u8 system injected: "flour""#,
        r#"u9 system injected: "Base directory for this skill: /skills/mill\n\n# Milling""#,
        r#"q3 system injected: "<task-id>b1</task-id>\n<summary>Grinding done</summary>""#,
        r#"h1 system injected: "You once oiled the axle.""#,
        r#"n1 system injected: "<summary>Grinding done</summary>""#,
        r#"r3 tool injected: gives="In May you said: oil the axle.""#,
        r#"a8 assistant injected: "API Error: 529 overloaded""#,
    ];
    assert_eq!(injected.collect::<Vec<_>>(), expected);
    assert!(line(&batch, "c1").starts_with("c1 system summary: \"This session is being continued"));
}

#[test]
fn tools_bring_files_results_and_details_that_say_more() {
    let batch = session();
    assert_eq!(
        line(&batch, "a4"),
        r#"a4 assistant: calls="Read({\"file_path\":\"/home/ada/mill/wheel.py\"})" file="Read /home/ada/mill/wheel.py""#
    );
    assert_eq!(
        line(&batch, "r1"),
        r#"r1 tool: gives="     1→def turn():\n     2→    pass\n" detail="{\"type\":\"text\",\"file\":{\"filePath\":\"/home/ada/mill/wheel.py\",\"numLines\":2,\"startLine\":1,\"totalLines\":2}}""#
    );
    // What was written is in the call; the patch and the original aren't.
    assert_eq!(
        line(&batch, "r2"),
        r#"r2 tool: fails="File is read-only" detail="{\"type\":\"update\",\"filePath\":\"/home/ada/mill/wheel.py\",\"structuredPatch\":[{\"oldStart\":1}],\"originalFile\":\"def turn():\\n    pass\"}""#
    );
    assert_eq!(
        line(&batch, "r4"),
        r#"r4 tool: gives="a.txt" attached="image/jpeg 6""#
    );
    assert_eq!(line(&batch, "r4#text"), r#"r4#text user: "and then stop""#);
    assert!(line(&batch, "u10").ends_with(r#"attached="image/png 5""#));
}

#[test]
fn a_replys_tokens_count_once() {
    let batch = session();
    let first = batch
        .messages
        .iter()
        .filter(|message| message.turn.as_deref() == Some("msg_1"));
    let usages: Vec<TokenUsage> = first.filter_map(|message| message.usage).collect();
    let sum = |part: fn(&TokenUsage) -> u64| usages.iter().map(part).sum::<u64>();
    assert_eq!(
        (sum(|usage| usage.input), sum(|usage| usage.output)),
        (10, 9)
    );
    assert_eq!(
        (
            sum(|usage| usage.cache_creation),
            sum(|usage| usage.cache_read)
        ),
        (5, 100)
    );
    let refusal = batch.messages.iter().find(|message| message.id == "a8");
    assert!(refusal.is_some_and(|message| message.usage.is_none() && message.model.is_none()));
}

#[test]
fn places_and_times_come_from_each_record() {
    let batch = session();
    let last = batch.messages.last().unwrap();
    assert_eq!(last.cwd.as_deref(), Some(r"C:\Users\ada\mill"));
    assert_eq!(last.branch, None, "a detached head is no branch");
    let first = &batch.messages[0];
    assert_eq!(
        (&*first.conversation, first.branch.as_deref()),
        ("5e55-1", Some("main"))
    );
    assert_eq!(first.time, Some(1_772_359_201_000));
    let side = batch
        .messages
        .iter()
        .find(|message| message.id == "side1")
        .unwrap();
    assert_eq!(
        (&*side.conversation, side.agent.as_deref()),
        ("5e55-1", Some("sidechain"))
    );
}

#[test]
fn facts_tell_titles_and_links() {
    let expected = [
        "5e55-1 title 1 The mill that stopped",
        "5e55-1 title 2 Dry wheel",
        "5e55-1 title 3 Mill",
        "5e55-1 link https://example.invalid/pull/1",
    ];
    assert_eq!(all_told(&session()), expected);
}

#[test]
fn a_summary_may_come_before_the_record_that_it_names() {
    let lines = br#"{"type":"summary","summary":"Other","leafUuid":"x"}
{"type":"summary","summary":"Mine","leafUuid":"u1"}
{"type":"user","uuid":"u1","sessionId":"s","message":{"content":"hi"}}
"#;
    let batch = read(CLAUDE_CODE, "s.jsonl", lines);
    assert_eq!(all_told(&batch), ["s title 1 Mine"]);
}

#[test]
fn an_unknown_type_is_told_once() {
    assert_eq!(
        problems(&session()),
        ["45: unknown record type `never-heard-of`, skipped"]
    );
}

#[test]
fn sub_agents_have_conversations_of_their_own() {
    for path in [
        "/p/-home-ada-mill/agent-a1b2.jsonl",
        "/p/-home-ada-mill/5e55-1/subagents/agent-a1b2.jsonl",
        r"C:\p\5e55-1\subagents\workflows\w1\agent-a1b2.jsonl",
    ] {
        let batch = read(CLAUDE_CODE, path, AGENT);
        assert_eq!(
            all_told(&batch),
            ["5e55-1/agent-a1b2 parent 5e55-1, sub-agent"],
            "{path}"
        );
        assert_eq!(batch.messages.len(), 2);
        for message in &batch.messages {
            assert_eq!(&*message.conversation, "5e55-1/agent-a1b2");
            assert_eq!(message.agent.as_deref(), Some("a1b2"));
        }
    }
}

#[test]
fn the_compaction_helper_says_nothing() {
    let batch = read(CLAUDE_CODE, "/p/s/subagents/agent-acompact-1.jsonl", AGENT);
    assert_eq!((batch.messages.len(), batch.records), (0, 2));
}

#[test]
fn odd_fields_do_not_cost_the_record() {
    let lines = br#"{"type":"user","uuid":7,"sessionId":null,"timestamp":5,"cwd":{},"isMeta":"no","message":{"content":["bare",{"type":"text","text":"words"},17,null]}}
{"type":"user","uuid":"b","uuid":"c","message":{"content":"twice the same key"}}
{"type":"user","uuid":"d","message":{"content":"half a pair \ud83d here"}}
"#;
    let batch = read(CLAUDE_CODE, "/p/stem.jsonl", lines);
    let expected = [
        r#"7 user: "bare\n\nwords""#,
        r#"c user: "twice the same key""#,
        r#"d user: "half a pair � here""#,
    ];
    assert_eq!(all_shown(&batch), expected);
    assert_eq!(problems(&batch), [""; 0]);
    assert_eq!(&*batch.messages[0].conversation, "stem");
}

#[test]
fn a_fork_keeps_the_ids_of_its_past() {
    let fork = br#"{"type":"user","uuid":"u1","sessionId":"new","forkedFrom":{"sessionId":"old","messageUuid":"u1"},"message":{"content":"hi"}}
"#;
    let batch = read(CLAUDE_CODE, "new.jsonl", fork);
    assert_eq!(all_shown(&batch), [r#"u1 user: "hi""#]);
    assert_eq!(all_told(&batch), ["new parent old, fork"]);
}

#[test]
fn results_that_are_objects_are_kept() {
    let lines = br#"{"type":"user","uuid":"u1","sessionId":"s","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":{"status":"ok","rows":[1,2]}},{"type":"tool_result","tool_use_id":"t2","content":{"type":"text","text":"as a block"}}]}}
"#;
    let batch = read(CLAUDE_CODE, "s.jsonl", lines);
    let outputs: Vec<&str> = batch.messages[0]
        .results
        .iter()
        .map(|result| result.output.as_str())
        .collect();
    assert_eq!(outputs, [r#"{"status":"ok","rows":[1,2]}"#, "as a block"]);
}

#[test]
fn tokens_are_counted_once_where_a_gateway_sends_no_request_id() {
    let record = |uuid: &str, id: &str, output: u64| {
        format!(
            r#"{{"type":"assistant","uuid":"{uuid}","sessionId":"s","message":{{"id":"{id}","model":"m","content":[{{"type":"text","text":"{uuid}"}}],"usage":{{"input_tokens":10,"output_tokens":{output}}}}}}}"#
        )
    };
    let lines = [
        record("a", "m1", 1),
        record("b", "m1", 7),
        record("c", "m2", 5),
    ]
    .join("\n");
    let batch = read(CLAUDE_CODE, "s.jsonl", lines.as_bytes());
    let usages = batch.messages.iter().filter_map(|message| message.usage);
    let sums = usages.fold((0, 0), |sums, usage| {
        (sums.0 + usage.input, sums.1 + usage.output)
    });
    assert_eq!(sums, (20, 12));
}

/// A prompt that waits when the file ends, and one that the assistant took up.
#[test]
fn a_prompt_that_only_stood_in_the_queue_is_what_the_person_said() {
    let lines = br#"{"type":"user","uuid":"u1","sessionId":"s","cwd":"/p","timestamp":"2026-04-01T09:00:00Z","message":{"content":"go on"}}
{"type":"queue-operation","operation":"enqueue","timestamp":"2026-04-01T09:00:01Z","sessionId":"s","content":"taken up"}
{"type":"queue-operation","operation":"dequeue","timestamp":"2026-04-01T09:00:02Z","sessionId":"s"}
{"type":"user","uuid":"u2","sessionId":"s","cwd":"/p","timestamp":"2026-04-01T09:00:03Z","message":{"content":"taken up"}}
{"type":"queue-operation","operation":"enqueue","timestamp":"2026-04-01T09:00:04Z","sessionId":"s","content":"<task-notification>done</task-notification>"}
{"type":"queue-operation","operation":"enqueue","timestamp":"2026-04-01T09:00:05Z","sessionId":"s","content":"never taken up"}
"#;
    let batch = read(CLAUDE_CODE, "s.jsonl", lines);
    assert_eq!(typed(&batch), ["go on", "taken up", "never taken up"]);
    let waiting = &batch.messages[2];
    assert!(waiting.id.starts_with("queued-"), "{waiting:?}");
    assert_eq!(waiting.cwd.as_deref(), Some("/p"));
    assert_eq!(problems(&batch), [""; 0]);
}
