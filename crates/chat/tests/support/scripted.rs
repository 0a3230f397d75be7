//! A model server that does what a script says, on a real socket: the only double that tests of the chat use.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for what should come at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// One step of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Again and again, until the client closes.
    Repeat(Vec<u8>),
    /// Nothing more, until the client closes.
    Hang,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) steps: Vec<Step>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    pub(crate) fn new(status: u16, kind: &str, body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self {
            status,
            headers,
            steps: vec![Step::Send(body)],
        }
    }

    /// A stream of events, each a JSON value, with `[DONE]` at the end.
    pub(crate) fn stream(chunks: &[Value]) -> Self {
        let mut answer = Self::steps(
            chunks
                .iter()
                .map(|chunk| Step::Send(event(chunk)))
                .collect(),
        );
        answer.steps.push(Step::Send(b"data: [DONE]\n\n".to_vec()));
        answer
    }

    /// A stream of events, by steps.
    pub(crate) fn steps(steps: Vec<Step>) -> Self {
        Self {
            steps,
            ..Self::new(200, "text/event-stream", Vec::new())
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// An event of a stream.
pub(crate) fn event(chunk: &Value) -> Vec<u8> {
    format!("data: {chunk}\n\n").into_bytes()
}

/// A chunk with some text.
pub(crate) fn text(text: &str) -> Value {
    serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m",
        "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }],
    })
}

/// The chunk that ends an answer.
pub(crate) fn end(reason: &str) -> Value {
    serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }],
    })
}

type Script = dyn Fn(&Request, usize) -> Answer + Send + Sync;

/// The server. Ends with the process: its thread waits for connections for ever.
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<AtomicUsize>,
}

impl ScriptedServer {
    /// Starts one that answers every request by a script, which gets the request and how many were before it.
    pub(crate) fn start(
        script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(AtomicUsize::new(0));
        let script: Arc<Script> = Arc::new(script);
        let server = Self {
            address,
            requests: Arc::clone(&requests),
            closed: Arc::clone(&closed),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, requests, closed) = (script.clone(), requests.clone(), closed.clone());
                std::thread::spawn(move || serve(stream, &*script, &requests, &closed));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    /// As [`Self::wait_closed`], where no runtime has to go on meanwhile.
    pub(crate) fn wait_closed_blocking(&self) {
        self.wait_blocking(|| self.closed.load(Ordering::SeqCst) > 0);
    }

    /// Waits until so many requests came.
    pub(crate) fn wait_requests(&self, count: usize) {
        self.wait_blocking(|| self.requests().len() >= count);
    }

    fn wait_blocking(&self, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < PATIENCE, "it never happened");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until a client closed a connection on which the server had more to say; how long that took.
    pub(crate) async fn wait_closed(&self) -> Duration {
        let start = Instant::now();
        while self.closed.load(Ordering::SeqCst) == 0 {
            assert!(
                start.elapsed() < PATIENCE,
                "the client never closed the connection"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        start.elapsed()
    }
}

fn serve(
    mut stream: TcpStream,
    script: &Script,
    requests: &Mutex<Vec<Request>>,
    closed: &AtomicUsize,
) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    let nth = {
        let mut requests = requests.lock().expect("no panic");
        requests.push(request.clone());
        requests.len() - 1
    };
    let answer = script(&request, nth);
    let mut head = format!(
        "HTTP/1.1 {} Scripted\r\nConnection: close\r\n",
        answer.status
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut is_open = stream.write_all(head.as_bytes()).is_ok();
    for step in answer.steps {
        match step {
            Step::Send(bytes) => is_open = is_open && stream.write_all(&bytes).is_ok(),
            Step::Wait(time) => std::thread::sleep(time),
            Step::Repeat(bytes) => while stream.write_all(&bytes).is_ok() {},
            Step::Hang => wait_until_closed(&mut stream),
        }
        if !is_open {
            break;
        }
    }
    closed.fetch_add(1, Ordering::SeqCst);
}

fn wait_until_closed(stream: &mut TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(5)));
    let mut byte = [0];
    loop {
        match stream.read(&mut byte) {
            Ok(1..) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => return,
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = bytes[head_end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&buffer[..read]);
    }
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}
