//! Prints how fast each importer reads: `cargo bench -p lorekeep-transcript -- FILE…`, or a made-up
//! session where no file is given.

#![allow(
    clippy::disallowed_methods,
    reason = "it reads the files that it is given"
)]
#![expect(clippy::print_stdout, reason = "it is what the benchmark is for")]

use std::time::Instant;

use transcript::{FileHint, Framing, LogReader, ReadBatch, Registry, Source};

/// As much as a caller would hold in memory at a time.
const PIECE: usize = 4 << 20;

fn main() {
    let files: Vec<(String, Vec<u8>)> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(|path| {
            let bytes = fs_err::read(&path).expect("a readable file");
            (path, bytes)
        })
        .collect();
    let files = if files.is_empty() {
        vec![made_up()]
    } else {
        files
    };
    for source in Registry::shipped().all() {
        let ours: Vec<_> = files
            .iter()
            .filter(|(path, bytes)| source.recognises(path, head(bytes)))
            .collect();
        let total: usize = ours.iter().map(|(_, bytes)| bytes.len()).sum();
        if total == 0 {
            continue;
        }
        // Read at least half a gigabyte, so that the figure is steady.
        let rounds = ((512 << 20) / total).clamp(1, 1000);
        let start = Instant::now();
        let mut messages = 0;
        for _ in 0..rounds {
            messages = ours
                .iter()
                .map(|(path, bytes)| read(*source, path, bytes))
                .sum();
        }
        let seconds = start.elapsed().as_secs_f64();
        let speed = (total * rounds) as f64 / 1e6 / seconds;
        println!(
            "{}: {} files, {total} bytes, {messages} messages, {speed:.0} MB/s",
            source.name(),
            ours.len()
        );
    }
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(64 << 10)]
}

/// Reads a file in pieces and drops what comes out. Returns the number of messages.
fn read(source: Source, path: &str, bytes: &[u8]) -> usize {
    let Some(mut reader) = reader(source, path) else {
        return 0;
    };
    let (mut taken, mut line, mut messages, mut piece) = (0, 1, 0, PIECE);
    loop {
        let end = (taken + piece).min(bytes.len());
        let mut batch = ReadBatch::default();
        let at_end = end == bytes.len();
        let took = reader.read(&bytes[taken..end], taken as u64, line, at_end, &mut batch);
        line += bytes[taken..taken + took]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        messages += batch.messages.len();
        taken += took;
        if at_end {
            return messages;
        }
        piece = if took == 0 { piece * 2 } else { PIECE };
    }
}

/// The reader of a file that is read by lines.
fn reader(source: Source, path: &str) -> Option<Box<dyn LogReader>> {
    let file = FileHint {
        path: path.to_owned(),
    };
    match source.framing(path)? {
        Framing::Lines(open) => Some(open(&file, "")),
        Framing::Document(_) | Framing::Rows(..) => None,
    }
}

fn made_up() -> (String, Vec<u8>) {
    let mut text = String::new();
    for turn in 0..20_000 {
        text.push_str(&format!(
            "{{\"type\":\"user\",\"uuid\":\"u{turn}\",\"sessionId\":\"s\",\"timestamp\":\"2026-01-01T00:00:00Z\",\
             \"cwd\":\"/p\",\"message\":{{\"role\":\"user\",\"content\":\"question {turn} about the parser\"}}}}\n"
        ));
    }
    ("made-up.jsonl".to_owned(), text.into_bytes())
}
