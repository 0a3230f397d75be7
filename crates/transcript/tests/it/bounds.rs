//! Whatever a line holds, it takes time and memory in proportion to its length.

use proptest::prelude::*;
use transcript::{ReadBatch, Source};

use crate::support::{CLAUDE_CODE, CODEX, JSONL, problems, read, read_growing, typed};

const CUT: &str = "lists of more than 16384 elements; the rest was left out";

fn line(id: &str, text: &str) -> String {
    format!(r#"{{"type":"user","uuid":"{id}","sessionId":"s","message":{{"content":"{text}"}}}}"#)
}

/// That the list in a record is cut and told of, and what follows is read.
#[track_caller]
fn check_cut(source: Source, record: &str, after: &str) -> ReadBatch {
    let lines = format!("{record}\n{after}\n");
    let batch = read(source, "s.jsonl", lines.as_bytes());
    assert_eq!(problems(&batch), [format!("1: {CUT}")]);
    assert_eq!(typed(&batch).last().copied(), Some("after"));
    batch
}

#[test]
fn lists_of_very_many_elements_are_cut() {
    let after = line("z", "after");
    for element in ["0", "\"a\"", "{}", "[]", "null"] {
        let list = vec![element; 20_000].join(",");
        let nested = format!(r#"[{{"type":"tool_result","content":[{list}]}}]"#);
        for content in [format!("[{list}]"), nested] {
            let record =
                format!(r#"{{"type":"user","uuid":"a","message":{{"content":{content}}}}}"#);
            check_cut(CLAUDE_CODE, &record, &after);
        }
    }
    let blocks = vec![r#"{"type":"tool_result","content":["x","x","x"]}"#; 9_000].join(",");
    let record = format!(r#"{{"type":"user","uuid":"a","message":{{"content":[{blocks}]}}}}"#);
    let batch = check_cut(CLAUDE_CODE, &record, &after);
    assert!(batch.messages[0].results.len() < 9_000);
}

#[test]
fn lists_of_every_format_are_cut() {
    let list = vec!["\"a\""; 20_000].join(",");
    let after = r#"{"type":"event_msg","payload":{"type":"user_message","message":"after"}}"#;
    for payload in [
        format!(r#"{{"type":"message","role":"user","content":[{list}]}}"#),
        format!(r#"{{"type":"reasoning","summary":[{list}]}}"#),
        format!(r#"{{"type":"function_call_output","call_id":"c","output":[{list}]}}"#),
    ] {
        let record = format!(r#"{{"type":"response_item","payload":{payload}}}"#);
        check_cut(CODEX, &record, after);
    }
    let after = r#"{"conversation":"c","role":"user","text":"after"}"#;
    for key in ["files", "tools", "results", "links", "attachments", "marks"] {
        let list = match key {
            "files" | "tools" | "links" => list.clone(),
            _ => list.replace("\"a\"", "{}"),
        };
        let record =
            format!(r#"{{"conversation":"c","id":"1","role":"user","text":"x","{key}":[{list}]}}"#);
        let batch = check_cut(JSONL, &record, after);
        assert_eq!(typed(&batch), ["x", "after"], "{key}");
    }
}

#[test]
fn details_of_very_many_parts_stay_as_they_are() {
    let names = vec!["\"a\""; 20_000].join(",");
    for detail in [
        format!(r#"{{"filenames":[{names}]}}"#),
        format!(r#"{{"base64":[{names}]}}"#),
    ] {
        let record = format!(
            r#"{{"type":"user","uuid":"a","toolUseResult":{detail},"message":{{"content":[{{"type":"tool_result","content":"found"}}]}}}}"#
        );
        let batch = read(CLAUDE_CODE, "s.jsonl", record.as_bytes());
        assert_eq!(problems(&batch), [""; 0]);
        assert_eq!(batch.messages[0].results[0].detail, Some(detail));
    }
}

#[test]
fn values_and_problems_of_a_line_are_bounded() {
    let batch = read(JSONL, "s.jsonl", "{}".repeat(100_000).as_bytes());
    assert!(batch.problems.len() <= 16_385, "{}", batch.problems.len());
    let batch = read(JSONL, "s.jsonl", "x\n".repeat(100_000).as_bytes());
    assert!(batch.problems.len() <= 16_385, "{}", batch.problems.len());
    let last = batch.problems.last().map(|problem| problem.what.as_str());
    assert_eq!(last, Some("more problems follow, which are not listed"));
}

#[test]
fn long_names_are_not_repeated_with_every_message() {
    let turn = "t".repeat(1 << 20);
    let mut lines = format!(r#"{{"type":"turn_context","payload":{{"turn_id":"{turn}"}}}}"#);
    for n in 0..2_000 {
        lines.push_str(&format!(
            "\n{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"user_message\",\"message\":\"{n}\"}}}}"
        ));
    }
    let batch = read(CODEX, "s.jsonl", lines.as_bytes());
    assert_eq!(batch.messages.len(), 2_000);
    let size: usize = batch.messages.iter().map(|message| message.id.len()).sum();
    assert!(size < 4 << 20, "{size}");
}

/// Each of these took a pass over the rest of the line for each of its parts.
#[test]
fn a_broken_line_costs_no_more_than_its_length() {
    let record = line("b", "y");
    for part in [
        r#"{"a":["#,
        r#"{"a":{"b":"#,
        r#"{"a":""#,
        r#"\"{\""#,
        r#"\\\\"#,
        r#"{"a":1},"#,
        "\"",
        "}",
    ] {
        let broken = format!("{{[!{}", part.repeat(400_000));
        let lines = format!("{broken}\n{broken}{record}\n");
        let batch = read(CLAUDE_CODE, "s.jsonl", lines.as_bytes());
        assert_eq!(typed(&batch), ["y"], "{part}");
        let place = 2 * broken.len() + 1;
        assert_eq!(batch.messages[0].offset, place as u64, "{part}");
    }
}

#[test]
fn offsets_after_invalid_utf8_are_those_of_the_file() {
    let half: &[u8] = b"{\"type\":\"user\",\"text\":\"caf\xe9 \xf0\x9f \xff";
    let (first, second) = (line("a", "x"), line("b", "y"));
    for parts in [
        vec![first.as_bytes(), b"\xff", second.as_bytes()],
        vec![b"{\"a\":\"\xe9\xe9\"}", first.as_bytes(), second.as_bytes()],
        vec![half, second.as_bytes()],
        vec![
            b"\xff\xfe",
            first.as_bytes(),
            b"\xf0\x9f",
            second.as_bytes(),
        ],
    ] {
        let bytes = [parts.concat(), b"\n".to_vec()].concat();
        let place = parts[..parts.len() - 1].concat().len();
        let batch = read(CLAUDE_CODE, "s.jsonl", &bytes);
        let last = batch.messages.last().unwrap();
        assert_eq!((last.id.as_str(), last.offset), ("b", place as u64));
    }
}

/// Pieces of lines, valid or not.
fn any_piece() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec!["x", "", "a\\\\", "\\\"", "\\u0000", "{\\\"", "é"]);
    prop_oneof![
        4 => (word, 0..3).prop_map(|(text, id)| line(&format!("u{id}"), text).into_bytes()),
        2 => (0..60_usize).prop_map(|end| line("h", "half").as_bytes()[..end].to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
        1 => Just(b"\xff\xf0\x9f".to_vec()),
        1 => Just(b" {} [1] \0".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    /// A record without id is known by its place, which is the same wherever a file was cut.
    #[test]
    fn offsets_are_the_same_wherever_a_file_is_cut(
        pieces in prop::collection::vec(any_piece(), 1..12), cut in any::<prop::sample::Index>(),
    ) {
        // Without it, what begins with no object may still wait for its rest.
        let bytes = [pieces.concat(), b"\n".to_vec()].concat();
        let end = cut.index(bytes.len() + 1);
        let whole = read(CLAUDE_CODE, "s.jsonl", &bytes);
        let halves = read_growing(CLAUDE_CODE, "s.jsonl", &bytes, &[end]);
        prop_assert_eq!(&whole.messages, &halves.messages);
        for message in &whole.messages {
            let offset = usize::try_from(message.offset).unwrap();
            prop_assert_eq!(bytes[offset], b'{');
        }
    }
}
