//! Prints what log files are read into, in the generic format, and problems to stderr:
//! `cargo run -p lorekeep-transcript --example dump -- FILE…`
#![allow(
    clippy::disallowed_methods,
    reason = "it reads the files that it is given"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is what the example is for"
)]

use transcript::jsonl::{ExportContext, to_line};
use transcript::{FileHint, Framing, ReadBatch, Registry};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = fs_err::read(&path)?;
        let head = &bytes[..bytes.len().min(64 << 10)];
        let sources = Registry::shipped().all().iter();
        let sources: Vec<_> = sources
            .filter(|source| source.recognises(&path, head))
            .collect();
        let names: Vec<&str> = sources.iter().map(|source| source.name()).collect();
        eprintln!("file\t{path}\t{}", names.join(","));
        let Some(source) = sources.first() else {
            continue;
        };
        let mut batch = ReadBatch::default();
        let file = FileHint { path: path.clone() };
        let (taken, state) = match source.framing(&path) {
            Some(Framing::Lines(open)) => {
                let mut reader = open(&file, "");
                let taken = reader.read(&bytes, 0, 1, true, &mut batch);
                (taken, reader.state())
            }
            Some(Framing::Document(read)) => {
                read(&file, &bytes, &mut batch);
                (bytes.len(), String::new())
            }
            // A database isn't read as bytes.
            Some(Framing::Rows(..)) | None => continue,
        };
        for problem in &batch.problems {
            eprintln!(
                "problem\t{path}:{}\t{}\t{}",
                problem.line, problem.offset, problem.what
            );
        }
        for fact in &batch.facts {
            eprintln!("fact\t{path}\t{fact:?}");
        }
        eprintln!(
            "read\t{path}\t{taken} of {} bytes, {} records, state {}",
            bytes.len(),
            batch.records,
            state.len()
        );
        for message in &batch.messages {
            println!(
                "{}",
                to_line(
                    message,
                    &ExportContext {
                        source: source.name(),
                        ..ExportContext::default()
                    }
                )
            );
        }
    }
    Ok(())
}
