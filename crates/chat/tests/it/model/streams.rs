//! Streams of providers, from files: what each file says is what comes out, however its bytes are cut.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chat::model::{BodyParser, ChunkNormalizer, ModelError, Usage};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/streams")
}

/// Every stream with what is expected of it, by name.
fn fixtures() -> BTreeMap<String, (Vec<u8>, Value)> {
    let mut fixtures = BTreeMap::new();
    for entry in std::fs::read_dir(directory()).expect("the directory is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let expected =
                std::fs::read(path.with_extension("expected.json")).expect("what is expected");
            let expected = serde_json::from_slice(&expected).expect("JSON");
            fixtures.insert(name, (std::fs::read(&path).expect("a stream"), expected));
        }
    }
    fixtures
}

/// What came out of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
struct Read {
    content: String,
    reasoning: String,
    calls: Vec<(String, String, String)>,
    finish: Option<String>,
    usage: Option<Usage>,
    error: Option<String>,
    raw_calls: Vec<Value>,
}

fn name_of(error: &ModelError) -> &'static str {
    match error {
        ModelError::Refused(_) => "refused",
        ModelError::Failed(_) => "failed",
        ModelError::TooLong(_) => "too long",
        ModelError::CutOff(_) => "cut off",
        ModelError::Garbage(_) => "garbage",
        ModelError::Runaway(_) => "runaway",
        _ => "another error",
    }
}

/// Reads a stream that comes in these pieces, and checks that what goes out is as OpenAI has it.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Read {
    let mut parser = BodyParser::default();
    let mut normal = ChunkNormalizer::new("test", "m", 1_790_000_000, 1 << 20);
    let mut chunks = Vec::new();
    let mut result = Ok(());
    let mut payloads = Vec::new();
    for piece in pieces {
        let parsed = parser.push(piece, &mut payloads);
        for payload in payloads.drain(..) {
            result = result.and_then(|()| normal.take(payload, &mut chunks));
        }
        result = result.and(parsed);
        if result.is_err() {
            break;
        }
    }
    let parsed = if result.is_ok() {
        parser.finish(&mut payloads)
    } else {
        Ok(())
    };
    for payload in payloads.drain(..) {
        result = result.and_then(|()| normal.take(payload, &mut chunks));
    }
    result = result.and(parsed).and_then(|()| normal.finish(&mut chunks));
    let mut read = Read {
        usage: normal.usage(),
        error: result.err().map(|error| name_of(&error).to_owned()),
        ..Read::default()
    };
    for (nth, chunk) in chunks.iter().enumerate() {
        check_chunk(chunk, &chunks[0], nth);
        for choice in chunk["choices"].as_array().into_iter().flatten() {
            if choice["index"] == 0 {
                read.take(choice);
            }
        }
    }
    if read.error.is_none() {
        read.raw_calls = normal.raw_tool_calls();
    }
    read
}

fn check_chunk(chunk: &Map<String, Value>, first: &Map<String, Value>, nth: usize) {
    assert_eq!(chunk["object"], "chat.completion.chunk");
    for key in ["id", "created", "model"] {
        assert_eq!(chunk[key], first[key], "the {key} changed in chunk {nth}");
    }
    assert!(!chunk.contains_key("usage"), "usage is apart");
    assert!(
        chunk["choices"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    );
}

impl Read {
    fn take(&mut self, choice: &Value) {
        let delta = choice["delta"].as_object().expect("a delta");
        let text = |key: &str| delta.get(key).and_then(Value::as_str).unwrap_or_default();
        assert!(
            self.finish.is_none(),
            "nothing follows the reason of the end"
        );
        self.content.push_str(text("content"));
        self.reasoning.push_str(text("reasoning_content"));
        for call in delta
            .get("tool_calls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let index = call["index"]
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .expect("an index");
            let arguments = call["function"]["arguments"].as_str().expect("a text");
            if let Some(id) = call["id"].as_str() {
                assert_eq!(index, self.calls.len(), "indices have no gaps");
                assert!(
                    self.calls.iter().all(|(known, _, _)| known != id),
                    "an id is used once"
                );
                assert!(!id.is_empty());
                let name = call["function"]["name"].as_str().expect("a name");
                self.calls
                    .push((id.to_owned(), name.to_owned(), arguments.to_owned()));
            } else {
                assert!(
                    call["function"].get("name").is_none(),
                    "the name comes once"
                );
                self.calls[index].2.push_str(arguments);
            }
        }
        self.finish = choice["finish_reason"].as_str().map(str::to_owned);
    }

    /// Without ids, which are made up where the server gives none.
    fn without_ids(mut self) -> Self {
        for (id, _, _) in &mut self.calls {
            id.clear();
        }
        for call in &mut self.raw_calls {
            call["id"] = Value::Null;
        }
        self
    }
}

fn whole(bytes: &[u8]) -> Read {
    read(std::iter::once(bytes))
}

#[test]
fn every_stream_is_read_as_its_file_says() {
    let mut failed = Vec::new();
    for (name, (bytes, expected)) in fixtures() {
        let read = whole(&bytes);
        let calls: Vec<_> = read
            .calls
            .iter()
            .map(|(_, name, arguments)| (name, arguments))
            .collect();
        let usage = read.usage.map(|usage| {
            [
                usage.prompt_tokens,
                usage.completion_tokens,
                usage.reasoning_tokens,
            ]
        });
        let got = serde_json::json!({
            "content": read.content,
            "reasoning": read.reasoning,
            "calls": calls,
            "finish": read.finish,
            "usage": usage,
            "error": read.error,
        });
        if got != expected {
            failed.push(format!("{name}:\n  got      {got}\n  expected {expected}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_stream_says_where_its_shape_is_from() {
    for (name, (bytes, _)) in fixtures() {
        let beside = std::fs::read_to_string(directory().join(format!("{name}.source")));
        let text = beside.unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.trim_start_matches(['\u{feff}', ':', ' ']);
        let is_told = text.starts_with("shape seen in ") || text.starts_with("constructed");
        assert!(is_told, "{name} doesn't say where it is from: {text:.60}");
    }
}

#[test]
fn gemini_gets_its_signatures_back() {
    let read = whole(&fixtures()["gemini-tools"].0);
    let signature = |call: &Value| call["extra_content"]["google"]["thought_signature"].clone();
    assert_eq!(
        signature(&read.raw_calls[0]),
        "EjQKMgFsaW5lIG9uZSBvZiB0aGUgc2lnbmF0dXJl"
    );
    assert_eq!(
        signature(&read.raw_calls[1]),
        "Eh0KGwFzaWduYXR1cmUgb2YgdGhlIHNlY29uZA=="
    );
    assert_eq!(
        read.raw_calls[0]["function"]["arguments"],
        r#"{"city":"Cairo"}"#
    );
    assert_eq!(read.raw_calls[0]["id"], "jm4owj31");
    assert!(read.raw_calls[0].get("index").is_none());
}

#[test]
fn a_line_of_20_mib_is_an_error() {
    let mut bytes = b"data: {\"choices\":[{\"delta\":{\"content\":\"".to_vec();
    bytes.resize(20 << 20, b'a');
    assert_eq!(whole(&bytes).error.as_deref(), Some("garbage"));
}

#[test]
fn an_answer_that_repeats_itself_is_stopped() {
    let piece = br#"data: {"choices":[{"delta":{"content":"and again and "}}]}"#;
    let bytes: Vec<u8> = [&piece[..], b"\n\n"].concat().repeat(10_000);
    let read = whole(&bytes);
    assert_eq!(read.error.as_deref(), Some("runaway"));
    assert!(read.content.len() < 100_000, "{} bytes", read.content.len());
}

#[test]
fn a_long_table_is_no_repetition() {
    let row = |nth: usize| {
        let chunk = serde_json::json!({ "choices": [{ "delta": { "content": format!("| {nth} | - | - |\n") } }] });
        format!("data: {chunk}\n\n")
    };
    let mut bytes: String = (0..5_000).map(row).collect();
    bytes.push_str("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    assert_eq!(whole(bytes.as_bytes()).finish.as_deref(), Some("stop"));
}

#[test]
fn white_space_before_an_answer_counts_for_nothing_wherever_it_is_cut() {
    for bytes in [&b"\x0c\x0c:\x0c\x0c"[..], b" \n data: {}\n\n", b"\r\n\t{}"] {
        for at in 0..bytes.len() {
            let (before, after) = bytes.split_at(at);
            let cut = read([before, after].into_iter());
            assert_eq!(
                cut.without_ids(),
                whole(bytes).without_ids(),
                "{bytes:?} at {at}"
            );
        }
    }
}

#[test]
fn an_answer_is_no_longer_than_the_limit() {
    let mut bytes = String::new();
    for nth in 0..200_000 {
        bytes.push_str(&format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{nth} \"}}}}]}}\n\n"
        ));
    }
    assert_eq!(whole(bytes.as_bytes()).error.as_deref(), Some("runaway"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn however_a_stream_is_cut_it_reads_the_same(sizes in prop::collection::vec(1_usize..40, 1..60)) {
        for (name, (bytes, _)) in fixtures() {
            let mut sizes = sizes.iter().cycle();
            let mut rest = &bytes[..];
            let mut pieces = Vec::new();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            let cut = read(pieces.into_iter());
            prop_assert_eq!(cut.without_ids(), whole(&bytes).without_ids(), "{}", name);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = whole(&bytes);
    }
}
