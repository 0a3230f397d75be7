//! What must hold for any log, whichever format it claims to be and however it got onto the disk.

use transcript::jsonl::{ExportContext, to_line};
use transcript::{
    FileAction, FileHint, Framing, LogReader, Message, ReadBatch, Registry, Source,
};

/// The format that a byte stands for.
fn source(byte: u8) -> Source {
    let sources = Registry::shipped().all();
    sources[usize::from(byte) % sources.len()]
}

/// The reader of a file that grows by lines, as all that are fuzzed here do.
pub(crate) fn reader(source: Source, file: &FileHint, state: &str) -> Box<dyn LogReader> {
    match source.framing(&file.path) {
        Some(Framing::Lines(open)) => open(file, state),
        framing => panic!("`{}` is read by {framing:?}", file.path),
    }
}

fn hint() -> FileHint {
    FileHint { path: "fuzz/session.jsonl".to_owned() }
}

fn read(source: Source, bytes: &[u8]) -> ReadBatch {
    let mut batch = ReadBatch::default();
    reader(source, &hint(), "").read(bytes, 0, 1, true, &mut batch);
    batch
}

/// Reads a log as it grows, by up to four looks at it, some of them by a reader that was there before:
/// the same messages and facts come out as in one go, and each stands where its offset says. The first
/// bytes say which format it is and where to cut.
pub fn any_growth_reads_the_same(data: &[u8]) {
    let Some((head, bytes)) = data.split_at_checked(6) else { return };
    let source = source(head[0]);
    let mut ends: Vec<usize> = head[2..].iter().map(|cut| bytes.len() * usize::from(*cut) / 255).collect();
    ends.sort_unstable();
    ends.push(bytes.len());
    let mut grown = ReadBatch::default();
    let (mut taken, mut line) = (0, 1);
    let mut current = reader(source, &hint(), "");
    for (look, end) in ends.into_iter().enumerate() {
        if head[1] >> look & 1 == 1 {
            current = reader(source, &hint(), &current.state());
        }
        let took = current.read(&bytes[taken..end], taken as u64, line, true, &mut grown);
        assert!(took <= end - taken, "took more than there was");
        line += bytes[taken..taken + took].iter().filter(|byte| **byte == b'\n').count() as u64;
        taken += took;
    }
    let whole = read(source, bytes);
    assert_eq!(whole.messages, grown.messages);
    assert_eq!(whole.facts, grown.facts);
    for message in &whole.messages {
        assert_eq!(bytes.get(message.offset as usize), Some(&b'{'), "{message:?}");
    }
}

/// What is read of a log and exported is read again as it was, from a file of all that was exported.
pub fn any_export_reads_the_same(data: &[u8]) {
    let Some((head, bytes)) = data.split_first() else { return };
    let source = source(*head);
    let messages = read(source, bytes).messages;
    let line = |message: &Message| {
        let about = ExportContext {
            source: message.source.as_deref().unwrap_or(source.name()),
            ..ExportContext::default()
        };
        to_line(message, &about)
    };
    let lines: Vec<String> = messages.iter().map(line).collect();
    let again = read(transcript::jsonl::SOURCE, lines.join("\n").as_bytes());
    assert!(again.problems.is_empty(), "{:?}", again.problems);
    let told: Vec<String> = again.messages.iter().map(line).collect();
    assert_eq!(lines, told);
    let comparable = |mut message: Message| {
        message.offset = 0;
        message.source = None;
        message.files.sort_by_key(|touch| touch.action == FileAction::Edited);
        message
    };
    let before: Vec<_> = messages.into_iter().map(comparable).collect();
    let after: Vec<_> = again.messages.into_iter().map(comparable).collect();
    assert_eq!(before, after);
}
