//! Requests of a program to an endpoint of OpenAI's protocol, as fast or as many as asked for.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::served::read_head;

/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Stack of a client's thread, in bytes.
const STACK_BYTES: usize = 128 << 10;

/// Where requests go, with a key.
#[derive(Clone)]
pub(super) struct Endpoint {
    address: String,
    key: String,
}

/// What came of a stream.
pub(super) struct StreamedTokens {
    /// Bytes of text: guards let it through in other pieces than it came in.
    pub(super) text_bytes: usize,
    pub(super) seconds: f64,
    /// When its pieces came.
    pub(super) moments: Vec<Instant>,
    /// Whether its end came.
    pub(super) is_whole: bool,
}

impl Endpoint {
    pub(super) fn new(address: &str, key: &str) -> Self {
        Self {
            address: address.to_owned(),
            key: key.to_owned(),
        }
    }

    /// How long requests take one after the other on one connection, in milliseconds.
    pub(super) fn latencies(&self, requests: usize) -> anyhow::Result<Vec<f64>> {
        let mut connection = BufReader::new(self.connect()?);
        let mut times = Vec::with_capacity(requests);
        for nth in 0..requests {
            let start = Instant::now();
            self.ask(&mut connection, nth)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    }

    /// How many requests a second so many connections get answered together, and how long each takes, in
    /// milliseconds.
    pub(super) fn requests_a_second(
        &self,
        connections: usize,
        requests: usize,
    ) -> anyhow::Result<(f64, Vec<f64>)> {
        let start = Instant::now();
        let mut times = Vec::with_capacity(requests);
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                let endpoint = self.clone();
                std::thread::spawn(move || endpoint.latencies(requests / connections))
            })
            .collect();
        for thread in threads {
            times.extend(thread.join().ok().context("a client panicked")??);
        }
        let a_second = times.len() as f64 / start.elapsed().as_secs_f64();
        Ok((a_second, times))
    }

    /// One stream of so many tokens.
    pub(super) fn stream(&self, tokens: usize, pause_ms: usize) -> anyhow::Result<StreamedTokens> {
        let start = Instant::now();
        let mut connection = BufReader::new(self.connect()?);
        self.send(
            &mut connection,
            &format!("stream {tokens} {pause_ms}"),
            true,
        )?;
        let mut line = Vec::new();
        let (mut seen, mut is_whole) = (0, false);
        let mut moments = Vec::with_capacity(tokens + 2);
        loop {
            line.clear();
            if connection.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.starts_with(b"data: [DONE]") {
                is_whole = true;
                break;
            }
            if line.starts_with(b"data: ") {
                moments.push(Instant::now());
                seen += text_bytes(&line);
            }
        }
        Ok(StreamedTokens {
            text_bytes: seen,
            seconds: start.elapsed().as_secs_f64(),
            moments,
            is_whole,
        })
    }

    /// So many streams at once; those that fail have no end.
    pub(super) fn streams(
        &self,
        count: usize,
        tokens: usize,
        pause_ms: usize,
    ) -> Vec<StreamedTokens> {
        let running = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..count)
            .filter_map(|_| {
                let (endpoint, running) = (self.clone(), Arc::clone(&running));
                let work = move || {
                    running.fetch_add(1, Ordering::Relaxed);
                    endpoint.stream(tokens, pause_ms)
                };
                std::thread::Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn(work)
                    .ok()
            })
            .collect();
        let failed = || StreamedTokens {
            text_bytes: 0,
            seconds: 0.0,
            moments: Vec::new(),
            is_whole: false,
        };
        let ended = threads.into_iter().map(|thread| {
            thread
                .join()
                .ok()
                .and_then(Result::ok)
                .unwrap_or_else(failed)
        });
        ended.collect()
    }

    fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn ask(&self, connection: &mut BufReader<TcpStream>, nth: usize) -> anyhow::Result<()> {
        // A different text each time: one that was judged isn't judged again.
        let text = format!(
            "What does the answer to question {nth} depend on, and how would you find out?"
        );
        self.send(connection, &text, false)?;
        let head = read_head(connection).context("the connection ended")?;
        let mut body = vec![0; head.length];
        connection.read_exact(&mut body)?;
        ensure!(
            head.first_line.contains(" 200 "),
            "{}: {}",
            head.first_line,
            String::from_utf8_lossy(&body)
        );
        Ok(())
    }

    fn send(
        &self,
        connection: &mut BufReader<TcpStream>,
        text: &str,
        streams: bool,
    ) -> anyhow::Result<()> {
        let body = format!(
            "{{\"model\":\"bench\",\"stream\":{streams},\"messages\":[{{\"role\":\"system\",\"content\":\"Be brief.\"}},{{\"role\":\"user\",\"content\":\"{text}\"}}]}}"
        );
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        );
        connection
            .get_mut()
            .write_all(format!("{head}{body}").as_bytes())?;
        Ok(())
    }
}

/// Bytes of text in a chunk, none of which is escaped here.
fn text_bytes(line: &[u8]) -> usize {
    const START: &[u8] = b"\"content\":\"";
    let Some(at) = find(line, START) else {
        return 0;
    };
    let text = &line[at + START.len()..];
    text.iter().position(|byte| *byte == b'"').unwrap_or(0)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
