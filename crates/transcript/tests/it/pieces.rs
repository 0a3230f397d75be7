//! However a file grows, and whenever a reader gives way to the next, what is read is the same.

use std::sync::LazyLock;

use proptest::prelude::*;
use transcript::ReadBatch;

use crate::fixtures::{self, Fixture};
use crate::support::{CLAUDE_CODE, CODEX, problems, read, read_growing, reader};

/// A file of each sort: the fixtures of every source that are read by lines.
static FILES: LazyLock<Vec<&Fixture>> = LazyLock::new(fixtures::lines);

fn same(whole: &ReadBatch, pieces: &ReadBatch) -> Result<(), TestCaseError> {
    prop_assert_eq!(&whole.messages, &pieces.messages);
    prop_assert_eq!(&whole.facts, &pieces.facts);
    prop_assert_eq!(whole.records, pieces.records);
    Ok(())
}

proptest! {
    #[test]
    fn a_file_that_grows_reads_the_same(
        file in 0..FILES.len(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let Fixture { source, path, bytes } = FILES[file];
        let (source, path) = (*source, path.as_str());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        same(&read(source, path, bytes), &read_growing(source, path, bytes, &cuts))?;
    }

    #[test]
    fn a_file_without_line_ends_reads_the_same(
        file in 0..FILES.len(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let Fixture { source, path, bytes } = FILES[file];
        let (source, path) = (*source, path.as_str());
        let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        same(&read(source, path, &bytes), &read_growing(source, path, &bytes, &cuts))?;
    }

    #[test]
    fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), state in ".*") {
        for Fixture { source, path, .. } in FILES.iter() {
            let (source, path) = (*source, path.as_str());
            source.recognises(path, &bytes);
            read(source, path, &bytes);
            let mut batch = ReadBatch::default();
            let hint = transcript::FileHint { path: path.to_owned() };
            reader(source, &hint, &state).read(&bytes, 0, 1, true, &mut batch);
        }
    }

    #[test]
    fn no_damage_breaks_a_reader(
        file in 0..FILES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let Fixture { path, bytes, .. } = FILES[file];
        let mut bytes = bytes.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for other in FILES.iter() {
            other.source.recognises(path, &bytes);
            read(other.source, &other.path, &bytes);
        }
    }

    #[test]
    fn no_value_in_any_place_breaks_a_reader(
        key in prop::sample::select(vec![
            "type", "message", "payload", "content", "toolUseResult", "attachment", "timestamp",
            "tools", "files", "results", "usage", "input", "arguments", "output", "changes", "info",
        ]),
        value in prop::sample::select(vec![
            "null", "true", "-1", "1e400", "\"\"", "[]", "{}", "[[]]", "[null]", "{\"type\":7}",
            "[{\"type\":\"tool_result\",\"content\":[{}]}]", "\"\\ud800\"", "\"data:,\"",
        ]),
        file in 0..FILES.len(),
        line in any::<prop::sample::Index>(),
    ) {
        let Fixture { source, path, bytes } = FILES[file];
        let (source, path) = (*source, path.as_str());
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<&str> = text.lines().collect();
        let line = lines[line.index(lines.len())];
        let needle = format!("\"{key}\":");
        let Some(at) = line.find(&needle) else { return Ok(()) };
        let damaged = format!("{}{value},\"was{key}\":{}", &line[..at + needle.len()], &line[at + needle.len()..]);
        let batch = read(source, path, format!("{damaged}\n{line}\n").as_bytes());
        // The record after it is read as if nothing had been wrong before.
        let alone = read(source, path, format!("{line}\n").as_bytes());
        prop_assert!(batch.messages.len() >= alone.messages.len());
    }
}

#[test]
fn what_is_unknown_is_told_once_however_many_readers_a_file_takes() {
    for (source, name, line) in [
        (CLAUDE_CODE, "s.jsonl", r#"{"type":"new","sessionId":"s"}"#),
        (CODEX, "r.jsonl", r#"{"type":"new","payload":{}}"#),
    ] {
        let lines = format!("{line}\n").repeat(3);
        let batch = read_growing(source, name, lines.as_bytes(), &[line.len() + 1]);
        let expected = ["1: unknown record type `new`, skipped"];
        assert_eq!(problems(&batch), expected, "{source:?}");
    }
}
