//! What must hold for any bytes, whichever format they claim to be. Run with
//! `cargo fuzz run claude_code` (or `codex`, `generic`) on a nightly toolchain.

use transcript::{Batch, FileHint, Source, importer};

/// Reads the same bytes at one go and in two pieces, the second by a new reader that goes on from
/// the first one's state, and compares what comes out. The first byte says where to cut.
pub fn any_split_reads_the_same(source: Source, data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else { return };
    let file = FileHint { path: "fuzz/session.jsonl".to_owned() };
    let whole = read(source, &file, bytes, bytes.len());
    let split = read(source, &file, bytes, bytes.len() * usize::from(*cut) / 256);
    assert_eq!(whole.messages, split.messages);
    assert_eq!(whole.facts, split.facts);
    // A reader tells once that it met an unknown kind of record; the second one may tell it again.
    for problem in &whole.problems {
        assert!(split.problems.contains(problem), "lost by the cut: {problem:?}");
    }
}

fn read(source: Source, file: &FileHint, bytes: &[u8], cut: usize) -> Batch {
    let mut batch = Batch::default();
    let mut reader = importer(source).reader(file, "");
    let first = reader.read(&bytes[..cut], 0, 1, cut == bytes.len(), &mut batch);
    assert!(first <= cut, "took more than there was");
    if cut < bytes.len() {
        let state = reader.state();
        let lines = bytes[..first].iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut reader = importer(source).reader(file, &state);
        let rest = &bytes[first..];
        let second = reader.read(rest, first as u64, 1 + lines, true, &mut batch);
        assert!(second <= rest.len(), "took more than there was");
    }
    batch
}

/// What was read of a generic file can be written and read again.
pub fn written_lines_read_the_same(data: &[u8]) {
    let file = FileHint { path: "fuzz/messages.jsonl".to_owned() };
    let batch = read(Source::Jsonl, &file, data, data.len());
    for message in &batch.messages {
        let line = transcript::jsonl::to_line(message, &transcript::jsonl::About::default());
        let again = read(Source::Jsonl, &file, line.as_bytes(), line.len());
        assert!(again.problems.is_empty(), "what was written can't be read: {line}");
        assert_eq!(again.messages.len(), 1);
        assert_eq!(again.messages[0].text, message.text);
    }
}
