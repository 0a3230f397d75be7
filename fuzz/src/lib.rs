//! What must hold for any bytes, whichever format they claim to be. Run with
//! `cargo fuzz run claude_code fuzz/corpus/claude_code fuzz/seeds/claude_code` (or another of
//! `fuzz_targets/`) on a nightly toolchain, or with `RUSTC_BOOTSTRAP=1`. New inputs go to the first
//! directory, which isn't committed; the second holds some to begin with.

#[path = "../../crates/guard/tests/it/planted.rs"]
mod planted;
#[path = "../../crates/lorekeep/src/settings/dotenv.rs"]
mod dotenv;

pub mod answers;
pub mod documents;
pub mod logs;

use std::sync::LazyLock;

use guard::{Engine, Kind, Kinds, Mask, Masker, Place, Policy, Stream, Action};
use transcript::{FileHint, ReadBatch, Source, jsonl};

use logs::reader;

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

fn read(source: Source, file: &FileHint, bytes: &[u8], cut: usize) -> ReadBatch {
    let mut batch = ReadBatch::default();
    let mut start = reader(source, file, "");
    let first = start.read(&bytes[..cut], 0, 1, cut == bytes.len(), &mut batch);
    assert!(first <= cut, "took more than there was");
    if cut < bytes.len() {
        let state = start.state();
        let lines = bytes[..first].iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut resumed = reader(source, file, &state);
        let rest = &bytes[first..];
        let second = resumed.read(rest, first as u64, 1 + lines, true, &mut batch);
        assert!(second <= rest.len(), "took more than there was");
    }
    batch
}

/// What was read of a generic file can be written and read again.
pub fn written_lines_read_the_same(data: &[u8]) {
    let file = FileHint { path: "fuzz/messages.jsonl".to_owned() };
    let batch = read(jsonl::SOURCE, &file, data, data.len());
    for message in &batch.messages {
        let line = transcript::jsonl::to_line(message, &transcript::jsonl::ExportContext::default());
        let again = read(jsonl::SOURCE, &file, line.as_bytes(), line.len());
        assert!(again.problems.is_empty(), "what was written can't be read: {line}");
        assert_eq!(again.messages.len(), 1);
        assert_eq!(again.messages[0].text, message.text);
    }
}

/// Whatever a `.env` file holds, it says the same however its lines end and with the same file before it: what
/// counts for a name is its last value.
pub fn variables_are_read_from_any_bytes(data: &[u8]) {
    let environment = |name: &str| (name.len() % 2 == 0).then(|| name.to_uppercase());
    let file = dotenv::read(data, &environment);
    for variable in &file.variables {
        assert!(!variable.name.is_empty());
        assert!(variable.value.as_ref().is_none_or(|value| value.len() <= 2 << 20));
    }
    if data.contains(&b'\r') || data.starts_with(b"\xff\xfe") || data.starts_with(b"\xfe\xff") {
        return;
    }
    let windows: Vec<u8> = data.iter().flat_map(|byte| match byte {
        b'\n' => &b"\r\n"[..],
        byte => std::slice::from_ref(byte),
    }).copied().collect();
    assert_eq!(dotenv::read(&windows, &environment), file);
}

/// Whatever a text holds: findings are parts of it, in order, and none is masked twice.
pub fn guards_find_places_in_any_text(data: &[u8]) {
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
    let judgement = ENGINE.judge(&text, &Policy::of(Place::Store));
    assert!(judgement.failures.is_empty(), "{:?}", judgement.failures);
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// Secrets and personal data, masked.
static MASKING: LazyLock<Policy> = LazyLock::new(|| {
    let kinds = Kinds::NONE.with(Kind::Secret).with(Kind::Pii);
    let policy = Policy::of(Place::Output).with(Kind::Pii, Action::Mask);
    policy.only(kinds)
});

/// The text that bytes stand for: themselves, or a plan of what is planted in a text.
fn text_of(data: &[u8]) -> std::borrow::Cow<'_, str> {
    match data.split_first() {
        Some((first, plan)) if first % 2 == 0 => planted::text(plan).into(),
        Some((_, text)) => String::from_utf8_lossy(text),
        None => "".into(),
    }
}

/// What each kind finds by itself is masked when all kinds are: nothing of it is left.
pub fn no_part_of_a_finding_survives(data: &[u8]) {
    let text = text_of(data);
    let kinds = [Kind::Secret, Kind::Pii].map(|kind| Kinds::NONE.with(kind));
    let found: Vec<_> = kinds.iter().flat_map(|kind| ENGINE.find(&text, *kind)).collect();
    let judged = ENGINE.judge(&text, &MASKING).with(Action::Mask);
    for finding in &found {
        let covers = |other: &guard::Finding| {
            other.start <= finding.start && finding.end <= other.end
        };
        assert!(judged.iter().any(covers), "{finding:?} in {text:?}");
    }
    let masked = Masker::new(&[1; 32], Mask::SameLength).mask(&text, &judged).into_owned();
    let pairs = text.chars().zip(masked.chars());
    for ((at, c), (_, seen)) in text.char_indices().zip(pairs) {
        let is_found = found.iter().any(|finding| (finding.start..finding.end).contains(&at));
        assert!(!is_found || seen == '*', "{c:?} at {at} survives in {text:?}");
    }
}

/// Masking a masked text changes nothing.
pub fn masking_twice_is_masking_once(data: &[u8]) {
    let mask = |text: &str| {
        let findings = ENGINE.judge(text, &MASKING).with(Action::Mask);
        masker().mask(text, &findings).into_owned()
    };
    let text = text_of(data);
    let once = mask(&text);
    assert_eq!(mask(&once), once, "masking again changed something of {text:?}");
}

/// Pieces of a text, cut where the first bytes say, give what the whole gives.
pub fn any_pieces_are_masked_as_the_whole_is(data: &[u8]) {
    let Some((cuts, bytes)) = data.split_at_checked(4) else { return };
    let text = text_of(bytes);
    let whole = ENGINE.judge(&text, &MASKING).with(Action::Mask);
    let masker = masker();
    let mut stream = Stream::new(&ENGINE, &MASKING, &masker);
    let mut released = String::new();
    let mut rest = &*text;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let length = rest.ceil_char_boundary((usize::from(*cut) + 1).min(rest.len()));
        let (piece, after) = rest.split_at(length);
        released.push_str(&stream.push(piece).text);
        rest = after;
    }
    released.push_str(&stream.finish().text);
    assert_eq!(released, masker.mask(&text, &whole), "{text:?}");
}

fn masker() -> Masker {
    Masker::new(&[1; 32], Mask::Placeholder)
}
