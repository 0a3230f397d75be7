//! Exports of chats: ChatGPT, Open WebUI, LibreChat and SillyTavern.

use proptest::prelude::*;
use serde_json::{Value, json};
use transcript::sources::{chatgpt, librechat, open_webui, sillytavern};
use transcript::{MessageKind, ReadBatch, Registry, Source};

use crate::support::{all_shown, all_told, problems, read, read_growing, typed};

const CHATGPT: &str = include_str!("../fixtures/chatgpt/conversations.json");
const OPEN_WEBUI: &str = include_str!("../fixtures/open-webui/chat-export-1767300100000.json");
const FLAT: &str = include_str!("../fixtures/librechat/librechat-flat.json");
const TREE: &str = include_str!("../fixtures/librechat/librechat-tree.json");
const CHAT: &str = include_str!("../fixtures/sillytavern/Miller - 2024-07-12@01h31m37s.jsonl");

fn read_text(source: Source, path: &str, text: &str) -> ReadBatch {
    read(source, path, text.as_bytes())
}

/// Conversation, id and parent of each message, with a long common start left out.
fn places(batch: &ReadBatch, start: &str) -> Vec<String> {
    let place = |message: &transcript::Message| {
        let parent = message.parent.as_deref().unwrap_or("-");
        let place = format!("{}: {} < {parent}", message.conversation, message.id);
        place.replace(start, "")
    };
    batch.messages.iter().map(place).collect()
}

/// What is said, what is told and the problems, with a long common start left out.
fn check(batch: &ReadBatch, start: &str, said: &[&str], told: &[&str], expected: &[&str]) {
    let short = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.replace(start, "")).collect()
    };
    assert_eq!(short(all_shown(batch)), said);
    assert_eq!(short(all_told(batch)), told);
    assert_eq!(short(problems(batch)), expected);
}

#[test]
fn a_chatgpt_conversation_is_what_was_shown_last_and_forks_of_it() {
    let batch = read_text(chatgpt::SOURCE, "conversations.json", CHATGPT);
    check(
        &batch,
        "6b0f0d9c-1111-4000-8000-00000000000",
        &[
            r#"1/ctx system injected: "I restore roofs.\nBe brief.""#,
            r#"1/u1 user: "How steep may a slate roof be?" attached="image/* 2048" attached="application/pdf 99""#,
            r#"1/th assistant: thinking="Looking it up\nPitch depends on the lap.""#,
            r#"1/c assistant: calls="web.run({\"search_query\":[{\"q\":\"slate roof pitch\"}]})""#,
            r#"1/r tool: gives="Minimum pitch 25 degrees""#,
            r#"1/a2 assistant: "From 25 degrees on. ""#,
            r#"1/u2 user: "Work out the rafter for a span of 8 m""#,
            r#"1/p assistant: calls="python({\"code\":\"4/cos(radians(25))\"})""#,
            r#"1/o tool: fails="NameError: cos""#,
            r#"1/a3 assistant: "4.41 m""#,
            r#"1/a1 assistant: "At least 22 degrees.""#,
            r#"6b0f0d9c-2222-4000-8000-00000000000a user: "Which moss harms slate?" attached="audio/wav 512""#,
            r#"6b0f0d9c-2222-4000-8000-00000000000b assistant: "None, as a rule.""#,
        ],
        &[
            "1 title 2 Slate roof",
            "1/a1 title 2 Slate roof",
            "1/a1 parent 1, fork",
        ],
        &["3: a conversation without `mapping`"],
    );
    let places = places(&batch, "6b0f0d9c-1111-4000-8000-00000000000");
    assert_eq!(places[1], "1: 1/u1 < 1/ctx");
    assert_eq!(places[2], "1: 1/th < 1/u1");
    assert_eq!(places[10], "1/a1: 1/a1 < 1/u1");
    let result = &batch.messages[8].results[0];
    assert_eq!(result.call, batch.messages[7].tools[0].id);
    assert_eq!(batch.messages[1].time, Some(1_767_000_001_250));
    assert_eq!(batch.messages[9].model.as_deref(), Some("gpt-5-thinking"));
    assert!(
        batch
            .messages
            .iter()
            .all(|message| message.project.as_deref() == Some("ChatGPT"))
    );
}

#[test]
fn a_kind_of_content_that_is_not_known_is_told_once_and_its_text_is_read() {
    let shard = include_str!("../fixtures/chatgpt/conversations-000.json");
    let twice = format!("{shard}\n{shard}");
    let batch = read_text(chatgpt::SOURCE, "conversations-000.json", &twice);
    assert_eq!(typed(&batch), ["shards count, too", "shards count, too"]);
    assert_eq!(problems(&batch), ["1: unknown kind of content `hologram`"]);
}

#[test]
fn open_webui_answers_side_by_side_are_forks_and_details_are_taken_apart() {
    let batch = read_text(open_webui::SOURCE, "chat-export-1.json", OPEN_WEBUI);
    check(
        &batch,
        "aaaa0000-0000-4000-8000-00000000000",
        &[
            r#"1/q1 user: "When does a tide mill grind?" attached="text/csv 321" attached="image/* 0""#,
            r#"1/w1 assistant: "Twice a day, as the tide falls." thinking="The pond is full\nat high water." calls="get_tide({\"port\": \"Dover\"})" gives="low 14:10""#,
            r#"1/q2 user: "And at neap tides?""#,
            r#"1/w2 assistant: "For less time." thinking="The head is lower." calls="get_tide({\"port\":\"Dover\"})" gives="neap on Friday""#,
            r#"1/l1 assistant: "On the ebb.""#,
            r#"2/m1 user: "Is flint a rock?""#,
            r#"2/m2 assistant: "connection refused""#,
        ],
        &[
            "1 title 2 Tide mill",
            "1/l1 title 2 Tide mill",
            "1/l1 parent 1, fork",
            "2 title 2 Old form",
        ],
        &[],
    );
    assert_eq!(
        batch.messages[4]
            .usage
            .map(|usage| (usage.input, usage.output)),
        Some((21, 5))
    );
    assert_eq!(batch.messages[6].parent, Some(batch.messages[5].id.clone()));
}

#[test]
fn a_librechat_conversation_is_read_from_a_list_and_from_a_tree() {
    let batch = read_text(librechat::SOURCE, "librechat-flat.json", FLAT);
    check(
        &batch,
        "bbbb0000-0000-4000-8000-00000000000",
        &[
            r#"1/u1 user: "Why are lock gates mitred?" attached="image/png 77""#,
            r#"1/a2 assistant: "Pressure closes them.\nIt also spares a bar." thinking="Pressure from upstream." calls="search({\"q\":\"mitre gate\"})" gives="a mitre gate …" attached="image/webp 9""#,
            r#"1/a1 assistant: "The water holds them shut.""#,
        ],
        &[
            "1 title 2 Lock gates",
            "1/a1 title 2 Lock gates",
            "1/a1 parent 1, fork",
        ],
        &[],
    );
    assert_eq!(batch.messages[0].time, Some(1_767_348_000_000));
    let batch = read_text(librechat::SOURCE, "librechat-tree.json", TREE);
    check(
        &batch,
        "bbbb0000-0000-4000-8000-00000000000",
        &[
            r#"2/t3 user: "What is puddle clay for?""#,
            r#"2/t1 user: "What is puddled clay?""#,
            r#"2/t2 assistant: "Clay worked with water.""#,
        ],
        &[
            "2 title 2 Puddling",
            "2/t1 title 2 Puddling",
            "2/t1 parent 2, fork",
        ],
        &[],
    );
    assert_eq!(
        batch.messages[2].parent.as_deref(),
        Some("bbbb0000-0000-4000-8000-000000000002/t1")
    );
}

#[test]
fn messages_nested_as_deep_as_a_long_conversation_are_read() {
    let depth = 3000;
    let mut json = r#"{"conversationId":"c","messagesTree":["#.to_owned();
    for n in 0..depth {
        json += &format!(r#"{{"messageId":"{n}","text":"{n}","isCreatedByUser":true,"children":["#);
    }
    json += &"]}".repeat(depth);
    json += "]}";
    let batch = read_text(librechat::SOURCE, "librechat.json", &json);
    assert_eq!(problems(&batch), [""; 0]);
    assert_eq!(batch.messages.len(), depth);
    assert_eq!(batch.messages[depth - 1].parent.as_deref(), Some("c/2998"));
}

#[test]
fn a_chat_of_sillytavern_has_its_other_answers_beside_it() {
    let path = "/st/chats/Miller/Miller - 2024-07-12@01h31m37s.jsonl";
    let batch = read_text(sillytavern::SOURCE, path, CHAT);
    let said: Vec<&str> = batch
        .messages
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "Good day! Flour?",
            "Yes.",
            "Rye or wheat?",
            "No flour today.",
            "Yes.",
            "Connected.",
            ""
        ]
    );
    assert_eq!(typed(&batch), ["Yes.", "Yes."]);
    assert_eq!(problems(&batch), [""; 0]);
    let chat = "Miller/Miller - 2024-07-12@01h31m37s";
    assert_eq!(
        all_told(&batch),
        [
            format!("{chat} title 1 Miller - 2024-07-12@01h31m37s"),
            format!("{chat} parent Miller/Miller - 2024-07-01@10h00m00s, fork"),
            format!("{chat}/swipes title 1 Miller - 2024-07-12@01h31m37s: other answers"),
            format!("{chat}/swipes parent {chat}, fork"),
        ]
    );
    let message = |nth: usize| &batch.messages[nth];
    assert_eq!(&*message(3).conversation, format!("{chat}/swipes"));
    assert_eq!(message(3).parent, message(2).parent);
    assert_eq!(message(3).model.as_deref(), Some("mistral"));
    assert_eq!(message(2).thinking, "She wants flour.");
    assert_eq!(message(2).time, Some(1_720_747_980_250));
    assert_eq!(message(2).speaker.as_deref(), Some("Miller"));
    assert_eq!(message(5).kind, MessageKind::Injected);
    assert_eq!(message(6).results[0].output, "3 sacks");
    // The same words in the same minute are two messages.
    assert_ne!(message(1).id, message(4).id);
    let projects = batch
        .messages
        .iter()
        .map(|message| message.project.as_deref());
    assert!(
        projects
            .into_iter()
            .all(|project| project == Some("Miller"))
    );
}

#[test]
fn a_chat_that_is_written_anew_has_the_same_messages() {
    let before = read_text(sillytavern::SOURCE, "/Miller/a.jsonl", CHAT);
    let changed = CHAT.replace(
        "\"integrity\":\"x\"",
        "\"integrity\":\"x\",\"note\":\"longer\"",
    );
    let after = read_text(sillytavern::SOURCE, "/Miller/a.jsonl", &changed);
    assert_eq!(places(&before, ""), places(&after, ""));
    // A branch repeats the messages that it begins with.
    let branch = read_text(sillytavern::SOURCE, "/Miller/Branch #1.jsonl", CHAT);
    let ids = |batch: &ReadBatch| -> Vec<String> {
        batch
            .messages
            .iter()
            .map(|message| message.id.clone())
            .collect()
    };
    assert_eq!(ids(&before), ids(&branch));
}

#[test]
fn exports_are_told_apart_by_what_they_hold() {
    let check = |path: &str, head: &str, expected: Option<&str>| {
        let found = Registry::shipped().recognise(path, head.as_bytes());
        assert_eq!(found.map(|source| source.name()), expected, "{head}");
    };
    check("x.json", &CHATGPT[..200], Some("chatgpt"));
    check("x.json", &OPEN_WEBUI[..200], Some("open-webui"));
    check("x.json", FLAT, Some("librechat"));
    check("x.json", TREE, Some("librechat"));
    check("x.jsonl", CHAT, Some("sillytavern"));
    check(
        "x.jsonl",
        r#"{"chat_metadata":{},"user_name":"unused","character_name":"unused"}"#,
        Some("sillytavern"),
    );
    check("x.jsonl", CHATGPT, None);
    check("x.json", CHAT, None);
    check(
        "package.json",
        r#"{"name":"x","title":"y","chat":true}"#,
        None,
    );
    check(
        "x.json",
        r#"[{"uuid":"1","name":"n","chat_messages":[]}]"#,
        None,
    );
    check(
        "x.json",
        r#"[[{"mapping":{},"title":"x"}]]"#,
        Some("chatgpt"),
    );
}

#[test]
fn a_broken_conversation_costs_no_other() {
    let broken = [
        "{\"mapping\":7,\"id\":\"x\"}",
        "{\"id\":}",
        "{\"title\":\"no id\",\"mapping\":{}}",
        "{\"mapping\":{\"n\":{\"message\":{\"content\":{\"parts\":[{\"text\":[]}]}}},\"m\":3},\"id\":\"x\"}",
        "\"text\"",
    ];
    for broken in broken {
        let text = CHATGPT.replacen("[\n", &format!("[{broken},\n"), 1);
        let batch = read_text(chatgpt::SOURCE, "conversations.json", &text);
        assert_eq!(batch.messages.len(), 13, "{broken}");
    }
    // One that is cut off waits for the rest.
    let cut = &CHATGPT[..CHATGPT.len() - 40];
    let batch = read_text(chatgpt::SOURCE, "conversations.json", cut);
    assert_eq!(batch.messages.len(), 11);
}

#[test]
fn halves_of_surrogate_pairs_and_bytes_that_are_no_text_are_replaced() {
    let text = CHATGPT.replace("4.41 m", "4.41 m \\ud83d");
    let batch = read_text(chatgpt::SOURCE, "conversations.json", &text);
    assert_eq!(batch.messages[9].text, "4.41 m \u{fffd}");
    let mut bytes = CHATGPT.as_bytes().to_vec();
    let at = CHATGPT.find("4.41 m").expect("the answer");
    bytes[at] = 0xff;
    let batch = read(chatgpt::SOURCE, "conversations.json", &bytes);
    assert_eq!(batch.messages[9].text, "\u{fffd}.41 m");
    assert_eq!(problems(&batch)[0], "2: invalid UTF-8, replaced");
}

/// A conversation of ChatGPT with these parents, each node a message.
fn conversation(parents: &[Option<usize>], current: Option<usize>) -> Value {
    let nodes = parents.iter().enumerate().map(|(at, parent)| {
        let message = json!({"author": {"role": "user"}, "content": {"content_type": "text", "parts": [format!("text {at}")]}});
        let node = json!({"parent": parent.map(|parent| format!("n{parent}")), "message": message});
        (format!("n{at}"), node)
    });
    let mapping: serde_json::Map<String, Value> = nodes.collect();
    json!({"id": "c", "title": "t", "mapping": mapping, "current_node": current.map(|at| format!("n{at}"))})
}

proptest! {
    #[test]
    fn each_message_of_a_tree_is_read_once_whatever_its_shape(
        parents in prop::collection::vec(prop::option::of(0..30_usize), 1..30),
        current in prop::option::of(0..30_usize),
    ) {
        let text = conversation(&parents, current).to_string();
        let batch = read_text(chatgpt::SOURCE, "conversations.json", &text);
        let mut ids: Vec<&str> = batch.messages.iter().map(|message| message.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), parents.len());
        for message in &batch.messages {
            let parent = message.parent.as_deref();
            prop_assert!(parent.is_none_or(|parent| ids.binary_search(&parent).is_ok()));
        }
    }

    #[test]
    fn white_space_of_a_document_changes_nothing(ends in prop::collection::vec(0..4000_usize, 0..5)) {
        let value: Value = serde_json::from_str(CHATGPT).expect("JSON");
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        let mut ends: Vec<usize> = ends.into_iter().filter(|end| *end < pretty.len()).collect();
        ends.sort_unstable();
        let plain = read_text(chatgpt::SOURCE, "conversations.json", &value.to_string());
        let spaced = read_growing(chatgpt::SOURCE, "conversations.json", pretty.as_bytes(), &ends);
        prop_assert_eq!(all_shown(&plain), all_shown(&spaced));
    }
}
