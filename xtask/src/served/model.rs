//! A model server that takes no time: whole answers at once, and streams of so many tokens with so long between them,
//! as the last message says (`stream TOKENS PAUSE_MS`).

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Stack of a connection's thread, in bytes.
const STACK_BYTES: usize = 128 << 10;

/// Words that the streams consist of.
const WORDS: [&str; 12] = [
    "the ",
    "server ",
    "answers ",
    "in ",
    "plain ",
    "words, ",
    "one ",
    "after ",
    "another, ",
    "as ",
    "models ",
    "do. ",
];

/// The head of a request or an answer.
pub(crate) struct MessageHead {
    pub(crate) length: usize,
    pub(crate) first_line: String,
}

/// The server; it ends with the process.
pub(crate) struct ModelServer {
    port: u16,
    seen: Arc<SeenMoments>,
}

/// When what happened.
#[derive(Default)]
struct SeenMoments {
    arrivals: Mutex<Vec<Instant>>,
    tokens: Mutex<Vec<Instant>>,
}

fn note(moments: &Mutex<Vec<Instant>>) {
    let mut moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
    moments.push(Instant::now());
}

fn take(moments: &Mutex<Vec<Instant>>) -> Vec<Instant> {
    let mut moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut moments)
}

impl ModelServer {
    /// Starts one at a port, or at any with 0.
    pub(crate) fn start(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let seen = Arc::<SeenMoments>::default();
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
                let seen = Arc::clone(&noted);
                let _ = thread.spawn(move || serve(stream, &seen));
            }
        });
        Ok(Self { port, seen })
    }

    /// When requests for answers came since this was asked last.
    pub(crate) fn take_arrivals(&self) -> Vec<Instant> {
        take(&self.seen.arrivals)
    }

    /// When tokens of streams with pauses left since this was asked last.
    pub(crate) fn take_tokens(&self) -> Vec<Instant> {
        take(&self.seen.tokens)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

fn serve(stream: TcpStream, seen: &SeenMoments) {
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
        if head.length > 0 {
            note(&seen.arrivals);
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let asked = text.rfind("stream ").map(|at| &text[at..]);
        let is_streaming = text.contains("\"stream\":true");
        let done = match asked.filter(|_| is_streaming) {
            Some(asked) => stream_tokens(&mut out, asked, seen),
            None => answer(&mut out),
        };
        if done.is_err() {
            return;
        }
    }
}

fn answer(out: &mut TcpStream) -> std::io::Result<()> {
    let body = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"The server answers in plain words, one after another, as models do."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":14,"total_tokens":34}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    out.write_all(format!("{head}{body}").as_bytes())
}

fn stream_tokens(out: &mut TcpStream, asked: &str, seen: &SeenMoments) -> std::io::Result<()> {
    let mut numbers = asked
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse::<u64>().ok());
    let (tokens, pause) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(0));
    out.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    )?;
    let start = Instant::now();
    for nth in 0..tokens {
        if pause > 0 {
            let due = Duration::from_millis(pause * nth);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            note(&seen.tokens);
        }
        let word = word(nth);
        let event = format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"bench\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"finish_reason\":null}}]}}\n\n"
        );
        out.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes())?;
    }
    let end = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    out.write_all(format!("{:x}\r\n{end}\r\n0\r\n\r\n", end.len()).as_bytes())
}

/// A word of a stream.
fn word(nth: u64) -> String {
    let word = WORDS[usize::try_from(nth).unwrap_or(0) % WORDS.len()];
    // Now and then a number, so that the text is no repetition.
    match nth % 7 {
        0 => format!("{nth} {word}"),
        _ => word.to_owned(),
    }
}

/// The text of a stream of so many tokens.
pub(crate) fn streamed_text(tokens: u64) -> String {
    (0..tokens).map(word).collect()
}

/// Reads a head up to its empty line; nothing at the end of the connection.
pub(crate) fn read_head<R: Read>(input: &mut BufReader<R>) -> Option<MessageHead> {
    let mut first_line = String::new();
    if input.read_line(&mut first_line).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            return Some(MessageHead {
                length,
                first_line: first_line.trim().to_owned(),
            });
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
}
