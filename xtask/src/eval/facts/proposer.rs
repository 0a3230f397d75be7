//! A model server that answers as a script says: a turn with what stands there, a request for facts with what is
//! proposed for the message that it holds. It knows nothing of what is right.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::talk::{CLASSES, Exchange, Talker};
use crate::served::read_head;

/// The server; it ends with the process.
pub(super) struct Proposer {
    port: u16,
    script: Arc<Script>,
}

struct Script {
    exchanges: Vec<Exchange>,
    state: Mutex<ProposerState>,
}

struct ProposerState {
    /// The last message that was said.
    expected: usize,
    asked: Instant,
    /// Proposals of each class so far.
    proposed: [u64; CLASSES.len()],
}

impl Script {
    fn lock(&self) -> MutexGuard<'_, ProposerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proposer {
    pub(super) fn start(talker: &Talker) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let script = Arc::new(Script {
            exchanges: talker.conversations.iter().flatten().cloned().collect(),
            state: Mutex::new(ProposerState {
                expected: 0,
                asked: Instant::now(),
                proposed: [0; CLASSES.len()],
            }),
        });
        let shared = Arc::clone(&script);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let script = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &script));
            }
        });
        Ok(Self { port, script })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// This message is said next.
    pub(super) fn expect(&self, number: usize) {
        self.script.lock().expected = number;
    }

    /// Whether anything was asked for within this time.
    pub(super) fn asked_within(&self, time: Duration) -> bool {
        self.script.lock().asked.elapsed() < time
    }

    /// How many proposals of each class were made.
    pub(super) fn take_proposed(&self) -> [u64; CLASSES.len()] {
        std::mem::take(&mut self.script.lock().proposed)
    }
}

fn serve(stream: TcpStream, script: &Script) {
    let _ = stream.set_nodelay(true);
    let Ok(mut out) = stream.try_clone() else {
        return;
    };
    let mut input = BufReader::new(stream);
    while let Some(head) = read_head(&mut input) {
        let mut body = vec![0; head.length];
        if input.read_exact(&mut body).is_err() {
            return;
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        script.lock().asked = Instant::now();
        if out.write_all(answer(&body, script).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(body: &Value, script: &Script) -> String {
    let last = body["messages"].as_array().and_then(|all| all.last());
    let Some(last) = last.and_then(|message| message["content"].as_str()) else {
        return response("404 Not Found", "application/json", "{}");
    };
    if body.get("response_format").is_some() {
        let said = last.split("<said>").nth(1).unwrap_or_default();
        let content = json!({"facts": proposals(said, script)}).to_string();
        let whole = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "facts",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 80, "total_tokens": 480},
        });
        return response("200 OK", "application/json", &whole.to_string());
    }
    let expected = script.lock().expected;
    let answered = script
        .exchanges
        .get(expected)
        .map(|exchange| exchange.answered.as_str());
    let chunk = |delta: Value, reason: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "facts",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        })
    };
    let text = chunk(json!({"content": answered.unwrap_or("Fine.")}), Value::Null);
    let end = chunk(json!({}), json!("stop"));
    let events = format!("data: {text}\n\ndata: {end}\n\ndata: [DONE]\n\n");
    response("200 OK", "text/event-stream", &events)
}

/// What is proposed for the message that is nearest to what was said: guards may have put something else in the place
/// of parts of it.
fn proposals(said: &str, script: &Script) -> Vec<Value> {
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric());
        split
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let asked = words(said);
    let shared = |exchange: &&Exchange| {
        let own = words(&exchange.said);
        let both = own.iter().filter(|word| asked.contains(word)).count();
        // Of two that hold all of it the shorter one is meant.
        (both * 1_000).saturating_sub(own.len())
    };
    let Some(nearest) = script.exchanges.iter().max_by_key(shared) else {
        return Vec::new();
    };
    let mut state = script.lock();
    for proposal in &nearest.proposals {
        state.proposed[proposal.class] += 1;
    }
    let made = nearest.proposals.iter().map(|proposal| {
        json!({
            "fact": proposal.fact, "quote": proposal.quote, "kind": proposal.kind,
            "topics": [proposal.kind],
        })
    });
    made.collect()
}

fn response(status: &str, media_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
