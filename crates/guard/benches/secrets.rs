//! Prints how fast secrets are looked for: `cargo bench -p lorekeep-guard --bench secrets -- FILE…`,
//! or in a made-up log where no file is given; and in texts that are made to be slow.

#![allow(
    clippy::disallowed_methods,
    reason = "it reads the files that it is given"
)]
#![expect(clippy::print_stdout, reason = "it is what the benchmark is for")]

use std::time::Instant;

use guard::{Engine, EngineOptions, Kind, Kinds};

const SECRETS: Kinds = Kinds::NONE.with(Kind::Secret);

/// Bytes that are read at least, so that the figure is steady.
const ENOUGH: usize = 256 << 20;

/// Bytes of a text that is made to be slow.
const SLOW: usize = 10 << 20;

fn main() {
    let files: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(|path| fs_err::read_to_string(&path).expect("a readable file of UTF-8"))
        .collect();
    let files = if files.is_empty() { vec![log()] } else { files };
    let start = Instant::now();
    let engine = Engine::new(EngineOptions::default());
    let _ = engine.find("x", SECRETS);
    println!("made ready in {:?}", start.elapsed());
    measure("files", &engine, &files, ENOUGH);
    for unit in [
        "token=",
        "password: ",
        "eyJhbGciOiJ9.",
        "://u:p",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "sk-",
        "\\",
        "key=\"",
        "curl -u ",
        "AKIA",
        "a",
        "AAAAAAAA",
        "kind: Secret ",
        "heroku ",
    ] {
        let text = unit.repeat(SLOW / unit.len());
        measure(&format!("{unit:?} over and over"), &engine, &[text], SLOW);
    }
}

fn measure(name: &str, engine: &Engine, texts: &[String], enough: usize) {
    let total: usize = texts.iter().map(String::len).sum();
    let rounds = (enough / total.max(1)).clamp(1, 1000);
    let start = Instant::now();
    let mut findings = 0;
    for _ in 0..rounds {
        findings = texts
            .iter()
            .map(|text| engine.find(text, SECRETS).len())
            .sum();
    }
    let speed = (total * rounds) as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("{name}: {total} bytes, {findings} findings, {speed:.0} MB/s");
}

/// A log as tools write them, with a secret now and then.
fn log() -> String {
    let line = |at: usize| match at % 50 {
        0 => format!(
            "export SERVICE_TOKEN=t{at:05}{}\n",
            ["k29dMz83", "lQpw7Vn4Xb6T"].concat()
        ),
        1..=9 => format!(
            "{{\"type\":\"message\",\"usage\":{{\"input_tokens\":{at},\"cache_read\":{}}},\"text\":\"The test passes now.\"}}\n",
            at * 7
        ),
        _ => format!(
            "2026-01-02T03:04:{:02}Z INFO server::http: GET /api/v1/items/{at} 200 in {} ms (request {:08x})\n",
            at % 60,
            at % 300,
            at * 2_654_435
        ),
    };
    (0..40_000).map(line).collect()
}
