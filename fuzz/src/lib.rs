//! What must hold for any bytes, whichever format they claim to be. Run with
//! `cargo fuzz run claude_code` (or `codex`, `generic`, `guard`, `guard_stream`) on a nightly toolchain.

pub mod logs;

use std::sync::LazyLock;

use guard::{Engine, Kind, Kinds, Mask, Masker, Place, Policy, Stream, Verdict};
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

/// Whatever a text holds: findings are parts of it, in order, and none is masked twice.
pub fn guards_find_places_in_any_text(data: &[u8]) {
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
    let text = String::from_utf8_lossy(data);
    let findings = ENGINE.find(&text, Kinds::ALL);
    let mut before = 0;
    for finding in &findings {
        assert!(finding.start < finding.end && finding.start >= before, "{finding:?}");
        assert!(text.get(finding.start..finding.end).is_some(), "{finding:?}");
        assert!(finding.score > 0.0 && finding.score <= 1.0, "{finding:?}");
        before = finding.start;
    }
    let masked = masker().mask(&text, &findings);
    assert!(findings.is_empty() || masked != text);
    let policy = Policy::of(Place::Store);
    let judgement = ENGINE.judge(&text, &policy);
    assert!(judgement.failures.is_empty(), "{:?}", judgement.failures);
    let stored = masker().mask(&text, &judgement.with(Verdict::Mask)).into_owned();
    let again = ENGINE.judge(&stored, &policy).with(Verdict::Mask);
    assert_eq!(masker().mask(&stored, &again), stored, "masking again changed something");
}

/// Pieces of a text, cut where the first bytes say: the stream ends, releases no more than there
/// is, and what it releases of a text without findings is the text.
pub fn any_pieces_are_accounted_for(data: &[u8]) {
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
    let Some((cuts, bytes)) = data.split_at_checked(4) else { return };
    let text = String::from_utf8_lossy(bytes);
    let policy = Policy::of(Place::Output).only(Kinds::NONE.with(Kind::Secret).with(Kind::Pii));
    let masker = masker();
    let mut stream = Stream::new(&ENGINE, &policy, &masker);
    let mut released = String::new();
    let mut count = 0;
    let mut rest = &*text;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let length = rest.ceil_char_boundary((usize::from(*cut) + 1).min(rest.len()));
        let (piece, after) = rest.split_at(length);
        let part = stream.push(piece);
        released.push_str(&part.text);
        count += part.findings.len();
        rest = after;
    }
    let part = stream.finish();
    released.push_str(&part.text);
    count += part.findings.len();
    if count == 0 {
        assert_eq!(released, text);
    }
}

fn masker() -> Masker {
    Masker::new(&[1; 32], Mask::Placeholder)
}
