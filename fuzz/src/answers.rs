//! Answers of model servers: bytes of others that the chat reads as they come. The files that read them are
//! compiled here by themselves, without the HTTP client and TLS that the rest of the crate needs.

use guard as _;

#[allow(dead_code, missing_docs, reason = "only a part of what these files offer is fuzzed")]
#[path = "../../crates/chat/src/model"]
mod model {
    pub mod calls;
    pub mod choice;
    pub mod error;
    pub mod normal;
    pub mod payload;
    pub mod repeat;
    pub mod sse;
    pub mod think;
    pub mod usage;
}

use model::normal::ChunkNormalizer;
use model::payload::BodyParser;

/// What comes out of an answer: its texts, calls and end. Ids are made up where there are none, and left out here.
#[derive(Debug, Default, PartialEq)]
struct Read {
    content: String,
    reasoning: String,
    calls: Vec<(String, String)>,
    finish: Vec<String>,
    error: Option<String>,
}

/// An answer is read to the same, whole and in pieces of sizes that the first bytes say; calls have dense indices,
/// and nothing follows the end.
pub fn any_pieces_of_an_answer_read_the_same(data: &[u8]) {
    let Some((sizes, bytes)) = data.split_at_checked(3) else { return };
    let whole = read(std::iter::once(bytes));
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((usize::from(*size) + 1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    assert_eq!(read(pieces.into_iter()), whole);
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Read {
    let mut parser = BodyParser::default();
    let mut normal = ChunkNormalizer::new("fuzz", "m", 0, 1 << 20);
    let (mut payloads, mut chunks) = (Vec::new(), Vec::new());
    let mut result = Ok(());
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
    let parsed = if result.is_ok() { parser.finish(&mut payloads) } else { Ok(()) };
    for payload in payloads.drain(..) {
        result = result.and_then(|()| normal.take(payload, &mut chunks));
    }
    result = result.and(parsed).and_then(|()| normal.finish(&mut chunks));
    let mut read = Read { error: result.err().map(|error| error.to_string()), ..Read::default() };
    for chunk in &chunks {
        for choice in chunk["choices"].as_array().into_iter().flatten() {
            read.take(choice);
        }
    }
    read
}

impl Read {
    fn take(&mut self, choice: &serde_json::Value) {
        let delta = &choice["delta"];
        self.content.push_str(delta["content"].as_str().unwrap_or_default());
        self.reasoning.push_str(delta["reasoning_content"].as_str().unwrap_or_default());
        if choice["index"] == 0 {
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let arguments = call["function"]["arguments"].as_str().expect("arguments are a text");
                let index = call["index"].as_u64().expect("an index") as usize;
                if call["id"].is_string() {
                    assert_eq!(index, self.calls.len(), "indices have a gap");
                    let name = call["function"]["name"].as_str().expect("a name");
                    self.calls.push((name.to_owned(), String::new()));
                }
                self.calls[index].1.push_str(arguments);
            }
        }
        self.finish.extend(choice["finish_reason"].as_str().map(str::to_owned));
    }
}
